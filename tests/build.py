"""Makers of what tests put into tables: messages and webhooks with believable content."""

import json
from datetime import UTC, datetime
from typing import Any

from companion import inbox, outbox
from companion.bootstrap import Services
from companion.inbox import InboxRow
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


def order_id(number: int) -> str:
    """A Shopware id: 32 hexadecimal characters."""
    return f"{number:032x}"


def order_body(number: int, *, email: str = "", states: tuple[str, ...] = (), lines: int = 2) -> dict[str, Any]:
    """An order as the Admin API returns it, with products, prices including tax and a history of its states."""
    placed = "2026-03-14T09:59:00.000+00:00"
    items = [
        {
            "id": f"{number}-{line}",
            "type": "product",
            "quantity": 1,
            "unitPrice": 10,
            "totalPrice": 10,
            "label": "Wool Hat",
        }
        for line in range(lines)
    ]
    order = {
        "id": order_id(number),
        "orderNumber": str(10_000 + number),
        "orderDateTime": placed,
        "amountTotal": 10 * lines,
        "taxStatus": "gross",
        "price": {"calculatedTaxes": []},
        "currency": {"isoCode": "EUR"},
        "orderCustomer": {"email": email or f"kim{number}@shop-customer.net", "firstName": "Kim"},
        "stateMachineState": {"technicalName": states[-1] if states else "open"},
        "salesChannelId": "c" * 32,
        "lineItems": items,
        "deliveries": [],
        "transactions": [],
    }
    history = [
        {
            "id": f"{number}-{state}-{index}",
            "referencedId": order["id"],
            "entityName": "order",
            "createdAt": f"2026-03-14T09:59:{index + 1:02}.000+00:00",
            "toStateMachineState": {"technicalName": state},
        }
        for index, state in enumerate(states)
    ]
    return {"order": order, "history": history, "products": {}}


def webhook(number: int, topic: str = "checkout.order.placed", event_id: str = "") -> bytes:
    """The raw body of a webhook that speaks of an order."""
    body = {
        "data": {"payload": {"order": {"id": order_id(number)}}, "event": topic},
        "source": {"url": "https://shop", "eventId": event_id or f"{topic}-{number}", "shopId": "Sh0pIdOfTheTests"},
        "timestamp": 1773482400,
    }
    return json.dumps(body).encode()


def signal(services: Services, store: Store, *numbers: int, topic: str = "checkout.order.placed") -> None:
    """Put webhooks into a store's inbox, as intake does."""
    rows = [
        InboxRow(
            store.id, f"{topic}-{number}-{services.now().isoformat()}", topic, webhook(number, topic), services.now()
        )
        for number in numbers
    ]
    with services.database.write() as session:
        inbox.add(session, rows)
