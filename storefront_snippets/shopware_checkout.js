// Shopware's checkout: its cart, once for each state of the cart.
companion.back = page.home;

hold(async () => {
  const found = await cart();
  const state = JSON.stringify(quantities(found));
  if (sessionStorage.companionCheckout !== state) calls.startedCheckout(found);
  sessionStorage.companionCheckout = state;
});
