"""What a plan says is written to Klaviyo, in as few calls as its batch sizes allow.

The same functions serve the daily run and a webhook's news. A batch is selected, sent and settled; what a call left
unknown is sent again. Klaviyo refuses a batch whole: the one it blames is put aside, else the batch is halved.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from companion import consent, consent_work
from companion.audiences import Audience
from companion.db import AnyRow
from companion.errors import Bury
from companion.klaviyo.audience import REMOVALS, SUBSCRIPTIONS, fitting
from companion.sync.paced import Caller
from mappings.model import Standing, Subscription

PART: Final = re.compile(r"/data/(?:attributes/profiles/data/)?(\d+)(?:/|$)")
ADDRESS: Final = "/attributes/email"
"""The end of a pointer that blames the address itself."""

MOST_CALLS: Final = 40
"""Calls spent on dividing one refused batch; what is left of it waits for the next turn."""

SOURCE: Final = "Shop newsletter"
PAST: Final = timedelta(seconds=5)
"""Consent must lie in the past, by Klaviyo's clock, whatever the shop's says."""


@dataclass(slots=True)
class Sent:
    """How a batch ended: what Klaviyo took, what it refused and why, and its import jobs.

    `upto` is the last row that was tried, none where there was nothing to do.
    """

    taken: list[AnyRow] = field(default_factory=list)
    refused: list[tuple[AnyRow, str]] = field(default_factory=list)
    jobs: list[str] = field(default_factory=list)
    upto: int | None = None


def subscribe(klaviyo: Caller, audience: Audience, rows: Sequence[AnyRow]) -> Sent:
    """Subscribe up to SUBSCRIPTIONS addresses; who they are was decided a moment ago."""
    latest = klaviyo.services.now() - PAST

    def send(some: Sequence[AnyRow]) -> None:
        people = [Subscription(row.address, min(row.opted_in_at, latest)) for row in some]
        klaviyo("subscribe", lambda client, key: client.subscribe(key, audience.list_id, people, SOURCE))

    return _divided(rows[:SUBSCRIPTIONS], send)


def remove(klaviyo: Caller, audience: Audience, rows: Sequence[AnyRow]) -> Sent:
    """Take up to REMOVALS members off the list."""

    def send(some: Sequence[AnyRow]) -> None:
        ids = [row.profile_id for row in some]
        klaviyo("remove", lambda client, key: client.remove(key, audience.list_id, ids))

    return _divided(rows[:REMOVALS], send)


def write(klaviyo: Caller, rows: Sequence[AnyRow]) -> Sent:
    """Write as many profiles as one import holds; which it could not is told by its job later."""
    some = rows[: fitting(len(row.profile) for row in rows)] if rows else []
    jobs: list[str] = []

    def send(part: Sequence[AnyRow]) -> None:
        bodies = [row.profile for row in part]
        jobs.append(klaviyo("import", lambda client, key: client.import_profiles(key, bodies)).items[0].id)

    sent = _divided(some, send)
    sent.jobs, sent.upto = jobs, some[-1].id if some else None
    return sent


def look_up(klaviyo: Caller, audience: Audience, rows: Sequence[AnyRow]) -> None:
    """Learn the profiles of up to NAMED members that we know by their address only, or that they are none."""
    emails, now, services = [row.address for row in rows if row.address], klaviyo.services.now(), klaviyo.services
    found: Sequence[Standing] = []
    if emails:
        page = klaviyo("members", lambda client, key: client.members_named(key, audience.list_id, emails))
        found = page.items
    known = {consent.digest(one.email) for one in found}
    with services.database.write() as session:
        consent.seen_in_klaviyo(session, klaviyo.store.id, audience.list_id, found, now, member=True)
        consent_work.strangers(session, [row.id for row in rows if row.digest not in known], now)


def _divided(rows: Sequence[AnyRow], send: Callable[[Sequence[AnyRow]], None]) -> Sent:
    """Send a batch, around whom Klaviyo refuses. Raises Bury where it refuses everybody, and not for their address."""
    sent, parts = Sent(), [rows] if rows else []
    others = False
    for _ in range(MOST_CALLS):
        if not parts:
            return sent
        part = parts.pop()
        try:
            send(part)
        except Bury as problem:
            blamed = _blamed(problem, len(part))
            others = others or not (problem.pointer or "").endswith(ADDRESS)
            last = problem
            if blamed is None:
                middle = len(part) // 2
                parts += [part[middle:], part[:middle]]
                continue
            sent.refused.append((part[blamed], problem.reason))
            rest = [*part[:blamed], *part[blamed + 1 :]]
            parts += [rest] if rest else []
        else:
            sent.taken += part
    if others and not sent.taken:
        raise last
    return sent


def _blamed(problem: Bury, count: int) -> int | None:
    """Which of the batch is to blame: the one named, or the only one."""
    if count == 1:
        return 0
    found = PART.match(problem.pointer or "")
    return int(found[1]) if found and int(found[1]) < count else None
