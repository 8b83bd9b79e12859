// SuiteCommerce's own consent: its cookie holds the shopper's settings in base64, {consentSettings: {ANALYTICAL: …}}. No
// event tells of a change, so it is looked at again whenever the application shows another page.
consent.check = () => {
  const kept = decodeURIComponent(cookie("trackingConsentCookie") || "");
  return kept && /^(true|T|1)$/.test(JSON.parse(atob(kept)).consentSettings?.[settings.consent]);
};
before?.container?.getComponent("Layout")?.on("afterShowContent", consent.update);
