"""Made-up Neto records as the client hands them over, tidied: say what is special, the rest is ordinary."""

from datetime import UTC, datetime, timedelta
from typing import Any

import mappings
from mappings.metrics import DEFAULTS
from mappings.model import Event, Order, Tracking
from mappings.neto.records import facts

READ_AT = datetime(2026, 3, 14, 10, 0, tzinfo=UTC)
LINK = "https://www.shop-owner.com.au/restore?token=x"

Json = dict[str, Any]


def line(number: int = 0, **changes: Any) -> Json:
    return {
        "OrderLineID": f"N1-{number}",
        "SKU": f"SKU-{number}",
        "ProductName": f"Thing {number}",
        "Quantity": "1",
        "UnitPrice": "20.00",
        **changes,
    }


def shop(**changes: Any) -> Json:
    return {"url": "https://www.shop-owner.com.au", "currency": "AUD", "read_at": READ_AT, **changes}


_SHOP = shop()


def record(*lines: Json, rmas: list[Json] | None = None, shop: Json | None = None, **order: Any) -> Json:
    whole = {
        "OrderID": "N1",
        "OrderStatus": "New",
        "OrderType": "sales",
        "Email": "kim@shop-customer.net",
        "GrandTotal": "20.00",
        "DatePlaced": "2026-03-14 09:00:00",
        "DateUpdated": "2026-03-14 09:30:00",
        "TaxInclusive": "True",
        "OrderLine": list(lines) or [line()],
    }
    whole = {name: value for name, value in {**whole, **order}.items() if value is not None}
    return {"order": whole, "rmas": rmas or [], "items": {}, "shop": shop or _SHOP}


def cart(**changes: Any) -> Json:
    whole = {
        "CartID": "88",
        "CustomerEmail": "Kim@shop-customer.net",
        "CheckoutStatus": "Open",
        "CartTotal": "20.00",
        "RestoreCartUrl": LINK,
        "DateUpdatedUTC": f"{READ_AT - timedelta(minutes=5):%Y-%m-%d %H:%M:%S}",
        "OrderLines": [{"SKU": "HAT", "Qty": "2", "Price": "10.00", "Model": "Felt hat"}],
    }
    known = {name: value for name, value in {**whole, **changes}.items() if value is not None}
    return {"cart": known, "items": {}, "shop": shop()}


def rma(number: str, amount: str, **changes: Any) -> Json:
    refund = {"RefundID": number, "RefundAmount": amount, "DateRefunded": "2026-03-14 09:40:00", **changes}
    return {"RmaID": number, "RmaLines": [], "Refunds": [refund]}


def order(body: Json) -> Order:
    (fact,) = facts("order", body)
    assert isinstance(fact, Order)
    return fact


def tracking(**changes: Any) -> Tracking:
    return Tracking(**{"dialect": "neto", "names": {metric: metric for metric in DEFAULTS}, **changes})


def events(body: Json, resource: str = "order", **changes: Any) -> list[Event]:
    return mappings.messages(facts(resource, body), lambda _: tracking(**changes))


def told(body: Json) -> list[str]:
    return [event.metric for event in events(body)]
