// SuiteCommerce: turns the components' events into calls of Companion's script, for logged-in shoppers only.
// Observers must not throw: a failing one breaks the cart. Components differ by application, so each is tested for.
define("Companion.Klaviyo", [], function () {
  "use strict";

  function tell(name, first, second) {
    (window.companion = window.companion || []).push([name, first, second]);
  }

  function quietly(act) {
    return function (given) {
      try {
        act(given);
      } catch (error) {
        tell("log", "error", error);
      }
    };
  }

  function load(address) {
    if (!/^https?:\/\//.test(address) || document.querySelector("script[data-companion-script]")) return;
    var script = document.createElement("script");
    script.src = address;
    script.async = true;
    script.setAttribute("data-companion-script", "");
    document.head.appendChild(script);
  }

  function price(item) {
    return (item.onlinecustomerprice_detail || {}).onlinecustomerprice || item.keyMapping_price;
  }

  // Catalogue ids are internal ids, the matrix parent's for a product.
  function product(item, line) {
    var parent = (item.matrix_parent || {}).internalid;
    return {
      id: String(parent || item.internalid),
      variant_id: String(item.internalid),
      sku: item.itemid || item.keyMapping_sku,
      name: item.storedisplayname2 || item.displayname || item.keyMapping_name,
      price: line ? line.rate : price(item),
      quantity: line && line.quantity,
      url: location.origin + (item.keyMapping_url || "/" + (item.urlcomponent || "")),
      image: (item.keyMapping_thumbnail || {}).url,
    };
  }

  function whole(lines, summary, session) {
    return {
      items: lines.map(function (line) {
        return product(line.item || {}, line);
      }),
      total: summary.total,
      currency: ((session || {}).currency || {}).code,
    };
  }

  function watchProducts(layout, pdp) {
    var last = null;
    function look() {
      var info = pdp.getItemInfo();
      var item = info && info.item;
      var chosen = item && pdp.getSelectedMatrixChilds ? pdp.getSelectedMatrixChilds() : [];
      var shown = item && chosen && chosen.length === 1 ? chosen[0] : item;
      if (shown && shown.internalid !== last) {
        var fact = product(item);
        if (shown !== item) {
          fact.variant_id = String(shown.internalid);
          fact.sku = shown.itemid || shown.keyMapping_sku;
        }
        tell("viewedProduct", fact);
      }
      last = shown ? shown.internalid : null;
    }
    layout.on("afterShowContent", quietly(look));
    pdp.on("afterOptionSelection", quietly(look));
  }

  function watchCart(cart, session) {
    cart.on(
      "afterAddLine",
      quietly(function (given) {
        var line = (given && given.line) || {};
        Promise.all([cart.getLines(), cart.getSummary()]).then(
          quietly(function (found) {
            tell("addedToCart", product(line.item || {}, line), whole(found[0], found[1], session));
          }),
        );
      }),
    );
  }

  function beginCheckout(layout, cart, session) {
    var told = false;
    layout.on(
      "afterShowContent",
      quietly(function () {
        if (told) return;
        told = true;
        Promise.all([cart.getLines(), cart.getSummary()]).then(
          quietly(function (found) {
            if (found[0].length) tell("startedCheckout", whole(found[0], found[1], session));
          }),
        );
      }),
    );
  }

  function begin(container, profile) {
    var part = container.getComponent.bind(container);
    var environment = part("Environment");
    var session = environment && environment.getSession ? environment.getSession() : {};
    var layout = part("Layout");
    var cart = part("Cart");
    tell("identify", {
      email: profile.email,
      first_name: profile.firstname,
      last_name: profile.lastname,
      external_id: String(profile.internalid || ""),
      guest: !!profile.isguest,
    });
    if (layout && part("PDP")) watchProducts(layout, part("PDP"));
    if (cart) watchCart(cart, session);
    if (layout && cart && part("Checkout")) beginCheckout(layout, cart, session);
  }

  return {
    mountToApp: function (container) {
      var environment = container.getComponent("Environment");
      if (!environment || (environment.isPageGenerator && environment.isPageGenerator())) return;
      load(environment.getConfig("companion.script") || "");
      var user = container.getComponent("UserProfile");
      if (!user) return;
      user.getUserProfile().then(
        quietly(function (profile) {
          if (profile && profile.isloggedin && profile.email) begin(container, profile);
        }),
      );
    },
  };
});
