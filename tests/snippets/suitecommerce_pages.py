"""A page of SuiteCommerce's application with our extension in it: AMD, and components that answer as documented.

The shopper goes from page to page by `go`, which shows what is under its path, and chooses by `choose`.
Source: Oracle, Extensibility API reference; an account's recorded component data.
"""

import json
from collections.abc import Sequence
from typing import Any, Final

from companion.snippets.bundle import SOURCES

ENTRY: Final = "Modules/Companion/JavaScript/Companion.Klaviyo.js"
KIM: Final = {
    "isloggedin": True,
    "internalid": "1107",
    "email": "kim@shop-customer.net",
    "firstname": "Kim",
    "lastname": "Larsson",
}
NOBODY: Final = {"isloggedin": False, "email": "", "firstname": "", "lastname": ""}
TEE: Final = {
    "internalid": 700,
    "itemid": "TEE",
    "storedisplayname2": "Organic Tee",
    "keyMapping_name": "Organic Tee",
    "keyMapping_price": 40.0,
    "keyMapping_url": "/organic-tee",
    "keyMapping_thumbnail": {"url": "https://www.shop.example/images/tee.jpg"},
}
CHILDREN: Final = [
    {"internalid": 701, "itemid": "TEE-RED-M", "keyMapping_price": 40.0, "keyMapping_url": "/organic-tee"},
    {"internalid": 702, "itemid": "TEE-RED-L", "keyMapping_price": 42.5, "keyMapping_url": "/organic-tee"},
]
LINE: Final = {
    "internalid": "item701set123",
    "quantity": 2,
    "rate": 40.0,
    "item": {
        "internalid": 701,
        "itemid": "TEE-RED-M",
        "displayname": "Organic Tee",
        "matrix_parent": {"internalid": 700},
    },
}
APPLICATION: Final = """
const shop = __SHOP__, listeners = {}, lines = shop.checkout || shop.cart || [];
let item = null, children = [];
const on = (name, act) => (listeners[name] ||= []).push(act);
const later = (value) => new Promise((answer) => setTimeout(answer, 20, value));
const components = {
  Environment: {
    getConfig: () => shop.script,
    isPageGenerator: () => shop.generator,
    getSession: () => ({ currency: { code: "GBP" }, touchpoints: { viewcart: "/basket?is=checkout" } }),
  },
  UserProfile: { getUserProfile: () => (shop.profile ? later(shop.profile) : Promise.reject("no answer")) },
  Layout: { on },
  PDP: { on, getItemInfo: () => item && { quantity: 1, options: [], item }, getSelectedMatrixChilds: () => children },
  Cart: {
    on,
    getLines: () => later(lines),
    getSummary: () => later({ total: 96, itemcount: lines.length }),
    addLine: async ({ line }) => {
      if (line.item.internalid === shop.soldOut) throw Error("sold out");
      await later(add(line));
    },
  },
};
if (shop.checkout) components.Checkout = { on };
window.go = (shown, fitting = []) => {
  [item, children] = [shown, fitting];
  document.getElementById("content").innerHTML = `<h1>${shown?.itemid}</h1>`;
  listeners.afterShowContent?.forEach((act) => act());
};
window.choose = (fitting) => {
  children = fitting;
  document.querySelector("h1").innerHTML = "<b>chosen</b>";
};
window.add = (line) => {
  lines.push(line);
  sessionStorage.cart = JSON.stringify(lines);
  listeners.afterAddLine?.forEach((act) => act({ line }));
};
window.define = (name, needs, make) =>
  make().mountToApp({ getComponent: (name) => (shop.missing.includes(name) ? null : components[name]) });
"""


def page(
    script: str,
    profile: Any,
    *,
    missing: Sequence[str] = (),
    generator: bool = False,
    checkout: Any = None,
    **more: Any,
) -> str:
    """A whole page. `profile` None is a service that does not answer; `missing` are components of a later release;
    `checkout` are the cart's lines in the checkout's application; `more` are `cart`, lines that were there, and
    `soldOut`, an item that is refused."""
    shop = {
        "script": script,
        "profile": profile,
        "missing": missing,
        "generator": generator,
        "checkout": checkout,
        **more,
    }
    application = APPLICATION.replace("__SHOP__", json.dumps(shop))
    entry = (SOURCES / "netsuite" / ENTRY).read_text()
    return (
        '<!DOCTYPE html><html lang="en"><head><title>SuiteCommerce</title></head><body><main id="content"></main>'
        f"<script>{application}</script><script>{entry}</script></body></html>"
    )
