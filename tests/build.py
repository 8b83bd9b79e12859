"""Makers of what tests put into tables: messages and webhooks with believable content."""

from datetime import UTC, datetime

from companion import outbox
from companion.bootstrap import Services
from companion.klaviyo import payloads
from companion.models import Store
from companion.outbox import OutboxRow
from mappings.model import Event

PLACED_AT = datetime(2026, 3, 14, 9, 59, tzinfo=UTC)


def event(number: int, metric: str = "Placed Order", *, backfill: bool = False, phone: str = "") -> Event:
    """One customer's order as an event; `number` makes it one of a kind."""
    profile = {"email": f"kim{number}@shop-customer.net"} | ({"phone_number": phone} if phone else {})
    return Event(
        metric=metric,
        metric_name=metric,
        unique_id=f"order-{number}",
        at=PLACED_AT,
        profile=profile,
        properties={"OrderId": f"order-{number}", "ItemNames": ["Wool Hat"]},
        label=str(10_000 + number),
        backfill=backfill,
    )


def row(told: Event) -> OutboxRow:
    return OutboxRow(
        metric=told.metric,
        unique_id=told.unique_id,
        label=told.label,
        priority=outbox.BACKFILL if told.backfill else outbox.LIVE,
        profile=payloads.profile_bytes(told),
        event=payloads.event_bytes(told),
    )


def put(services: Services, store: Store, count: int, *, backfill: bool = False, first: int = 0) -> int:
    """Add `count` messages to a store's outbox; return how many were new."""
    rows = [row(event(number, backfill=backfill)) for number in range(first, first + count)]
    with services.database.write() as session:
        return outbox.add(session, store.id, rows, services.now(), services.now())
