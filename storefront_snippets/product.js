// Viewed Product: what the page states about its product, and again when a variant is chosen.
let viewed;

calls.viewedProduct = (fact) => {
  const told = product(fact);
  track("Viewed Product", { ...told, $value: told.Price }) &&
    hold(() =>
      tell("trackViewedItem", {
        Title: fact.name,
        ItemId: fact.id,
        Categories: fact.categories,
        ImageUrl: fact.image,
        Url: fact.url,
        Metadata: told,
      }),
    );
};

companion.watch(() => {
  const fact = facts("product") || calls.described?.() || {};
  const key = fact.variant_id || fact.id;
  if (key && key !== viewed) calls.viewedProduct(fact);
  viewed = key;
});
