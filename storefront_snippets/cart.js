// A cart, {items: [facts], total, currency}, under its names in Klaviyo.
const whole = ({ items, total, currency }) => ({
  $value: +total,
  Currency: currency,
  ItemNames: items.map((fact) => fact.name),
  Items: items.map((fact) =>
    filled({
      ...common(fact),
      ProductURL: fact.url,
      ItemPrice: +fact.price,
      RowTotal: +(fact.price * fact.quantity).toFixed(2),
    }),
  ),
});
