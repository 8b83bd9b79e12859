// consentmanager: a vendor ("s26") or a purpose ("c52") of its answer. Its stub takes listeners from the start; a page
// that loads it late is asked once more when everything is there. Not at once: first all parts have to be there.
{
  const listen = () => {
    for (const event of ["settings", "consent"]) window.__cmp?.("addEventListener", [event, consent.update, false], null);
    consent.update();
  };
  consent.check = () => {
    const found = window.__cmp?.("getCMPData");
    return { ...found?.vendorConsents, ...found?.purposeConsents }[settings.consent];
  };
  setTimeout(listen);
  addEventListener("load", listen);
}
