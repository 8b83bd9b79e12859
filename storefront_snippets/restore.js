// Carts: a link with ?companion-cart=… puts its lines into this browser's cart, by the shop's own routes, and shows it.
// Runs without consent, because the shopper asked for it by the link; it stores nothing and tells Klaviyo nothing.
(function () {
  "use strict";
  const NAME = "companion-cart";
  const root = ((window.router || {})["frontend.cart.offcanvas"] || "").replace(/\/checkout\/offcanvas$/, "");

  const adapters = {
    async shopware(lines) {
      const cart = await (await fetch(`${root}/checkout/cart.json`)).json();
      const held = new Set((cart.lineItems || []).map((line) => line.referencedId));
      const body = new FormData();
      for (const { id, quantity } of lines.filter((line) => !held.has(line.id))) {
        const line = { id, referencedId: id, type: "product", quantity, stackable: 1, removable: 1 };
        for (const field in line) body.append(`lineItems[${id}][${field}]`, line[field]);
      }
      body.append("redirectTo", "frontend.checkout.cart.page");
      await fetch(`${root}/checkout/line-item/add`, { method: "POST", body, redirect: "manual" });
      location.replace(`${root}/checkout/cart`);
    },
  };

  async function answer(path, options) {
    const reply = await fetch(companion.url.replace("/snippets/", "/carts/") + path, options);
    const told = await reply.json();
    if (!reply.ok) throw new Error(`${told.error.field} ${told.error.message}`);
    return told;
  }

  // For Started Checkout: the address that rebuilds these lines on another device, [{id, quantity}].
  companion.cartLink = async (items) => {
    const body = JSON.stringify({ channel: companion.settings.channel, items, back: `${root}/` });
    return (await answer("", { method: "POST", body })).url;
  };

  const address = new URL(location.href);
  const token = address.searchParams.get(NAME);
  if (!token) return;
  address.searchParams.delete(NAME);
  history.replaceState(history.state, "", address);
  const add = companion.restore || adapters[companion.settings.platform];
  if (add) {
    answer(`/${encodeURIComponent(token)}`)
      .then(({ items }) => add(items))
      .catch((error) => companion.log("cart link", error));
  }
})();
