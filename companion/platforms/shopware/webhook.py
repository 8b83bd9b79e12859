"""Shopware's webhooks: what a delivery claims, whether it is genuine, which orders it speaks of.

Reading touches the envelope only, the payload stays raw: this runs inside the shopper's checkout. Nothing here
takes a value from a payload but the ids of records, which are then read by the Admin API.
Source: Shopware, webhook events reference; observed on 6.5.8.14 and 6.6.7.1.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Final

import msgspec

from companion.errors import InvalidSignature, MalformedWebhook
from companion.platforms.base import Credentials, Delivery, Envelope, Lifecycle, Ref
from companion.platforms.shopware.credentials import opened
from companion.platforms.shopware.decoding import ShopId, decoded, moment
from mappings.errors import IgnoredTopic

LIVE_VERSION: Final = "0fa91ce3e96a4bc2be4bd9ce752c3425"
SIGNATURE: Final = "shopware-shop-signature"
LIFECYCLE: Final[dict[str, Lifecycle]] = {
    "app.installed": "inactive",
    "app.activated": "active",
    "app.updated": "unchanged",  # an app may be updated while it is deactivated
    "app.deactivated": "inactive",
    "app.deleted": "removed",
}
ORDER_TOPICS: Final = (
    "checkout.order.placed",
    "state_enter.order.",
    "state_enter.order_transaction.",
    "state_enter.order_delivery.",
)

NEWSLETTER_TOPICS: Final = frozenset({"newsletter.confirm", "newsletter.unsubscribe"})

Topic = Annotated[str, msgspec.Meta(pattern=r"\A[\x21-\x7e]{1,120}\Z")]
RecordId = Annotated[str, msgspec.Meta(pattern=r"\A[0-9a-f]{32}\Z")]


class _Source(msgspec.Struct, rename="camel"):
    shop_id: ShopId
    event_id: str = ""


class _Signal(msgspec.Struct):
    event: Topic
    payload: msgspec.Raw = msgspec.Raw(b"null")


class _Webhook(msgspec.Struct):
    data: _Signal
    source: _Source
    timestamp: int | float | str | None = None


class _Order(msgspec.Struct):
    id: RecordId


class _OrderPayload(msgspec.Struct):
    order: _Order


class _OrderSignal(msgspec.Struct):
    payload: _OrderPayload


class _OrderWebhook(msgspec.Struct):
    data: _OrderSignal


class _Written(msgspec.Struct, rename="camel"):
    entity: str
    operation: str
    primary_key: Any
    version_id: str = LIVE_VERSION


class _WrittenSignal(msgspec.Struct):
    payload: list[_Written] | dict[str, _Written]


class _WrittenWebhook(msgspec.Struct):
    data: _WrittenSignal


class _Recipient(msgspec.Struct):
    """What the shop tells of a recipient: hardly more than its id, under a name of its own."""

    unique_identifier: RecordId | None = msgspec.field(default=None, name="_uniqueIdentifier")
    id: RecordId | None = None


class _RecipientPayload(msgspec.Struct):
    recipient: _Recipient = msgspec.field(name="newsletterRecipient")


class _RecipientSignal(msgspec.Struct):
    payload: _RecipientPayload


class _RecipientWebhook(msgspec.Struct):
    data: _RecipientSignal


_webhook = msgspec.json.Decoder(_Webhook)
_order_webhook = msgspec.json.Decoder(_OrderWebhook)
_written_webhook = msgspec.json.Decoder(_WrittenWebhook)
_recipient_webhook = msgspec.json.Decoder(_RecipientWebhook)


def read(delivery: Delivery) -> Envelope:
    """Say what a delivery claims to be. Raises MalformedWebhook naming the field."""
    webhook = decoded(_webhook, delivery.body)
    event_id = webhook.source.event_id
    if not (0 < len(event_id) <= 64 and event_id.isascii() and event_id.isprintable()):
        event_id = hashlib.sha256(delivery.body).hexdigest()
    sent_at = None if webhook.timestamp is None else moment(webhook.timestamp, "$.timestamp")
    return Envelope(webhook.source.shop_id, event_id, webhook.data.event, sent_at)


def verify(delivery: Delivery, credentials: Credentials, now: datetime) -> bool:
    """True: signed by the registration in force. False: by one that waits for an admin's yes."""
    claimed = delivery.headers.get(SIGNATURE, "")
    standing = opened(credentials).standing(delivery.body, claimed, now)
    if standing is None:
        raise InvalidSignature(f"{SIGNATURE}: no secret in force signs this body")
    return standing == "in force"


def lifecycle(topic: str) -> Lifecycle | None:
    """The state the app's own events put the store into."""
    return LIFECYCLE.get(topic)


def refs(topic: str, body: bytes) -> Sequence[Ref]:
    """Name the orders or the recipient a signal speaks of, each once. Raises IgnoredTopic or MalformedWebhook."""
    if topic == "order.written":
        return _live_orders(decoded(_written_webhook, body).data.payload)
    if topic.startswith(ORDER_TOPICS):
        return (Ref("order", decoded(_order_webhook, body).data.payload.order.id),)
    if topic in NEWSLETTER_TOPICS:
        return (_recipient(decoded(_recipient_webhook, body).data.payload.recipient),)
    raise IgnoredTopic(topic)


def _recipient(found: _Recipient) -> Ref:
    id_ = found.unique_identifier or found.id
    if id_ is None:
        raise MalformedWebhook("$.data.payload.newsletterRecipient._uniqueIdentifier: is missing")
    return Ref("newsletter_recipient", id_)


def _live_orders(written: list[_Written] | dict[str, _Written]) -> Sequence[Ref]:
    """An edit in the administration writes drafts of the order first; only the live version counts."""
    entries = written.values() if isinstance(written, dict) else written
    keys = [
        entry.primary_key
        for entry in entries
        if entry.entity == "order" and entry.operation != "delete" and entry.version_id == LIVE_VERSION
    ]
    if not keys:
        raise IgnoredTopic("order.written without a live order")
    try:
        ids = msgspec.convert(keys, list[RecordId])
    except msgspec.ValidationError as error:
        raise MalformedWebhook(f"$.data.payload[].primaryKey: {error}") from None
    return tuple(Ref("order", id_) for id_ in dict.fromkeys(ids))
