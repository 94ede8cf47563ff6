const part = (id) => document.getElementById(id);
const frame = part("frame");

// a stream that breaks is asked for again
const show = () => { frame.src = `stream?${Date.now()}`; };
frame.onerror = () => setTimeout(show, 1000);
show();

const tell = async () => {
  try {
    const told = await (await fetch("figures")).json();
    part("title").textContent = told.title;
    part("figures").textContent = told.figures;
    part("figures").dataset.drawn = told.drawn;
  } catch {
    part("figures").textContent = "vid2vid live has ended.";
  }
};
tell();
setInterval(tell, 1000);

const full = () => (document.fullscreenElement ? document.exitFullscreen() : frame.requestFullscreen());
part("full").onclick = full;
addEventListener("keydown", (event) => { if (event.key === "f") full(); });
