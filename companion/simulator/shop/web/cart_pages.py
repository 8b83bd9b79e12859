"""The storefront's cart: Shopware's own routes, so that whatever works with them here works with a shop.

The cart lives in the session cookie, which is `SameSite=Lax`: a form of another site finds an empty one.
"""

import secrets
import time
from typing import Any, Final

import orjson
from flask import Response as FlaskResponse
from flask import flash, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from companion.simulator.shop.marks import SYSTEM_LANGUAGE
from companion.simulator.shop.trade import basket
from companion.simulator.shop.web.door import Door

TARGETS: Final = {"frontend.checkout.cart.page": "pages.show_cart", "frontend.cart.offcanvas": "pages.show_cart"}
KEY: Final = "cart"


TAKES_S: Final = 0.2
"""Real shops take longer to fill a cart than to show it, and pages are written for that."""


def add_lines(door: Door) -> Response:
    """Put a form's lines into the cart and go where the form says, as a browser or a script does."""
    time.sleep(TAKES_S)
    wanted = basket.posted(request.form)
    found, gone = basket.added(door.shop, _cart(), wanted)
    session[KEY] = list(found.items())
    if gone:
        flash(f"{gone} of the products cannot be bought any more.", "trouble")
    elif wanted:
        flash("The products are in the cart.")
    return redirect(url_for(TARGETS.get(request.form.get("redirectTo", ""), "pages.show_cart")))


def show_cart(door: Door) -> str:
    return _page(door, is_checkout=False)


def show_confirmation(door: Door) -> str:
    """The step before the order. The order itself is placed on the orders' page."""
    return _page(door, is_checkout=True)


def _page(door: Door, *, is_checkout: bool) -> str:
    found = _cart()
    sold = basket.by_id(door.shop)
    lines: list[Any] = [(sold[id_], quantity) for id_, quantity in found.items()]
    total = basket.total(door.shop, found)
    return render_template("cart.html", lines=lines, total=total, language=SYSTEM_LANGUAGE, is_checkout=is_checkout)


def empty_cart(_door: Door) -> Response:
    session.pop(KEY, None)
    return redirect(url_for("pages.show_cart"))


def tell_cart(door: Door) -> FlaskResponse:
    """`/checkout/cart.json`"""
    token = session.setdefault("token", secrets.token_hex(16))
    told = basket.document(door.shop, _cart(), token, SYSTEM_LANGUAGE)
    return FlaskResponse(orjson.dumps(told), mimetype="application/json", headers={"Cache-Control": "no-store"})


def _cart() -> basket.Basket:
    """A list in the cookie, because the cookie sorts what has names."""
    return dict(session.get(KEY, ()))


ROUTES = (
    ("POST", "/checkout/line-item/add", add_lines),
    ("GET", "/checkout/cart", show_cart),
    ("GET", "/checkout/cart.json", tell_cart),
    ("GET", "/checkout/confirm", show_confirmation),
    ("POST", "/checkout/cart/empty", empty_cart),
)
