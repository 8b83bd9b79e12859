"""The platforms that every test of this folder asks the same of. A new platform joins by one entry in PLATFORMS."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import orjson

from companion.platforms import shopware
from companion.platforms.base import Platform, Record
from tests.build import order_body, order_id
from tests.fakes import FakeShop
from tests.mappings import recorded
from tests.webhooks.shop import envelope, order, sign

SHOP_ID = "Sh0pIdOfTheTests"
SECRET = "shop-secret" * 6


@dataclass(frozen=True)
class Sample:
    """A webhook as the platform sends it: topic, raw body, signed headers, and the record its shop then returns."""

    topic: str
    body: bytes
    headers: Mapping[str, str]
    record: Record


@dataclass(frozen=True)
class Subject:
    """A platform under test. `signed` is False where its webhooks bear no signature, only a secret address.

    `shop(record)` is the platform with a shop behind it that holds one record.
    `sample(topic, moment)` makes a webhook of a topic about one order; `samples` are records that were really seen.
    """

    platform: Platform
    shop: Callable[[Record], Platform]
    path: str
    signed: bool
    topics: Sequence[str]
    sample: Callable[[str, float], Sample]
    samples: Callable[[], Sequence[Record]]


def _shopware(topic: str, moment: float) -> Sample:
    payload: Any = order(1)
    if topic == "order.written":
        payload = [{"entity": "order", "operation": "insert", "primaryKey": order_id(1)}]
    body = envelope(SHOP_ID, topic, payload, f"{topic} once", moment)
    record = Record("order", order_id(1), order_body(1, states=("completed",)))
    return Sample(topic, body, {"shopware-shop-signature": sign(body, SECRET)}, record)


def _shopware_holding(record: Record) -> Platform:
    shop = FakeShop()
    shop.orders[record.id] = record.body
    return cast("Platform", shop)


def _shopware_seen() -> Sequence[Record]:
    recorded.needed()
    bodies = [body for version in recorded.VERSIONS for body in recorded.records(version).values()]
    return [Record("order", body["order"]["id"], body) for body in bodies]


PLATFORMS: Mapping[str, Subject] = {
    "shopware": Subject(
        platform=cast("Platform", shopware),
        shop=_shopware_holding,
        path="/shopware/webhook",
        signed=True,
        topics=sorted({topic for topics in shopware.signals.topics.values() for topic in topics}),
        sample=_shopware,
        samples=_shopware_seen,
    ),
}


def altered(body: bytes) -> bytes:
    """One byte of it changed, and still a webhook: the last digit of its time."""
    place = max(place for place, byte in enumerate(body) if chr(byte).isdigit())
    assert orjson.loads(body)
    return body[:place] + (b"1" if body[place : place + 1] == b"0" else b"0") + body[place + 1 :]
