"""A shopper's cart before the checkout: what the storefront's forms put in, and how the shop tells of it.

Products only. Adding a product that is in the cart already adds to its quantity, as Shopware does; what the shop does
not sell is left out. Source: CartLineItemController of Shopware 6.6, and its answer to `/checkout/cart.json`.
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from companion.simulator.shop.shop import Shop
from companion.simulator.shop.trade.assortment import Saleable
from companion.simulator.shop.trade.pricing import number

FIELD: Final = re.compile(r"lineItems\[([^\]]*)\]\[(\w+)\]")
MOST: Final = 100

Basket = dict[str, int]
"""Product id → quantity, in the order of adding."""


def posted(form: Mapping[str, str]) -> Basket:
    """The product lines of a storefront form: `lineItems[<key>][id|referencedId|type|quantity|…]`."""
    lines: dict[str, dict[str, str]] = {}
    for name, value in form.items():
        if found := FIELD.fullmatch(name):
            lines.setdefault(found[1], {})[found[2]] = value
    wanted: Basket = {}
    for line in lines.values():
        quantity = line.get("quantity", "1")
        if line.get("type", "product") == "product" and quantity.isdecimal() and int(quantity):
            id_ = line.get("referencedId") or line.get("id", "")
            wanted[id_] = wanted.get(id_, 0) + int(quantity)
    return wanted


def added(shop: Shop, basket: Basket, wanted: Basket) -> tuple[Basket, int]:
    """The cart with what was wanted; and how many of the products the shop does not have."""
    sold = by_id(shop)
    fresh = dict(basket)
    for id_, quantity in wanted.items():
        if id_ in sold:
            fresh[id_] = min(MOST, fresh.get(id_, 0) + quantity)
    return fresh, sum(id_ not in sold for id_ in wanted)


def by_id(shop: Shop) -> dict[str, Saleable]:
    """What can be bought, by product id."""
    return {article.id: article for article in shop.articles.values()}


def total(shop: Shop, basket: Basket) -> Decimal:
    """What the goods cost, gross, in euros."""
    sold = by_id(shop)
    return sum((sold[id_].price * quantity for id_, quantity in basket.items()), Decimal(0))


def document(shop: Shop, basket: Basket, token: str, language: str) -> dict[str, Any]:
    """The cart as `/checkout/cart.json` tells it, as far as storefront scripts read it."""
    sold = by_id(shop)
    whole = number(total(shop, basket))
    lines = [_line(sold[id_], quantity, language) for id_, quantity in basket.items()]
    price = {"netPrice": whole, "totalPrice": whole, "positionPrice": whole, "rawTotal": whole, "taxStatus": "gross"}
    return {"token": token, "price": price, "lineItems": lines, "deliveries": [], "errors": []}


def _line(article: Saleable, quantity: int, language: str) -> dict[str, Any]:
    price = {"unitPrice": number(article.price), "quantity": quantity}
    return {
        "id": article.id,
        "referencedId": article.id,
        "label": article.name(language),
        "quantity": quantity,
        "type": "product",
        "good": True,
        "stackable": True,
        "removable": True,
        "price": {**price, "totalPrice": number(article.price * quantity)},
        "payload": dict(article.payload),
    }
