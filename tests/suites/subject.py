"""What a platform has to say of itself so that the tests of this folder can be asked of it."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime

from companion.platforms.base import Credentials, Platform, Record, Ref

SHOP_ID = "Sh0pIdOfTheTests"
SECRET = "shop-secret" * 6
"""What the shop and the service share: a key that signs, or a token in an address."""


@dataclass(frozen=True)
class Sample:
    """A webhook as the platform sends it: where to, with which headers, and its raw body, which is about `topic`."""

    topic: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Subject:
    """A platform under test.

    `accepted` is the status that its shops take for a yes; `credentials` is what is kept of a shop that holds SECRET.
    `sample(topic, moment, secret)` is a webhook about `order`, proven by that secret, or by none where it is empty.
    `altered(sample)` has one byte changed of what a signature covers, or one character of a secret address.
    `shop(moment)` is the platform with a shop behind it that holds `order`, fulfilled, and nothing else.
    `seen()` are records that shops returned or their documentation shows, each of which tells something.
    """

    platform: Platform
    accepted: int
    shop_url: str
    credentials: Credentials
    order: Ref
    topics: Sequence[str]
    sample: Callable[[str, datetime, str], Sample]
    altered: Callable[[Sample], Sample]
    shop: Callable[[datetime], AbstractContextManager[Platform]]
    seen: Callable[[], Sequence[Record]]
