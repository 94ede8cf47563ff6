// The shown frame: going to it, playing, and what it is made of.

import { all, announce, byId, say, studio } from "./page.js";
import { ask, attempt, bitmap } from "./server.js";

export function drawFrame(model, picture) {
  const canvas = byId(`frame-${model}`);
  canvas.getContext("2d").drawImage(picture, 0, 0);
  canvas.dataset.frame = studio.frame;
}

async function load(t) {
  const { facts } = studio;
  const condition = facts.brushes.length ? ask(`map/${t}`).then((answer) => answer.arrayBuffer()) : ask(`condition/${t}`).then(bitmap);
  const frames = facts.models.map((_, model) => ask(`frame/${t}/${model}`).then(bitmap));
  return Promise.all([condition, ...frames]);
}

function draw(t, [condition, ...frames]) {
  const { facts } = studio;
  studio.frame = t;
  if (condition instanceof ArrayBuffer) {
    const count = facts.width * facts.height;
    studio.painting.show(t, new Uint8Array(condition, 0, count), facts.objects ? new Int32Array(condition.slice(count)) : null);
  } else byId("map").getContext("2d").drawImage(condition, 0, 0);
  frames.forEach((picture, model) => drawFrame(model, picture));
  byId("frame").value = t;
  byId("frame-shown").textContent = `frame ${t} of ${facts.frames - 1}${t < facts.given ? ", given" : ""}`;
  announce("drawn");
}

let wanted = null; // the frame that is to be shown next; a later wish replaces an earlier one
let showing = false;

export async function show(t) {
  wanted = Math.min(Math.max(t, 0), studio.facts.frames - 1);
  if (showing) return;
  showing = true;
  await attempt(async () => {
    while (wanted !== null) {
      const now = wanted;
      const loaded = await load(now);
      if (wanted === now) wanted = null;
      draw(now, loaded);
      say("");
    }
    await lookInside();
  });
  wanted = null;
  showing = false;
}

export async function lookInside() {
  if (!byId("inside-on").checked) return;
  const t = studio.frame;
  for (const image of all("#inside img")) {
    const url = URL.createObjectURL(await (await ask(`inside/${t}/${image.dataset.model}/${image.dataset.name}`)).blob());
    if (image.src) URL.revokeObjectURL(image.src);
    image.src = url;
  }
}

function setPlaying(playing) {
  studio.playing = playing;
  byId("play").textContent = playing ? "Pause" : "Play";
}

export const pause = () => setPlaying(false);

export async function play() {
  if (studio.playing) return pause();
  setPlaying(true);
  const { facts } = studio;
  await attempt(async () => {
    let t = studio.frame >= facts.frames - 1 ? 0 : studio.frame + 1;
    let next = load(t);
    let began = performance.now();
    let rate = 0;
    while (studio.playing) {
      const loaded = await next;
      if (!studio.playing) break;
      draw(t, loaded);
      await lookInside();
      if (t === facts.frames - 1) break;
      next = load(++t);
      next.catch(() => {}); // it is awaited above, unless somebody pauses
      const took = performance.now() - began;
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, 1000 / facts.fps - took)));
      rate = rate ? 0.9 * rate + 100 / (performance.now() - began) : 1000 / (performance.now() - began);
      say(`${rate.toFixed(1)} frames a second of ${facts.fps}`);
      began = performance.now();
    }
  });
  return pause();
}
