// Shopware's checkout: its cart, once for each state of the cart.
hold(async () => {
  const found = await cart();
  const state = JSON.stringify(quantities(found));
  if (sessionStorage.companionCheckout !== state) calls.startedCheckout({ ...found, back: page.home });
  sessionStorage.companionCheckout = state;
});
