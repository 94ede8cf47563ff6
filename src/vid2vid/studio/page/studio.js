import { Painting } from "./paint.js";

const byId = (id) => document.getElementById(id);
const all = (selector) => [...document.querySelectorAll(selector)];
const TOOLS = { b: "brush", g: "bucket", l: "line", e: "eraser", o: "object", i: "pick" };
const NAMES = { flow: "flow", mask: "mask (white: hallucinated)", warped: "warped", hallucinated: "hallucinated" };

let session = "";
let facts = {};
let frame = 0;
let tool = "brush";
let brush = 0; // index into facts.brushes
let zoom = 1;
let playing = false;
let rules = { lines: [], objects: [] };
let style = {}; // the kind of each class that is not of the average one
const pen = { x: 0, y: 0, down: false };

// ---- asking the server --------------------------------------------------------------------------------------------

let waiting = 0;

function say(text, wrong = false) {
  byId("status").textContent = text;
  byId("status").classList.toggle("wrong", wrong);
}

async function ask(path, body, method = body === undefined ? "GET" : "POST") {
  const began = performance.now();
  waiting += 1;
  const poll = setInterval(async () => {
    const answer = await fetch(`/s/${session}/place`).catch(() => null);
    if (!answer?.ok || performance.now() - began < 500) return;
    const { place } = await answer.json();
    say(place ? `Place ${place + 1} in the queue …` : "Frames are made …");
  }, 700);
  try {
    const answer = await fetch(`/s/${session}/${path}`, { method, body });
    if (answer.ok) return answer;
    const { error } = await answer.json().catch(() => ({ error: `${answer.status} ${answer.statusText}` }));
    throw new Error(error);
  } finally {
    waiting -= 1;
    clearInterval(poll);
  }
}

/** Run something; what goes wrong is said on the page. */
async function attempt(work) {
  try {
    return await work();
  } catch (error) {
    playing = false;
    shownPlaying();
    say(error instanceof TypeError ? "The studio does not answer; is it still running?" : error.message, true);
    return null;
  }
}

const bitmap = async (answer) => createImageBitmap(await answer.blob(), { colorSpaceConversion: "none", premultiplyAlpha: "none" });

// ---- the shown frame ----------------------------------------------------------------------------------------------

const frameCanvas = (model) => byId(`frame-${model}`);
let painting = null;

function drawFrame(model, picture) {
  frameCanvas(model).getContext("2d").drawImage(picture, 0, 0);
  frameCanvas(model).dataset.frame = frame;
}

async function load(t) {
  const condition = facts.brushes.length ? ask(`map/${t}`).then((answer) => answer.arrayBuffer()) : ask(`condition/${t}`).then(bitmap);
  const frames = facts.models.map((_, model) => ask(`frame/${t}/${model}`).then(bitmap));
  return Promise.all([condition, ...frames]);
}

function draw(t, [condition, ...frames]) {
  frame = t;
  if (condition instanceof ArrayBuffer) {
    const count = facts.width * facts.height;
    painting.show(t, new Uint8Array(condition, 0, count), facts.objects ? new Int32Array(condition.slice(count)) : null);
  } else byId("map").getContext("2d").drawImage(condition, 0, 0);
  frames.forEach((picture, model) => drawFrame(model, picture));
  byId("frame").value = t;
  byId("frame-shown").textContent = `frame ${t} of ${facts.frames - 1}${t < facts.given ? ", given" : ""}`;
  shownCarry();
}

let wanted = null; // the frame that is to be shown next; a later wish replaces an earlier one
let showing = false;

async function show(t) {
  wanted = Math.min(Math.max(t, 0), facts.frames - 1);
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

async function lookInside() {
  if (!byId("inside-on").checked) return;
  const t = frame;
  for (const image of all("#inside img")) {
    const url = URL.createObjectURL(await (await ask(`inside/${t}/${image.dataset.model}/${image.dataset.name}`)).blob());
    if (image.src) URL.revokeObjectURL(image.src);
    image.src = url;
  }
}

function shownPlaying() {
  byId("play").textContent = playing ? "Pause" : "Play";
}

async function play() {
  if (playing) {
    playing = false;
    shownPlaying();
    return;
  }
  playing = true;
  shownPlaying();
  await attempt(async () => {
    let t = frame >= facts.frames - 1 ? 0 : frame + 1;
    let next = load(t);
    let began = performance.now();
    let rate = 0;
    while (playing) {
      const loaded = await next;
      if (!playing) break;
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
  playing = false;
  shownPlaying();
}

// ---- painting -----------------------------------------------------------------------------------------------------

let sending = false;
let unsent = null; // when the pen made what was not sent yet

/** Send the layer of the shown frame; while an answer is on its way, only the newest state waits. */
async function send() {
  unsent ??= performance.now();
  if (sending) return;
  sending = true;
  await attempt(async () => {
    while (unsent !== null) {
      const began = unsent;
      const t = frame;
      unsent = null;
      const layer = painting.layers.get(t) ?? {};
      const once = layer.carry === "frame";
      const [first, last] = once ? [t, t] : [layer.first ?? t, Math.min(layer.last ?? t, facts.frames - 1)];
      const path = `paint/${t}?carry=${once ? "place" : (layer.carry ?? "piece")}&first=${first}&last=${last}`;
      const picture = await bitmap(await ask(path, painting.bytes(t)));
      if (t !== frame) continue;
      drawFrame(0, picture);
      const took = performance.now() - began;
      byId("status").dataset.latency = took.toFixed(1);
      say(t < facts.given ? "This frame is given: what is painted on it shows in later frames." : `The frame followed in ${took.toFixed(0)} ms.`);
      for (let model = 1; model < facts.models.length; model++) drawFrame(model, await bitmap(await ask(`frame/${t}/${model}`)));
    }
    await lookInside();
  });
  sending = false;
  shownEdits();
}

const current = () => ({ tool, value: facts.brushes[brush].value, size: Number(byId("size").value), mode: byId("object-mode").value });

function penDown(x, y) {
  playing = false;
  if (!facts.brushes.length) return say("Conditions of this kind cannot be painted.", true);
  if (tool === "pick") {
    const [value, object] = painting.at(x, y);
    choose(facts.brushes.findIndex((one) => one.value === value));
    painting.picked = { value, object };
    return undefined;
  }
  if (tool === "object") return changeObject(x, y);
  painting.begin(x, y, current());
  return undefined;
}

function penUp() {
  if (!painting.stroke) return;
  painting.end();
  shownUndo();
}

function shownUndo() {
  byId("undo").disabled = !painting.past.length;
  byId("redo").disabled = !painting.future.length;
}

function changeObject(x, y) {
  if (!facts.objects) return say("This model does not see objects: use the bucket.", true);
  const number = painting.objects[y * facts.width + x];
  const { value } = facts.brushes[brush];
  return setRules({ ...rules, objects: [...rules.objects.filter((one) => one.number !== number), { number, value, first: frame, last: facts.frames - 1 }] });
}

async function setRules(now, note = true) {
  const before = rules;
  await attempt(async () => {
    await ask("rules", JSON.stringify(now));
    rules = now;
    if (note) painting.done({ undo: () => setRules(before, false), redo: () => setRules(now, false) });
    await show(frame);
  });
  shownEdits();
}

// ---- styles -------------------------------------------------------------------------------------------------------

/** Show the frame with each kind of the chosen class. */
async function shownKinds() {
  const label = byId("style-class").value;
  if (byId("styles-panel").hidden || !label) return;
  const t = frame;
  byId("kinds").replaceChildren();
  for (let kind = -1; kind < facts.kinds[label]; kind++) {
    const button = document.createElement("button");
    button.textContent = kind < 0 ? "average" : `kind ${kind}`;
    button.setAttribute("aria-pressed", kind === (style[label] ?? -1));
    button.onclick = () => setStyle(label, kind);
    byId("kinds").append(button);
    if (kind < 0) continue;
    const image = document.createElement("img");
    image.alt = "";
    image.src = URL.createObjectURL(await (await ask(`style/${t}/${encodeURIComponent(label)}/${kind}`)).blob());
    image.onload = () => URL.revokeObjectURL(image.src);
    button.prepend(image);
  }
}

async function setStyle(label, kind) {
  const now = { ...style, [label]: kind };
  if (kind < 0) delete now[label];
  await attempt(async () => {
    await ask("style", JSON.stringify(now));
    style = now;
    await show(frame);
    await shownKinds();
  });
  shownEdits();
}

async function undo(from, to, way) {
  const entry = from.pop();
  if (!entry) return;
  to.push(entry);
  if (entry.frame !== undefined && entry.frame !== frame) await show(entry.frame);
  await entry[way]();
  if (entry.frame !== undefined) await send();
}

// ---- what is chosen -----------------------------------------------------------------------------------------------

function choose(index) {
  if (index < 0 || index >= facts.brushes.length) return;
  brush = index;
  all("#brushes button").forEach((button, i) => button.setAttribute("aria-checked", i === index));
}

function chooseTool(name) {
  tool = name;
  for (const button of all("[data-tool]")) button.setAttribute("aria-pressed", button.dataset.tool === name);
}

function setSize(size) {
  byId("size").value = size;
  byId("size-shown").textContent = byId("size").value;
  shownPen();
}

function setZoom(factor) {
  zoom = Math.min(Math.max(factor, 0.25), 16);
  byId("zoom-shown").textContent = `${Math.round(100 * zoom)} %`;
  for (const canvas of all(".sheet canvas")) canvas.style.width = `${facts.width * zoom}px`;
  shownPen();
}

function fit() {
  const room = Math.min(...all(".scroll").map((one) => one.clientWidth));
  setZoom(room / facts.width);
}

function shownPen() {
  const size = Number(byId("size").value) * zoom;
  Object.assign(byId("pen").style, { width: `${size}px`, height: `${size}px`, left: `${(pen.x + 0.5) * zoom - size / 2}px`, top: `${(pen.y + 0.5) * zoom - size / 2}px` });
  byId("pen").classList.toggle("down", pen.down);
}

function pointAt(x, y) {
  pen.x = Math.min(Math.max(x, 0), facts.width - 1);
  pen.y = Math.min(Math.max(y, 0), facts.height - 1);
  byId("pen").hidden = false;
  shownPen();
  if (!painting.values) return;
  const [value, object] = painting.at(pen.x, pen.y);
  const name = facts.brushes.find((one) => one.value === value)?.name ?? value;
  byId("pointed").textContent = `row ${pen.y}, column ${pen.x}: ${name}${facts.objects ? `, object ${object}` : ""}`;
}

function shownCarry() {
  const layer = painting.layers.get(frame);
  byId("carry").value = layer?.carry ?? "piece";
  byId("carry-first").value = layer?.first ?? frame;
  byId("carry-last").value = Math.min(layer?.last ?? facts.frames, facts.frames - 1);
}

function setCarry() {
  const layer = painting.ownLayer();
  layer.carry = byId("carry").value;
  layer.first = Math.min(Number(byId("carry-first").value), frame);
  layer.last = Math.max(Number(byId("carry-last").value), frame);
  shownCarry();
  send();
}

function shownEdits() {
  const items = [];
  const item = (text, remove, go) => {
    const li = document.createElement("li");
    const what = document.createElement(go ? "button" : "span");
    what.textContent = text;
    if (go) what.onclick = go;
    const button = document.createElement("button");
    button.textContent = "Remove";
    button.setAttribute("aria-label", `Remove: ${text}`);
    button.onclick = remove;
    li.append(what, button);
    items.push(li);
  };
  rules.lines.forEach((line, n) => item(line, () => setRules({ ...rules, lines: rules.lines.toSpliced(n, 1) })));
  rules.objects.forEach((one, n) => {
    const name = facts.brushes.find(({ value }) => value === one.value)?.name;
    item(`object ${one.number} → ${name}, frames ${one.first} to ${one.last}`, () => setRules({ ...rules, objects: rules.objects.toSpliced(n, 1) }));
  });
  for (const [t, layer] of [...painting.layers].sort(([a], [b]) => a - b)) {
    const count = layer.painted.reduce((sum, one) => sum + one, 0);
    if (count) item(`frame ${t}: ${count} pixels painted`, () => erase(t), () => show(t));
  }
  byId("edits").replaceChildren(...items);
  shownUndo();
  attempt(async () => (byId("command").textContent = (await (await ask("command")).json()).command));
}

async function erase(t) {
  await show(t);
  painting.begin(0, 0, { ...current(), tool: "eraser", size: 3 * Math.max(facts.width, facts.height) });
  penUp();
}

// ---- videos -------------------------------------------------------------------------------------------------------

async function opened() {
  facts = await (await ask("facts")).json();
  byId("model").textContent = facts.models.map(({ name }) => name).join(" and ");
  byId("street").hidden = !facts.streets;
  byId("camera-button").hidden = !facts.record;
  byId("instance-label").hidden = !facts.objects;
  byId("object-row").hidden = !facts.objects;
  byId("tools").hidden = !facts.brushes.length;
  for (const input of all("#upload input")) input.accept = facts.endings.join();
  if (!facts.frames) return;
  if (facts.street) byId("seed").value = facts.seed;
  rules = { lines: [], objects: [] };
  style = {};
  byId("styles-panel").hidden = !Object.keys(facts.kinds).length;
  byId("style-class").replaceChildren(...["", ...Object.keys(facts.kinds)].map((name) => new Option(name || "…", name)));
  byId("kinds").replaceChildren();
  views();
  painting.open(facts);
  byId("brushes").replaceChildren(
    ...facts.brushes.map(({ name, colour }, i) => {
      const button = document.createElement("button");
      const patch = document.createElement("i");
      patch.style.background = `rgb(${colour})`;
      const key = document.createElement("kbd");
      if (i < 9) key.textContent = i + 1;
      button.append(patch, name, key);
      button.setAttribute("role", "radio");
      button.onclick = () => choose(i);
      return button;
    }),
  );
  choose(0);
  byId("frame").max = facts.frames - 1;
  fit();
  frame = 0;
  await show(Math.min(facts.given, facts.frames - 1));
  shownEdits();
}

/** Make the canvases of the models and the places for what their frames are made of. */
function views() {
  for (const figure of all("#views figure:not(:first-child)")) figure.remove();
  const inside = [];
  facts.models.forEach(({ name, inside: pictures }, model) => {
    const figure = document.createElement("figure");
    figure.innerHTML = '<figcaption></figcaption><div class="scroll"><div class="sheet"><canvas></canvas></div></div>';
    figure.querySelector("figcaption").textContent = `Frame of ${name}`;
    Object.assign(figure.querySelector("canvas"), { id: `frame-${model}`, width: facts.width, height: facts.height });
    byId("views").append(figure);
    for (const picture of pictures) {
      const shown = document.createElement("figure");
      const [caption, image] = [document.createElement("figcaption"), document.createElement("img")];
      caption.textContent = NAMES[picture] + (facts.models.length > 1 ? ` of ${name}` : "");
      Object.assign(image, { alt: caption.textContent });
      Object.assign(image.dataset, { model, name: picture });
      shown.append(image, caption);
      inside.push(shown);
    }
  });
  byId("inside").replaceChildren(...inside);
  byId("inside-panel").hidden = !inside.length;
  const scrolls = all(".scroll");
  for (const one of scrolls) {
    one.onscroll = () => scrolls.forEach((other) => Object.assign(other, { scrollLeft: one.scrollLeft, scrollTop: one.scrollTop }));
  }
}

async function openVideo(request) {
  playing = false;
  say("Reading …");
  await attempt(async () => {
    await ask("open", JSON.stringify(await request()));
    await opened();
    byId("upload").open = false;
  });
}

/** Send the chosen files, and return what is opened then. */
async function uploaded() {
  const parts = [];
  for (const part of ["source", "instance", "first"]) {
    const [file] = byId(`file-${part}`).files;
    if (!file) continue;
    parts.push(part);
    if (file.size > facts.upload_mb * 1e6) throw new Error(`${file.name} is larger than ${facts.upload_mb} MB.`);
    await ask(`upload/${part}?name=${encodeURIComponent(file.name)}`, file);
  }
  return { parts };
}

// ---- the camera ---------------------------------------------------------------------------------------------------

let camera = null; // the stream, while the dialog is open
let recorder = null;

async function openCamera() {
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
    if (seconds > facts.record || !camera) own.stop();
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

async function take(name) {
  say("All frames are made …");
  await attempt(async () => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(await (await ask(`take/${name}`)).blob());
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
    say("");
  });
}

// ---- hands --------------------------------------------------------------------------------------------------------

function pixelOf(event) {
  const box = byId("map").getBoundingClientRect();
  return [Math.floor(((event.clientX - box.left) / box.width) * facts.width), Math.floor(((event.clientY - box.top) / box.height) * facts.height)];
}

function mouse() {
  const map = byId("map");
  map.onpointerdown = (event) => {
    if (event.button || !facts.frames) return;
    map.setPointerCapture(event.pointerId);
    pointAt(...pixelOf(event));
    penDown(pen.x, pen.y);
  };
  map.onpointermove = (event) => {
    if (!facts.frames) return;
    const passed = event.getCoalescedEvents?.() ?? [];
    if (painting.stroke && !pen.down) painting.move((passed.length ? passed : [event]).map(pixelOf));
    if (!pen.down) pointAt(...pixelOf(event));
  };
  map.onpointerup = map.onpointercancel = () => {
    if (!pen.down) penUp();
  };
  map.onpointerleave = () => {
    if (document.activeElement !== map) byId("pen").hidden = true;
  };
}

function penKeys(event) {
  const step = event.shiftKey ? 8 : 1;
  const by = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] }[event.key];
  if (by) {
    pointAt(pen.x + by[0], pen.y + by[1]);
    if (pen.down) painting.move([[pen.x, pen.y]]);
  } else if (event.key === "Enter") {
    const drags = ["brush", "eraser", "line"].includes(tool);
    if (pen.down || !drags) {
      if (!pen.down) penDown(pen.x, pen.y);
      penUp();
      pen.down = false;
    } else {
      penDown(pen.x, pen.y);
      pen.down = Boolean(painting.stroke);
    }
    shownPen();
  } else return false;
  return true;
}

const KEYS = {
  " ": play,
  ",": () => show(frame - 1),
  ".": () => show(frame + 1),
  Home: () => show(0),
  "[": () => setSize(Number(byId("size").value) - 1),
  "]": () => setSize(Number(byId("size").value) + 1),
  "+": () => setZoom(zoom * 1.25),
  "=": () => setZoom(zoom * 1.25),
  "-": () => setZoom(zoom / 1.25),
  0: fit,
  c: () => choose((brush + 1) % facts.brushes.length),
  n: () => (painting.picked = null),
  u: () => undo(painting.past, painting.future, "undo"),
  y: () => undo(painting.future, painting.past, "redo"),
  m: () => byId("map").focus(),
  v: () => byId("inside-on").click(),
  "?": () => byId("help").showModal(),
};

function keys(event) {
  const typing = event.target.matches("input:not([type=checkbox], [type=range]), select, textarea") || byId("help").open || byId("camera").open;
  if (typing || event.altKey || event.metaKey || !facts.frames) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  let act = KEYS[key];
  if (event.ctrlKey) act = key === "z" && !event.shiftKey ? KEYS.u : key === "y" || key === "z" ? KEYS.y : null;
  else if (key in TOOLS) act = () => chooseTool(TOOLS[key]);
  else if (/^[1-9]$/.test(key)) act = () => choose(Number(key) - 1);
  // a button that has the focus is pressed by the space bar
  if (key === " " && event.target.matches("button, summary")) return;
  if (key === "Home" && event.target.matches("[type=range]")) return;
  if (event.target === byId("map") && !event.ctrlKey && penKeys(event)) act = () => {};
  if (!act) return;
  event.preventDefault();
  act();
}

function buttons() {
  const on = (id, act) => (byId(id).onclick = act);
  on("play", play);
  on("back", () => show(frame - 1));
  on("forward", () => show(frame + 1));
  on("undo", KEYS.u);
  on("redo", KEYS.y);
  on("zoom-in", KEYS["+"]);
  on("zoom-out", KEYS["-"]);
  on("zoom-fit", fit);
  on("help-button", KEYS["?"]);
  on("camera-button", openCamera);
  on("record", record);
  on("camera-close", () => byId("camera").close());
  byId("camera").onclose = closeCamera;
  byId("frame").oninput = () => {
    playing = false;
    show(Number(byId("frame").value));
  };
  byId("size").oninput = () => setSize(byId("size").value);
  byId("map").onfocus = () => pointAt(pen.x, pen.y);
  for (const id of ["carry", "carry-first", "carry-last"]) byId(id).onchange = setCarry;
  for (const button of all("[data-tool]")) button.onclick = () => chooseTool(button.dataset.tool);
  for (const button of all("[data-take]")) button.onclick = () => take(button.dataset.take);
  byId("style-class").onchange = () => attempt(shownKinds);
  byId("inside-on").onchange = () => attempt(lookInside);
  byId("line-form").onsubmit = (event) => {
    event.preventDefault();
    const line = byId("line").value.trim();
    if (line) setRules({ ...rules, lines: [...rules.lines, line] });
  };
  byId("street").onsubmit = (event) => {
    event.preventDefault();
    const now = Number(byId("seed").value);
    openVideo(async () => ({ seed: now === facts.seed ? now + 1 : now }));
  };
  document.querySelector("#upload form").onsubmit = (event) => {
    event.preventDefault();
    openVideo(uploaded);
  };
}

async function start() {
  painting = new Painting(byId("map"), send);
  const answer = await fetch("/session", { method: "POST" });
  const begun = await answer.json();
  if (!answer.ok) return say(begun.error, true);
  session = begun.session;
  addEventListener("pagehide", () => navigator.sendBeacon(`/s/${session}/end`));
  chooseTool("brush");
  mouse();
  buttons();
  document.addEventListener("keydown", keys);
  await attempt(opened);
  if (begun.error) say(begun.error, true);
  return undefined;
}

attempt(start);
