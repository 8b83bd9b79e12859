// Facts of products, as pages state them, under their names in Klaviyo: those of mappings/dialects.py and of the earlier
// plugin. A fact: {id, variant_id, sku, name, brand, price, compare_at, url, image, categories}, in carts with quantity.
// What is empty is left out.
const filled = (values) => Object.fromEntries(Object.entries(values).filter(([, value]) => value || value === 0));
const common = (fact) => ({
  ProductName: fact.name,
  ProductID: fact.id,
  VariantID: fact.variant_id,
  SKU: fact.sku,
  Categories: fact.categories,
  ImageURL: fact.image,
  Brand: fact.brand,
  Quantity: +fact.quantity,
});
const product = (fact) =>
  filled({ ...common(fact), URL: fact.url, Price: +fact.price, CompareAtPrice: +fact.compare_at });
