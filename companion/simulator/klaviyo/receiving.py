"""Events on their way in: who it is about, when it was, and into the ledger.

Runs with the account's lock held, after every check has passed.
"""

import msgspec

from companion.simulator.klaviyo.accounts import Account
from companion.simulator.klaviyo.clock import read
from companion.simulator.klaviyo.ledger import STORED, Arrival
from companion.simulator.klaviyo.profiles import Profile, change
from companion.simulator.klaviyo.shapes.events import (
    EventAttributes,
    EventProfileAttributes,
    EventProfileData,
    SingleEventAttributes,
)


def person(account: Account, given: EventProfileData | None, attributes: EventProfileAttributes, now: float) -> Profile:
    """The profile an event is about, created or changed by what the event says of it."""
    profiles = account.audience.profiles
    known_id = given.id if given else None
    found = profiles.resolve(attributes, known_id, attributes.anonymous_id) or profiles.add(now)
    if isinstance(attributes.anonymous_id, str):
        profiles.identify(found, "anonymous_id", attributes.anonymous_id)
    said = attributes if account.keeps_payloads else _identifiers(attributes)
    change(profiles, found, said, said.meta, now)
    return found


def receive(
    account: Account, profile: Profile, given: EventProfileData, event: EventAttributes, backfill: bool, now: float
) -> Arrival:
    """Keep an event under (profile, metric, unique_id). Without a unique_id its time in whole seconds stands in."""
    at = int((read(event.time) if isinstance(event.time, str) else None) or now)
    unique_id = event.unique_id if isinstance(event.unique_id, str) else str(at)
    arrival = Arrival(
        order=0,
        received=now,
        metric=event.metric.data.attributes.name,
        profile=profile.number,
        email=profile.email or profile.phone_number or profile.external_id or "",
        unique_id=unique_id,
        time=at,
        value=event.value if isinstance(event.value, (int, float)) else None,
        currency=event.value_currency if isinstance(event.value_currency, str) else None,
        backfill=backfill or event.backfill is True,
        verdict="",
        body=_payload(given, event) if account.keeps_payloads else None,
    )
    account.ledger.add(arrival, profile)
    if arrival.verdict == STORED and not arrival.backfill:
        metric = account.ledger.metric(arrival.metric, now)
        account.audience.start_flows("Metric", metric.id, profile, now)
    return arrival


def _identifiers(attributes: EventProfileAttributes) -> EventProfileAttributes:
    return EventProfileAttributes(
        email=attributes.email,
        phone_number=attributes.phone_number,
        external_id=attributes.external_id,
        kx=attributes.kx,
    )


def _payload(given: EventProfileData, event: EventAttributes) -> bytes:
    """The attributes of a single event, profile included, whichever way the event came."""
    encoded = msgspec.json.encode(event)
    if isinstance(event, SingleEventAttributes):
        return encoded
    return b'{"profile":{"data":' + msgspec.json.encode(given) + b"}," + encoded[1:]
