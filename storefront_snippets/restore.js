// A link with ?companion-cart=… puts its lines into this browser's cart by the shop's own routes. Loaded for such links
// only. Needs no consent: the shopper asked for it; nothing is stored, Klaviyo hears nothing.
{
  // A theme may have a constant of that name.
  const { companion } = window;
  const root = window.router?.["frontend.cart.offcanvas"]?.replace("/checkout/offcanvas", "") || "";

  const adapters = {
    async shopware(wanted) {
      const cart = await (await fetch(`${root}/checkout/cart.json`)).json();
      const body = new FormData();
      body.append("redirectTo", "frontend.checkout.cart.page");
      for (const { id, quantity } of wanted) {
        if (cart.lineItems.some((line) => line.referencedId === id)) continue;
        const line = { id, referencedId: id, type: "product", quantity, stackable: 1, removable: 1 };
        for (const field in line) body.append(`lineItems[${id}][${field}]`, line[field]);
      }
      await fetch(`${root}/checkout/line-item/add`, { method: "POST", body, redirect: "manual" });
      location.replace(`${root}/checkout/cart`);
    },

    async netsuite(wanted) {
      const component = (name) => companion.container.getComponent(name);
      const lines = await component("Cart").getLines();
      companion.restores = true;
      for (const { id, quantity } of wanted) {
        if (lines.some(({ item }) => `${item.internalid}` === id)) continue;
        const added = component("Cart").addLine({ line: { quantity, item: { internalid: +id } } });
        await Promise.resolve(added).catch((error) => companion.log("cart link", id, error.message));
      }
      location.replace(component("Environment").getSession().touchpoints?.viewcart || "/cart");
    },
  };

  const lines = async (token) => {
    const reply = await fetch(`${companion.settings.url.replace("/snippets/", "/carts/")}/${encodeURIComponent(token)}`);
    const { error, items } = await reply.json();
    if (error) throw Error(`${error.field} ${error.message}`);
    return items;
  };

  const address = new URL(location);
  const token = address.searchParams.get("companion-cart");
  if (token) {
    address.searchParams.delete("companion-cart");
    history.replaceState(history.state, "", address);
    lines(token)
      .then((found) => (companion.restore || adapters[companion.settings.platform])(found))
      .catch((error) => companion.log("cart link", error.message));
  }
}
