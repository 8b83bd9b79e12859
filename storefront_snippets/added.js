// Added to Cart: what the shop took, and the whole cart.
calls.addedToCart = (added, cart) =>
  [added].flat().forEach((fact) => track("Added to Cart", { ...whole(cart), ...product(fact) }, true));
