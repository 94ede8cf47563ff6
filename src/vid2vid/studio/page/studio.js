// The page's beginning, and its keys.

import { byId, say, studio } from "./page.js";
import "./camera.js";
import { shownUndo } from "./edit_list.js";
import { redo, send, undo } from "./edits.js";
import { attempt, begin } from "./server.js";
import { lookInside, pause, play, show } from "./frames.js";
import { Painting } from "./paint.js";
import { opened } from "./sources.js";
import { chooseBrush, chooseTool, fit, nextBrush, penKeys, resize, TOOLS, zoomBy } from "./tools.js";

const KEYS = {
  " ": play,
  ",": () => show(studio.frame - 1),
  ".": () => show(studio.frame + 1),
  Home: () => show(0),
  "[": () => resize(-1),
  "]": () => resize(1),
  "+": () => zoomBy(1.25),
  "=": () => zoomBy(1.25),
  "-": () => zoomBy(1 / 1.25),
  0: fit,
  c: nextBrush,
  n: () => (studio.painting.picked = null),
  u: undo,
  y: redo,
  m: () => byId("map").focus(),
  s: () => byId("style-class").focus(),
  v: () => byId("inside-on").click(),
  "?": () => byId("help").showModal(),
};

function keys(event) {
  const typing = event.target.matches("input:not([type=checkbox], [type=range]), select, textarea") || byId("help").open || byId("camera").open;
  if (typing || event.altKey || event.metaKey || !studio.facts.frames) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  let act = KEYS[key];
  if (event.ctrlKey) act = key === "z" && !event.shiftKey ? undo : key === "y" || key === "z" ? redo : null;
  else if (key in TOOLS) act = () => chooseTool(TOOLS[key]);
  else if (/^[1-9]$/.test(key)) act = () => chooseBrush(Number(key) - 1);
  // a button that has the focus is pressed by the space bar
  if (key === " " && event.target.matches("button, summary, [type=checkbox]")) return;
  if (key === "Home" && event.target.matches("[type=range]")) return;
  if (event.target === byId("map") && !event.ctrlKey && penKeys(event)) act = () => {};
  if (!act) return;
  event.preventDefault();
  act();
}

function heedButtons() {
  byId("play").onclick = play;
  byId("back").onclick = KEYS[","];
  byId("forward").onclick = KEYS["."];
  byId("help-button").onclick = KEYS["?"];
  byId("frame").oninput = () => {
    pause();
    show(Number(byId("frame").value));
  };
  byId("inside-on").onchange = () => attempt(lookInside);
}

attempt(async () => {
  studio.painting = new Painting(byId("map"), send, shownUndo);
  const { error, resumed } = await begin();
  heedButtons();
  document.addEventListener("keydown", keys);
  await attempt(() => opened(resumed));
  if (error) say(error, true);
});
