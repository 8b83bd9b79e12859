// Slots: [data-companion-form] shows the form that the merchant chose for this channel and language. What the theme put
// inside stays until the form is there: where Klaviyo is blocked, nothing is lost.
(function () {
  "use strict";
  const settings = companion.settings;
  const reported = new Set(settings.seen);
  const language = (document.documentElement.lang || "").toLowerCase();
  let first = true;
  let waiting;

  function chosen(slot) {
    const forms = (settings.forms || {})[slot] || {};
    return forms[[language, language.split("-")[0], ""].find((one) => one in forms)];
  }

  // Once a page; places that the service saw today already come with the settings.
  function report(slot) {
    const place = `${slot} ${language}`;
    if (reported.has(place)) return;
    reported.add(place);
    navigator.sendBeacon(`${companion.url}/seen`, JSON.stringify({ slot, channel: settings.channel, language }));
  }

  function fill(slot) {
    const name = slot.dataset.companionForm;
    const form = chosen(name);
    report(name);
    if (slot.dataset.companionShows === (form || "")) return;
    slot.dataset.companionShows = form || "";
    if (!form) return;
    const element = document.createElement("div");
    element.className = `klaviyo-form-${form}`;
    new MutationObserver((_, observer) => {
      observer.disconnect();
      for (const node of [...slot.childNodes]) if (node !== element) node.remove();
    }).observe(element, { childList: true });
    slot.append(element);
    // klaviyo.js looks for its elements when it starts; one that comes later is opened by name if it stays empty.
    if (!first) setTimeout(() => element.isConnected && !element.firstChild && window.klaviyo?.openForm?.(form), 1500);
  }

  function scan() {
    waiting = 0;
    try {
      document.querySelectorAll("[data-companion-form]").forEach(fill);
    } catch (error) {
      companion.log("slot", error);
    }
    first = false;
  }

  companion.ready(() => {
    scan();
    new MutationObserver(() => (waiting = waiting || setTimeout(scan, 60))).observe(document.body, {
      childList: true,
      subtree: true,
    });
  });
})();
