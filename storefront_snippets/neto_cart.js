// Neto's cart: what it took, told by the platform's own callbacks, which run once it has answered. Its script empties
// their lists as it loads, so they are entered when the page is there. Prices may come with a currency sign.
const money = (text) => `${text}`.replace(/[^\d.-]/g, "");
const fact = (item) => {
  const { parent_sku, sku = item.SKU || parent_sku } = item;
  return {
    id: parent_sku || sku,
    sku,
    name: item.name || item.model,
    brand: item.brand,
    quantity: item.qty,
    price: money(item.price),
    url: absolute(item.producturl),
    image: absolute(item.image || item.thumb),
    categories: item.category_fullname,
  };
};
const listen = (list, added) =>
  window[list]?.push(
    safely(() => {
      const items = Object.values($.getCartCache()).filter((item) => item.qty).map(fact);
      const total = items.reduce((sum, { price, quantity }) => sum + price * quantity, 0).toFixed(2);
      calls.addedToCart([$[added]()].flat().map(fact), { items, total, currency });
    }),
  );

listen("nAddItemCallbacks", "getLastItemAdded");
listen("nAddMultiItemsCallbacks", "getLastItemsAdded");
