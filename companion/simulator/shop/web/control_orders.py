"""Orders by the control API: place them, move them, seed years of them, and read what they should come to."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import msgspec
import orjson
from flask import Response, request

from companion.simulator.shop.shop import Shop
from companion.simulator.shop.trade import checkout, history, ledger, office
from companion.simulator.shop.trade.spec import OrderSpec
from companion.simulator.shop.trade.states import Machine
from companion.simulator.shop.web.door import Door, body


class Orders(msgspec.Struct, forbid_unknown_fields=True):
    """`spec` is placed `count` times, each of `specs` once; with neither, `count` orders are chosen."""

    count: int = 1
    spec: OrderSpec | None = None
    specs: tuple[OrderSpec, ...] = ()


class Move(msgspec.Struct, forbid_unknown_fields=True):
    """A transition; `amount` is what a partial payment or refund is about, e.g. "12.50"."""

    machine: Machine
    action: str
    amount: Decimal | None = None


class Years(msgspec.Struct, forbid_unknown_fields=True):
    """How many orders to spread over the last years; the same seed makes the same orders."""

    orders: int
    years: float = 3.0
    seed: int = 1


class Text(msgspec.Struct, forbid_unknown_fields=True):
    """A tracking code or a comment."""

    text: str


def place(door: Door) -> Any:
    asked = body(Orders)
    if asked.specs or asked.spec:
        specs = asked.specs or (asked.spec or OrderSpec(),) * asked.count
        return {"ids": [checkout.place(door.shop, spec) for spec in specs]}
    return {"ids": checkout.place_any(door.shop, asked.count)}


def show_order(door: Door, order_id: str) -> Any:
    return ledger.entry(door.shop.database, door.shop.database.get("order", order_id))


def move_order(door: Door, order_id: str) -> Any:
    asked = body(Move)
    return office.transition(door.shop, order_id, asked.machine, asked.action, asked.amount)


def complete_order(door: Door, order_id: str) -> Any:
    return office.complete(door.shop, order_id)


def track_order(door: Door, order_id: str) -> Any:
    office.set_tracking_code(door.shop, order_id, body(Text).text)
    return {}


def edit_order(door: Door, order_id: str) -> Any:
    office.edit(door.shop, order_id, body(Text).text)
    return {}


def seed_history(door: Door) -> Any:
    asked = body(Years)
    return history.seed(door.shop, asked.orders, asked.years, asked.seed)


def read_ledger(door: Door) -> Response:
    after, limit = request.args.get("after", 0, int), request.args.get("limit", 100_000, int)
    return Response(_streamed(door.shop, after, limit), mimetype="application/json")


def _streamed(shop: Shop, after: int, limit: int) -> Iterator[bytes]:
    yield b'{"orders":['
    for position, entry in enumerate(ledger.entries(shop.database, after, limit)):
        yield (b"," if position else b"") + orjson.dumps(entry)
    yield b"]}"


ROUTES = (
    ("POST", "/orders", place),
    ("GET", "/orders/<order_id>", show_order),
    ("POST", "/orders/<order_id>/transitions", move_order),
    ("POST", "/orders/<order_id>/complete", complete_order),
    ("POST", "/orders/<order_id>/tracking", track_order),
    ("POST", "/orders/<order_id>/edit", edit_order),
    ("POST", "/history", seed_history),
    ("GET", "/ledger", read_ledger),
)
