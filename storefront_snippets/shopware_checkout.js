// Shopware's checkout: its cart, once for each state of the cart.
hold(async () => {
  const found = await cart();
  const state = JSON.stringify(quantities(found));
  if (stored.companionCheckout !== state) companion.do.startedCheckout(found);
  stored.companionCheckout = state;
});
