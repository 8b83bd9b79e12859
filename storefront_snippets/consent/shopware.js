// Shopware's own cookie consent: the app registers the cookie, the shop sets and removes it.
consent.check = () => cookie(settings.consent) === "1";
document.addEventListener("CookieConfiguration_Update", () => setTimeout(consent.update));
