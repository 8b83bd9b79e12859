"""An order's life as far as its record shows it: whether it was placed, dispatched, cancelled, given back.

Neto keeps no history of states. So each reading tells the state it finds, under an identity that comes from the order
or the refund itself; what was told before stays as it was told.
Source: Neto, order statuses; the new checkout, which makes the order before it is paid and cancels it where it is not.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final

from mappings import fields
from mappings.model import LineItem, Transition
from mappings.neto import lines, schemas, values
from mappings.neto.values import cents, number, quantity

PLACED: Final = frozenset(
    {
        *("new", "new backorder", "backorder approved", "pick", "pack"),
        *("pending pickup", "pending dispatch", "dispatched"),
    }
)
"""States of an order that somebody has placed. Quotes, drafts and states that are not known are none."""

ON_HOLD: Final = "on hold"
DISPATCHED: Final = "dispatched"
CANCELLED: Final = "cancelled"
PAID: Final = "fully paid"
VOID: Final = frozenset({"cancelled", "declined", "failed", "pending"})
"""States of a refund that gave nothing back, or has not yet."""

LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)


def status(order: schemas.Order) -> str:
    return order.order_status.strip().lower()


def is_placed(record: schemas.OrderRecord) -> bool:
    """On hold, an order is placed once it is paid, or has waited so long that no checkout is under way any more.

    A cancelled one was placed for sure where it was paid; where not, only what was told of it before can say so.
    """
    order, shop = record.order, record.shop
    if status(order) == ON_HOLD:
        return is_paid(order) or shop.read_at - placed_at(record) >= timedelta(seconds=shop.hold_s)
    return status(order) in PLACED or (status(order) == CANCELLED and is_paid(order))


def is_paid(order: schemas.Order) -> bool:
    """Any of the marks that a payment leaves."""
    paid = sum((number(payment.amount) for payment in order.order_payment), Decimal())
    if PAID in (order.realtime_confirmation or "").lower() or values.moment(order.date_paid):
        return True
    return paid >= number(order.grand_total) and (paid > 0 or status(order) != CANCELLED)


def placed_at(record: schemas.OrderRecord) -> datetime:
    return values.moment(record.order.date_placed, values.zone(record.shop.zone)) or LONG_AGO


def transitions(record: schemas.OrderRecord, told: Sequence[LineItem]) -> tuple[Transition, ...]:
    """Everything the record shows to have happened, in order of time."""
    order, now = record.order, _updated_at(record)
    found = list(_refunds(record, told))
    if status(order) == DISPATCHED:
        at = values.moment(order.date_completed_utc) or now
        found.append(Transition("", "order", order.order_id, "completed", at))
    elif status(order) == CANCELLED:
        found.append(Transition("", "order", order.order_id, "cancelled", now))
    elif status(order) in PLACED and (shipped := _shipped(order, told)):
        # how much has left by now is the only name that this step has
        own_id = f"{order.order_id}:shipped:{sum(line.quantity for line in shipped)}"
        found.append(Transition(own_id, "order", order.order_id, "completed_partially", now, lines=tuple(shipped)))
    return tuple(sorted(found, key=lambda one: one.at))


def _updated_at(record: schemas.OrderRecord) -> datetime:
    return values.moment(record.order.date_updated, values.zone(record.shop.zone)) or placed_at(record)


def _shipped(order: schemas.Order, told: Sequence[LineItem]) -> list[LineItem]:
    """What has left so far, where something has and something has not."""
    gone = {line.order_line_id: quantity(line.quantity_shipped) for line in order.order_line}
    some = [(line, min(gone.get(line.id, 0), line.quantity)) for line in told if line.kind == "product"]
    if all(shipped >= line.quantity for line, shipped in some):
        return []
    return [lines.part(line, shipped) for line, shipped in some if shipped > 0]


def _refunds(record: schemas.OrderRecord, told: Sequence[LineItem]) -> Iterator[Transition]:
    """Each refund of each return, once it is paid out. One that alone gives all of the order back is a whole one."""
    known = {line.sku: line for line in told}
    order, total = record.order, cents(number(record.order.grand_total))
    given = [(rma, refund, place) for rma in record.rmas for place, refund in enumerate(rma.refunds)]
    for rma, refund, place in given:
        amount = cents(number(refund.refund_amount))
        if amount <= 0 or (refund.refund_status or "").strip().lower() in VOID:
            continue
        whole = amount == total and len(given) == 1
        returned = tuple(_returned(line, known) for line in rma.rma_lines)
        yield Transition(
            id=f"{order.order_id}:refund:{refund.refund_id or f'{rma.rma_id}-{place}'}",
            machine="payment",
            subject_id=order.order_id,
            state="refunded" if whole else "refunded_partially",
            at=_given_at(rma, refund, record),
            amount=amount,
            reason=next((fields.text(line.return_reason) for line in rma.rma_lines if line.return_reason), ""),
            lines=returned,
        )


def _given_at(rma: schemas.Rma, refund: schemas.Refund, record: schemas.OrderRecord) -> datetime:
    zone = values.zone(record.shop.zone)
    times = (refund.date_refunded, refund.date_issued, rma.date_approved, rma.date_updated)
    return next((at for text in times if (at := values.moment(text, zone))), _updated_at(record))


def _returned(line: schemas.RmaLine, known: dict[str, LineItem]) -> LineItem:
    """A line of a return, with what the order's own line knows of the thing."""
    sku, amount, some = fields.text(line.sku), cents(number(line.refund_subtotal)), quantity(line.quantity)
    of = known.get(sku)
    return LineItem(
        id=fields.text(line.rma_line_id),
        kind="product",
        name=fields.text(line.product_name) or (of.name if of else sku),
        quantity=some,
        unit_price=of.unit_price if of else cents(amount / some) if some else amount,
        total=amount,
        sku=sku,
        url=of.url if of else "",
        image_url=of.image_url if of else "",
        brand=of.brand if of else "",
        categories=of.categories if of else (),
    )
