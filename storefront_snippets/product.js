// Viewed Product: what the page states about its product, again when a variant is chosen.
// A fact: {id, variant_id, sku, name, brand, price, compare_at, url, image, categories}; so in carts, with quantity and
// total. The names in Klaviyo are those of mappings/dialects.py and of the earlier plugin; what is empty is left out.
// Neto's cart tells "$1,019.95".
const number = (value) => (value?.replace ? parseFloat(value.replace(/[^\d.-]/g, "")) : value);
const filled = (values) => Object.fromEntries(Object.entries(values).filter(([, value]) => value || value === 0));
const common = (fact) => ({
  ProductName: fact.name,
  ProductID: fact.id,
  VariantID: fact.variant_id,
  SKU: fact.sku,
  Categories: fact.categories,
  ImageURL: fact.image,
  Brand: fact.brand,
});
const product = (fact) => filled({ ...common(fact), URL: fact.url, Price: number(fact.price), CompareAtPrice: number(fact.compare_at) });
let viewed;

companion.do.viewedProduct = (fact) => {
  const { Brand, Price, CompareAtPrice, ...rest } = product(fact);
  companion.track("Viewed Product", { ...rest, Brand, Price, CompareAtPrice, $value: Price });
  hold(() => companion.tell("trackViewedItem", {
    Title: fact.name,
    ItemId: fact.id,
    Categories: fact.categories,
    ImageUrl: fact.image,
    Url: fact.url,
    Metadata: { Brand, Price, CompareAtPrice },
  }));
};

companion.watch(() => {
  const fact = companion.facts("product") || companion.described?.();
  const key = fact && (fact.variant_id || fact.id);
  if (key && key !== viewed) companion.do.viewedProduct(fact);
  viewed = key;
});
