// The list of all edits, the command that makes the same video, and the files that are taken away.

import { all, byId, element, heed, say, studio } from "./page.js";
import { erase, redo, setRules, undo } from "./edits.js";
import { show } from "./frames.js";
import { ask, attempt } from "./server.js";
import { setStyle, styleText } from "./styles.js";

function item(text, remove, go) {
  const what = element(go ? "button" : "span", { textContent: text });
  if (go) what.onclick = go;
  const button = element("button", { textContent: "Remove", onclick: remove });
  button.setAttribute("aria-label", `Remove: ${text}`);
  return element("li", {}, what, button);
}

export function shownUndo() {
  byId("undo").disabled = !studio.painting.past.length;
  byId("redo").disabled = !studio.painting.future.length;
}

function shownEdits() {
  const { facts, painting, rules, style } = studio;
  const items = rules.lines.map((line, n) => item(line, () => setRules({ ...rules, lines: rules.lines.toSpliced(n, 1) })));
  rules.objects.forEach((one, n) => {
    const name = facts.brushes.find(({ value }) => value === one.value)?.name;
    items.push(item(`object ${one.number} → ${name}, frames ${one.first} to ${one.last}`, () => setRules({ ...rules, objects: rules.objects.toSpliced(n, 1) })));
  });
  for (const [t, layer] of [...painting.layers].sort(([a], [b]) => a - b)) {
    const count = layer.painted.reduce((sum, one) => sum + one, 0);
    if (count) items.push(item(`frame ${t}: ${count} pixels painted`, () => erase(t), () => show(t)));
  }
  for (const label of Object.keys(style)) items.push(item(`style of ${label}: ${styleText(style[label])}`, () => setStyle(label, null)));
  byId("edits").replaceChildren(...(items.length ? items : [element("li", { className: "quiet", textContent: "none yet" })]));
  shownUndo();
  attempt(shownCommand);
}

async function shownCommand() {
  const { command, needs_maps: needsMaps } = await (await ask("command")).json();
  byId("command").textContent = command;
  byId("needs-maps").hidden = !needsMaps;
}

async function take(name) {
  say("All frames are made …");
  await attempt(async () => {
    const link = element("a", { href: URL.createObjectURL(await (await ask(`take/${name}`)).blob()), download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
    say(`${name} is among the browser's downloads.`);
  });
}

heed("edited", shownEdits);
byId("undo").onclick = undo;
byId("redo").onclick = redo;
for (const button of all("[data-take]")) button.onclick = () => take(button.dataset.take);
byId("line-form").onsubmit = (event) => {
  event.preventDefault();
  const line = byId("line").value.trim();
  if (line) setRules({ ...studio.rules, lines: [...studio.rules.lines, line] });
};
