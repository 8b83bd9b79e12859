"""The two recorded shops as records, the way the reading client hands them over.

The recordings hold the orders with their products, and the webhooks with the states they entered; the state history
itself was not recorded, so it is put together from the webhooks.
"""

import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import SHARED, missing

SHOPS = SHARED / "fixtures" / "shopware"
VERSIONS = ("6.6.7.1", "6.5.8.14")
SUBJECTS = {"order": None, "order_transaction": "transactions", "order_delivery": "deliveries"}

Body = dict[str, Any]


def needed() -> Path:
    """The folder of the recordings; skips, or in CI fails, where it is not there."""
    if not SHOPS.exists():
        missing("the recorded shops")
    return SHOPS


def bodies() -> list[Any]:
    """Parameters: every recorded order of both shops, as the record of it."""
    if not SHOPS.exists():
        return [pytest.param(None, id="no recordings")]
    return [
        pytest.param(body, id=f"{version} order {number}")
        for version in VERSIONS
        for number, body in records(version).items()
    ]


@lru_cache
def records(version: str) -> dict[str, Body]:
    """A shop's orders by number."""
    answer = read(SHOPS / version / "admin-api" / "order.search.with-associations.inheritance.json")
    history = _history(version)
    return {order["orderNumber"]: record(order, history[order["id"]]) for order in answer["response"]["body"]["data"]}


def record(order: Body, history: list[Body] | None = None) -> Body:
    """An order that was read with its products as the record the client makes of it."""
    products = (item.get("product") for item in order["lineItems"])
    return {
        "order": order,
        "history": history or [],
        "products": {product["id"]: product for product in products if product},
    }


def webhook_orders() -> Iterator[tuple[str, Body]]:
    """Every order in every webhook, by the file's name."""
    for version in VERSIONS:
        for path, body in _webhooks(version):
            if "order" in body["data"]["payload"]:
                yield f"{version}/{path.stem}", body["data"]["payload"]["order"]


def _history(version: str) -> dict[str, list[Body]]:
    """State history entries by order, from the webhooks that told of them; a redelivery tells nothing new."""
    found: defaultdict[str, list[Body]] = defaultdict(list)
    states: dict[str, str] = {}
    seen = set()
    for _, body in _webhooks(version):
        kind, _, rest = body["data"]["event"].partition(".")
        event_id = body["source"].get("eventId")
        if kind != "state_enter" or event_id in seen:
            continue
        seen.add(event_id)
        entity, _, state = rest.replace(".state.", " ").partition(" ")
        order = body["data"]["payload"]["order"]
        part = SUBJECTS[entity]
        subject = order[part][0]["id"] if part else order["id"]
        found[order["id"]].append(
            {
                "id": event_id,
                "entityName": entity,
                "referencedId": subject,
                "createdAt": datetime.fromtimestamp(body["timestamp"], UTC).isoformat(timespec="milliseconds"),
                "fromStateMachineState": {"technicalName": states.get(subject, "open")},
                "toStateMachineState": {"technicalName": state},
            }
        )
        states[subject] = state
    return found


def _webhooks(version: str) -> Iterator[tuple[Path, Body]]:
    for path in sorted((SHOPS / version / "webhooks").glob("0*.json")):
        yield path, json.loads(read(path)["body_raw"])


def read(path: Path) -> Body:
    return dict(json.loads(path.read_bytes()))
