"""A simulator in this process, a clock that stands still until told otherwise, and short ways to call it."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from companion.simulator.klaviyo import DEFAULT_KEY, Config, create_app

JSON_API = "application/vnd.api+json"
PERSON = "kim@shop-customer.net"


class StillClock:
    """Noon of a day in August; moves when told."""

    def __init__(self) -> None:
        self.at = datetime(2026, 8, 2, 12, 0, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def move(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


class Caller:
    """Calls one simulator as an integration would, and its control API as a test would."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self._client = app.test_client()

    def call(
        self, method: str, path: str, document: Any = None, key: str = DEFAULT_KEY, **headers: str
    ) -> TestResponse:
        sent = {"Authorization": f"Klaviyo-API-Key {key}", "revision": "2026-07-15", "Content-Type": JSON_API}
        sent.update({name.replace("_", "-"): value for name, value in headers.items()})
        body = document if isinstance(document, bytes) else None if document is None else json.dumps(document)
        return self._client.open(path, method=method, headers=sent, data=body)

    def get(self, path: str, **query: str) -> Any:
        reply = self._client.get(path, query_string=query or None, headers=self._headers())
        assert reply.status_code == 200, reply.text
        return json.loads(reply.data)

    def post(self, path: str, document: Any) -> TestResponse:
        return self.call("POST", path, document)

    def control(self, method: str, path: str, document: Any = None) -> Any:
        reply = self._client.open(f"/_sim/{path}", method=method, data=json.dumps(document) if document else None)
        assert reply.status_code < 300, reply.text
        return json.loads(reply.data)

    def ledger(self, **query: str) -> list[dict[str, Any]]:
        reply = self._client.get("/_sim/ledger", query_string=query)
        return [json.loads(line) for line in reply.data.splitlines()]

    def all(self, path: str, **query: str) -> list[dict[str, Any]]:
        """Every item of every page, following links.next."""
        page = self.get(path, **query)
        found = list(page["data"])
        while page["links"]["next"]:
            page = self.get(page["links"]["next"])
            found += page["data"]
        return found

    @staticmethod
    def _headers() -> dict[str, str]:
        return {"Authorization": f"Klaviyo-API-Key {DEFAULT_KEY}", "revision": "2026-07-15"}


def event(unique_id: str | None = "SO-1", email: str = PERSON, **changes: Any) -> dict[str, Any]:
    """The body of a single event; `changes` replace attributes of it."""
    attributes: dict[str, Any] = {
        "metric": {"data": {"type": "metric", "attributes": {"name": "Placed Order"}}},
        "profile": {"data": {"type": "profile", "attributes": {"email": email}}},
        "properties": {"OrderId": "1"},
        "time": "2026-08-02T11:59:58+00:00",
        "value": 48.9,
        "value_currency": "EUR",
        **({"unique_id": unique_id} if unique_id is not None else {}),
        **changes,
    }
    return {"data": {"type": "event", "attributes": {k: v for k, v in attributes.items() if v is not None}}}


def entry(unique_id: str, email: str = PERSON, **changes: Any) -> dict[str, Any]:
    """One entry of a bulk request with one event in it."""
    attributes = event(unique_id, email, **changes)["data"]["attributes"]
    profile = attributes.pop("profile")
    events = {"data": [{"type": "event", "attributes": attributes}]}
    return {"type": "event-bulk-create", "attributes": {"profile": profile, "events": events}}


def bulk(*entries: dict[str, Any]) -> dict[str, Any]:
    """The body of a bulk request."""
    attributes = {"events-bulk-create": {"data": list(entries)}}
    return {"data": {"type": "event-bulk-create-job", "attributes": attributes}}


def problems(reply: TestResponse) -> list[tuple[str, str]]:
    """(pointer or parameter, detail) of every error in an answer."""
    found = json.loads(reply.data)["errors"]
    return [(one["source"].get("pointer") or one["source"]["parameter"], one["detail"]) for one in found]


@pytest.fixture
def time() -> StillClock:
    return StillClock()


@pytest.fixture
def config(time: StillClock) -> Config:
    return Config(now=time)


@pytest.fixture
def sim(config: Config) -> Caller:
    return Caller(create_app(config))
