// Keeps a page current: asks for it again every other second and takes over what changed. Without it, reload.
"use strict";

const EVERY_MS = 1500;
const MOST_ROWS = 200;
const TOKEN = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(?:true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

const stream = document.querySelector("[data-stream]");
const pause = document.getElementById("pause");
const pulse = document.getElementById("pulse");
let paused = false;
let asking = false;

function newest() {
  const row = stream && stream.querySelector("li.event");
  return row ? row.id.replace("event-", "") : "-1";
}

async function ask() {
  if (paused || asking || document.hidden) return;
  asking = true;
  try {
    const address = new URL(location.href);
    if (stream) address.searchParams.set("after", newest());
    const reply = await fetch(address, { headers: { "X-Requested-With": "live" } });
    if (reply.ok) take(new DOMParser().parseFromString(await reply.text(), "text/html"));
    else if (pulse) pulse.textContent = `The simulator answered ${reply.status}`;
  } catch {
    if (pulse) pulse.textContent = "The simulator cannot be reached";
  } finally {
    asking = false;
  }
}

function take(page) {
  for (const part of document.querySelectorAll("[data-refresh]")) {
    const fresh = page.getElementById(part.id);
    const busy = part.contains(document.activeElement);
    if (fresh && !busy && fresh.innerHTML !== part.innerHTML) part.replaceChildren(...fresh.childNodes);
  }
  if (stream) add([...page.querySelectorAll("#stream > li.event")]);
}

function add(rows) {
  const unknown = rows.filter((row) => !document.getElementById(row.id));
  if (!unknown.length) return;
  for (const row of unknown) row.classList.add("new");
  stream.prepend(...unknown);
  document.getElementById("nothing")?.remove();
  for (const row of [...stream.children].slice(MOST_ROWS)) row.remove();
  pulse.textContent = `${unknown.length === 1 ? "One event" : `${unknown.length} events`} at ${new Date().toLocaleTimeString()}`;
}

function colour(block) {
  if (block.dataset.coloured) return;
  block.dataset.coloured = "yes";
  const text = block.textContent;
  const parts = [];
  let at = 0;
  for (const match of text.matchAll(TOKEN)) {
    const word = match[1] ?? match[0];
    const part = document.createElement("span");
    part.className = match[2] ? "name" : match[1] ? "string" : "number";
    part.textContent = word;
    parts.push(text.slice(at, match.index), part);
    at = match.index + word.length;
  }
  block.replaceChildren(...parts, text.slice(at));
}

document.addEventListener(
  "toggle",
  (event) => {
    if (event.target.open) for (const block of event.target.querySelectorAll("pre.json")) colour(block);
  },
  true,
);
for (const block of document.querySelectorAll("pre.json")) if (!block.closest("details:not([open])")) colour(block);

if (pause && stream) {
  pause.hidden = false;
  pause.addEventListener("click", () => {
    paused = !paused;
    pause.setAttribute("aria-pressed", String(paused));
    pause.textContent = paused ? "Go on" : "Pause";
  });
}
if (location.hash.startsWith("#event-")) document.querySelector(`${location.hash} details`)?.setAttribute("open", "");
if (stream || document.querySelector("[data-refresh]")) setInterval(ask, EVERY_MS);
