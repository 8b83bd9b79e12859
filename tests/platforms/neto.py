"""A Neto shop as the client meets it over HTTP: answers by action, and a record of what was asked."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import responses
from requests import PreparedRequest

from companion.platforms.base import Access, Record
from mappings import facts, messages
from mappings.metrics import DEFAULTS
from mappings.model import Event, Tracking
from tests.conftest import SHARED, missing
from tests.fakes import Clock

SHOP = "https://www.example-store.com.au"
URL = f"{SHOP}/do/WS/NetoAPI"
NOW = datetime(2025, 10, 21, 2, 20, 11, tzinfo=UTC)
KEY = "the key of a user with few rights"
TIME = "%Y-%m-%d %H:%M:%S"

Json = dict[str, Any]
Answer = Any
"""A body; a function of the filter that gives one; or (status, text)."""

_stores = count()


def sample(name: str) -> Any:
    """A documented or composed payload of the reference."""
    path: Path = SHARED / "reference" / "neto" / f"{name}.json"
    if not path.exists():
        missing("Neto's example payloads")
    return json.loads(path.read_text())


def notification(event_id: int, order_id: str, status: str = "", type_: str = "Order") -> str:
    """The XML that a shop sends about an order."""
    order = f"<Order><OrderID>{order_id}</OrderID><OrderStatus>{status}</OrderStatus></Order>"
    return f"<Event><EventID>{event_id}</EventID><EventType>{type_}</EventType>{order}</Event>"


def ok(entity: str, *rows: Json, **more: Any) -> Json:
    return {entity: list(rows), "CurrentTime": "2025-10-21 02:20:11", "Ack": "Success", **more}


def error(said: str) -> Json:
    return {"CurrentTime": "2025-10-21 02:20:11", "Ack": "Error", "Messages": {"Error": {"Message": said}}}


def access(now: datetime = NOW, **settings: Any) -> Access:
    """Access of a store of its own, so that nothing is remembered of another test's."""
    credentials = {"api_key": KEY, "username": "", "token": "t0ken"}
    return Access(f"store-{next(_stores)}", SHOP, credentials, lambda: now, lambda: None, 100, settings)


class Shop:
    """What was asked, and what is answered. An action that nothing is said of answers without records."""

    def __init__(self, now: datetime, answers: Mapping[str, Answer]) -> None:
        currency = ok("CurrencySettings", {"DEFAULTCURRENCY": "AUD", "DEFAULTCOUNTRY": "AU", "GST_AMT": "10"})
        currency["CurrentTime"] = f"{now:{TIME}}"
        self.answers: dict[str, Answer] = {"GetCurrencySettings": currency, **answers}
        self.asked: list[tuple[str, Json]] = []
        self.headers: list[Mapping[str, str]] = []

    def __call__(self, request: PreparedRequest) -> tuple[int, Mapping[str, str], str]:
        action, body = request.headers["NETOAPI_ACTION"], json.loads(request.body or "{}")
        self.asked.append((action, body.get("Filter", {})))
        self.headers.append(request.headers)
        answer = self.answers.get(action, ok(action.removeprefix("Get")))
        found = answer(body.get("Filter", {})) if callable(answer) else answer
        if isinstance(found, tuple):
            return found[0], {}, found[1]
        return 200, {"Content-Type": "application/json"}, json.dumps(found)

    def asked_of(self, action: str) -> list[Json]:
        return [filters for one, filters in self.asked if one == action]


@contextmanager
def shop(now: datetime = NOW, **answers: Answer) -> Iterator[Shop]:
    """`shop(GetOrder=…)`: each action's answer, a function of the filter, or (status, text)."""
    answering = Shop(now, answers)
    with responses.RequestsMock() as http:
        http.add_callback(responses.POST, URL, answering)
        yield answering


def things(filters: Json) -> Json:
    """The reference's items and their parent, as GetItem finds them by SKU."""
    known = [*sample("getitem_response")["Item"], *sample("getitem_response_parent")["Item"]]
    return ok("Item", *(item for item in known if item["SKU"] in filters.get("SKU", ())))


class Orders:
    """The shop's orders: found by id and by time, as they are at that moment."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.kept: dict[str, Json] = {}

    def put(self, number: int, **changes: Any) -> str:
        id_, at = f"N{number}", f"{self.clock():{TIME}}"
        made = {"OrderID": id_, "OrderStatus": "New", "OrderType": "sales", "GrandTotal": "20.00", "DatePlaced": at}
        line = {"OrderLineID": f"{id_}-0", "SKU": "CAP-BLK", "ProductName": "Cap", "Quantity": "1", "UnitPrice": "20"}
        whole = {**made, "Email": f"kim{number}@shop-customer.net", "OrderLine": line}
        self.kept[id_] = {**whole, **self.kept.get(id_, {}), **changes, "DateUpdated": at}
        return id_

    def __call__(self, filters: Json) -> Json:
        rows = list(self.kept.values())
        if ids := filters.get("OrderID"):
            return ok("Order", *(row for row in rows if row["OrderID"] in ids))
        for name in ("DatePlaced", "DateUpdated"):
            if f"{name}From" in filters:
                rows = [row for row in rows if filters[f"{name}From"] <= row[name] <= filters[f"{name}To"]]
        start = filters["Page"] * filters["Limit"]
        return ok("Order", *list(rows)[start : start + filters["Limit"]])


def events(record: Record, **tracking: Any) -> list[Event]:
    names = {metric: metric for metric in DEFAULTS}
    chosen = Tracking(**{"dialect": "neto", "names": names, **tracking})
    return messages(facts("neto", record.resource, record.body), lambda _: chosen)
