"""What two real shops sent, request by request, and what their Admin API held when they had sent it all.

Nothing is signed here: every signature is the shop's own, over the bytes it sent. So that they hold, the service is
given the secrets that were given to the shops, by way of the standard library's `secrets`.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from typing import Any

import orjson
import responses
from requests import PreparedRequest

from tests.mappings import recorded

Json = dict[str, Any]

PERSONAL = {
    *("email", "firstName", "lastName", "street", "zipcode", "city", "company", "phoneNumber", "birthday"),
    *("deepLinkCode", "contextToken", "hash", "remoteAddress", "customerComment", "password", "additionalAddressLine1"),
}
"""Names of fields whose values tell of a person, or open a door in a person's name."""


@lru_cache
def exchanges(version: str) -> tuple[Json, ...]:
    """Registrations, confirmations and webhooks of a shop, in the order of their arrival."""
    found = [
        recorded.read(path)
        for folder in ("registration", "webhooks")
        for path in (recorded.needed() / version / folder).glob("0*.json")
    ]
    return tuple(sorted(found, key=lambda one: int(one["n"])))


def registrations(version: str) -> list[Json]:
    return [one for one in exchanges(version) if one["method"] == "GET"]


def webhooks(version: str) -> list[Json]:
    return [one for one in exchanges(version) if one["path"].endswith("/webhook")]


def event_id(webhook: Json) -> str:
    return str(orjson.loads(webhook["body_raw"])["source"]["eventId"])


def altered(webhook: Json) -> Json:
    """The same webhook with one byte changed, the last digit of its time."""
    body = webhook["body_raw"]
    return webhook | {"body_raw": body[:-2] + str((int(body[-2]) + 1) % 10) + body[-1]}


def arrived_at(exchange: Json) -> datetime:
    return datetime.fromisoformat(exchange["received_at"])


def records(version: str, resource: str) -> list[Json]:
    """What the Admin API held at the end."""
    if resource == "newsletter-recipient":
        name = recorded.SHOPS / version / "admin-api" / "newsletter-recipient.search.json"
        return list(recorded.read(name)["response"]["body"]["data"])
    bodies = recorded.records(version).values()
    if resource == "order":
        return [body["order"] for body in bodies]
    if resource == "product":
        return list({id_: product for body in bodies for id_, product in body["products"].items()}.values())
    return sorted((entry for body in bodies for entry in body["history"]), key=lambda entry: entry["createdAt"])


def serve_admin_api(http: responses.RequestsMock, version: str) -> None:
    """The Admin API of the recorded shop, at whichever address it has."""

    def search(request: PreparedRequest) -> tuple[int, dict[str, str], bytes]:
        resource = str(request.url).rpartition("/")[2]
        asked = orjson.loads(request.body or b"")
        found = [row for row in records(version, resource) if _is_asked_for(row, asked)]
        return 200, {}, orjson.dumps({"total": len(found), "data": found, "aggregations": []})

    http.post(re.compile("http://[^/]+/api/oauth/token"), json={"access_token": "token", "expires_in": 600})
    http.add_callback("POST", re.compile("http://[^/]+/api/search/.+"), search)


def _is_asked_for(row: Json, asked: Json) -> bool:
    if "ids" in asked:
        return row["id"] in asked["ids"]
    return all(row.get(one["field"]) in one["value"] for one in asked["filter"] if one["type"] == "equalsAny")


def personal(version: str) -> set[str]:
    """Everything a log line must not hold: the people's own words, and whatever opens a door."""
    sources: list[Any] = [orjson.loads(one["body_raw"]) for one in exchanges(version) if one["body_raw"]]
    sources += records(version, "order") + records(version, "newsletter-recipient")
    found = {value for source in sources for name, value in _texts(source) if name in PERSONAL and len(value) > 3}
    return found | {one[name] for one in exchanges(version) for name in ("secret", "app_secret") if name in one}


def _texts(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _texts(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner, name)
    elif isinstance(value, str):
        yield name, value
