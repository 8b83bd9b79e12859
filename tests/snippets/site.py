"""Shops for the browser: pages as themes have them, and pages that a real Shopware sent, with the routes they ask.

A site is one shop of one browser test: its cart, who is logged in, and what its server is told to do wrong.
"""

import re
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from flask import Flask, Response, jsonify, redirect, request

from companion.platforms.shopware import storefront
from tests.snippets import rendering

RECORDED_AT: Final = "http://127.0.0.1:8000"
CHANNEL: Final = "01a20195d05f703abb9e76c535342650"
POLICY: Final = (
    "default-src 'self'; script-src 'nonce-only-this' {0}; connect-src 'self' {0}; style-src 'none'; object-src 'none'"
)
BOTTLE: Final[dict[str, Any]] = {
    "id": "8968e6b8c5b556cea36766c943a74190",
    "parentId": None,
    "productNumber": "EX-20001",
    "translated": {"name": "Trail Bottle </script><!--<script> 0.75 l"},
    "manufacturer": {"translated": {"name": "Skjold & Sons"}},
    "calculatedPrice": {"unitPrice": 24.9, "listPrice": {"price": 29.9}},
    "calculatedPrices": [],
    "cover": {"media": {"url": "http://127.0.0.1:8000/media/trail-bottle.png"}},
    "seoCategory": {"translated": {"name": "Camp & Kitchen"}},
}
SHIRT: Final[dict[str, Any]] = {
    **BOTTLE,
    "id": "eeca476825c058c2aa08ab922cf8606d",
    "parentId": "2152adfb74f25dda827e649466e7feee",
    "productNumber": "EX-10001-L",
    "translated": {"name": "Harbour Shirt"},
}
PRODUCTS: Final = {one["id"]: one for one in (BOTTLE, SHIRT)}


@dataclass
class Site:
    """The shop. `pages` are what tests put there; `refuses` is a product that is sold out."""

    service: str = ""
    klaviyo: str = ""
    store: str = ""
    shop_id: str = "Sh0pIdOfTheTests"
    customer: dict[str, Any] | None = None
    refuses: str = ""
    slow_s: float = 0.0
    slow_visitor_s: float = 0.0
    slow_service_s: float = 0.0
    strict: bool = False
    pages: dict[str, str] = field(default_factory=dict)
    cart: dict[str, int] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def app(self) -> Flask:
        """The routes of this shop."""
        site = Flask("site")
        site.before_request(lambda: self.asked.append(request.path))
        site.add_url_rule("/checkout/cart.json", "cart", lambda: jsonify(self.told_cart()))
        site.add_url_rule("/checkout/line-item/add", "add", self._add, methods=["POST"])
        site.add_url_rule("/checkout/offcanvas", "offcanvas", lambda: "<p>Your cart</p>")
        site.add_url_rule("/storefront/script/companion-visitor", "visitor", self._visitor, methods=["POST"])
        site.add_url_rule("/<path:name>", "page", self._page)
        return site

    def _add(self) -> Any:
        """Slower than the cart is read: a shop answers one session's requests one by one, this site all at once."""
        time.sleep(0.3 + self.slow_s)
        for name, value in request.form.items():
            found = re.fullmatch(r"lineItems\[(\w+)\]\[quantity\]", name)
            if found and found[1] != self.refuses:
                self.cart[found[1]] = self.cart.get(found[1], 0) + int(value)
        return redirect(request.form.get("next", "/checkout/offcanvas"))

    def _visitor(self) -> Response:
        time.sleep(self.slow_visitor_s)
        return jsonify(self.customer or {})

    def _page(self, name: str) -> Response:
        allowed = f"{self.service} {self.klaviyo}"
        policy = {"Content-Security-Policy": POLICY.format(allowed)} if self.strict else {}
        return Response(self.pages.get(name, ""), 200 if name in self.pages else 404, policy, mimetype="text/html")

    def told_cart(self) -> dict[str, Any]:
        lines = [_line(PRODUCTS[id_], quantity) for id_, quantity in self.cart.items()]
        return {
            "token": "a session's, for nobody else",
            "price": {"totalPrice": round(sum(line["price"]["totalPrice"] for line in lines), 2)},
            "lineItems": [*lines, {"id": "promotion", "type": "promotion", "label": "Summer", "payload": {}}],
        }

    def recorded(self, folder: Path, name: str, product: Any = None, route: str = "") -> str:
        """A page of a real shop, with the app's templates rendered into it."""
        html = (folder / name).read_text().replace(RECORDED_AT, "")
        html = re.sub(r'<script type="text/javascript" src="/theme[^>]*></script>', "", html)
        words = {
            "appShopId": self.shop_id,
            "context": {
                "customer": self.customer,
                "currency": {"isoCode": "EUR"},
                "salesChannel": {"id": CHANNEL},
            },
            "page": {"product": product} if product else {},
            "activeRoute": route,
        }
        built = {path.rpartition("/")[2]: text.decode() for path, text in storefront.files(self.service).items()}
        if product:
            widget = rendering.rendered(
                built["buy-widget.html.twig"], "buy_widget_buy_container", product=product, **words
            )
            place = 'class="cms-element-buy-box"'
            at = html.index(">", html.index(place)) + 1
            html = html[:at] + f'<div id="buy-widget">{widget}</div>' + html[at:]
        end = rendering.rendered(built["base.html.twig"], "base_body_script", **words)
        return html.replace("</body>", f"{end}</body>")

    def theme(self, body: str, head: str = "", query: str = "") -> str:
        """A page of a theme that knows no platform, with the one line that is pasted."""
        source = f"{self.service}/snippets/v1/{self.store}/companion.js{query}"
        script = f'<script nonce="only-this" src="{source}" async></script>'
        return f'<!DOCTYPE html><html lang="en"><head>{head}{script}</head><body>{body}</body></html>'


def form(product_id: str, quantity: int = 1, *, to: str = "") -> str:
    """A buy form as Shopware's themes have them; with `to` it goes out as a page, else by script."""
    enhanced = "" if to else ' data-add-to-cart="true"'
    following = f'<input type="hidden" name="next" value="{to}">' if to else ""
    return (
        f'<form action="/checkout/line-item/add" method="post"{enhanced}>{following}'
        f'<input type="hidden" name="lineItems[{product_id}][id]" value="{product_id}">'
        f'<input type="hidden" name="lineItems[{product_id}][quantity]" value="{quantity}"><button>Buy</button></form>'
    )


AJAX: Final = """
addEventListener("submit", (event) => {
  if (!event.target.matches("[data-add-to-cart]")) return;
  event.preventDefault();
  fetch(event.target.action, { method: "POST", body: new FormData(event.target) });
});
"""
"""What the shop's AddToCart does: the form goes out in the background, to the off-canvas cart."""


def _line(product: dict[str, Any], quantity: int) -> dict[str, Any]:
    price = product["calculatedPrice"]["unitPrice"]
    return {
        "id": product["id"],
        "referencedId": product["id"],
        "label": product["translated"]["name"],
        "quantity": quantity,
        "type": "product",
        "price": {"unitPrice": price, "totalPrice": round(price * quantity, 2)},
        "cover": {"url": product["cover"]["media"]["url"]},
        "payload": {"productNumber": product["productNumber"], "parentId": product["parentId"]},
    }
