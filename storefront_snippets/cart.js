// Added to Cart: what the shop took, and the whole cart: {items: [facts], total, currency}.
const whole = ({ items, total, currency }) => ({
  $value: +total,
  Currency: currency,
  ItemNames: items.map((fact) => fact.name),
  Items: items.map((fact) =>
    filled({
      ...common(fact),
      ProductURL: fact.url,
      Quantity: +fact.quantity,
      ItemPrice: +fact.price,
      RowTotal: +(fact.price * fact.quantity).toFixed(2),
    }),
  ),
});

calls.addedToCart = (added, cart) =>
  [added].flat().forEach((fact) => track("Added to Cart", { ...whole(cart), ...product(fact), Quantity: +fact.quantity }, true));
