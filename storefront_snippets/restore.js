// A link with ?companion-cart=… puts its lines into this browser's cart by the shop's own routes. Needs no consent: the
// shopper asked for it; nothing is stored, Klaviyo hears nothing.
{
  const root = window.router?.["frontend.cart.offcanvas"]?.replace("/checkout/offcanvas", "") || "";

  const ask = async (path, options) => {
    const reply = await fetch(companion.url.replace("/snippets/", "/carts/") + path, options);
    const { error, ...told } = await reply.json();
    if (error) throw Error(`${error.field} ${error.message}`);
    return told;
  };

  const adapters = {
    async shopware(lines) {
      const cart = await (await fetch(`${root}/checkout/cart.json`)).json();
      const body = new FormData();
      body.append("redirectTo", "frontend.checkout.cart.page");
      for (const { id, quantity } of lines) {
        if (cart.lineItems.some((line) => line.referencedId === id)) continue;
        const line = { id, referencedId: id, type: "product", quantity, stackable: 1, removable: 1 };
        for (const field in line) body.append(`lineItems[${id}][${field}]`, line[field]);
      }
      await fetch(`${root}/checkout/line-item/add`, { method: "POST", body, redirect: "manual" });
      location.replace(`${root}/checkout/cart`);
    },
  };

  // Started Checkout's CheckoutURL for [{id, quantity}].
  companion.cartLink = async (items) => {
    const body = JSON.stringify({ channel: companion.settings.channel, items, back: `${root}/` });
    return (await ask("", { method: "POST", body })).url;
  };

  const address = new URL(location);
  const token = address.searchParams.get("companion-cart");
  const add = adapters[companion.settings.platform] || companion.restore;
  if (token && add) {
    address.searchParams.delete("companion-cart");
    history.replaceState(history.state, "", address);
    ask(`/${encodeURIComponent(token)}`)
      .then(({ items }) => add(items))
      .catch((error) => companion.log("cart link", error.message));
  }
}
