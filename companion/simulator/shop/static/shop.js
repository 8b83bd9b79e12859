// Makes the pages livelier: forms answer in place, and what others do in the shop appears by itself.
// Every page works without it.
"use strict";

const REFRESH_MS = 2000;
let sent = 0; // how many forms were sent: what was asked for before one is out of date after it

async function send(event) {
  const form = event.target.closest("form[data-enhanced]");
  if (!form) return;
  event.preventDefault();
  const button = event.submitter;
  const body = new URLSearchParams(new FormData(form));
  if (button && button.name) body.append(button.name, button.value);
  if (button) {
    if (button.getAttribute("aria-busy") === "true") return;
    button.setAttribute("aria-busy", "true");
  }
  sent += 1;
  const action = (button && button.getAttribute("formaction")) || form.action;
  try {
    const response = await fetch(action, { method: "POST", body, headers: { Accept: "text/html" } });
    show(await response.text(), response.url, form.dataset.keep);
  } catch {
    tell("The shop does not answer. Is it still running?");
    if (button) button.removeAttribute("aria-busy");
  }
}

function show(html, url, keep) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const main = document.querySelector("main");
  const fresh = page.querySelector("main");
  const kept = keep && main.querySelector(`[data-keep="${keep}"]`);
  const place = keep && fresh.querySelector(`[data-keep="${keep}"]`);
  if (kept && place) place.replaceWith(kept);
  main.replaceChildren(...fresh.childNodes);
  main.querySelectorAll("[aria-busy]").forEach((button) => button.removeAttribute("aria-busy"));
  document.title = page.title;
  refreshParts(page);
  if (new URL(url).pathname !== location.pathname) history.pushState(null, "", url);
  const messages = main.querySelector("[data-messages]");
  if (messages && messages.children.length) {
    const top = messages.getBoundingClientRect().top;
    if (top < 0) messages.scrollIntoView({ block: "nearest" });
  }
}

function refreshParts(page) {
  for (const part of document.querySelectorAll("[data-live]")) {
    const fresh = page.querySelector(`[data-live="${part.dataset.live}"]`);
    const busy = part.contains(document.activeElement) || part.querySelector("details[open], [aria-busy]");
    if (fresh && !busy && fresh.innerHTML !== part.innerHTML) part.innerHTML = fresh.innerHTML;
  }
}

async function refresh() {
  if (document.hidden || !document.querySelector("[data-live]")) return;
  const before = sent;
  try {
    const response = await fetch(location.href, { headers: { Accept: "text/html" } });
    const html = await response.text();
    if (response.ok && sent === before) refreshParts(new DOMParser().parseFromString(html, "text/html"));
  } catch {
    // The shop is restarting; the next round tries again.
  }
}

function tell(text) {
  const message = document.createElement("p");
  message.className = "message is-trouble";
  message.textContent = text;
  document.querySelector("[data-messages]").replaceChildren(message);
}

// Shopware's cookie consent, as far as scripts see it: a cookie for each that was allowed, and an event.
function askConsent() {
  const box = document.querySelector("[data-consent]");
  if (!box) return;
  box.hidden = document.cookie.includes("cookie-preference=");
  box.addEventListener("click", ({ target }) => {
    if (target.dataset.answer === undefined) return;
    const given = target.dataset.answer === "1";
    document.cookie = "cookie-preference=1;path=/;samesite=lax";
    document.cookie = `${box.dataset.consent}=1;path=/;samesite=lax;max-age=${given ? 2592000 : 0}`;
    box.hidden = true;
    document.dispatchEvent(new CustomEvent("CookieConfiguration_Update", { detail: { [box.dataset.consent]: given } }));
  });
}

askConsent();
document.addEventListener("submit", send);
window.addEventListener("popstate", () => location.reload());
setInterval(refresh, REFRESH_MS);
