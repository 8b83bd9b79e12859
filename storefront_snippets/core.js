// The runtime that every part leans on. The service wraps all files into one function that runs once a page and hands
// in `settings` and `nonce`; parts share `companion` and nothing else. Nothing is thrown into the page.
//
//   settings      {key, script, url, channel, platform, consent: {mode, name}, track: [metrics], identified,
//                 untracked, forms, seen}
//   url           https://service/snippets/v1/<store>
//   ready(act)    act as soon as klaviyo.js may run: consent is given, or forms without tracking are allowed
//   consent       {given, onchange(act)}; a mode sets `check` and calls `update` whenever its answer may be another
//   watch(act)    act now, whenever the page's elements have changed, and with true when the page is shown again
//   facts(kind)   what the page states in [data-companion=kind]: JSON in a script element, else its data attributes
//   track(metric, properties, onlyKnown)   tell Klaviyo once consent and customer are known
//   log(kind, detail)   for the overlay of ?companion-debug
const companion = (window.companion = { settings, url: settings.url, said: [], held: [], do: {} });
const consent = (companion.consent = {});
const { held } = companion;
const waiting = [];
let script, asked;

const log = (companion.log = (...said) => {
  companion.said.push(said);
  companion.shown?.();
});

const safely = (act) => async (...given) => {
  try {
    return await act(...given);
  } catch (error) {
    log("error", error);
  }
};

companion.load = (address) => {
  const element = document.createElement("script");
  element.src = address;
  element.nonce = nonce;
  element.onerror = () => log("blocked", address);
  return document.head.appendChild(element);
};

companion.cookie = (name) => `; ${document.cookie}`.split(`; ${name}=`)[1]?.split(";")[0];

// Which of this host's parents a cookie lies on, no script is told.
const forget = (name) =>
  companion.cookie(name) &&
  ["", ...location.hostname.split(".")].forEach((_, at, parts) => {
    document.cookie = `${name}=;path=/;max-age=0;domain=${parts.slice(at).join(".")}`;
  });

companion.tell = (...call) => (window.klaviyo || (window._klOnsite = window._klOnsite || [])).push(call);

// Without consent Klaviyo's own switch keeps a script that runs, for forms or still from before, from tracking.
consent.update = safely(() => {
  const given = !!consent.check();
  if (given === consent.given) return;
  if (consent.given) held.length = 0;
  log("consent", (consent.given = given));
  forget("__kla_off");
  if (!given) {
    forget("__kla_id");
    delete localStorage["kl-post-identification-sync"];
    delete sessionStorage.companion;
    if (script || settings.untracked) document.cookie = "__kla_off=true;path=/";
  }
  if (!script && settings.key && (given || settings.untracked)) {
    script = companion.load(settings.script);
    waiting.forEach((act) => act());
  }
  flush();
});

companion.ready = (act) => (script ? safely(act)() : waiting.push(safely(act)));

// The customer comes first. `who` is an adapter's question, asked once a page: {email, …, guest}, or nothing.
const flush = safely(async () => {
  if (!consent.given) return;
  asked = asked || safely(async () => companion.who && identify(await companion.who()))();
  await asked;
  if (consent.given) held.splice(0).forEach((act) => act());
});

const hold = (act) => {
  held.push(safely(act));
  flush();
};

const identify = ({ guest, ...customer }) => {
  if (!/^\S+@\S+$/.test(customer.email)) return;
  companion.customer = !guest;
  log("identify", customer);
  companion.tell("identify", customer);
};

companion.track = (metric, properties, onlyKnown) =>
  settings.track.includes(metric) &&
  hold(() => {
    const send = (known) => {
      log(known ? "sent" : "nobody is known", metric, properties);
      if (known) companion.tell("track", metric, properties);
    };
    onlyKnown && !companion.customer && settings.identified
      ? companion.tell("isIdentified", send)
      : send(!onlyKnown || companion.customer);
  });

companion.do.identify = (customer) => hold(() => identify(customer));
companion.do.consent = (given) => consent.update((consent.check = () => given));

companion.facts = (kind) => {
  const place = document.querySelector(`[data-companion=${kind}]`);
  return place && (place.text ? JSON.parse(place.text) : place.dataset);
};

companion.watch = (act) => {
  let timer;
  const look = () => safely(act)((timer = 0));
  look();
  new MutationObserver(() => (timer = timer || setTimeout(look, 60))).observe(document.body, {
    childList: true,
    subtree: true,
  });
};
