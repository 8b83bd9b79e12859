// Shopware: who is logged in, and what is in the cart. The app's template states where to ask, in
// [data-companion=page]: {cart, home: paths; visitor: a path, for a customer only; currency}.
const page = facts("page") || {};
const json = async (address, method) => (await fetch(address, { method })).json();

// An answer of its own, never kept: the page may come from a cache that knows no customer.
if (page.visitor) who = () => json(page.visitor, "POST");

const cart = async () => {
  const found = await json(page.cart);
  const items = found.lineItems
    .filter((line) => line.type === "product")
    .map((line) => ({
      id: line.payload.parentId || line.referencedId,
      variant_id: line.referencedId,
      sku: line.payload.productNumber,
      name: line.label,
      quantity: line.quantity,
      price: line.price.unitPrice,
      url: `${location.origin}${page.home}detail/${line.referencedId}`,
      image: line.cover?.url,
    }));
  return { items, total: found.price.totalPrice, currency: page.currency };
};
const quantities = ({ items }) => Object.fromEntries(items.map((fact) => [fact.variant_id, fact.quantity]));
