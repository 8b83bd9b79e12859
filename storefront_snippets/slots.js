// Fills [data-companion-form] with the chosen form; what the theme put inside stays until Klaviyo's form is there.
{
  const { forms, seen = [], channel } = settings;
  const language = document.documentElement.lang.toLowerCase();
  let late;

  const fill = (slot) => {
    const name = slot.dataset.companionForm;
    const found = forms[name] || {};
    const form = found[language] ?? found[language.split("-")[0]] ?? found[""];
    const place = `${name} ${language}`;
    if (!seen.includes(place)) {
      seen.push(place);
      navigator.sendBeacon(`${settings.url}/seen`, JSON.stringify({ slot: name, channel, language }));
    }
    if (!form || slot.querySelector(`.klaviyo-form-${form}`)) return;
    const element = document.createElement("div");
    element.className = `klaviyo-form-${form}`;
    new MutationObserver((_, observer) => {
      observer.disconnect();
      slot.replaceChildren(element);
    }).observe(element, { childList: 1 });
    slot.append(element);
    log("slot", { name, form });
    // klaviyo.js may not notice an element that comes late.
    if (late) setTimeout(() => element.firstChild || window.klaviyo?.openForm?.(form), 1500);
  };

  companion.ready(() =>
    companion.watch(() => {
      document.querySelectorAll("[data-companion-form]").forEach(fill);
      late = true;
    }),
  );
}
