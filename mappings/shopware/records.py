"""A Shopware record in, canonical facts out.

An order's body is `{"order": {...}, "history": [...], "products": {id: {...}}}`, the same whether a webhook, a
sweep or the history asked for it; `mappings.shopware.schemas` says what is read of it.
"""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

import msgspec

from mappings import custom_fields, fields
from mappings.custom_fields import Custom
from mappings.errors import InvalidRecord
from mappings.model import Order
from mappings.shopware import life, lines, people, schemas

VOID: Final = frozenset({"failed", "cancelled"})
LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)


def facts(resource: str, body: Any) -> list[Order]:
    """Translate one record. Raises InvalidRecord with path and reason."""
    if resource != "order":
        raise InvalidRecord("$", f"records of kind {resource!r} are not mapped")
    try:
        record = msgspec.convert(body, schemas.OrderRecord)
    except msgspec.ValidationError as error:
        reason, _, path = str(error).partition(" - at ")
        raise InvalidRecord(path.strip("`") or "$", reason) from None
    return [order_fact(record)]


def order_fact(record: schemas.OrderRecord) -> Order:
    """The order in the house's words. Where its sum does not add up, `rounding` holds the difference."""
    order = record.order
    counted = lines.lines(order, record.products)
    shipping = lines.shipping(order)
    total = fields.money(order.amount_total)
    tax = fields.money(sum(tax.tax for tax in order.price.calculated_taxes))
    tax_on_top = tax if order.tax_status == "net" else Decimal()
    billing = people.address(order.billing_address)
    channel = order.sales_channel
    delivery, payment = _delivery(order), _payment(order)
    return Order(
        id=order.id,
        number=order.order_number or "",
        placed_at=fields.moment(order.order_date_time),
        currency=order.currency.iso_code,
        total=total,
        shipping=shipping,
        tax=tax,
        tax_on_top=tax_on_top,
        rounding=total - sum((line.total for line in counted), shipping + tax_on_top),
        customer=people.customer(order, billing),
        lines=counted,
        transitions=life.transitions(record),
        channel_id=order.sales_channel_id or "",
        channel_name=fields.text(channel.name) if channel else "",
        billing=billing,
        delivery=people.address(delivery.shipping_order_address) if delivery else None,
        payment_method=lines.name(payment.payment_method) if payment and payment.payment_method else "",
        shipping_method=lines.name(delivery.shipping_method) if delivery and delivery.shipping_method else "",
        properties={
            "affiliate_code": fields.text(order.affiliate_code),
            "campaign_code": fields.text(order.campaign_code),
            "tracking_numbers": _tracking_numbers(order),
        },
        custom=_custom(record),
    )


def _custom(record: schemas.OrderRecord) -> Custom:
    """What the merchant has added to the order and to its customer, whose account knows better than its copy."""
    order, named = record.order, record.order.order_customer
    account = named.customer if named else None
    copy, own = (one.custom_fields if one and isinstance(one.custom_fields, dict) else {} for one in (named, account))
    language = order.language.locale.code if order.language and order.language.locale else ""
    return custom_fields.documents(
        {"order": order.custom_fields, "customer": {**copy, **own}}, record.options, language
    )


def _delivery(order: schemas.Order) -> schemas.Delivery | None:
    """The first delivery of goods: the others may be discounts on shipping. Digital orders have none."""
    return next((one for one in order.deliveries or () if one.shipping_costs.total_price >= 0), None)


def _tracking_numbers(order: schemas.Order) -> tuple[str, ...]:
    codes = (fields.text(code) for one in order.deliveries or () for code in one.tracking_codes or ())
    return tuple(code for code in codes if code)


def _payment(order: schemas.Order) -> schemas.Transaction | None:
    """The payment in force: the newest attempt that did not come to nothing, else the newest."""
    attempts = sorted(order.transactions or (), key=_written_at)
    alive = [
        one for one in attempts if not (one.state_machine_state and one.state_machine_state.technical_name in VOID)
    ]
    return next(reversed(alive or attempts), None)


def _written_at(payment: schemas.Transaction) -> tuple[datetime, str]:
    return payment.created_at or LONG_AGO, payment.id
