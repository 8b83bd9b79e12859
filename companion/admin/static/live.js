// Puts times into the reader's zone and keeps the live parts of a page current. Without it, times are UTC: reload.
"use strict";

const EVERY_MS = Number(document.querySelector("[data-live]")?.dataset.live) || 4000;
const SOON_MS = 1000;
const FORMS = {
  second: { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit" },
  minute: { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" },
  hour: { hour: "2-digit", minute: "2-digit" },
};
const pulse = () => document.getElementById("pulse");
let asking = false;

function localise(part) {
  for (const element of part.querySelectorAll("[data-form]")) {
    const moment = new Date(element.dateTime ?? element.dataset.datetime);
    const form = element.dataset.form;
    if (form === "title") element.title = moment.toLocaleString("en-GB", { ...FORMS.second, timeZoneName: "short" });
    else element.textContent = moment.toLocaleString("en-GB", FORMS[form]);
  }
}

async function refresh() {
  if (asking || document.hidden) return;
  asking = true;
  try {
    const reply = await fetch(location.href, { headers: { "X-Requested-With": "live" }, redirect: "error" });
    if (!reply.ok) throw new Error(String(reply.status));
    take(new DOMParser().parseFromString(await reply.text(), "text/html"));
    if (pulse()) pulse().textContent = "";
  } catch {
    if (pulse()) pulse().textContent = "Not current: the service does not answer.";
  } finally {
    asking = false;
  }
}

function take(page) {
  localise(page);
  for (const part of document.querySelectorAll("[data-live]")) {
    const fresh = page.getElementById(part.id);
    const busy = part.contains(document.activeElement) || part.querySelector("details[open]");
    if (!fresh || busy) continue;
    part.toggleAttribute("data-soon", fresh.hasAttribute("data-soon"));
    if (fresh.innerHTML !== part.innerHTML) part.replaceChildren(...fresh.childNodes);
  }
}

localise(document);
for (const here of document.querySelectorAll("nav [aria-current]")) here.scrollIntoView({ block: "nearest", inline: "center" });

async function keepCurrent() {
  await refresh();
  later();
}

function later() {
  setTimeout(keepCurrent, document.querySelector("[data-soon]") ? SOON_MS : EVERY_MS);
}

if (document.querySelector("[data-live]")) later();
