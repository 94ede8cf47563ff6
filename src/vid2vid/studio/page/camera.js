// Recording from the browser's camera.

import { byId, studio } from "./page.js";
import { ask, attempt } from "./server.js";
import { openVideo } from "./sources.js";

let camera = null; // the stream, while the dialog is open
let recorder = null;

async function openCamera() {
  const { facts } = studio;
  await attempt(async () => {
    if (!navigator.mediaDevices) throw new Error("The browser lets only pages of this machine, or over TLS, use the camera.");
    camera = await navigator.mediaDevices.getUserMedia({ video: { width: { ideal: facts.width || 640 }, height: { ideal: facts.height || 480 } } }).catch((error) => {
      throw new Error(`The camera cannot be used: ${error.message}`);
    });
    byId("camera-picture").srcObject = camera;
    byId("camera-says").textContent = `At most ${facts.record} seconds are recorded.`;
    byId("camera").showModal();
    await byId("camera-picture").play();
  });
}

function closeCamera() {
  for (const track of camera?.getTracks() ?? []) track.stop();
  camera = null;
  recorder = null;
  byId("record").textContent = "Record";
}

/** Record until the button is pressed again, or for the longest time; what was recorded is opened as a file is. */
async function record() {
  if (recorder) return recorder.stop();
  const parts = [];
  const own = (recorder = new MediaRecorder(camera));
  own.ondataavailable = ({ data }) => parts.push(data);
  const stopped = new Promise((resolve) => (own.onstop = resolve));
  const began = performance.now();
  own.start();
  byId("record").textContent = "Stop";
  const clock = setInterval(() => {
    const seconds = (performance.now() - began) / 1000;
    byId("camera-says").textContent = `${seconds.toFixed(1)} s`;
    if (seconds > studio.facts.record || !camera) own.stop();
  }, 100);
  await stopped;
  clearInterval(clock);
  // closed before it was stopped: nothing is kept
  if (!camera) return undefined;
  byId("camera").close();
  return openVideo(async () => {
    const ending = own.mimeType.includes("mp4") ? "mp4" : "webm";
    await ask(`upload/source?name=camera.${ending}`, new Blob(parts));
    return { parts: ["source"] };
  });
}

byId("camera-button").onclick = openCamera;
byId("record").onclick = record;
byId("camera-close").onclick = () => byId("camera").close();
byId("camera").onclose = closeCamera;
