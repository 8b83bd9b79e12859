"""Shopware for the tests that every platform is asked: webhooks signed over their body, to one address."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any, cast

from companion.platforms import shopware
from companion.platforms.base import Platform, Record, Ref
from tests.build import order_body, order_id
from tests.fakes import FakeShop
from tests.mappings import recorded
from tests.suites.subject import SECRET, SHOP_ID, Sample, Subject
from tests.webhooks.shop import envelope, order, sign


def _sample(topic: str, moment: datetime, secret: str) -> Sample:
    payload: Any = order(1)
    if topic == "order.written":
        payload = [{"entity": "order", "operation": "insert", "primaryKey": order_id(1)}]
    body = envelope(SHOP_ID, topic, payload, f"{topic} once", moment.timestamp())
    headers = {"shopware-shop-signature": sign(body, secret)} if secret else {}
    return Sample(topic, "/shopware/webhook", headers, body)


def _altered(sample: Sample) -> Sample:
    """Still a webhook: only the last digit of its time is another."""
    body = sample.body
    place = max(place for place, byte in enumerate(body) if chr(byte).isdigit())
    digit = b"1" if body[place : place + 1] == b"0" else b"0"
    return replace(sample, body=body[:place] + digit + body[place + 1 :])


@contextmanager
def _shop(_moment: datetime) -> Iterator[Platform]:
    shop = FakeShop()
    shop.orders[order_id(1)] = order_body(1, states=("completed",))
    yield cast("Platform", shop)


def _seen() -> Sequence[Record]:
    recorded.needed()
    bodies = [body for version in recorded.VERSIONS for body in recorded.records(version).values()]
    return [Record("order", body["order"]["id"], body) for body in bodies]


SUBJECT = Subject(
    platform=cast("Platform", shopware),
    accepted=202,
    shop_url="https://shop.shop-owner.net",
    credentials={"secret": SECRET, "client_id": "SWIATESTS", "client_secret": "client-secret"},
    order=Ref("order", order_id(1)),
    topics=sorted({topic for topics in shopware.signals.topics.values() for topic in topics}),
    sample=_sample,
    altered=_altered,
    shop=_shop,
    seen=_seen,
)
