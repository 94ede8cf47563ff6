// Asking the server.

import { byId, say, studio } from "./page.js";

export async function ask(path, body, method = body === undefined ? "GET" : "POST") {
  const began = performance.now();
  let said = null; // while the answer is waited for
  let waits = true;
  const poll = setInterval(async () => {
    const answer = await fetch(`/s/${studio.session}/place`).catch(() => null);
    if (!answer?.ok || performance.now() - began < 500) return;
    const text = waitingFor(path, await answer.json());
    if (waits) say((said = text));
  }, 700);
  try {
    return await answered(await fetch(`/s/${studio.session}/${path}`, { method, body }));
  } finally {
    waits = false;
    clearInterval(poll);
    if (said !== null && byId("status").textContent === said) say("");
  }
}

function waitingFor(path, { place, made, frames }) {
  if (place) return `Place ${place + 1} in the queue …`;
  if (path.startsWith("take/") && made === frames) return "The file is written …";
  return /^(take|frame)/.test(path) ? `Frames are made: ${made} of ${frames} are there …` : "Frames are made …";
}

async function answered(answer) {
  if (answer.ok) return answer;
  const { error } = await answer.json().catch(() => ({ error: `${answer.status} ${answer.statusText}` }));
  throw new Error(error);
}

/** Run something; what goes wrong is said on the page. */
export async function attempt(work) {
  try {
    return await work();
  } catch (error) {
    say(error instanceof TypeError ? "The studio does not answer; is it still running?" : error.message, true);
    return null;
  }
}

/** Begin a session, or go on with that of this tab if the page was reloaded. */
export async function begin() {
  const [{ type }] = performance.getEntriesByType("navigation");
  const before = type === "navigate" ? {} : { session: sessionStorage.getItem("session"), reloaded: type === "reload" };
  const begun = await (await answered(await fetch("/session", { method: "POST", body: JSON.stringify(before) }))).json();
  studio.session = begun.session;
  sessionStorage.setItem("session", begun.session);
  addEventListener("pagehide", () => navigator.sendBeacon(`/s/${studio.session}/leave`));
  return begun;
}

export const bitmap = async (answer) => createImageBitmap(await answer.blob(), { colorSpaceConversion: "none", premultiplyAlpha: "none" });
