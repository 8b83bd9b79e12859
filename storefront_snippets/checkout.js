// Started Checkout, once for each state of the cart in a tab, with a link that rebuilds it on another device; without the
// link where none can be had.
calls.startedCheckout = (cart) =>
  hold(async () => {
    const items = cart.items.map((fact) => ({ id: fact.variant_id || fact.id, quantity: +fact.quantity }));
    const state = JSON.stringify(items);
    if (!items[0] || sessionStorage.companionCheckout === state) return;
    sessionStorage.companionCheckout = state;
    const body = JSON.stringify({ channel: settings.channel, items, back: cart.back });
    const ask = async () => (await fetch(settings.url.replace("/snippets/", "/carts/"), { method: "POST", body })).json();
    const link = await safely(ask)();
    track("Started Checkout", filled({ ...whole(cart), CheckoutURL: link?.url }));
  });
