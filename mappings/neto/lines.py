"""The lines of an order: what was bought, what it cost besides, what was taken off. Each amount is counted once.

Prices stand before discounts. Whether a line's discount is meant for one piece or for all of them is not documented:
the reading that gives the order's own subtotal holds, and for all of them where neither does.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final

from mappings import fields
from mappings.model import LineItem
from mappings.neto import catalogue, schemas
from mappings.neto.values import cents, number, quantity

CODES: Final = re.compile(r"[,;|]")
HUNDRED: Final = Decimal(100)


def lines(record: schemas.OrderRecord) -> tuple[LineItem, ...]:
    """All lines, then surcharge and discounts."""
    order = record.order
    bought = [line for line in order.order_line if not line.component_of_kit]
    each = _discounts_are_for_each(order, bought)
    told = [_line(line, number_, record, each) for number_, line in enumerate(bought)]
    return (*told, *_others(order))


def coupons(order: schemas.Order) -> Decimal:
    """What codes took off: the order's own figure, else what its lines say."""
    whole = abs(number(order.coupon_discount))
    return cents(whole or sum((abs(number(line.coupon_discount)) for line in order.order_line), Decimal()))


def codes(order: schemas.Order) -> list[str]:
    """One text holds them all; how several are set apart is not documented."""
    return [code.strip() for code in CODES.split(order.coupon_code or "") if code.strip()]


def product_discounts(order: schemas.Order) -> Decimal:
    """What single lines were reduced by, before any code."""
    bought = [line for line in order.order_line if not line.component_of_kit]
    each = _discounts_are_for_each(order, bought)
    return cents(sum((_discount(line, each) for line in bought), Decimal()))


def part(of: LineItem, some: int | Decimal) -> LineItem:
    """A line with some of its pieces."""
    total = cents(of.total * some / of.quantity) if of.quantity else of.total
    return replace(of, quantity=some, total=total)


def _line(line: schemas.Line, place: int, record: schemas.OrderRecord, each: bool) -> LineItem:
    sku = fields.text(line.sku)
    item = record.items.get(sku)
    return LineItem(
        id=fields.text(line.order_line_id) or f"{record.order.order_id}-{place}",
        kind="charge" if catalogue.is_utility(sku, record.items) else "product",
        name=fields.text(line.product_name or line.name) or fields.text(item.name if item else None) or sku,
        quantity=quantity(line.quantity or line.qty),
        unit_price=cents(number(line.unit_price or line.price)),
        total=cents(_gross(line) - _discount(line, each)),
        product_id=fields.text(item.parent_sku if item else None) or sku,
        variant_id=sku,
        sku=sku,
        **catalogue.described(sku, record.items, record.shop),
    )


def _others(order: schemas.Order) -> Iterator[LineItem]:
    """What is no line of the order and changes its sum."""
    surcharge, shipping = cents(number(order.surcharge_total)), cents(abs(number(order.shipping_discount)))
    if surcharge:
        yield LineItem(f"{order.order_id}:surcharge", "charge", "Surcharge", 1, surcharge, surcharge)
    if shipping:
        yield LineItem(f"{order.order_id}:shipping-discount", "discount", "", 1, -shipping, -shipping)
    taken = coupons(order)
    for place, code in enumerate(codes(order) or ([""] if taken else [])):
        amount = Decimal() if place else -taken  # nobody says which code took how much
        yield LineItem(f"{order.order_id}:coupon-{place}", "discount", code, 1, amount, amount, code=code)


def _discounts_are_for_each(order: schemas.Order, bought: Sequence[schemas.Line]) -> bool:
    subtotal = number(order.product_subtotal)
    return bool(subtotal) and all(
        (cents(sum((_gross(line) - _discount(line, each) for line in bought), Decimal())) == cents(subtotal)) == each
        for each in (True, False)
    )


def _gross(line: schemas.Line) -> Decimal:
    return number(line.unit_price or line.price) * number(line.quantity or line.qty)


def _discount(line: schemas.Line, each: bool) -> Decimal:
    """A percentage, where there is one, or an amount."""
    if percent := number(line.percent_discount):
        return _gross(line) * percent / HUNDRED
    amount = number(line.product_discount)
    return amount * number(line.quantity or line.qty) if each else amount
