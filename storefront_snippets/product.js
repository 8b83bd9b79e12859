// Viewed Product: what the page states about its product, and again when a variant is chosen.
let viewed;

calls.viewedProduct = (fact) => {
  const { Price, CompareAtPrice, Brand, ...told } = product(fact);
  track("Viewed Product", { ...told, Brand, Price, CompareAtPrice, $value: Price });
  hold(() =>
    tell("trackViewedItem", {
      Title: fact.name,
      ItemId: fact.id,
      Categories: fact.categories,
      ImageUrl: fact.image,
      Url: fact.url,
      Metadata: { Price, CompareAtPrice, Brand },
    }),
  );
};

companion.watch(() => {
  const fact = facts("product") || calls.described?.() || {};
  const key = fact.variant_id || fact.id;
  if (key && key !== viewed) calls.viewedProduct(fact);
  viewed = key;
});
