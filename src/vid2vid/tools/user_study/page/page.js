"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const { study, pairs } = JSON.parse(byId("data").textContent);
  const STORE = `vid2vid-comparison-${study}`;
  const SIDES = ["left", "right"];

  let viewer = "";
  let votes = [];
  let order = []; // the pairs as this viewer sees them
  let turn = 0; // counts what was shown, so that what belongs to an earlier pair can tell
  let seen = null; // the time since when both videos can be seen; before, nobody can choose
  let paused = false;

  // ---- who, and in which order -------------------------------------------------------------------------------------

  /** A number of 32 bits that is the same for the same text. */
  function hash(text) {
    let bits = 2166136261;
    for (const letter of text) bits = Math.imul(bits ^ letter.codePointAt(0), 16777619);
    bits = Math.imul(bits ^ (bits >>> 16), 2246822507);
    return (bits ^ (bits >>> 13)) >>> 0;
  }

  /** The pairs in an order of this viewer's own; for half of the viewers, all sides are swapped. */
  function ordered() {
    const rank = (pair) => hash(`${pair.pair}/${study}/${viewer}`);
    const swap = hash(`sides/${study}/${viewer}`) % 2 === 1;
    const sides = (pair) => (swap ? { ...pair, left: pair.right, right: pair.left } : pair);
    return pairs.map(sides).sort((one, other) => rank(one) - rank(other));
  }

  function keep() {
    try {
      localStorage.setItem(STORE, JSON.stringify({ viewer, votes }));
    } catch (error) {
      tell(`This browser keeps nothing (${error.name}): do not reload or close the page before you have saved the votes.`);
    }
  }

  function restore() {
    try {
      ({ viewer = "", votes = [] } = JSON.parse(localStorage.getItem(STORE)) ?? {});
    } catch {
      viewer = ""; // a browser that keeps nothing says so when there is something to keep
    }
  }

  // ---- playing together --------------------------------------------------------------------------------------------

  const shown = () => [byId("left"), byId("right"), ...document.querySelectorAll("#beside video")];

  const visible = (video) => video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA && !video.seeking;

  /**
   * Resolves when a video shows a frame. It is looked at again and again: no event tells that a browser has lost a seek,
   * or has come to rest without a frame. Such a video is loaded anew, each time with more patience.
   */
  async function toBeSeen(video, mine) {
    let patience = 4000; // milliseconds
    let since = performance.now();
    while (!visible(video) && mine === turn) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      if (video.error || performance.now() - since < patience) continue;
      video.load();
      since = performance.now();
      patience *= 2;
    }
  }

  async function play(video) {
    try {
      await video.play();
    } catch (error) {
      // a browser that plays nothing unasked; other reasons are a pause, the next pair, or a file that cannot be
      // played, which `onerror` tells
      if (error.name === "NotAllowedError") pause(true);
    }
  }

  async function playFromStart() {
    const mine = turn;
    const videos = shown();
    for (const video of videos) {
      video.pause();
      if (video.currentTime > 0) video.currentTime = 0;
    }
    await Promise.all(videos.map((video) => toBeSeen(video, mine)));
    if (mine !== turn) return;
    if (!paused) videos.forEach(play);
    if (seen === null) begun();
  }

  function begun() {
    seen = performance.now();
    byId("vote").classList.remove("loading");
    for (const side of SIDES) byId(`choose-${side}`).removeAttribute("aria-disabled");
  }

  /** Brings all videos to where the left one is, if they are away from it by more than `seconds`. */
  function align(seconds) {
    const [first, ...others] = shown();
    for (const video of others) {
      if (!video.seeking && Math.abs(video.currentTime - first.currentTime) > seconds) video.currentTime = first.currentTime;
    }
  }

  function pause(wanted) {
    paused = wanted;
    byId("pause").textContent = paused ? "Play" : "Pause";
    shown().forEach((video) => (paused ? video.pause() : play(video)));
    if (paused) align(0);
  }

  // ---- the screens -------------------------------------------------------------------------------------------------

  function screen(id) {
    for (const main of document.querySelectorAll("main")) main.hidden = main.id !== id;
    byId(id).querySelector("h1").focus();
  }

  function tell(text) {
    byId("notice").textContent = text;
    byId("notice").hidden = !text;
  }

  function show() {
    turn += 1;
    seen = null;
    if (paused) pause(false);
    shown().forEach((video) => video.pause());
    if (votes.length === order.length) return screen("end");
    if (byId("vote").hidden) screen("vote");
    byId("position").textContent = `${votes.length + 1} of ${order.length}`;
    byId("bar").max = order.length;
    byId("bar").value = votes.length;
    byId("back").disabled = votes.length === 0;
    byId("vote").classList.add("loading");
    for (const side of SIDES) byId(`choose-${side}`).setAttribute("aria-disabled", "true");
    load(order[votes.length]);
  }

  async function load(pair) {
    const mine = turn;
    byId("beside").replaceChildren(...Object.entries(pair.beside).map(([caption, file]) => figure(caption, file)));
    byId("vote").style.setProperty("--shape", pair.width / pair.height);
    for (const side of SIDES) byId(side).src = `videos/${pair[side]}`;
    const videos = shown();
    for (const video of videos) video.onerror = () => tell(`${video.getAttribute("src")} cannot be played.`);
    videos.forEach(play); // hidden still; phones load nothing before it plays
    await Promise.all(videos.map((video) => toBeSeen(video, mine)));
    if (mine === turn) playFromStart();
  }

  function figure(caption, file) {
    const video = Object.assign(document.createElement("video"), { muted: true, playsInline: true, preload: "auto" });
    video.src = `videos/${file}`;
    video.setAttribute("aria-label", caption);
    const words = Object.assign(document.createElement("figcaption"), { textContent: caption });
    const whole = document.createElement("figure");
    whole.append(words, video);
    return whole;
  }

  // ---- voting ------------------------------------------------------------------------------------------------------

  function choose(side) {
    if (seen === null) return;
    const { pair, left, right } = order[votes.length];
    votes.push({ pair, left, right, choice: side, seconds: ((performance.now() - seen) / 1000).toFixed(2) });
    tell("");
    keep();
    show();
  }

  function back() {
    if (!votes.length) return;
    votes.pop();
    keep();
    show();
  }

  function begin(name) {
    viewer = name;
    order = ordered();
    keep();
    show();
  }

  function another() {
    if (!confirm(`Are the votes of ${viewer} saved? They are removed from this browser.`)) return;
    votes = [];
    viewer = "";
    keep();
    byId("viewer").value = "";
    screen("start");
  }

  function save() {
    const name = `"${viewer.replaceAll('"', '""')}"`;
    const rows = votes.map((vote) => [vote.pair, vote.left, vote.right, vote.choice, vote.seconds, name]);
    const lines = [["pair", "left", "right", "choice", "seconds", "viewer"], ...rows].map((row) => `${row.join(",")}\r\n`);
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob(lines, { type: "text/csv" }));
    link.download = `votes-${viewer.replace(/[^\p{L}\p{N}]+/gu, "_")}.csv`;
    link.click();
  }

  // ---- hands -------------------------------------------------------------------------------------------------------

  const KEYS = {
    ArrowLeft: () => choose("left"),
    a: () => choose("left"),
    ArrowRight: () => choose("right"),
    b: () => choose("right"),
    Backspace: back,
    " ": () => pause(!paused),
  };

  document.addEventListener("keydown", (press) => {
    const action = KEYS[press.key.length === 1 ? press.key.toLowerCase() : press.key];
    const pressesButton = press.key === " " && press.target instanceof HTMLButtonElement;
    if (!action || pressesButton || byId("vote").hidden || press.ctrlKey || press.metaKey || press.altKey) return;
    press.preventDefault();
    // a key that is held down is no second opinion
    if (!press.repeat) action();
  });

  for (const side of SIDES) byId(`choose-${side}`).addEventListener("click", () => choose(side));
  byId("back").addEventListener("click", back);
  byId("pause").addEventListener("click", () => pause(!paused));
  byId("save").addEventListener("click", save);
  byId("last").addEventListener("click", back);
  byId("again").addEventListener("click", another);
  byId("begin").addEventListener("submit", (submitted) => {
    submitted.preventDefault();
    begin(byId("viewer").value.trim());
  });
  byId("left").addEventListener("ended", () => {
    if (seen !== null) playFromStart();
  });
  byId("left").addEventListener("timeupdate", () => {
    if (!paused && !byId("left").ended && seen !== null) align(1.5 / order[votes.length].fps);
  });

  byId("count").textContent = `${pairs.length} pair${pairs.length === 1 ? "" : "s"}`;
  restore();
  if (viewer) begin(viewer);
  else screen("start");
})();
