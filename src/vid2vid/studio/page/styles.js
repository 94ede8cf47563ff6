// The style of each class: its kinds as small pictures, and its features as sliders.

import { all, announce, byId, element, say, studio } from "./page.js";
import { drawFrame, pause, show } from "./frames.js";
import { ask, attempt, bitmap } from "./server.js";

const SETTLED = 500; // milliseconds without another change, after which the video follows

export const styleText = (chosen) => (Array.isArray(chosen) ? chosen.join(", ") : `kind ${chosen}`);

/** The styles if one class gets another; null: the average one. */
function changed(label, chosen) {
  const now = { ...studio.style, [label]: chosen };
  if (chosen === null) delete now[label];
  return now;
}

let chosenAt = 0; // counts the styles that were chosen
let movedAt = 0; // counts the moves of the sliders

// ---- while a slider moves -----------------------------------------------------------------------------------------

let wanted = null; // the styles to be tried next; newer ones replace older ones
let trying = false;
let settling = 0;

/** Draw the frame in other styles, from the past as it is. */
async function tryStyle(classes) {
  wanted = classes;
  if (trying) return;
  trying = true;
  await attempt(async () => {
    while (wanted) {
      const [tried, t, since, began] = [wanted, studio.frame, chosenAt, performance.now()];
      wanted = null;
      const picture = await bitmap(await ask(`style/${t}`, JSON.stringify(tried)));
      if (t !== studio.frame || since !== chosenAt) continue;
      drawFrame(0, picture);
      say(`The frame followed in ${(performance.now() - began).toFixed(0)} ms; the video follows when the slider rests.`);
    }
  });
  trying = false;
}

/** Let a class have a style in all of the video, which is made anew from its first frame. */
export async function setStyle(label, chosen) {
  clearTimeout(settling);
  await setStyles(changed(label, chosen));
}

async function setStyles(now, note = true) {
  const [before, moved] = [studio.style, movedAt];
  chosenAt += 1;
  wanted = null;
  await attempt(async () => {
    await ask("style", JSON.stringify(now));
    studio.style = now;
    if (note) studio.painting.done({ undo: () => setStyles(before, false), redo: () => setStyles(now, false) });
    await show(studio.frame);
    // unless a slider goes on already
    if (moved === movedAt) await shownStyles();
  });
  announce("edited");
}

// ---- the panel ----------------------------------------------------------------------------------------------------

let shownAt = 0; // counts the times that the panel was drawn

async function shownStyles() {
  const label = byId("style-class").value;
  const own = ++shownAt;
  byId("kinds").replaceChildren();
  byId("features").hidden = !label;
  if (!label) return;
  const { kinds, mean, range } = studio.facts.styles[label];
  const chosen = studio.style[label] ?? null;
  showSliders(label, Array.isArray(chosen) ? chosen : (kinds[chosen] ?? mean), range);
  byId("kinds").append(kindButton(label, null, chosen));
  for (let kind = 0; kind < kinds.length; kind++) {
    const picture = await (await ask(`style/${studio.frame}`, JSON.stringify(changed(label, kind)))).blob();
    if (own !== shownAt) return;
    const image = element("img", { alt: "", src: URL.createObjectURL(picture) });
    image.onload = () => URL.revokeObjectURL(image.src);
    const button = kindButton(label, kind, chosen);
    button.prepend(image);
    byId("kinds").append(button);
  }
}

function kindButton(label, kind, chosen) {
  const button = element("button", { textContent: kind === null ? "average" : `kind ${kind}`, onclick: () => setStyle(label, kind) });
  button.setAttribute("aria-pressed", kind === chosen);
  return button;
}

/** Show the features of a class; sliders that are there already stay, with the focus that they may have. */
function showSliders(label, features, [low, high]) {
  if (byId("sliders").dataset.label !== label) {
    byId("sliders").dataset.label = label;
    byId("sliders").replaceChildren(
      ...features.map((_, i) => {
        const fine = high[i] - low[i] < 0.5 ? 1000 : 100;
        const ends = { min: Math.floor(fine * low[i]) / fine, max: Math.ceil(fine * high[i]) / fine };
        const slider = element("input", { type: "range", step: 1 / fine, ...ends });
        return element("label", { className: "row" }, `Feature ${i + 1}`, slider, element("output"));
      }),
    );
  }
  all("#sliders input").forEach((slider, i) => {
    slider.value = features[i];
    slider.nextSibling.textContent = slider.value;
  });
}

const sliderValues = () => all("#sliders input").map(({ value }) => Number(value));

export function openStyles() {
  const labels = Object.keys(studio.facts.styles);
  byId("styles-panel").hidden = !labels.length;
  byId("style-class").replaceChildren(...["", ...labels].map((name) => new Option(name || "choose …", name)));
  byId("sliders").dataset.label = "";
  attempt(shownStyles);
}

byId("style-class").onchange = () => attempt(shownStyles);
byId("sliders").oninput = ({ target }) => {
  pause();
  movedAt += 1;
  clearTimeout(settling);
  target.nextSibling.textContent = target.value;
  tryStyle(changed(byId("sliders").dataset.label, sliderValues()));
};
byId("sliders").onchange = () => {
  const label = byId("sliders").dataset.label;
  clearTimeout(settling);
  settling = setTimeout(() => setStyle(label, sliderValues()), SETTLED);
};
