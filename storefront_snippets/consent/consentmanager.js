// consentmanager: a vendor ("s26") or a purpose ("c52") of its answer. Its stub takes listeners from the start; a page
// that loads it late is asked once more when everything is there.
(() => {
  const listen = () => {
    if (!window.__cmp) return;
    for (const event of ["settings", "consent"]) __cmp("addEventListener", [event, consent.update, false], null);
    consent.update();
  };
  consent.check = () => {
    const { vendorConsents, purposeConsents } = window.__cmp?.("getCMPData") || {};
    return { ...vendorConsents, ...purposeConsents }[settings.consent.name];
  };
  window.__cmp ? listen() : addEventListener("load", listen);
})();
