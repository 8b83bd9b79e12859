// Shopware: who is logged in, and what is in the cart. The app's template states where to ask, in
// [data-companion=page]: {cart, home: paths; visitor: a path, for a customer only; currency}.
const page = facts("page") || {};
const json = async (address, method) => (await fetch(address, { method })).json();

// An answer of its own, never kept: the page may come from a cache that knows no customer.
if (page.visitor) who = () => json(page.visitor, "POST");

const cart = async () => {
  const found = await json(page.cart);
  const items = found.lineItems
    .filter(({ type }) => type === "product")
    .map(({ payload, referencedId: variant_id, label: name, quantity, price, cover }) => ({
      id: payload.parentId || variant_id,
      variant_id,
      sku: payload.productNumber,
      name,
      quantity,
      price: price.unitPrice,
      url: `${location.origin}${page.home}detail/${variant_id}`,
      image: cover?.url,
    }));
  return { items, total: found.price.totalPrice, currency: page.currency };
};
const quantities = ({ items }) => Object.fromEntries(items.map((fact) => [fact.variant_id, fact.quantity]));
