"""Stand-ins for what the service owns the use of but not the inside: a Klaviyo client, a clock, a recorder of wakes."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from companion.bootstrap import JobName
from companion.errors import Pause, RemoteError
from companion.klaviyo.client import Account
from companion.platforms import shopware
from companion.platforms.base import Access, Channels, Cursor, Page, RecipientPage, Record, Ref, Walk
from companion.quota import Quota


class Clock:
    """Time that moves when told to."""

    def __init__(self, start: datetime = datetime(2026, 3, 14, 10, 0, tzinfo=UTC)) -> None:
        self.time = start

    def __call__(self) -> datetime:
        return self.time

    def advance(self, seconds: float) -> datetime:
        self.time += timedelta(seconds=seconds)
        return self.time


@dataclass
class Wakes:
    """Remembers what was woken."""

    calls: list[tuple[JobName, int]] = field(default_factory=list)

    def __call__(self, job: JobName, store_id: int) -> None:
        self.calls.append((job, store_id))


class FakeShop:
    """A Shopware shop whose webhooks are real and whose Admin API is this dictionary of orders, and one of recipients.

    `script` may raise instead of an answer. Orders were written in the order of their ids; `changed` is when.
    """

    name = "shopware"
    title, route, accepted = shopware.title, shopware.route, shopware.accepted
    keys, defaults, settings = shopware.keys, shopware.defaults, shopware.settings
    choices, channel_id = shopware.choices, shopware.channel_id
    credentials = staticmethod(shopware.credentials)
    webhook_path = staticmethod(shopware.webhook_path)
    check = staticmethod(shopware.check)
    read = staticmethod(shopware.read)
    verify = staticmethod(shopware.verify)
    refs = staticmethod(shopware.refs)
    lifecycle = staticmethod(shopware.lifecycle)
    signals = shopware.signals

    def __init__(self) -> None:
        self.orders: dict[str, Any] = {}
        self.recipients: dict[str, dict[str, Any]] = {}
        self.recipients_a_page = 500
        self.changed: dict[str, datetime] = {}
        self.asked: list[list[str]] = []
        self.walked: list[tuple[Walk, Cursor | None]] = []
        self.script: Callable[[list[str]], RemoteError | None] = lambda _: None

    def fetch_records(self, access: Access, refs: Sequence[Ref]) -> Sequence[Record]:
        access.take()
        ids = [ref.id for ref in refs]
        self.asked.append(ids)
        remedy = self.script(ids)
        if remedy is not None:
            raise remedy
        orders = [Record("order", id_, self.orders[id_]) for id_ in ids if id_ in self.orders]
        people = [self._address(id_) for id_ in ids if id_ in self.recipients]
        return [*orders, *people]

    def fetch_page(self, access: Access, walk: Walk, cursor: Cursor | None, limit: int) -> Page:
        access.take()
        self.walked.append((walk, cursor))
        after = cursor["after"] if cursor else ""
        ids = [id_ for id_ in self._on(walk) if id_ > after][:limit]
        refs = [Ref("order", id_, self.orders[id_]["order"]["orderNumber"]) for id_ in ids]
        return Page(refs, {"after": ids[-1]} if len(ids) == limit else None)

    def count(self, access: Access, walk: Walk) -> int:
        access.take()
        return len(self._on(walk))

    def fetch_recipients(self, access: Access, channels: Channels, cursor: Cursor | None) -> RecipientPage:
        access.take()
        after, limit = cursor["after"] if cursor else "", self.recipients_a_page
        found = [row for id_, row in sorted(self.recipients.items()) if id_ > after and _is_in(channels, row)][:limit]
        records = [Record("newsletter_recipient", row["id"], row) for row in found]
        return RecipientPage(records, len(found), {"after": found[-1]["id"]} if len(found) == limit else None)

    def count_recipients(self, access: Access, channels: Channels) -> int:
        access.take()
        return sum(_is_in(channels, row) for row in self.recipients.values())

    def _address(self, id_: str) -> Record:
        email = self.recipients[id_]["email"].lower()
        rows = [row for row in self.recipients.values() if row["email"].lower() == email]
        return Record("newsletter_recipient", id_, {"recipients": rows})

    def _on(self, walk: Walk) -> list[str]:
        return sorted(id_ for id_ in self.orders if self._is_on(walk, id_))

    def _is_on(self, walk: Walk, id_: str) -> bool:
        order = self.orders[id_]["order"]
        placed = datetime.fromisoformat(order["orderDateTime"])
        at = placed if walk.by == "placed" else self.changed.get(id_, placed)
        in_time = (walk.since is None or at >= walk.since) and (walk.until is None or at < walk.until)
        return in_time and (not walk.channels or order["salesChannelId"] in walk.channels)


def _is_in(channels: Channels, row: dict[str, Any]) -> bool:
    channel: str = row["salesChannelId"]
    return (not channels.only or channel in channels.only) and channel not in channels.without


Script = Callable[[list[dict[str, Any]]], RemoteError | None]


def accept(_events: list[dict[str, Any]]) -> RemoteError | None:
    return None


class FakeKlaviyo:
    """Klaviyo's client as the work sees it: calls are remembered, `script` may answer one with a remedy.

    A remedy that is `unknown` accepts first. Like Klaviyo, it keeps the first of each (e-mail, metric, unique_id).
    """

    def __init__(self) -> None:
        self.calls: list[list[dict[str, Any]]] = []
        self.accepted: dict[tuple[str, str, str], dict[str, Any]] = {}
        self.repeated = 0
        self.script: Script = accept
        self.quota = Quota()
        self.accounts = {"pk_good": Account("ACC123", "Good Shop", "ACC123", "Europe/Berlin", "EUR", False)}
        self.scopes_of: dict[str, dict[str, bool | None]] = {}
        self._turn = threading.Lock()

    def create_event(self, key: str, body: bytes) -> Quota:
        attributes = orjson.loads(body)["data"]["attributes"]
        return self._take([attributes])

    def create_events(self, key: str, body: bytes) -> Quota:
        entries = orjson.loads(body)["data"]["attributes"]["events-bulk-create"]["data"]
        told = [
            {"profile": entry["attributes"]["profile"], **event["attributes"]}
            for entry in entries
            for event in entry["attributes"]["events"]["data"]
        ]
        return self._take(told)

    def account(self, key: str) -> Account:
        return self.accounts[key]

    def scopes(self, key: str) -> dict[str, bool | None]:
        if key not in self.accounts:
            raise Pause("Klaviyo answered 401: Incorrect authentication credentials.")
        return self.scopes_of.get(key, {"events:write": True, "lists:read": True})

    def _take(self, told: list[dict[str, Any]]) -> Quota:
        with self._turn:
            self.calls.append(told)
            remedy = self.script(told)
            if remedy is None or getattr(remedy, "unknown", False):
                for event in told:
                    self._keep(event)
        if remedy is not None:
            raise remedy
        return self.quota

    def _keep(self, event: dict[str, Any]) -> None:
        email = event["profile"]["data"]["attributes"]["email"]
        identity = (email, event["metric"]["data"]["attributes"]["name"], event["unique_id"])
        self.repeated += identity in self.accepted
        self.accepted.setdefault(identity, event)
