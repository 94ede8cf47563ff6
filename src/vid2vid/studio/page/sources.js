// Videos: a new street, files of the visitor, recordings of the camera; and what the page shows of one.

import { all, announce, byId, element, heed, say, studio } from "./page.js";
import { forgetUnsent, takeOverEdits } from "./edits.js";
import { pause, show } from "./frames.js";
import { ask, attempt } from "./server.js";
import { openStyles } from "./styles.js";
import { chooseBrush, fit } from "./tools.js";

const NAMES = { flow: "flow", mask: "mask (white: hallucinated)", warped: "warped", hallucinated: "hallucinated" };

/** Show the video of the session: a new one, or, after the page was reloaded, the one before with its edits. */
export async function opened(resumed = false) {
  const facts = (studio.facts = await (await ask("facts")).json());
  byId("model").textContent = facts.models.map(({ name }) => name).join(" and ");
  byId("street").hidden = !facts.streets;
  byId("camera-button").hidden = !facts.record;
  byId("object-row").hidden = !facts.objects;
  byId("tools").hidden = !facts.brushes.length;
  byId("planes-note").hidden = !facts.planes.length;
  byId("planes-note").textContent = `Only the map is painted; the planes (${facts.planes.join(", ")}) stay as they are.`;
  byId("parts").replaceChildren(...facts.parts.map(partInput));
  if (!facts.frames) return;
  if (facts.street) byId("seed").value = facts.seed;
  Object.assign(studio, { rules: { lines: [], objects: [] }, style: {} });
  openViews();
  forgetUnsent();
  studio.painting.open(facts);
  if (resumed) await takeOverEdits();
  openStyles();
  openBrushes();
  byId("frame").max = facts.frames - 1;
  fit();
  await show(resumed ? Number(sessionStorage.getItem("frame")) : facts.given);
  announce("edited");
}

function openBrushes() {
  byId("brushes").replaceChildren(
    ...studio.facts.brushes.map(({ name, colour }, i) => {
      const patch = element("i");
      patch.style.background = `rgb(${colour})`;
      const button = element("button", { onclick: () => chooseBrush(i) }, patch, name, element("kbd", { textContent: i < 9 ? i + 1 : "" }));
      button.setAttribute("role", "radio");
      return button;
    }),
  );
  chooseBrush(0);
}

/** Make the canvases of the models and the places for what their frames are made of. */
function openViews() {
  const { facts } = studio;
  for (const figure of all("#views figure:not(:first-child)")) figure.remove();
  const inside = [];
  facts.models.forEach(({ name, inside: pictures }, model) => {
    const canvas = element("canvas", { id: `frame-${model}`, width: facts.width, height: facts.height });
    const scroll = element("div", { className: "scroll" }, element("div", { className: "sheet" }, canvas));
    byId("views").append(element("figure", {}, element("figcaption", { textContent: `Frame of ${name}`, title: name }), scroll));
    for (const picture of pictures) {
      const caption = NAMES[picture] + (facts.models.length > 1 ? ` of ${name}` : "");
      const image = element("img", { alt: caption });
      Object.assign(image.dataset, { model, name: picture });
      inside.push(element("figure", {}, image, element("figcaption", { textContent: caption })));
    }
  });
  byId("inside").replaceChildren(...inside);
  byId("inside-panel").hidden = !inside.length;
  const scrolls = all(".scroll");
  for (const one of scrolls) {
    one.onscroll = () => scrolls.forEach((other) => Object.assign(other, { scrollLeft: one.scrollLeft, scrollTop: one.scrollTop }));
  }
}

export async function openVideo(request) {
  pause();
  say("Reading …");
  await attempt(async () => {
    await ask("open", JSON.stringify(await request()));
    await opened();
    byId("upload").open = false;
  });
}

// ---- files --------------------------------------------------------------------------------------------------------

const inOrder = new Intl.Collator("en", { numeric: true }).compare;

function partInput({ name, title, needed, frames, whole }) {
  const input = element("input", { type: "file", id: `file-${name}`, multiple: true, accept: [...whole, ...frames].join() });
  input.webkitdirectory = byId("folders").checked;
  return element("label", {}, needed ? title : `${title} (optional)`, input);
}

/** The chosen files of a part in the order of their names; of a folder those that can be read. */
function chosenFiles({ name, title, frames, whole }) {
  const { facts } = studio;
  const input = byId(`file-${name}`);
  const readable = (file) => [...whole, ...frames].some((ending) => file.name.toLowerCase().endsWith(ending)) && !file.name.startsWith(".");
  let files = [...input.files].sort((one, other) => inOrder(one.name, other.name));
  if (input.webkitdirectory) files = files.filter(readable);
  if (input.files.length && !files.length) throw new Error(`${title}: nothing in this folder can be read; files of a frame each end in ${frames.join(", ")}.`);
  files = files.slice(0, facts.most);
  if (files.reduce((sum, { size }) => sum + size, 0) > facts.upload_mb * 1e6) throw new Error(`${title}: larger than ${facts.upload_mb} MB.`);
  return files;
}

/** Send the chosen files, and return what is opened then. */
async function uploaded() {
  const parts = [];
  for (const part of studio.facts.parts) {
    const files = chosenFiles(part);
    if (files.length) parts.push(part.name);
    for (const [number, file] of files.entries()) {
      if (files.length > 1) say(`${part.title}: ${number + 1} of ${files.length} …`);
      await ask(`upload/${part.name}?name=${encodeURIComponent(file.name)}&number=${number}`, file);
    }
  }
  return { parts };
}

heed("drawn", () => sessionStorage.setItem("frame", studio.frame));
byId("folders").onchange = () => {
  for (const input of all("#parts input")) Object.assign(input, { value: "", webkitdirectory: byId("folders").checked });
};
byId("street").onsubmit = (event) => {
  event.preventDefault();
  const now = Number(byId("seed").value);
  openVideo(async () => ({ seed: now === studio.facts.seed ? now + 1 : now }));
};
document.querySelector("#upload form").onsubmit = (event) => {
  event.preventDefault();
  openVideo(uploaded);
};
