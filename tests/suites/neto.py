"""Neto for the tests that every platform is asked: nothing is signed, the secret is the end of the address."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import cast

from companion.platforms import neto
from companion.platforms.base import Platform, Record, Ref
from tests.build import PLACED_AT
from tests.fakes import Clock
from tests.platforms.neto import SHOP, Orders, access, notification, sample, shop, things
from tests.suites.subject import SECRET, SHOP_ID, Sample, Subject

STATUSES = ("Dispatched", "New", "Pick", "Pack", "On Hold", "Cancelled")
ORDERS = ("getorder_response_two_lines_coupon", "getorder_response_dispatched", "getorder_response_cancelled")


def _sample(topic: str, _moment: datetime, secret: str) -> Sample:
    type_, _, status = topic.partition(".")
    body = notification(1, "N1", status) if type_ == "order" else notification(1, "N1", type_=topic)
    headers = {"content-type": "text/xml", "neto-notification": "Order"}
    return Sample(topic, f"/neto/{SHOP_ID}/{secret}", headers, body.encode())


def _altered(sample: Sample) -> Sample:
    last = "x" if sample.path[-1] != "x" else "y"
    return replace(sample, path=sample.path[:-1] + last)


@contextmanager
def _shop(moment: datetime) -> Iterator[Platform]:
    """Neto's own client, with a shop at the other end of HTTP."""
    orders = Orders(Clock(PLACED_AT))
    orders.put(1, OrderStatus="Dispatched")
    with shop(moment, GetOrder=orders):
        yield cast("Platform", neto)


def _seen() -> Sequence[Record]:
    """The documented orders, one after the other, and the cart, as the client hands them over."""
    found: list[Record] = []
    for name in ORDERS:
        with shop(GetOrder=sample(name), GetItem=things):
            found += neto.fetch_records(access(), [Ref("order", "N10482")])
    with shop(GetCart=sample("getcart_response_inferred"), GetItem=things):
        return [*found, *neto.fetch_records(access(), [Ref("cart", "88412")])]


SUBJECT = Subject(
    platform=cast("Platform", neto),
    accepted=200,
    shop_url=SHOP,
    credentials={"api_key": "key", "token": SECRET},
    order=Ref("order", "N1"),
    topics=[f"order.{status}" for status in STATUSES],
    sample=_sample,
    altered=_altered,
    shop=_shop,
    seen=_seen,
)
