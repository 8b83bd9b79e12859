"""Newsletter recipients on their way into the ledger, from a webhook or from a run: each address once, on its list.

A webhook's recipients have been read from the shop, all of an address together; what they change is made due, and acted
upon by `companion.sync.news`. Nothing here talks to anybody.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

import msgspec
from sqlalchemy.orm import Session

from companion import audiences, consent, consent_work
from companion.audiences import Audience
from companion.consent import Seen
from companion.models import Store
from companion.platforms.base import Ref
from mappings import profiles
from mappings.model import Recipient

RESOURCE: Final = "newsletter_recipient"
"""What platforms call a newsletter subscription in webhooks and runs."""

_json: Final = msgspec.json.Encoder(order="deterministic")


def shown(audience: Audience, dialect: str, found: Iterable[Recipient]) -> list[Seen]:
    """Each address once, as the subscription that speaks for it."""
    by_address: defaultdict[str, list[Recipient]] = defaultdict(list)
    for recipient in found:
        by_address[recipient.email].append(recipient)
    return [_seen(audience, dialect, profiles.chosen(each)) for each in by_address.values()]


def note(
    session: Session, store: Store, found: Mapping[Ref, Sequence[Recipient]], read_at: datetime, now: datetime
) -> dict[Ref, int]:
    """Write down what was read because of webhooks, and make due what is new; return how much that was, by webhook.

    A webhook is left out where all of its recipients go to no list: there is nothing to write.
    """
    new: dict[Ref, int] = {}
    for ref, recipients in found.items():
        by_list: defaultdict[str, list[Recipient]] = defaultdict(list)
        known: dict[str, Audience] = {}
        for recipient in recipients:
            audience = audiences.audience_of(store.settings, recipient.channel_id)
            if audience is not None:
                known[audience.list_id] = audience
                by_list[audience.list_id].append(recipient)
        if by_list:
            new[ref] = 0
        for list_id, those in by_list.items():
            seen = shown(known[list_id], store.platform, those)
            changed = consent.seen_on_platform(session, store.id, list_id, seen, read_at, "webhook")
            new[ref] += consent_work.news(session, store.id, list_id, changed, now) if changed else 0
    return new


def _seen(audience: Audience, dialect: str, recipient: Recipient) -> Seen:
    custom = audience.rules(recipient.channel_id).custom
    return Seen(
        address=recipient.email,
        status="active" if recipient.active else "inactive",
        recipient_id=recipient.id,
        channel_id=recipient.channel_id,
        opted_in_at=recipient.opted_in_at,
        profile=_json.encode(profiles.attributes(recipient, dialect, custom)),
        changed_at=recipient.changed_at,
    )
