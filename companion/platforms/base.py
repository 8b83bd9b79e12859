"""What the service needs of a platform: how it talks, never what it means (meaning lives in `mappings`).

A platform is a module that satisfies `Platform`; there is no base class. Platform modules do not touch the
database and know nothing of Klaviyo.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol

Credentials = dict[str, Any]
Lifecycle = Literal["active", "inactive", "removed"]


@dataclass(frozen=True, slots=True)
class Delivery:
    """One HTTP request at the webhook door: headers with lower-case names, the raw bytes, the URL's own parts."""

    headers: Mapping[str, str]
    body: bytes
    path: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Envelope:
    """What a delivery says of itself, before anything of it is believed."""

    shop_id: str
    webhook_id: str
    topic: str
    sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class Ref:
    """A record to read: its resource (`order`) and the platform's id."""

    resource: str
    id: str


@dataclass(frozen=True, slots=True)
class Record:
    """A record as the platform returned it. `body` has the platform's own shape; only its mapping reads it."""

    resource: str
    id: str
    body: Any


@dataclass(frozen=True, slots=True)
class Access:
    """What a client needs to talk to one shop. `now` is the service's clock.

    `take` asks the shop's request budget for one call and raises `Retry` when it is spent.
    """

    store_key: str
    shop_url: str
    credentials: Credentials
    now: Callable[[], datetime]
    take: Callable[[], None]


class Platform(Protocol):
    """The functions a platform module offers to shared code."""

    name: str

    def read(self, delivery: Delivery) -> Envelope:
        """Say what a delivery claims to be, cheaply. Raises MalformedWebhook."""

    def verify(self, delivery: Delivery, credentials: Credentials, now: datetime) -> bool:
        """Check the signature in constant time over the raw bytes; raise InvalidSignature.

        Returns False when the delivery is genuine but has to be held: it is signed by a registration
        that still waits for an admin's yes.
        """

    def refs(self, topic: str, body: bytes) -> Sequence[Ref]:
        """Name the records a signal speaks of. Raises mappings IgnoredTopic or MalformedWebhook."""

    def lifecycle(self, topic: str) -> Lifecycle | None:
        """The state a store enters by this topic, or None for a topic about records."""

    def fetch_records(self, access: Access, refs: Sequence[Ref]) -> Sequence[Record]:
        """Read the records in as few calls as possible; those the shop no longer has are left out.

        Raises Retry, Bury or Pause.
        """
