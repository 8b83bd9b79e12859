// Added to Cart: what the shop took, and the whole cart: {items: [facts], total, currency}.
const whole = ({ items, total, currency }) => ({
  $value: number(total),
  Currency: currency,
  ItemNames: items.map((fact) => fact.name),
  Items: items.map((fact) =>
    filled({
      ...common(fact),
      ProductURL: fact.url,
      Quantity: number(fact.quantity),
      ItemPrice: number(fact.price),
      RowTotal: number(fact.price) * fact.quantity,
    }),
  ),
});

companion.do.addedToCart = (added, cart) =>
  [added].flat().forEach((fact) =>
    companion.track("Added to Cart", { ...whole(cart), ...product(fact), Quantity: number(fact.quantity) }, true),
  );
