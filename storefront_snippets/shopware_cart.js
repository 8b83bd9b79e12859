// Shopware's cart: what it took. The shop decides that, so the cart is read when the button is pressed, just before the
// form goes out, and again when it has been answered: here, or on the next page.
const adds = (address) => /\/checkout\/(line-item|product)\/add/.test(address);
let pressed;

addEventListener(
  "submit",
  safely(async ({ target }) => {
    if (!consent.given || !adds(target.action)) return;
    pressed ||= JSON.parse(sessionStorage.companion || 0) || cart().then(quantities);
    sessionStorage.companion = JSON.stringify(await pressed);
  }),
  1,
);

const compare = safely(async () => {
  const before = (await pressed) || JSON.parse(sessionStorage.companion || 0);
  pressed = 0;
  delete sessionStorage.companion;
  if (!before) return;
  const now = await cart();
  calls.addedToCart(
    now.items
      .map((fact) => ({ ...fact, quantity: fact.quantity - (before[fact.variant_id] || 0) }))
      .filter((fact) => fact.quantity > 0),
    now,
  );
});

new PerformanceObserver((list) => list.getEntries().some((entry) => adds(entry.name)) && compare()).observe({ type: "resource" });
// What was pressed before the customer was known is compared when the shop has answered it.
hold(() => pressed || compare());
