// SuiteCommerce's checkout: its cart, once for each state of the cart.
hold(async () => {
  const found = component("Cart") && (await cart());
  const state = JSON.stringify(found?.items.map((fact) => [fact.variant_id, fact.quantity]) || []);
  if (state !== "[]" && sessionStorage.companionCheckout !== state) calls.startedCheckout(found);
  sessionStorage.companionCheckout = state;
});
