"""What the service needs of a platform: how it talks, never what it means (meaning lives in `mappings`).

A platform is a module that satisfies `Platform`; there is no base class. Platform modules do not touch the
database and know nothing of Klaviyo.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

Credentials = dict[str, Any]
Cursor = dict[str, Any]
"""Where a walk is, in the platform's own terms: JSON, read by nobody else."""

Lifecycle = Literal["active", "inactive", "removed", "unchanged"]


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
    """A record to read: its resource (`order`) and the platform's id. `label` is what a person knows it by."""

    resource: str
    id: str
    label: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Record:
    """A record as the platform returned it. `body` has the platform's own shape; only its mapping reads it."""

    resource: str
    id: str
    body: Any


@dataclass(frozen=True, slots=True)
class Access:
    """What a client needs to talk to one shop. `now` is the service's clock.

    `take` asks the shop's request budget for one call and raises `Retry` when it is spent. `page` is how many whole
    records one call may ask for. `settings` are the merchant's choices for the store.
    """

    store_key: str
    shop_url: str
    credentials: Credentials
    now: Callable[[], datetime]
    take: Callable[[], None]
    page: int = 50
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Key:
    """Something that a person types to connect a shop, e.g. an API key. A `secret` is never shown again."""

    name: str
    label: str
    help: str
    secret: bool = False
    required: bool = True


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting of the store that this platform reads, as a person is asked for it.

    `name` and limits are those of `companion.store_settings`. `kind` is how it is typed; a list one entry a line.
    `options` are a choice's, by value; `usual` says what holds where nothing is set: None for the service's own.
    """

    name: str
    label: str
    help: str
    kind: Literal["number", "text", "switch", "choice", "list"] = "number"
    unit: str = ""
    usual: float | str | None = None
    options: Mapping[str, str] = field(default_factory=dict)


Choice = Literal["repeats", "order_identifier", "custom_fields"]
"""The merchant's choices that not every platform gives a meaning."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a look at the connection found: about what, how it stands, and a sentence that says what to do."""

    about: str
    tone: Literal["good", "warn", "bad"]
    said: str


@dataclass(frozen=True, slots=True)
class Walk:
    """Which records a run reads: those `placed` from `since` until before `until`, or those `changed` since.

    `channels` holds sales channel ids; none means all.
    """

    resource: str
    by: Literal["placed", "changed"]
    since: datetime | None = None
    until: datetime | None = None
    channels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """Some records of a walk, and where the next page begins: None after the last one."""

    refs: Sequence[Ref]
    cursor: Cursor | None


@dataclass(frozen=True, slots=True)
class Channels:
    """Which sales channels are meant, by id: `only` these where any are named, and none of `without`."""

    only: tuple[str, ...] = ()
    without: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RecipientPage:
    """Some newsletter recipients, and where the next page begins: None after the last one.

    `counted` is how many of them no later page brings again, so that all pages together count each once.
    """

    records: Sequence[Record]
    counted: int
    cursor: Cursor | None


@dataclass(frozen=True, slots=True)
class Signals:
    """How a platform's webhooks tell of facts: the topics that a metric's fact sends, any of which is enough.

    `remedy` is what a person does where they stopped coming.
    """

    topics: Mapping[str, tuple[str, ...]]
    remedy: str


class Platform(Protocol):
    """The functions a platform module offers to shared code.

    `title` is its name for people. `route` is its webhooks' path, with the parts that `Delivery.path` holds; `accepted`
    the status that tells the shop that a webhook was taken. `keys` is what a person types to connect a shop: none where
    shops register by themselves. `defaults` are the settings that a new store begins with. `settings` are those that a
    person may change, `choices` those of all platforms' that mean something here. `channel_id` tells a person what
    a sales channel is known by.
    """

    name: str
    title: str
    signals: Signals
    route: str
    accepted: int
    keys: Sequence[Key]
    defaults: Mapping[str, Any]
    settings: Sequence[Setting]
    choices: Collection[Choice]
    channel_id: str

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
        """The state a store enters by one of the app's own topics, or None for a topic about records."""

    def fetch_records(self, access: Access, refs: Sequence[Ref]) -> Sequence[Record]:
        """Read the records in as few calls as possible; those the shop no longer has are left out.

        Raises Retry, Bury or Pause.
        """

    def fetch_page(self, access: Access, walk: Walk, cursor: Cursor | None, limit: int) -> Page:
        """Name up to `limit` records of a walk, from the cursor on, in few and light calls.

        The order is one that nothing can upset: whatever is added, changed or deleted meanwhile, a record that is
        there from the first page to the last is named, and once. Raises Retry, Bury or Pause.
        """

    def count(self, access: Access, walk: Walk) -> int:
        """How many records a walk by `placed` names. Raises Retry, Bury or Pause."""

    def fetch_recipients(self, access: Access, channels: Channels, cursor: Cursor | None) -> RecipientPage:
        """The next page of all newsletter recipients, whatever their status. Raises Retry, Bury or Pause."""

    def count_recipients(self, access: Access, channels: Channels) -> int:
        """How many newsletter recipients there are, whatever their status. Raises Retry, Bury or Pause."""

    def credentials(self, typed: Mapping[str, str]) -> Credentials:
        """What is kept, sealed, of what was typed for `keys`, with the secrets that we make ourselves."""

    def webhook_path(self, shop_id: str, credentials: Credentials) -> str:
        """The path that a person enters in the shop, so that its webhooks come; empty where the shop knows it."""

    def check(self, access: Access) -> Sequence[Finding]:
        """Look at the connection: what works, what does not, and what to do about it. Raises Retry, Bury or Pause."""
