"""What the pages show: rows of events, profiles and lists, put into words and figures for a template.

Runs with the account's lock held where it reads an account.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

from companion.simulator.klaviyo.accounts import Account
from companion.simulator.klaviyo.clock import iso
from companion.simulator.klaviyo.ledger import DUPLICATE, ERASED, STORED, TEST_ADDRESS, Arrival
from companion.simulator.klaviyo.onsite import Told
from companion.simulator.klaviyo.profiles import Profile

HUES: Final = 10
SCANNED: Final = 50_000
VERDICTS: Final = {
    STORED: "Stored",
    DUPLICATE: "Duplicate dropped",
    TEST_ADDRESS: "Klaviyo would drop this",
    ERASED: "Erased",
}


@dataclass(frozen=True, slots=True)
class Instant:
    """A time for people and for machines."""

    iso: str
    clock: str
    day: str


@dataclass(frozen=True, slots=True)
class EventRow:
    """One arrival. `first` is the order of the event a duplicate repeats."""

    order: int
    metric: str
    hue: int
    email: str
    profile_id: str
    value: str
    unique_id: str
    received: Instant
    happened: Instant
    is_late: bool
    backfill: bool
    verdict: str
    first: int
    text: str


@dataclass(frozen=True, slots=True)
class Search:
    """What the filter box asks for."""

    words: str = ""
    metric: str = ""
    kind: str = ""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "Search":
        """The search of a request."""
        return cls(query.get("q", "").strip().lower(), query.get("metric", ""), query.get("kind", ""))

    def finds(self, arrival: Arrival) -> bool:
        """Whether an arrival is looked for; words are sought in e-mail, unique_id, metric and payload."""
        if self.metric and arrival.metric != self.metric:
            return False
        if self.kind and not (arrival.backfill if self.kind == "backfill" else arrival.verdict == self.kind):
            return False
        if not self.words:
            return True
        head = f"{arrival.email} {arrival.unique_id} {arrival.metric}".lower()
        return self.words in head or (arrival.body is not None and self.words.encode() in arrival.body.lower())


def events(account: Account, search: Search, before: int, after: int, limit: int) -> tuple[list[EventRow], int | None]:
    """Arrivals newest first, those with after < order < before, and where the next page begins."""
    found: list[EventRow] = []
    for arrival in _backwards(account, before, after):
        if not search.finds(arrival):
            continue
        if len(found) == limit:
            return found, found[-1].order
        found.append(row(account, arrival))
    return found, None


def _backwards(account: Account, before: int, after: int) -> Iterator[Arrival]:
    arrivals = account.ledger.arrivals
    newest = min(before, len(arrivals)) - 1
    for order in range(newest, max(after, newest - SCANNED), -1):
        yield arrivals[order]


def row(account: Account, arrival: Arrival) -> EventRow:
    """One arrival for the page."""
    profile = account.audience.profiles.by_number.get(arrival.profile)
    is_duplicate = arrival.verdict == DUPLICATE
    return EventRow(
        order=arrival.order,
        metric=arrival.metric,
        hue=hue(account, arrival.metric),
        email=arrival.email,
        profile_id=profile.id if profile else "",
        value=money(arrival.value, arrival.currency),
        unique_id=arrival.unique_id,
        received=instant(account, arrival.received),
        happened=instant(account, arrival.time),
        is_late=abs(arrival.received - arrival.time) > 60,
        backfill=arrival.backfill,
        verdict=arrival.verdict,
        first=account.ledger.first(arrival) if is_duplicate else arrival.order,
        text=pretty(msgspec.json.decode(arrival.body)) if arrival.body else "",
    )


def hue(account: Account, metric: str) -> int:
    """A colour for a metric, by the order in which metrics appeared."""
    names = [name for _, name in account.ledger.metrics]
    return names.index(metric) % HUES if metric in names else 0


def metrics(account: Account) -> list[dict[str, Any]]:
    """Counts by metric, most frequent first."""
    counted = sorted((one for one in account.ledger.metrics.values() if one.count), key=lambda one: -one.count)
    most = max((one.count for one in counted), default=1)
    return [
        {"name": one.name, "count": one.count, "share": one.count / most, "hue": hue(account, one.name)}
        for one in counted
    ]


def instant(account: Account, at: float) -> Instant:
    """Epoch seconds in the account's own time zone."""
    local = datetime.fromtimestamp(at, ZoneInfo(account.timezone))
    return Instant(iso(at), local.strftime("%H:%M:%S"), local.strftime("%-d %b %Y"))


def money(value: float | None, currency: str | None) -> str:
    """48.90 EUR; nothing where there is no value."""
    return "" if value is None else f"{value:,.2f} {currency or ''}".strip()


def pretty(found: Any) -> str:
    """Indented JSON."""
    return msgspec.json.format(msgspec.json.encode(found), indent=2).decode()


def onsite(account: Account, told: Told) -> dict[str, Any]:
    """One call of a page, for the list of what pages told."""
    call = told.call
    name = call.args[0] if call.method == "track" and call.args else call.method
    details = call.args[-1] if call.args else {}
    return {"call": call, "name": name, "at": instant(account, told.at), "text": pretty(details)}


def profile_row(account: Account, profile: Profile) -> dict[str, Any]:
    """One profile for a table."""
    standing = profile.standing
    suppressions = standing.suppressions if standing else []
    return {
        "id": profile.id,
        "name": profile.email or profile.phone_number or profile.external_id or "anonymous",
        "external_id": profile.external_id or "",
        "consent": standing.email.consent if standing else "NEVER_SUBSCRIBED",
        "sms": standing.sms.consent if standing else "NEVER_SUBSCRIBED",
        "suppressions": [one.reason for one in suppressions if one.list_id is None],
        "list_suppressions": [one for one in suppressions if one.list_id],
        "awaiting": bool(standing and standing.awaiting),
        "lists": account.audience.lists_of(profile),
        "created": instant(account, profile.created),
        "last_event": instant(account, profile.last_event) if profile.last_event else None,
        "is_test": profile.is_test,
    }
