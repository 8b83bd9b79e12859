"""Inbox to outbox: read what waiting webhooks speak of, map it, settle both tables in one transaction.

The shop is asked outside of any transaction and as seldom as possible: a hundred signals cost one round of reading.
What the shop's unavailability delays is nobody's fault and never counts against a webhook.
"""

import logging
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy.orm import Session

import mappings
from companion import inbox, limits, outbox, samples, signups, store_settings, stores
from companion.bootstrap import Services
from companion.db import AnyRow
from companion.errors import Bury, MalformedWebhook, Pause, Retry
from companion.inbox import Outcome
from companion.klaviyo import payloads
from companion.models import Store
from companion.outbox import OutboxRow
from companion.platforms.base import Access, Platform, Record, Ref
from companion.quota import Pace
from mappings.errors import IgnoredTopic, InvalidRecord
from mappings.model import Event, Fact, Recipient

log = logging.getLogger(__name__)

BATCH: Final = 100
API: Final = "admin-api"
SHARE: Final = 0.8
"""The budget's steady part; the rest may be spent at once, so that one order is read without waiting."""

PATIENCE_S: Final = 5.0
"""A wait for the budget longer than this is not worth holding the work for."""

LOOK_AGAIN_S: Final = 300.0
"""A shop that needs a person (permissions, keys, address) is asked again after this long: it heals by itself."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """How the work on one webhook ended."""

    outcome: Outcome
    path: str | None = None
    reason: str | None = None


@dataclass(slots=True)
class _Work:
    """What was claimed, and what came of it. `refs` are the records each open webhook waits for."""

    store: Store
    rows: Sequence[AnyRow]
    verdicts: dict[int, Verdict] = field(default_factory=dict)
    refs: dict[int, Sequence[Ref]] = field(default_factory=dict)
    facts: list[Fact] = field(default_factory=list)

    def since(self, ref: Ref) -> datetime:
        """When the shop first spoke of a record in this batch."""
        moments: list[datetime] = [row.received_at for row in self.rows if ref in self.refs.get(row.id, ())]
        return min(moments)


def resolve_store(services: Services, store_id: int) -> float | None:
    """Work off one batch; return seconds until it is worth looking again, None when nothing waits."""
    work = _claimed(services, store_id)
    if not isinstance(work, _Work):
        return work
    platform = services.platforms[work.store.platform]
    _read_signals(platform, work)
    wanted = list(dict.fromkeys(ref for refs in work.refs.values() for ref in refs))
    asked_at = services.now()
    try:
        records = _fetched(platform, access(services, work.store), wanted, work)
    except (Retry, Pause) as problem:
        return _put_off(services, work, problem)
    _settle(services, work, records, asked_at)
    return 0.0 if len(work.rows) == BATCH else None


def access(services: Services, store: Store) -> Access:
    """What the platform's client needs to talk to a store's shop."""
    steady = store_settings.calls_per_minute(store.settings, services.settings.shop_calls_per_minute)
    pace, scope = Pace(burst=steady, steady=round(steady / SHARE)), stores.shop_scope(store.id)

    def take() -> None:
        while True:
            with services.database.write() as session:
                grant = limits.take(session, scope, API, pace, SHARE, services.now())
            if grant.count:
                return
            if grant.wait_s > PATIENCE_S:
                raise Retry("The budget of calls to the shop is spent.", after=grant.wait_s)
            services.sleep(grant.wait_s)

    credentials = services.vault.open_json(store.credentials)
    return Access(store.key, store.shop_url, credentials, services.now, take, settings=store.settings)


def _claimed(services: Services, store_id: int) -> _Work | float | None:
    """Claim a batch; seconds to wait while the shop is left alone, None when nothing is due."""
    now = services.now()
    with services.database.read() as session:
        wait_s = limits.blocked(session, stores.shop_scope(store_id), API, now)
    if wait_s:
        return wait_s
    with services.database.write() as session:
        rows = inbox.claim(session, store_id, now, services.settings.lease_s, BATCH)
        return _Work(session.get_one(Store, store_id), rows) if rows else None


def _read_signals(platform: Platform, work: _Work) -> None:
    for row in work.rows:
        try:
            if row.attempts >= inbox.EXHAUSTED:
                raise MalformedWebhook(f"$: the work on it broke off {row.attempts} times; see the log")
            if platform.lifecycle(row.topic) is not None:
                work.verdicts[row.id] = Verdict("delivered", reason="took effect on arrival")
            else:
                work.refs[row.id] = platform.refs(row.topic, row.body)
        except IgnoredTopic:
            work.verdicts[row.id] = Verdict("ignored", reason="no event is made of this topic")
        except MalformedWebhook as error:
            path, _, reason = str(error).partition(": ")
            work.verdicts[row.id] = Verdict("quarantined", path, reason)


def _fetched(platform: Platform, access: Access, wanted: Sequence[Ref], work: _Work) -> list[Record]:
    """Read the records; halve what the shop refuses until the bad one stands alone. Raises Retry or Pause."""
    if not wanted:
        return []
    try:
        return list(platform.fetch_records(access, wanted))
    except Bury as error:
        if len(wanted) == 1:
            _blame(work, wanted[0], error.pointer or "$", error.reason)
            return []
        middle = len(wanted) // 2
        return _fetched(platform, access, wanted[:middle], work) + _fetched(platform, access, wanted[middle:], work)


def _blame(work: _Work, ref: Ref, path: str, reason: str) -> None:
    for webhook_id, refs in work.refs.items():
        if ref in refs:
            work.verdicts[webhook_id] = Verdict("quarantined", path, reason)


def _put_off(services: Services, work: _Work, problem: Retry | Pause) -> float:
    """The shop cannot be read now: give everything back, uncounted, and leave the shop alone for a while."""
    now = services.now()
    after = problem.after if isinstance(problem, Retry) else LOOK_AGAIN_S
    scope = stores.shop_scope(work.store.id)
    with services.database.write() as session:
        pause = limits.back_off(session, scope, API, str(problem), now, after)
        inbox.release(session, [row.id for row in work.rows], now + timedelta(seconds=pause))
    log.warning("shop not read", extra={"store": work.store.key, "reason": str(problem), "again_in_s": round(pause, 1)})
    return pause


def _settle(services: Services, work: _Work, records: Sequence[Record], asked_at: datetime) -> None:
    now = services.now()
    people = {Ref(one.resource, one.id): _recipients(work, one) for one in records if one.resource == signups.RESOURCE}
    # in one order everywhere: two processes that tell the same orders must not lock each other's rows crosswise
    orders = sorted(
        (one for one in records if one.resource != signups.RESOURCE), key=lambda one: (one.resource, one.id)
    )
    told = {Ref(record.resource, record.id): _events(services, work, record, now) for record in orders}
    with services.database.write() as session:
        if records:
            limits.recovered(session, stores.shop_scope(work.store.id), API)
        added = {
            ref: outbox.add(session, work.store.id, rows, work.since(ref), now) for ref, rows in told.items() if rows
        }
        something_new = any(added.values())
        samples.keep(session, work.store.id, work.facts, now)
        signed = signups.note(session, work.store, people, asked_at, now)
        _judge(work, {**told, **people}, {**added, **signed}, people.keys() - signed.keys())
        _write_verdicts(session, work.verdicts, now)
    if something_new:
        services.wake("deliver", work.store.id)
        services.wake("deliver-volume", work.store.id)
    if any(signed.values()):
        services.wake("consent", work.store.id)
    for row in work.rows:
        verdict = work.verdicts[row.id]
        extra = {"store": work.store.key, "webhook_id": row.webhook_id, "topic": row.topic, "outcome": verdict.outcome}
        log.info("webhook settled", extra=extra)


def _events(services: Services, work: _Work, record: Record, now: datetime) -> list[OutboxRow] | None:
    """The record's events as outbox rows; None when it cannot be mapped."""
    tracking = stores.tracking(work.store, now, services.settings.flow_window_h)
    try:
        found = mappings.facts(work.store.platform, record.resource, record.body)
        work.facts += found
        return [outbox_row(event) for event in mappings.messages(found, tracking)]
    except InvalidRecord as error:
        _blame(work, Ref(record.resource, record.id), error.path, error.reason)
        return None


def _recipients(work: _Work, record: Record) -> list[Recipient]:
    """All subscriptions of the address that a webhook speaks of; none when one of them cannot be mapped."""
    try:
        return [mappings.recipient(work.store.platform, body) for body in record.body["recipients"]]
    except InvalidRecord as error:
        _blame(work, Ref(record.resource, record.id), error.path, error.reason)
        return []


def outbox_row(event: Event) -> OutboxRow:
    """An event as it waits in the outbox: the bytes that will be sent, and what it is found by."""
    return OutboxRow(
        metric=event.metric,
        unique_id=event.unique_id,
        label=event.label,
        priority=outbox.BACKFILL if event.backfill else outbox.LIVE,
        profile=payloads.profile_bytes(event),
        event=payloads.event_bytes(event),
        follows=event.follows,
        unless=event.unless,
    )


def _judge(work: _Work, told: Mapping[Ref, Any], added: dict[Ref, int], unlisted: Collection[Ref]) -> None:
    """The first webhook that speaks of a new fact delivered it; the ones after it are duplicates.

    One that speaks of the `unlisted` only, who go to no list, is nobody's.
    """
    for webhook_id, refs in work.refs.items():
        if webhook_id in work.verdicts:
            continue
        if not any(ref in told for ref in refs):
            work.verdicts[webhook_id] = Verdict("ignored", reason="the shop no longer has the record")
            continue
        if all(ref in unlisted for ref in refs):
            work.verdicts[webhook_id] = Verdict("ignored", reason="subscribers of its sales channel go to no list")
            continue
        fresh = sum(added.pop(ref, 0) for ref in refs)
        work.verdicts[webhook_id] = Verdict("delivered" if fresh else "duplicate")


def _write_verdicts(session: Session, verdicts: Mapping[int, Verdict], now: datetime) -> None:
    alike: defaultdict[Verdict, list[int]] = defaultdict(list)
    for webhook_id, verdict in verdicts.items():
        alike[verdict].append(webhook_id)
    for verdict, ids in alike.items():
        inbox.settle(session, ids, verdict.outcome, now, verdict.path, verdict.reason)
