"""A shop that costs next to nothing: its orders are made of one, and one is all it has to know to answer.

An order's number is in its id. Those from LIVE on were placed at that millisecond, the others a minute after each other
long ago. What the service asks for is answered as the Admin API would, whatever else is asked is an error.
"""

import os
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import orjson
from flask import Flask, Response, request

from tests.bench.pipeline import record
from tests.build import order_id

LIVE: Final = 10**12
FIRST: Final = datetime(2024, 1, 1, tzinfo=UTC)
NUMBER: Final = 987_654
MADE: Final = record(NUMBER)
ORDER: Final = orjson.dumps(MADE["order"])
HISTORY: Final = orjson.dumps(MADE["history"])[1:-1]
PLACED: Final = MADE["order"]["orderDateTime"].partition("T")[0].encode()


def create_app() -> Flask:
    app, orders = Flask("lean shop"), int(os.environ["LEAN_SHOP_ORDERS"])

    @app.post("/api/oauth/token")
    def token() -> dict[str, Any]:
        return {"access_token": "lean", "expires_in": 600, "token_type": "Bearer"}

    @app.post("/api/search/order")
    def order() -> Response:
        asked = request.get_json()
        if "ids" in asked:
            return _answer(b",".join(_made(ORDER, int(id_, 16)) for id_ in asked["ids"]))
        after = next(one["parameters"]["gt"] for one in asked["filter"] if one["field"] == "autoIncrement")
        named = range(after + 1, min(orders, after + asked["limit"]) + 1)
        rows = [{"id": order_id(one), "orderNumber": str(one), "autoIncrement": one} for one in named]
        return _answer(orjson.dumps(rows)[1:-1], orders if "total-count-mode" in asked else len(rows))

    @app.post("/api/search/state-machine-history")
    def history() -> Response:
        subjects = next(one["value"] for one in request.get_json()["filter"] if one["type"] == "equalsAny")
        return _answer(b",".join(_made(HISTORY, int(id_, 16)) for id_ in subjects))

    @app.post("/api/search/product")
    def product() -> Response:
        return _answer(b"")

    return app


def _answer(rows: bytes, total: int = 0) -> Response:
    return Response(b'{"data":[%b],"total":%d}' % (rows, total), mimetype="application/json")


def _made(template: bytes, number: int) -> bytes:
    """The order of this number, or its history."""
    placed = datetime.fromtimestamp(number / 1000, UTC) if number >= LIVE else FIRST + timedelta(minutes=number)
    made = template.replace(order_id(NUMBER).encode(), order_id(number).encode())
    made = made.replace(b"%d" % NUMBER, b"%d" % number).replace(b"%d" % (10_000 + NUMBER), b"%d" % (10_000 + number))
    return made.replace(PLACED + b"T09:59", placed.strftime("%Y-%m-%dT%H:%M").encode())
