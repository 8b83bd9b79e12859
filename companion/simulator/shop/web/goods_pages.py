"""The shopper's pages: the goods, one product, and who is logged in.

They state the facts that Companion's app states in a Shopware theme, in the same elements, for the snippets to read.
"""

from typing import Any, Final

from flask import Response as FlaskResponse
from flask import flash, jsonify, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from companion.simulator.shop.marks import SYSTEM_LANGUAGE
from companion.simulator.shop.trade import basket
from companion.simulator.shop.trade.assortment import Saleable
from companion.simulator.shop.web.door import Door
from companion.simulator.shop.world.articles import ARTICLES, CATEGORIES, MAKERS, Article
from companion.simulator.shop.world.catalogue import slugged

CUSTOMER: Final = "customer"
KNOWN: Final = {article.number: article for article in ARTICLES}


def show_goods(door: Door) -> str:
    first: dict[str, Saleable] = {}
    for number, one in door.shop.articles.items():
        first.setdefault(_article(number).number, one)
    return render_template("goods.html", goods=[_shown(one) for one in first.values()])


def show_product(door: Door, product_id: str) -> str:
    found = basket.by_id(door.shop).get(product_id)
    if found is None:
        raise LookupError("there is no such product")
    article = _article(found.number).number
    variants = [one for number, one in door.shop.articles.items() if _article(number).number == article]
    return render_template("product.html", product=_shown(found), variants=variants if len(variants) > 1 else [])


def tell_visitor(door: Door) -> FlaskResponse:
    """What the app's own script answers in a shop: nothing for nobody."""
    known = next((one for one in door.shop.database.all("customer") if one["id"] == session.get(CUSTOMER)), None)
    visitor = {} if known is None else _visitor(known)
    answer = jsonify(visitor)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def log_in(door: Door) -> Response:
    """Without a password: everybody here is made up."""
    wanted = request.form.get("email", "").strip().lower()
    for one in door.shop.database.all("customer"):
        if one["email"].lower() == wanted and not one["guest"]:
            session[CUSTOMER] = one["id"]
            flash(f"Logged in as {one['firstName']} {one['lastName']}.")
            break
    else:
        flash("No customer has this address. The list on the orders' page has some.", "trouble")
    return redirect(url_for("pages.show_goods"))


def log_out(_door: Door) -> Response:
    session.pop(CUSTOMER, None)
    return redirect(url_for("pages.show_goods"))


def page_facts() -> dict[str, Any]:
    """What every page states, as the app's template does: where the script may ask, and that somebody is logged in."""
    facts = {"cart": url_for("pages.tell_cart"), "home": "/", "currency": "EUR"}
    if session.get(CUSTOMER):
        facts["visitor"] = url_for("pages.tell_visitor")
    return {"page_facts": facts, "logged_in": bool(session.get(CUSTOMER))}


def _visitor(customer: dict[str, Any]) -> dict[str, Any]:
    return {
        "email": customer["email"],
        "first_name": customer["firstName"],
        "last_name": customer["lastName"],
        "external_id": customer["id"],
        "guest": bool(customer["guest"]),
    }


def _article(number: str) -> Article:
    return next(article for known, article in KNOWN.items() if number.startswith(known))


def _shown(product: Saleable) -> dict[str, Any]:
    """A product for a page; `facts` is what the page states for the snippets."""
    article = _article(product.number)
    image = f"/media/{article.number}/{slugged(article.name).lower()}.svg"
    facts = {
        "id": product.payload["parentId"] or product.id,
        "variant_id": product.id,
        "sku": product.number,
        "name": product.name(SYSTEM_LANGUAGE),
        "brand": MAKERS[article.maker][0],
        "price": float(product.price),
        "url": url_for("pages.show_product", product_id=product.id, _external=True),
        "image": request.host_url.rstrip("/") + image,
        "categories": [CATEGORIES[article.category][1]],
    }
    return {"id": product.id, "article": article, "options": product.options, "image": image, "facts": facts}


ROUTES: Final = (
    ("GET", "/shop", show_goods),
    ("GET", "/detail/<product_id>", show_product),
    ("POST", "/storefront/script/companion-visitor", tell_visitor),
    ("POST", "/account/login", log_in),
    ("POST", "/account/logout", log_out),
)
