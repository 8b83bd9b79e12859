// What a theme of its own does, and where it calls Companion. The cart, the consent and the customer are the theme's: here
// they last as long as the tab.
const companion = (window.companion = window.companion || []);
const kept = (name, value) => {
  if (value !== undefined) sessionStorage.setItem(name, JSON.stringify(value));
  return JSON.parse(sessionStorage.getItem(name));
};
const goods = {
  "mug-red": { id: "mug", variant_id: "mug-red", sku: "MUG-R", name: "Mug", brand: "Birkhahn", price: 12.5, categories: ["Pottery"] },
  "mug-blue": { id: "mug", variant_id: "mug-blue", sku: "MUG-B", name: "Mug", brand: "Birkhahn", price: 13, categories: ["Pottery"] },
};
const cart = () => {
  const items = Object.entries(kept("cart") || {}).map(([id, quantity]) => ({ ...goods[id], quantity }));
  return { items, total: items.reduce((sum, item) => sum + item.price * item.quantity, 0), currency: "EUR" };
};
const add = (id, quantity) => {
  const lines = kept("cart") || {};
  kept("cart", { ...lines, [id]: (lines[id] || 0) + quantity });
};
const by = (id) => document.getElementById(id);

// Consent: asked once, told on every page.
const ask = () => {
  const bar = document.createElement("aside");
  bar.innerHTML = "<p>May we tell our mailing service what you look at?</p> <button>Yes</button> <button>No</button>";
  bar.addEventListener("click", ({ target }) => {
    if (target.tagName !== "BUTTON") return;
    companion.push(["consent", kept("consent", target.textContent === "Yes")]);
    bar.remove();
  });
  document.body.append(bar);
};
if (kept("consent") === null) ask();
else companion.push(["consent", kept("consent")]);

// The customer, before anything of hers.
if (kept("customer")) companion.push(["identify", kept("customer")]);
by("log-in")?.addEventListener("submit", (event) => {
  event.preventDefault();
  companion.push(["identify", kept("customer", { email: event.target.email.value })]);
});

// Another variant is another text in the page.
by("colour")?.addEventListener("change", ({ target }) => {
  document.querySelector("[data-companion=product]").textContent = JSON.stringify(goods[`mug-${target.value}`]);
});

// Told when the cart has taken it, with the whole cart.
by("buy")?.addEventListener("click", () => {
  const id = `mug-${by("colour").value}`;
  add(id, 1);
  companion.push(["addedToCart", { ...goods[id], quantity: 1 }, cart()]);
  by("bought").textContent = "It is in your cart.";
});

// The checkout tells its cart; a link in a mail brings it back by `restore`, here or on another device.
companion.push([
  "restore",
  (items) => {
    for (const { id, quantity } of items) if (goods[id] && !(kept("cart") || {})[id]) add(id, quantity);
    location.href = "checkout.html";
  },
]);
if (by("lines") && cart().items.length) {
  const { items, total } = cart();
  by("lines").append(
    ...items.map(({ name, sku, quantity }) => Object.assign(document.createElement("li"), { textContent: `${quantity} × ${name} (${sku})` })),
  );
  by("total").textContent = `Together €${total.toFixed(2)}`;
  companion.push(["startedCheckout", { ...cart(), back: location.pathname.replace(/[^/]*$/, "index.html") }]);
}

// A form in what comes later works as well.
by("open-menu")?.addEventListener("click", () => {
  by("menu").innerHTML = '<h2>Menu</h2><div data-companion-form="menu">No form is assigned to this slot yet.</div>';
});
