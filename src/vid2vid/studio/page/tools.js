// Tools: what is chosen, the zoom, and the pen, which the mouse or the keys of the map move.

import { all, byId, heed, say, studio } from "./page.js";
import { changeObject } from "./edits.js";
import { pause } from "./frames.js";
import { FIRST_PAINTED } from "./paint.js";

export const TOOLS = { b: "brush", g: "bucket", l: "line", e: "eraser", o: "object", i: "pick" };

let tool = "brush";
let brush = 0; // index into facts.brushes
let zoom = 1;
const pen = { x: 0, y: 0, down: false };

// ---- what is chosen -----------------------------------------------------------------------------------------------

export function chooseBrush(index) {
  if (index < 0 || index >= studio.facts.brushes.length) return;
  brush = index;
  all("#brushes button").forEach((button, i) => button.setAttribute("aria-checked", i === index));
}

export const nextBrush = () => chooseBrush((brush + 1) % studio.facts.brushes.length);

export function chooseTool(name) {
  tool = name;
  for (const button of all("[data-tool]")) button.setAttribute("aria-pressed", button.dataset.tool === name);
}

function setSize(size) {
  byId("size").value = size;
  byId("size-shown").textContent = byId("size").value;
  shownPen();
}

export const resize = (by) => setSize(Number(byId("size").value) + by);

function setZoom(factor) {
  zoom = Math.min(Math.max(factor, 0.25), 16);
  byId("zoom-shown").textContent = `${Math.round(100 * zoom)} %`;
  for (const canvas of all(".sheet canvas")) canvas.style.width = `${studio.facts.width * zoom}px`;
  shownPen();
}

export const zoomBy = (factor) => setZoom(zoom * factor);

export function fit() {
  const room = Math.min(...all(".scroll").map((one) => one.clientWidth));
  setZoom(room / studio.facts.width);
}

// ---- the pen ------------------------------------------------------------------------------------------------------

function shownPen() {
  const size = Number(byId("size").value) * zoom;
  Object.assign(byId("pen").style, { width: `${size}px`, height: `${size}px`, left: `${(pen.x + 0.5) * zoom - size / 2}px`, top: `${(pen.y + 0.5) * zoom - size / 2}px` });
  byId("pen").classList.toggle("down", pen.down);
}

function pointAt(x, y) {
  const { facts, painting } = studio;
  pen.x = Math.min(Math.max(x, 0), facts.width - 1);
  pen.y = Math.min(Math.max(y, 0), facts.height - 1);
  byId("pen").hidden = false;
  shownPen();
  if (!painting.values) return;
  const [value, object] = painting.at(pen.x, pen.y);
  const name = facts.brushes.find((one) => one.value === value)?.name ?? value;
  const which = object < painting.fresh ? object : `painted ${FIRST_PAINTED - object}`;
  byId("pointed").textContent = `row ${pen.y}, column ${pen.x}: ${name}${facts.objects ? `, object ${which}` : ""}`;
}

function penDown(x, y) {
  const { facts, painting } = studio;
  pause();
  if (!facts.brushes.length) return say("Conditions of this kind cannot be painted.", true);
  if (tool === "pick") {
    const [value, object] = painting.at(x, y);
    chooseBrush(facts.brushes.findIndex((one) => one.value === value));
    painting.picked = { value, object };
    return undefined;
  }
  const { value } = facts.brushes[brush];
  if (tool === "object") return changeObject(x, y, value);
  painting.begin(x, y, { tool, value, size: Number(byId("size").value), mode: byId("object-mode").value });
  return undefined;
}

const penUp = () => studio.painting.stroke && studio.painting.end();

function pixelOf(event) {
  const { facts } = studio;
  const box = byId("map").getBoundingClientRect();
  return [Math.floor(((event.clientX - box.left) / box.width) * facts.width), Math.floor(((event.clientY - box.top) / box.height) * facts.height)];
}

function heedMouse() {
  const map = byId("map");
  map.onpointerdown = (event) => {
    if (event.button || !studio.facts.frames) return;
    map.setPointerCapture(event.pointerId);
    pointAt(...pixelOf(event));
    penDown(pen.x, pen.y);
  };
  map.onpointermove = (event) => {
    if (!studio.facts.frames) return;
    const passed = event.getCoalescedEvents?.() ?? [];
    if (studio.painting.stroke && !pen.down) studio.painting.move((passed.length ? passed : [event]).map(pixelOf));
    if (!pen.down) pointAt(...pixelOf(event));
  };
  map.onpointerup = map.onpointercancel = () => {
    if (!pen.down) penUp();
  };
  map.onpointerleave = () => {
    if (document.activeElement !== map) byId("pen").hidden = true;
  };
  map.onfocus = () => studio.facts.frames && pointAt(pen.x, pen.y);
}

/** Move the pen by the keys of the map; whether the key was one of them. */
export function penKeys(event) {
  const step = event.shiftKey ? 8 : 1;
  const by = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] }[event.key];
  if (by) {
    pointAt(pen.x + by[0], pen.y + by[1]);
    if (pen.down) studio.painting.move([[pen.x, pen.y]]);
  } else if (event.key === "Enter") {
    const drags = ["brush", "eraser", "line"].includes(tool);
    if (pen.down || !drags) {
      if (!pen.down) penDown(pen.x, pen.y);
      penUp();
      pen.down = false;
    } else {
      penDown(pen.x, pen.y);
      pen.down = Boolean(studio.painting.stroke);
    }
    shownPen();
  } else return false;
  return true;
}

heedMouse();
chooseTool("brush");
byId("size").oninput = () => setSize(byId("size").value);
byId("zoom-in").onclick = () => zoomBy(1.25);
byId("zoom-out").onclick = () => zoomBy(1 / 1.25);
byId("zoom-fit").onclick = fit;
for (const button of all("[data-tool]")) button.onclick = () => chooseTool(button.dataset.tool);
