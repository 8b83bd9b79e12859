// Started Checkout, with a link that rebuilds the cart on another device; without the link where none can be had.
companion.do.startedCheckout = async (cart) => {
  const items = cart.items.map(({ id, variant_id, quantity }) => ({ id: variant_id || id, quantity: number(quantity) }));
  const body = JSON.stringify({ channel: settings.channel, items });
  const link = await safely(() => fetch(companion.url.replace("/snippets/", "/carts/"), { method: "POST", body }).then((answer) => answer.json()))();
  companion.track("Started Checkout", filled({ ...whole(cart), CheckoutURL: link?.url }));
};
