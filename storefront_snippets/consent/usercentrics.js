// Usercentrics: a service of its answer by name, in version 2 (UC_UI) and 3 (__ucCmp), whose events tell of changes.
{
  const named = ({ name }) => name === settings.consent;
  let given;
  consent.check = () => (window.UC_UI?.isInitialized?.() ? UC_UI.getServicesBaseInfo().find(named)?.consent.status : given);
  const ask = safely(async () => {
    const found = await window.__ucCmp?.getConsentDetails();
    given = Object.values(found?.services || {}).find(named)?.consent.given;
    consent.update();
  });
  for (const event of ["UC_UI_INITIALIZED", "UC_UI_CMP_EVENT", "UC_CONSENT"]) addEventListener(event, ask);
  ask();
}
