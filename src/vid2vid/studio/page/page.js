// What all parts of the page share: what is shown, and ways to the page's elements.

export const studio = {
  session: "",
  facts: {}, // what the server tells of models and video
  frame: 0, // that is shown
  playing: false,
  painting: null,
  rules: { lines: [], objects: [] },
  style: {}, // the style of each class that is not of the average one: the number of a kind, or its features
};

export const byId = (id) => document.getElementById(id);
export const all = (selector) => [...document.querySelectorAll(selector)];

/** Make an element with some properties and children. */
export function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

export function say(text, wrong = false) {
  byId("status").textContent = text;
  byId("status").classList.toggle("wrong", wrong);
}

/** Tell the other parts that something has happened: "drawn" (a frame is shown) or "edited". */
export const announce = (what) => document.dispatchEvent(new Event(what));
export const heed = (what, act) => document.addEventListener(what, act);
