"""Why is this address subscribed, or not? What the platform, Klaviyo and we ourselves did, with times and sources."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from companion import audiences, consent, stores
from companion.bootstrap import Services
from companion.consent_models import Subscriber
from companion.models import Store
from companion.sync import decisions
from mappings.consent import Decision

SENTENCES: Final = {
    "new": "Active on the platform and not on the list: will be subscribed.",
    "no_consent": "On the list without consent in Klaviyo, active on the platform: will be subscribed.",
    "opted_in_again": "Opted in on the platform after opting out in Klaviyo: will be subscribed again.",
    "profile_changed": "Subscribed; the profile will be updated.",
    "subscribed": "Subscribed.",
    "opted_out_on_platform": "Not active on the platform: will be taken off the list.",
    "not_on_platform": "No recipient of the platform: will be taken off the list.",
    "inactive": "Not subscribed: not active on the platform, and not on the list.",
    "opted_out_in_klaviyo": "Not subscribed: opted out in Klaviyo, and did not opt in on the platform after that.",
    "refused": "Not subscribed: Klaviyo refuses the address.",
    "klaviyo_decides": "Klaviyo alone decides about consent: nothing is subscribed or removed.",
}


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that happened or was seen: when, where it was told, what. `at` is None where nobody told the time."""

    at: datetime | None
    source: str
    what: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """One address on one list: the answer, and the facts behind it, oldest first."""

    store: str
    list_id: str
    list_name: str
    reason: str
    answer: str
    facts: Sequence[Fact]


def explain(services: Services, address: str, key: str | None = None) -> list[Explanation]:
    """What is known of an address, list by list; nothing where it was never seen. Raises NoSuchStore."""
    with services.database.read() as session:
        store_id = stores.by_key(session, key).id if key else None
        rows = consent.of_address(session, address, store_id)
        return [_explanation(session.get_one(Store, row.store_id), row) for row in rows]


def _explanation(store: Store, row: Subscriber) -> Explanation:
    """By the rules in force now; a list that the store has given up is told as it was left."""
    found = {one.list_id: one for one in audiences.audiences(store.settings)}.get(row.list_id)
    if found is None:
        answer = "The store's subscribers no longer go to this list."
        return Explanation(store.key, row.list_id, "", row.reason, answer, _facts(row))
    decision = decisions.decision(found, row)
    return Explanation(
        store.key, row.list_id, found.list_name, consent.because(decision), _answer(row, decision), _facts(row)
    )


def _answer(row: Subscriber, decision: Decision) -> str:
    if decision.reason == "refused":
        return f"{SENTENCES['refused']} It said: {row.refused}"
    return SENTENCES[decision.reason]


def _facts(row: Subscriber) -> list[Fact]:
    facts = [
        Fact(one.at, "Klaviyo", f"{one.reason} {f'on the list {one.list_id}' if one.list_id else 'everywhere'}")
        for one in consent.unpacked(row.suppressions)
    ]
    if row.opted_in_at is not None and row.status != "absent":
        facts.append(Fact(row.opted_in_at, "platform", f"opted in{_in(row)}"))
    if row.platform_at is not None:
        facts.append(Fact(row.platform_at, f"platform, by a {row.platform_source}", f"seen {row.status}{_in(row)}"))
    if row.klaviyo_at is not None:
        place = "on the list" if row.member else "not on the list"
        facts.append(Fact(row.klaviyo_at, "Klaviyo", f"seen {place}, consent {row.consent or 'unknown'}"))
    if row.subscribed_at is not None:
        facts.append(Fact(row.subscribed_at, "Companion", "subscribed"))
    if row.removed_at is not None:
        facts.append(Fact(row.removed_at, "Companion", "taken off the list"))
    if row.decided_at is not None:
        facts.append(Fact(row.decided_at, "Companion", f"decided: {row.reason}"))
    return sorted(facts, key=lambda fact: (fact.at is not None, fact.at))


def _in(row: Subscriber) -> str:
    return f" in the sales channel {row.channel_id}" if row.channel_id else ""
