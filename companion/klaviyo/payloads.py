"""Events as the bytes that will be sent. Written once, when a message enters the outbox; joined afterwards.

Shapes: https://developers.klaviyo.com/en/reference/create_event and /bulk_create_events
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec

from mappings.model import Event

BULK_EVENTS: Final = 1_000
BULK_BYTES: Final = 4_500_000
IDENTIFIERS: Final = ("email", "external_id", "phone_number")

_json: Final = msgspec.json.Encoder(decimal_format="number")
"""Money goes out with the digits it has: no binary fraction in between."""


def profile_bytes(event: Event) -> bytes:
    """The profile member. A backfilled event names the person only: its profile data may be stale.

    Of the identifiers the first two are sure; a phone number is used only where there is neither.
    """
    attributes = event.profile
    if event.backfill:
        known = [name for name in IDENTIFIERS if name in attributes]
        attributes = {name: attributes[name] for name in known if name != "phone_number" or known == [name]}
    return _json.encode({"data": {"type": "profile", "attributes": attributes}})


def event_bytes(event: Event) -> bytes:
    """The attributes of the event, without its profile."""
    attributes: dict[str, Any] = {
        "metric": {"data": {"type": "metric", "attributes": {"name": event.metric_name}}},
        "properties": event.properties,
        "time": event.at.isoformat(timespec="seconds"),
        "unique_id": event.unique_id,
    }
    if event.value is not None:
        attributes["value"] = event.value
        attributes["value_currency"] = event.currency
    if event.backfill:
        attributes["backfill"] = True
    return _json.encode(attributes)


def single(profile: bytes, event: bytes) -> bytes:
    """The body of POST /api/events."""
    return b'{"data":{"type":"event","attributes":{"profile":' + profile + b"," + event[1:] + b"}}"


def entry(profile: bytes, event: bytes, backfill: bool) -> bytes:
    """One entry of a bulk request: one profile with one event, so that entry n is message n."""
    flag = b'"backfill":true,' if backfill else b""
    head = b'{"type":"event-bulk-create","attributes":{' + flag + b'"profile":' + profile
    return head + b',"events":{"data":[{"type":"event","attributes":' + event + b"}]}}}"


def bulk(entries: Iterable[bytes]) -> bytes:
    """The body of POST /api/event-bulk-create-jobs."""
    head = b'{"data":{"type":"event-bulk-create-job","attributes":{"events-bulk-create":{"data":['
    return head + b",".join(entries) + b"]}}}}"


def fitting(sizes: Sequence[int]) -> int:
    """How many of these, from the first on, fit into one bulk request; at least one."""
    total = 0
    for count, size in enumerate(sizes[:BULK_EVENTS]):
        total += size + 1
        if total > BULK_BYTES and count:
            return count
    return min(len(sizes), BULK_EVENTS)


def without_phone(profile: bytes) -> bytes | None:
    """The same profile without its phone number, or None where it has none."""
    document = msgspec.json.decode(profile)
    if document["data"]["attributes"].pop("phone_number", None) is None:
        return None
    return _json.encode(document)
