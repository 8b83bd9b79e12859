"""A Neto record in, canonical facts out: `order` (with its returns) and `cart`.

Bodies: `{"order": {...}, "rmas": [...], "items": {sku: {...}}, "shop": {...}}` and `{"cart": {...}, "items", "shop"}`;
`mappings.neto.schemas` says what is read of them. What belongs to nobody, and what is no sale, gives no fact.
"""

from decimal import Decimal
from typing import Any, Final, TypeVar

import msgspec

from mappings import fields
from mappings.errors import InvalidRecord
from mappings.model import Cart, Fact, Order
from mappings.neto import carts, life, lines, people, schemas, values
from mappings.neto.values import cents, number

Shape = TypeVar("Shape")

NO_SALES: Final = frozenset({"dropshipping", "quote"})


def facts(resource: str, body: Any) -> list[Fact]:
    """Translate one record. Raises InvalidRecord with path and reason."""
    if resource == "order":
        return _order(shaped(body, schemas.OrderRecord))
    if resource == "cart":
        found: Cart | None = carts.cart(shaped(body, schemas.CartRecord))
        return [found] if found else []
    raise InvalidRecord("$", f"records of kind {resource!r} are not mapped")


def shaped(body: Any, shape: type[Shape]) -> Shape:
    """The record in its shape. Raises InvalidRecord."""
    try:
        return msgspec.convert(body, shape)
    except msgspec.ValidationError as error:
        reason, _, path = str(error).partition(" - at ")
        raise InvalidRecord(path.strip("`") or "$", reason) from None


def _order(record: schemas.OrderRecord) -> list[Fact]:
    """Quotes and orders to suppliers are no sales; without an e-mail address there is nobody to tell of."""
    order = record.order
    if values.moment(order.date_placed) is None:
        raise InvalidRecord("$.order.DatePlaced", "is no time")
    no_sale = (order.order_type or "").strip().lower() in NO_SALES or life.status(order) == "quote"
    return [] if no_sale or not fields.email(order.email) else [order_fact(record)]


def order_fact(record: schemas.OrderRecord) -> Order:
    """The order in the house's words. Where its sum does not add up, `rounding` holds the difference."""
    order, shop = record.order, record.shop
    told = lines.lines(record)
    total, shipping, tax = cents(number(order.grand_total)), cents(number(order.shipping_total)), _tax(order)
    inclusive = values.flag(order.tax_inclusive) is not False
    tax_on_top = Decimal() if inclusive else tax
    return Order(
        id=order.order_id,
        number=order.order_id,
        placed_at=life.placed_at(record),
        currency=shop.currency,
        total=total,
        shipping=shipping,
        tax=tax,
        tax_on_top=tax_on_top,
        rounding=total - sum((line.total for line in told), shipping + tax_on_top),
        customer=people.customer(order),
        lines=told,
        transitions=life.transitions(record, told),
        channel_id=fields.text(order.sales_channel),
        channel_name=fields.text(order.sales_channel),
        billing=people.address(order),
        payment_method=fields.text(order.default_payment_type),
        shipping_method=fields.text(order.shipping_option),
        placed=life.is_placed(record),
        split_from="" if shop.splits_count else _origin(order),
        properties={
            "coupons": lines.coupons(order),
            "product_discounts": lines.product_discounts(order),
            "shipping_discount": cents(abs(number(order.shipping_discount))),
            "tax_inclusive": inclusive,
            **_tracking(order),
        },
    )


def _tax(order: schemas.Order) -> Decimal:
    if order.order_tax is not None:
        return cents(number(order.order_tax))
    return cents(sum((number(line.tax) for line in order.order_line), Decimal()))


def _origin(order: schemas.Order) -> str:
    related = fields.text(order.related_order_id)
    return "" if related == order.order_id else related


def _tracking(order: schemas.Order) -> dict[str, Any]:
    """Where the parcels are. What carriers leave in the field for the number is often a sentence; it stays text."""
    numbers = dict.fromkeys(fields.text(line.shipping_tracking) for line in order.order_line)
    urls = dict.fromkeys(fields.text(line.shipping_tracking_url) for line in order.order_line)
    return {
        "tracking_numbers": tuple(one for one in numbers if one),
        "tracking_urls": tuple(url for url in urls if url.startswith(("https://", "http://"))),
    }
