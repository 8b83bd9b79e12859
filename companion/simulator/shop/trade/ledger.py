"""What the shop knows of its orders' money and states, told plainly, so that tests can compare what arrives elsewhere.

Amounts are texts with two decimals in the order's currency. Read from the same documents the Admin API shows.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import orjson

from companion.simulator.shop.records.database import Database, Document
from companion.simulator.shop.trade.office import purchase_of
from companion.simulator.shop.trade.pricing import amount
from companion.simulator.shop.trade.states import STATES

FIELDS = ("id", "orderNumber", "createdAt", "updatedAt", "orderDateTime", "salesChannelId", "languageId", "taxStatus")


def entries(database: Database, after: int = 0, limit: int = 100_000) -> Iterator[dict[str, Any]]:
    """Orders in the order they were made, those with an `autoIncrement` above `after`."""
    currencies = {one["id"]: one["isoCode"] for one in database.all("currency")}
    rows = database.rows(
        "SELECT body FROM \"order\" WHERE json_extract(body, '$.autoIncrement') > ?"
        " ORDER BY json_extract(body, '$.autoIncrement') LIMIT ?",
        (after, limit),
    )
    for (body,) in rows:
        order = orjson.loads(body)
        yield entry(database, order) | {"currency": currencies[order["currencyId"]]}


def entry(database: Database, order: Document) -> dict[str, Any]:
    """One order, without its currency."""
    purchase = purchase_of(database, order["id"])
    lines = database.of("order_line_item", "orderId", order["id"])
    buyer = database.of("order_customer", "orderId", order["id"])[0]
    return {
        **{name: order.get(name) for name in FIELDS},
        "autoIncrement": order["autoIncrement"],
        "imported": buyer["customerId"] is None,
        "createdByAdministrator": bool(order["createdById"]),
        "email": buyer["email"],
        "customerId": buyer["customerId"],
        "total": _told(amount(order["price"])),
        "net": _told(amount(order["price"], "netPrice")),
        "shipping": _told(Decimal(str(order["shippingTotal"]))),
        "tax": _told(sum((Decimal(str(one["tax"])) for one in order["price"]["calculatedTaxes"]), Decimal(0))),
        "discount": _told(sum((-amount(one["price"]) for one in lines if one["type"] == "promotion"), Decimal(0))),
        "codes": [one["payload"]["code"] for one in lines if one["type"] == "promotion" and one["payload"]["code"]],
        "lines": [_line(one) for one in sorted(lines, key=lambda line: line["position"])],
        "captured": _told(purchase.captured),
        "refunded": _told(purchase.refunded),
        "states": {name: purchase.state(name) for name in ("order", "order_transaction", "order_delivery")},
        "transitions": transitions(database, order["id"], purchase.refunds),
    }


def transitions(database: Database, order_id: str, refunds: list[Document]) -> list[dict[str, Any]]:
    """The order's state history, its payments' and its deliveries' included; refunds with what was given back."""
    owners = [order_id]
    for entity in ("order_transaction", "order_delivery"):
        owners += [one["id"] for one in database.of(entity, "orderId", order_id)]
    amounts = {one["createdAt"]: _told(amount(one["amount"])) for one in refunds}
    found = [one for id_ in owners for one in database.of("state_machine_history", "referencedId", id_)]
    return [
        {
            "id": one["id"],
            "machine": one["entityName"],
            "action": one["transitionActionName"],
            "from": STATES[one["fromStateId"]],
            "to": STATES[one["toStateId"]],
            "at": one["createdAt"],
            "refunded": amounts.get(one["createdAt"]) if one["transitionActionName"].startswith("refund") else None,
        }
        for one in sorted(found, key=lambda one: (one["createdAt"], one["id"]))
    ]


def _line(line: Document) -> dict[str, Any]:
    payload = line["payload"] or {}
    return {
        "id": line["id"],
        "parentId": line.get("parentId"),
        "type": line["type"],
        "label": line["label"],
        "productId": line.get("productId"),
        "number": payload.get("productNumber"),
        "quantity": line["quantity"],
        "unitPrice": _told(amount(line["price"], "unitPrice")),
        "total": _told(amount(line["price"])),
    }


def _told(money: Decimal) -> str:
    return f"{money:.2f}"
