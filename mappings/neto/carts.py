"""A cart that somebody began to check out and has left lying for a while: who, what, and the way back to it."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Final
from urllib.parse import urlencode

from mappings import fields
from mappings.model import Cart, LineItem
from mappings.neto import catalogue, people, schemas, values
from mappings.neto.values import cents, number, quantity

LEFT: Final = frozenset({"open", "abandoned"})
LONGEST_LINK: Final = 2000
"""Longer ones are cut off by some mail programs."""


def cart(record: schemas.CartRecord) -> Cart | None:
    """The cart; None while it is still moving, once it is an order, or where nobody is known to own it."""
    found, shop = record.cart, record.shop
    at = values.moment(found.date_updated_utc) or values.moment(found.date_updated, values.zone(shop.zone))
    email = fields.email(found.customer_email)
    lines = tuple(_line(line, place, record) for place, line in enumerate(found.order_lines) if line.sku)
    closed = (found.checkout_status or "open").strip().lower() not in LEFT or fields.text(found.order_id) not in (
        "",
        "0",
    )
    if at is None or not email or not lines or closed or shop.read_at - at < timedelta(seconds=shop.idle_s):
        return None
    total = cents(number(found.cart_total)) or sum((line.total for line in lines), Decimal())
    return Cart(
        id=found.cart_id,
        at=at,
        currency=shop.currency,
        total=total,
        customer=people.of_address(email, found.billing_address),
        lines=lines,
        url=_way_back(record, lines),
    )


def _way_back(record: schemas.CartRecord, lines: Sequence[LineItem]) -> str:
    """The shop's own link, which brings the cart back; without one a link that adds its things, where it is wanted."""
    shop, own = record.shop, record.cart.restore_cart_url
    link = catalogue.own(own, shop) if own else ""
    return link or (_refill(record, lines) if shop.refills_carts else "")


def _refill(record: schemas.CartRecord, lines: Sequence[LineItem]) -> str:
    """Adds each thing to whatever the cart holds then; of what cannot be added whole there is no link.

    Source: Neto's add-to-cart addresses, that for several things told by one integration only.
    """
    things = [line for line in lines if not catalogue.is_utility(line.sku, record.items)]
    if not things or not all(isinstance(line.quantity, int) and line.quantity > 0 for line in things):
        return ""
    query: dict[str, object] = {"sku": things[0].sku, "qty": things[0].quantity}
    if len(things) > 1:
        query = {"multi": len(things)}
        for place, line in enumerate(things):
            query |= {f"sku{place}": line.sku, f"qty{place}": line.quantity}
    link = catalogue.absolute(f"/_mycart?{urlencode(query)}", record.shop)
    return link if len(link) <= LONGEST_LINK else ""


def _line(line: schemas.Line, place: int, record: schemas.CartRecord) -> LineItem:
    sku, price, some = fields.text(line.sku), number(line.unit_price or line.price), line.quantity or line.qty or "1"
    item = record.items.get(sku)
    name = line.product_name or line.name or line.model or (item.name if item else None)
    return LineItem(
        id=f"{record.cart.cart_id}-{place}",
        kind="product",
        name=fields.text(name) or sku,
        quantity=quantity(some),
        unit_price=cents(price),
        total=cents(price * number(some)),
        sku=sku,
        **catalogue.described(sku, record.items, record.shop),
    )
