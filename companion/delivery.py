"""Outbox to Klaviyo, in two lanes with a quota each; the only loop that empties the table.

`latency`: live events while few wait, one a call, several calls at once. `volume`: a live backlog and history, up
to 1,000 a call. A message is settled after Klaviyo's 202 and never before; what a call left unknown is sent again
with the same `unique_id`, which Klaviyo drops. Live goes before history.
Source: https://developers.klaviyo.com/en/docs/rate_limits_and_error_handling
"""

import logging
import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal

from sqlalchemy.orm import Session

from companion import limits, outbox
from companion.bootstrap import Services
from companion.db import AnyRow
from companion.errors import Bury, Pause, Retry
from companion.klaviyo import client, payloads
from companion.models import Store
from companion.quota import Quota

log = logging.getLogger(__name__)

Lane = Literal["latency", "volume"]
ENDPOINTS: Final = {"latency": "events", "volume": "event-bulk-create-jobs"}
FEW: Final = 50
"""More live events than this are a backlog: the volume lane takes them."""

PARALLEL: Final = 8
PROBE_AFTER: Final = 3
"""Failures in a row after which one message is sent alone, to tell an outage from a poison."""

EXHAUSTED: Final = 15
"""Failed attempts that were the message's own: 3 in full company, 10 while it is halved, the last ones alone."""

MOST_CALLS: Final = 40
"""Calls spent on dividing one refused request before the rest is given back."""

ENTRY_BYTES: Final = 200
"""What a bulk entry needs around its profile and event, generously."""

ENTRY: Final = re.compile(r"^/data/attributes/events-bulk-create/data/(\d+)")

_senders = ThreadPoolExecutor(PARALLEL, thread_name_prefix="latency")


@dataclass(frozen=True, slots=True)
class _Claim:
    """Messages in hand, and whose. `failures` is how many calls had failed in a row before; `until` when to stop.

    `good` and `bad` hold a mark for each call that was accepted or failed so far.
    """

    store: Store
    key: str
    lane: Lane
    rows: Sequence[AnyRow]
    failures: int
    until: datetime
    good: list[bool] = field(default_factory=list)
    bad: list[bool] = field(default_factory=list)

    @property
    def endpoint(self) -> str:
        return ENDPOINTS[self.lane]

    @property
    def hopeless(self) -> bool:
        """Nothing gets through: what was not sent by now is given back."""
        return not self.good and len(self.bad) >= PROBE_AFTER


def deliver_live(services: Services, store_id: int) -> float | None:
    """Send live events one by one while few wait; return seconds until it is worth looking again, or None."""
    claim = _claim(services, store_id, "latency")
    if not isinstance(claim, _Claim):
        return claim
    problems = list(_senders.map(lambda row: _send_one(services, claim, row), claim.rows))
    failed = [(row, problem) for row, problem in zip(claim.rows, problems, strict=True) if problem is not None]
    return max([0.0, *(_not_delivered(services, claim, [row], problem) for row, problem in failed)])


def deliver_volume(services: Services, store_id: int) -> float | None:
    """Send one bulk request's worth; return seconds until it is worth looking again, or None."""
    claim = _claim(services, store_id, "volume")
    if not isinstance(claim, _Claim):
        return claim
    return _send_many(services, claim)


def _claim(services: Services, store_id: int, lane: Lane) -> _Claim | float | None:
    """Take calls from the quota and messages for them, in one transaction."""
    now, settings = services.now(), services.settings
    with services.database.write() as session:
        store = session.get_one(Store, store_id)
        if store.paused is not None or store.klaviyo_key is None:
            return None
        want = _wanted(session, store_id, lane, now)
        if not want:
            return None
        grant = _take(services, session, store, lane, want)
        if not grant.count:
            return grant.wait_s
        most = payloads.BULK_EVENTS if lane == "volume" else grant.count
        most = 1 if grant.failures >= PROBE_AFTER else most
        rows = outbox.claim(session, store_id, now, settings.lease_s, most, live_only=lane == "latency")
        fit = payloads.fitting([len(row.profile) + len(row.event) + ENTRY_BYTES for row in rows])
        outbox.release(session, [row.id for row in rows[fit:]], now)
    if not rows:
        return None
    until = now + timedelta(seconds=settings.lease_s / 2)
    return _Claim(store, services.vault.open(store.klaviyo_key), lane, rows[:fit], grant.failures, until)


def _wanted(session: Session, store_id: int, lane: Lane, now: datetime) -> int:
    """How many calls this lane could use now."""
    live = outbox.due(session, store_id, outbox.LIVE, now, FEW + 1)
    if lane == "latency":
        return live if live <= FEW else 0
    return int(live > FEW or outbox.due(session, store_id, outbox.BACKFILL, now, 1) > 0)


def _take(services: Services, session: Session, store: Store, lane: Lane, want: int) -> limits.Grant:
    endpoint, share = ENDPOINTS[lane], services.settings.klaviyo_share
    pace = client.PACES[endpoint]
    return limits.take(session, store.klaviyo_account, endpoint, pace, share, services.now(), want)


def _send_one(services: Services, claim: _Claim, row: AnyRow) -> Retry | Pause | None:
    """Send one message by the latency lane; return what has to be judged once all are sent."""
    if claim.hopeless:
        with services.database.write() as session:
            outbox.release(session, [row.id], services.now())
        return None
    body = payloads.single(row.profile, row.event)
    try:
        quota = services.klaviyo.create_event(claim.key, body)
    except Bury as problem:
        _repair_or_bury(services, claim, row, problem)
    except (Retry, Pause) as problem:
        claim.bad.append(True)
        return problem
    else:
        _delivered(services, claim, [row], quota)
    return None


def _send_many(services: Services, claim: _Claim) -> float:
    """Send a bulk request. Klaviyo refuses it whole: eject the message it blames and send the rest, or halve it."""
    parts: list[Sequence[AnyRow]] = [claim.rows]
    waits = [0.0]
    for number in range(MOST_CALLS):
        if not parts or (number and not _another_call(services, claim)):
            break
        part = parts.pop()
        try:
            quota = services.klaviyo.create_events(claim.key, payloads.bulk(_entry(row) for row in part))
        except Bury as problem:
            parts += _divided(services, claim, part, problem)
        except (Retry, Pause) as problem:
            waits.append(_not_delivered(services, claim, part, problem))
            break
        else:
            _delivered(services, claim, part, quota)
    with services.database.write() as session:
        outbox.release(session, [row.id for part in parts for row in part], services.now())
    return max(waits)


def _another_call(services: Services, claim: _Claim) -> bool:
    """Wait for the quota's next call; False when the messages have to be given back first."""
    while True:
        with services.database.write() as session:
            grant = _take(services, session, claim.store, claim.lane, 1)
        if grant.count:
            return True
        if services.now() + timedelta(seconds=grant.wait_s) > claim.until:
            return False
        services.sleep(grant.wait_s)


def _entry(row: AnyRow) -> bytes:
    return payloads.entry(row.profile, row.event, backfill=row.priority == outbox.BACKFILL)


def _delivered(services: Services, claim: _Claim, rows: Sequence[AnyRow], quota: Quota) -> None:
    claim.good.append(True)
    now, share = services.now(), services.settings.klaviyo_share
    with services.database.write() as session:
        outbox.settle(session, [row.id for row in rows], now)
        limits.obey(session, claim.store.klaviyo_account, claim.endpoint, quota, share, now)
    extra = {"store": claim.store.key, "lane": claim.lane, "messages": len(rows), "message_id": rows[0].id}
    log.info("delivered", extra=extra)


def _not_delivered(services: Services, claim: _Claim, rows: Sequence[AnyRow], problem: Retry | Pause) -> float:
    if isinstance(problem, Pause):
        _pause(services, claim, rows, problem)
        return services.settings.tick_s
    return _again(services, claim, rows, problem)


def _again(services: Services, claim: _Claim, rows: Sequence[AnyRow], problem: Retry) -> float:
    """Put messages off. A failure counts against them only beside successes: a run of failures is an outage."""
    now, ids = services.now(), [row.id for row in rows]
    theirs = problem.after is None and (claim.failures == 0 or bool(claim.good))
    with services.database.write() as session:
        account = claim.store.klaviyo_account
        pause = limits.back_off(session, account, claim.endpoint, str(problem), now, problem.after)
        until = now + timedelta(seconds=pause)
        if theirs and len(rows) == 1 and rows[0].attempts + 1 >= EXHAUSTED:
            outbox.bury(session, ids, f"given up after {EXHAUSTED} attempts: {problem}", now)
        elif theirs:
            outbox.postpone(session, ids, until, str(problem))
        else:
            outbox.release(session, ids, until)
    extra = {"store": claim.store.key, "lane": claim.lane, "messages": len(rows), "reason": str(problem)}
    log.warning("not delivered", extra={**extra, "again_in_s": round(pause, 2)})
    return pause


def _pause(services: Services, claim: _Claim, rows: Sequence[AnyRow], problem: Pause) -> None:
    """Stop this store's sending and say why; everything is kept."""
    with services.database.write() as session:
        store = session.get_one(Store, claim.store.id)
        if store.klaviyo_key == claim.store.klaviyo_key:  # a key set meanwhile is not to blame
            store.paused = problem.reason
        outbox.release(session, [row.id for row in rows], services.now())
    log.error("paused", extra={"store": claim.store.key, "reason": problem.reason})


def _divided(services: Services, claim: _Claim, rows: Sequence[AnyRow], problem: Bury) -> list[Sequence[AnyRow]]:
    """What of a refused request is worth sending again: all but the message blamed, or both halves."""
    found = ENTRY.match(problem.pointer or "")
    blamed = int(found[1]) if found else None
    if len(rows) == 1:
        blamed = 0
    if blamed is None or blamed >= len(rows):
        middle = len(rows) // 2
        return [rows[middle:], rows[:middle]]
    _repair_or_bury(services, claim, rows[blamed], problem)
    rest = [*rows[:blamed], *rows[blamed + 1 :]]
    return [rest] if rest else []


def _repair_or_bury(services: Services, claim: _Claim, row: AnyRow, problem: Bury) -> None:
    """Drop a phone number that Klaviyo refuses and send once more; anything else is buried with its reason."""
    stripped = payloads.without_phone(row.profile) if "phone_number" in (problem.pointer or "") else None
    with services.database.write() as session:
        if stripped is not None:
            outbox.rewrite(session, row.id, stripped)
            outbox.release(session, [row.id], services.now())
        else:
            reason = f"{problem.reason} (at {problem.pointer})" if problem.pointer else problem.reason
            outbox.bury(session, [row.id], reason, services.now())
    extra = {"store": claim.store.key, "message_id": row.id, "repaired": stripped is not None}
    log.warning("message refused", extra=extra)
