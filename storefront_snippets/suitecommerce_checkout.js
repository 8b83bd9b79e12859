// SuiteCommerce's checkout: its cart, once for each state of the cart. Without a link, since no route of the shop's own
// would rebuild the cart from one.
hold(async () => {
  const found = component("Cart") && (await cart());
  const state = JSON.stringify(found?.items.map((fact) => [fact.variant_id, fact.quantity]) || []);
  if (state !== "[]" && sessionStorage.companionCheckout !== state) track("Started Checkout", whole(found));
  sessionStorage.companionCheckout = state;
});
