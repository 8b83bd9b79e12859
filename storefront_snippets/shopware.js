// Shopware: who is logged in, and what the cart took. The app's template states where to ask, in
// [data-companion=page]: {cart, home: paths; visitor: a path, for a customer only; currency}.
const page = facts("page") || {};
const json = async (address, method) => (await fetch(address, { method })).json();
const isAdding = (address) => /\/checkout\/(line-item|product)\/add/.test(address);
let pressed;

companion.back = page.home;

// An answer of its own, never kept: the page may come from a cache that knows no customer.
if (page.visitor) who = () => json(page.visitor, "POST");

const cart = async () => {
  const { lineItems, price } = await json(page.cart);
  const items = lineItems
    .filter((line) => line.type === "product")
    .map(({ referencedId, label, quantity, price, cover, payload }) => ({
      id: payload.parentId || referencedId,
      variant_id: referencedId,
      sku: payload.productNumber,
      name: label,
      quantity,
      price: price.unitPrice,
      url: `${location.origin}${page.home}detail/${referencedId}`,
      image: cover?.url,
    }));
  return { items, total: price.totalPrice, currency: page.currency };
};
const quantities = ({ items }) => Object.fromEntries(items.map((fact) => [fact.variant_id, fact.quantity]));

// The shop decides what it takes, so the cart is read when the button is pressed, just before the form goes out, and
// again when it has been answered: here, or on the next page.
addEventListener(
  "submit",
  safely(async ({ target }) => {
    if (!consent.given || !isAdding(target.action)) return;
    pressed = pressed || cart().then(quantities);
    sessionStorage.companion = JSON.stringify(await pressed);
  }),
  true,
);

const compare = safely(async () => {
  const before = pressed ? await pressed : sessionStorage.companion && JSON.parse(sessionStorage.companion);
  pressed = 0;
  delete sessionStorage.companion;
  if (!before) return;
  const now = await cart();
  const added = now.items.map((fact) => ({ ...fact, quantity: fact.quantity - (before[fact.variant_id] || 0) }));
  calls.addedToCart(
    added.filter((fact) => fact.quantity > 0),
    now,
  );
});

new PerformanceObserver((list) => list.getEntries().some((entry) => isAdding(entry.name)) && compare()).observe({ type: "resource" });
hold(compare);
