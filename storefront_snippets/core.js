// The runtime that every part leans on. The service wraps all files into one function that runs once a page and hands
// in `settings` and `nonce`. Nothing is thrown into the page, and nothing is asked or kept before consent.
// On `companion`, for parts of their own and for themes:
//
//   settings      {script, url: https://service/snippets/v1/<store>, channel, platform, consent: what its tool calls it,
//                 track: [metrics], identified, untracked, forms, seen, blocks}
//   push([name, …])   identify, viewedProduct, addedToCart, startedCheckout, consent, restore
//   ready(act)    act as soon as klaviyo.js may run: consent is given, or forms without tracking are allowed
//   watch(act)    act now, and whenever the page's elements have changed
//   log(kind, …)  for the overlay of ?companion-debug
//
// Shared by the files of the function: consent {given, check, update}, calls, facts, tell, track, hold, safely, load.
const companion = (window.companion = { settings, said: [] });
const consent = {};
const calls = {};
const held = [];
const waiting = [];
let script, asked, isCustomer, who;

const log = (companion.log = (...said) => companion.said.push(said));

const safely =
  (act) =>
  async (...given) => {
    try {
      return await act(...given);
    } catch (error) {
      log("error", error);
    }
  };

const load = (address) => {
  const element = document.createElement("script");
  element.src = address;
  element.nonce = nonce;
  element.onerror = () => log("blocked", address);
  document.head.append(element);
};

const cookie = (name) => `; ${document.cookie}`.split(`; ${name}=`)[1]?.split(";")[0];

// Which of this host's parents a cookie lies on, no script is told.
const forget = (name) =>
  cookie(name) &&
  ["", ...location.hostname.split(".")].forEach((_, at, parts) => {
    document.cookie = `${name}=;path=/;max-age=0;domain=${parts.slice(at).join(".")}`;
  });

const tell = (...call) => (window.klaviyo || (window._klOnsite ||= [])).push(call);

// Without consent Klaviyo's own switch keeps a script that runs, for forms or still from before, from tracking. A No takes
// away what was kept; that nobody has answered yet, as while a consent tool loads, does not.
consent.update = safely(async () => {
  const before = consent.given, answer = consent.check?.(), given = !!answer;
  if (given === before) return;
  if (before) held.length = 0;
  log("consent", (consent.given = given));
  forget("__kla_off");
  if (before || answer === false) {
    forget("__kla_id");
    delete localStorage["kl-post-identification-sync"];
    delete sessionStorage.companion;
    delete sessionStorage.companionCheckout;
  }
  if (!given && (script || settings.untracked)) document.cookie = "__kla_off=true;path=/";
  await flush();
  if (!script && (consent.given || settings.untracked)) {
    script = 1;
    load(settings.script);
    waiting.forEach((act) => act());
  }
});

companion.ready = (act) => (script ? safely(act)() : waiting.push(safely(act)));

// The customer comes first, even before Klaviyo's script, whose own Active on Site then knows of whom. `who` is an
// adapter's question, asked once a page: {email, …, guest}, or nothing.
const flush = safely(async () => {
  if (!consent.given) return;
  asked ||= safely(async () => who && identify(await who()))();
  await asked;
  if (consent.given) held.splice(0).forEach((act) => act());
});

const hold = (act) => {
  held.push(safely(act));
  return flush();
};

const identify = ({ guest, ...customer }) => {
  if (!consent.given || !/.@./.test(customer.email)) return;
  isCustomer = !guest;
  log("identify", customer);
  tell("identify", customer);
};

calls.identify = (customer) => hold(() => identify(customer));
calls.consent = (given) => consent.update((consent.check = () => given));

const track = (name, told, onlyKnown) =>
  settings.track.includes(name) &&
  hold(() => {
    const send = (known) => {
      log(known ? "sent" : "not sent", name, told);
      if (known) tell("track", name, told);
    };
    const known = !onlyKnown || isCustomer;
    !known && settings.identified ? tell("isIdentified", send) : send(known);
  });

// What the page states in [data-companion=kind]: JSON in a script element, else its data attributes.
const facts = (kind) => {
  const place = document.querySelector(`[data-companion=${kind}]`);
  return place && (place.text ? JSON.parse(place.text) : place.dataset);
};

companion.watch = (act) => {
  let timer;
  const look = () => safely(act)((timer = 0));
  look();
  new MutationObserver(() => (timer ||= setTimeout(look, 60))).observe(document.body, {
    childList: 1,
    subtree: 1,
  });
};
