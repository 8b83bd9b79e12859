// Google Consent Mode: what pages and consent tools tell the data layer by gtag("consent", …), before and after.
{
  const layer = (window.dataLayer ||= []);
  const push = layer.push;
  let given;
  const hear = (told) => {
    const said = told?.[0] === "consent" && told[2]?.[settings.consent];
    if (said) given = said === "granted";
  };
  consent.check = () => given;
  layer.forEach(hear);
  layer.push = (...told) => {
    told.forEach(hear);
    consent.update();
    return push.apply(layer, told);
  };
}
