// Cookiebot: a category of its answer, marketing unless the merchant says otherwise.
consent.check = () => window.Cookiebot?.consent?.[settings.consent];
for (const event of ["ConsentReady", "Accept", "Decline"]) addEventListener("CookiebotOn" + event, consent.update);
