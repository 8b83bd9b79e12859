// Stands in for klaviyo.js: the same calls, the same cookie, and a report of each to the simulator.
// Loaded twice it would double forms, as the real one does; so it counts its loads.
(({ account, origin, forms }) => {
  const OFF = /(?:^|; )__kla_off=true/;
  const KNOWN = /(?:^|; )__kla_id=([^;]*)/;

  window.__klaviyoLoads = (window.__klaviyoLoads || 0) + 1;

  const known = () => {
    const found = KNOWN.exec(document.cookie);
    return found ? JSON.parse(atob(decodeURIComponent(found[1]))) : {};
  };
  const isOff = () => OFF.test(document.cookie);

  function report(method, args, outcome) {
    const made = performance.timeOrigin + performance.now();
    const call = { account, method, args, page: location.href, person: known().$email || "", outcome, made };
    fetch(`${origin}/onsite/told`, { method: "POST", body: JSON.stringify(call), keepalive: true });
  }

  function send(metric, properties) {
    const attributes = {
      properties,
      metric: { data: { type: "metric", attributes: { name: metric } } },
      profile: { data: { type: "profile", attributes: { email: known().$email } } },
    };
    if (typeof properties.$value === "number") attributes.value = properties.$value;
    fetch(`${origin}/client/events?company_id=${account}`, {
      method: "POST",
      headers: { "Content-Type": "application/vnd.api+json", revision: "2026-07-15" },
      body: JSON.stringify({ data: { type: "event", attributes } }),
      keepalive: true,
    });
  }

  const methods = {
    identify(properties) {
      if (isOff()) return report("identify", [properties], "off");
      const cookie = btoa(JSON.stringify({ ...known(), $email: properties.email || properties.$email }));
      document.cookie = `__kla_id=${encodeURIComponent(cookie)};path=/;max-age=63072000;samesite=lax`;
      report("identify", [properties], "kept");
      return properties;
    },
    track(metric, properties = {}) {
      const outcome = isOff() ? "off" : known().$email ? "kept" : "lost";
      report("track", [metric, properties], outcome);
      if (outcome === "kept") send(metric, properties);
      return true;
    },
    trackViewedItem(item) {
      report("trackViewedItem", [item], isOff() ? "off" : known().$email ? "kept" : "lost");
    },
    isIdentified: () => Boolean(known().$email),
    account: () => account,
    openForm(id) {
      document.querySelectorAll(`.klaviyo-form-${id}:empty`).forEach((element) => show(element, id));
    },
  };

  function perform([method, ...args]) {
    const callback = typeof args.at(-1) === "function" ? args.pop() : undefined;
    const result = methods[method]?.(...args);
    callback?.(result);
    return Promise.resolve(result);
  }

  function show(element, id) {
    if (!(id in forms)) return;
    const form = document.createElement("form");
    const label = document.createElement("label");
    const address = document.createElement("input");
    label.textContent = `${forms[id]} `;
    address.type = "email";
    address.placeholder = "you@shop-customer.net";
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      methods.identify({ email: address.value });
      form.textContent = "Thank you.";
    });
    label.append(address);
    form.append(label);
    element.append(form);
  }

  const early = Array.isArray(window._klOnsite) ? window._klOnsite : [];
  window.klaviyo = { push: perform };
  for (const method of Object.keys(methods)) window.klaviyo[method] = (...args) => perform([method, ...args]);
  early.forEach(perform);
  window._klOnsite = { push: perform };
  if (known().$email && !isOff()) methods.track("Active on Site", { page: location.href });
  for (const element of document.querySelectorAll("[class*=klaviyo-form-]")) {
    if (!element.firstElementChild) show(element, /klaviyo-form-(\w+)/.exec(element.className)[1]);
  }
})(__GIVEN__);
