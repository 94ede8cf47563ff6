// Edits: painted layers and rules, which are sent to the server, and their undoing.

import { announce, byId, heed, say, studio } from "./page.js";
import { drawFrame, lookInside, show } from "./frames.js";
import { ask, attempt, bitmap } from "./server.js";

let sending = false;
const unsent = new Map(); // of each frame whose layer was not sent yet: when the pen changed it

/** Send the layer of the shown frame; while an answer is on its way, only the newest state of each frame waits. */
export async function send() {
  if (!unsent.has(studio.frame)) unsent.set(studio.frame, performance.now());
  if (sending) return;
  sending = true;
  const { facts, painting } = studio;
  await attempt(async () => {
    while (unsent.size) {
      const [[t, began]] = unsent;
      unsent.delete(t);
      const layer = painting.layers.get(t) ?? {};
      const once = layer.carry === "frame";
      const [first, last] = once ? [t, t] : [layer.first ?? t, Math.min(layer.last ?? t, facts.frames - 1)];
      const path = `paint/${t}?carry=${once ? "place" : (layer.carry ?? "piece")}&first=${first}&last=${last}`;
      const picture = await bitmap(await ask(path, painting.bytes(t)));
      if (t !== studio.frame) continue;
      drawFrame(0, picture);
      const took = performance.now() - began;
      byId("status").dataset.latency = took.toFixed(1);
      say(t < facts.given ? "This frame is given: what is painted on it shows in later frames." : `The frame followed in ${took.toFixed(0)} ms.`);
      for (let model = 1; model < facts.models.length; model++) drawFrame(model, await bitmap(await ask(`frame/${t}/${model}`)));
    }
    await lookInside();
  });
  sending = false;
  announce("edited");
}

/** Forget what was painted on the video before. */
export function forgetUnsent() {
  unsent.clear();
}

/** Take the painting of a frame away; it can be undone as a stroke can. */
export async function erase(t) {
  await show(t);
  studio.painting.clear();
}

export async function setRules(now, note = true) {
  const before = studio.rules;
  await attempt(async () => {
    await ask("rules", JSON.stringify(now));
    studio.rules = now;
    if (note) studio.painting.done({ undo: () => setRules(before, false), redo: () => setRules(now, false) });
    await show(studio.frame);
  });
  announce("edited");
}

/** Let an object become another label, from the shown frame on. */
export function changeObject(x, y, value) {
  const { facts, frame, painting, rules } = studio;
  if (!facts.objects) return say("This model does not see objects: use the bucket.", true);
  const number = painting.objects[y * facts.width + x];
  return setRules({ ...rules, objects: [...rules.objects.filter((one) => one.number !== number), { number, value, first: frame, last: facts.frames - 1 }] });
}

async function goBack(from, to, way) {
  const entry = from.pop();
  if (!entry) return;
  to.push(entry);
  if (entry.frame !== undefined && entry.frame !== studio.frame) await show(entry.frame);
  await entry[way]();
  if (entry.frame !== undefined) await send();
}

export const undo = () => goBack(studio.painting.past, studio.painting.future, "undo");
export const redo = () => goBack(studio.painting.future, studio.painting.past, "redo");

/** Take over the edits that the server has, after the page was reloaded. */
export async function takeOverEdits() {
  const { lines, objects, style, layers } = await (await ask("edits")).json();
  Object.assign(studio, { rules: { lines, objects }, style });
  for (const { frame, carry, first, last } of layers) {
    const once = carry === "place" && first === frame && last === frame;
    studio.painting.takeOver(frame, await (await ask(`layer/${frame}`)).arrayBuffer(), { carry: once ? "frame" : carry, first, last });
  }
}

// ---- how long what is painted lasts -------------------------------------------------------------------------------

function shownCarry() {
  const { facts, frame } = studio;
  const layer = studio.painting.layers.get(frame);
  byId("carry").value = layer?.carry ?? "piece";
  byId("carry-first").value = layer?.first ?? frame;
  byId("carry-last").value = Math.min(layer?.last ?? facts.frames, facts.frames - 1);
}

function setCarry() {
  const layer = studio.painting.ownLayer();
  layer.carry = byId("carry").value;
  layer.first = Math.min(Number(byId("carry-first").value), studio.frame);
  layer.last = Math.max(Number(byId("carry-last").value), studio.frame);
  shownCarry();
  send();
}

heed("drawn", shownCarry);
for (const id of ["carry", "carry-first", "carry-last"]) byId(id).onchange = setCarry;
