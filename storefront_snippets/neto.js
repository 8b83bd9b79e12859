// Neto: who is logged in, from the Page Header's holder, and what its Ajax cart took, from its own callbacks.
// [data-companion=page] has email, username, first_name, last_name, currency; a guest's username is "noreg".
const page = facts("page") || {};
// Its cart writes "$1,019.95".
const money = (text) => parseFloat(`${text}`.replace(/[^\d.-]/g, ""));

if (page.username && page.username !== "noreg") {
  who = () => ({ email: page.email || page.username, first_name: page.first_name, last_name: page.last_name });
}

const fact = (item) => ({
  id: item.parent_sku || item.SKU || item.sku,
  variant_id: item.SKU || item.sku,
  sku: item.SKU || item.sku,
  name: item.model || item.name,
  brand: item.brand,
  price: money(item.price),
  quantity: item.qty,
  url: item.producturl,
  image: item.image || item.thumb,
});

// The bundle in the footer resets these lists when it loads; a script that throws here would break the cart's pop-up.
const listen = safely(() => {
  const { $ } = window;
  const told = (last) =>
    safely(() => {
      const items = [$.getCartCache()].flat().filter(Boolean).map(fact);
      const total = items.reduce((sum, one) => sum + one.price * one.quantity, 0);
      calls.addedToCart([$[last]()].flat().map(fact), { items, total: total.toFixed(2), currency: page.currency });
    });
  if (!$?.getLastItemAdded) return;
  window.nAddItemCallbacks?.push(told("getLastItemAdded"));
  window.nAddMultiItemsCallbacks?.push(told("getLastItemsAdded"));
});
document.readyState === "complete" ? listen() : addEventListener("load", listen);

// The checkout's pages print the cart into the Page Footer's holder, once for each state of the cart.
const printed = document.querySelector("[data-companion=cart]");
if (printed && page.type === "checkout" && printed.children[0]) {
  hold(() => {
    const items = [...printed.children].map(({ dataset }) => ({ ...dataset, price: money(dataset.price) }));
    const state = JSON.stringify(items.map((item) => [item.sku, item.quantity]));
    if (sessionStorage.companionCheckout === state) return;
    sessionStorage.companionCheckout = state;
    calls.startedCheckout({ items, total: money(printed.dataset.total), currency: page.currency });
  });
}
