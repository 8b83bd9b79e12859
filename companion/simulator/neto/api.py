"""Neto's API: one address, the action in a header, everything with status 200 that Neto answers itself."""

import hmac
import json
from typing import Any, Final

from flask import Blueprint, Response, request

from companion.simulator.neto.books import Books, Json, stamp
from companion.simulator.neto.config import KEY
from companion.simulator.neto.habits import Habits, cut, shifted

KINDS: Final = {
    "GetOrder": ("Order", "OrderID"),
    "GetItem": ("Item", "SKU"),
    "GetCustomer": ("Customer", "Username"),
    "GetCart": ("Cart", "CartID"),
    "GetRma": ("Rma", "RmaID"),
}
TIMES: Final = {"DatePlaced": "made", "DateAdded": "made", "DateCreated": "made", "DateUpdated": "updated"}
EQUALS: Final = ("OrderStatus", "OrderType", "SalesChannel", "CheckoutStatus", "NewsletterSubscriber", "OrderID")
CURRENCY: Final = {"DEFAULTCOUNTRY": "AU", "DEFAULTCURRENCY": "AUD", "GST_AMT": "10"}


def blueprint(books: Books, habits: Habits) -> Blueprint:
    """The one route of the API."""
    door = Blueprint("api", __name__)

    @door.post("/do/WS/NetoAPI")
    def call() -> Response:
        if habits.spent():
            return Response("Too many requests", 429)
        failure = habits.failure()
        if failure == "500":
            return Response("Internal error", 500)
        if failure == "html":
            return Response("<html><title>Back soon</title></html>", 200, mimetype="text/html")
        body = _error("An unexpected error occurred") if failure == "error" else _answer(books, habits)
        text = cut(body) if failure == "cut" else json.dumps(body)
        return Response(text, 200, mimetype="application/json")

    return door


def _answer(books: Books, habits: Habits) -> Json:
    """Underscores in header names survive only in the WSGI environment."""
    environ, now = request.environ, habits.now()
    action, key = environ.get("HTTP_NETOAPI_ACTION", ""), environ.get("HTTP_NETOAPI_KEY", "")
    if not hmac.compare_digest(key.encode(), KEY.encode()):
        return _error("Invalid API key")
    if action in now["deny"]:
        return _error(f"The user does not have permission to use {action}")
    if action == "GetCurrencySettings":
        return _success(habits, "CurrencySettings", [CURRENCY])
    if action not in KINDS:
        return _error(f"Unknown action {action}")
    if action == "GetCart" and not now["addon"]:
        return _error("The Abandoned Cart Saver add-on is not installed")
    body = request.get_json(silent=True)
    if not isinstance(body, dict) or not isinstance(body.get("Filter"), dict):
        return _error("JSON Error")
    filters: Json = body["Filter"]
    if not filters.get("OutputSelector"):
        return _error("OutputSelector is required")
    return _success(habits, KINDS[action][0], _matching(books, action, filters, now))


def _matching(books: Books, action: str, filters: Json, habits: Json) -> list[Json]:
    """One page of what the filters leave; where records are shown twice, it begins with the last of the one before."""
    kind, key = KINDS[action]
    asked = {name: value for name, value in filters.items() if name not in ("Page", "Limit", "OutputSelector")}
    if not asked:
        return []
    times = {
        f"{TIMES[name.removesuffix(side)]}_{side.lower()}": shifted(str(value), -float(habits["clock_hours"]))
        for name, value in asked.items()
        for side in ("From", "To")
        if name.endswith(side) and name.removesuffix(side) in TIMES
    }
    page, limit = int(filters.get("Page", 0)), int(filters.get("Limit", 50))
    return books.find(
        kind,
        ids=_listed(asked[key]) if key in asked else [],
        times=times,
        values={name: _listed(asked[name]) for name in EQUALS if name in asked and name != key},
        limit=limit,
        offset=page * (limit - 1 if habits["duplicates"] else limit),
    )


def _listed(value: Any) -> list[str]:
    return [str(one) for one in (value if isinstance(value, list) else [value])]


def _success(habits: Habits, entity: str, rows: list[Json]) -> Json:
    time = shifted(stamp(), float(habits.now()["clock_hours"]))
    return {entity: habits.told(rows), "CurrentTime": time, "Ack": "Success"}


def _error(said: str) -> Json:
    message = {"Message": said, "SeverityCode": "Error", "Description": ""}
    return {"CurrentTime": stamp(), "Ack": "Error", "Messages": [{"Error": message}]}
