"""Webhooks that stopped coming: what the sweep found that a webhook should have told, kept with the sweep's run.

`{metric: {"missed": count, "since": time of the first, "topics": [...]}}` in the run's result under `silent`. One
webhook of these topics since then clears the metric. Knows no platform: which topics tell of what comes from outside.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from companion import runs
from companion.models import Inbox, Outbox, Store
from companion.platforms.base import Signals
from mappings.model import Event

GRACE: Final = timedelta(minutes=2)
"""How late a webhook may be: shops send them through a queue."""

SKEW: Final = timedelta(minutes=1)
FEW: Final = 3
"""Facts without a webhook that say nothing yet: a network fails now and then."""

CHUNK: Final = 400

Silent = dict[str, dict[str, Any]]


def judge(
    session: Session, store_id: int, signals: Signals, events: Iterable[Event], silent: Silent, now: datetime
) -> tuple[int, Silent]:
    """How many of these events a webhook should have told by now, and the silence as it is known with them.

    To be asked in the transaction that adds the events, before it does.
    """
    still = {metric: one for metric, one in silent.items() if _is_silent(session, store_id, one)}
    late = [event for event in events if not event.backfill and event.at <= now - GRACE]
    missed = 0
    for event in _untold(session, store_id, late):
        topics = signals.topics.get(event.metric, ())
        if topics and not _heard(session, store_id, topics, event.at - SKEW):
            missed += 1
            known = still.get(event.metric, {"missed": 0, "since": event.at.isoformat(), "topics": list(topics)})
            since = min(known["since"], event.at.isoformat())
            still[event.metric] = {**known, "missed": known["missed"] + 1, "since": since}
    return missed, still


def note(session: Session, store: Store, signals: Signals) -> str | None:
    """What to tell an admin of a store whose webhooks went silent, with what to do; None while they come."""
    last = runs.listed(session, store.id, "changes", limit=1)
    silent = last[0].result.get("silent", {}) if last else {}
    missing = {
        metric: one for metric, one in silent.items() if one["missed"] >= FEW and _is_silent(session, store.id, one)
    }
    if not missing:
        return None
    since = min(datetime.fromisoformat(one["since"]) for one in missing.values())
    count = sum(one["missed"] for one in missing.values())
    return (
        f"Webhooks silent since {since:%Y-%m-%d %H:%M} UTC: {count} facts ({', '.join(sorted(missing))}) came by the "
        f"sweep alone. {signals.remedy}"
    )


def _is_silent(session: Session, store_id: int, one: Mapping[str, Any]) -> bool:
    return not _heard(session, store_id, one["topics"], datetime.fromisoformat(one["since"]) - SKEW)


def _heard(session: Session, store_id: int, topics: Sequence[str], since: datetime) -> bool:
    """Whether a webhook of one of these topics came since then."""
    came = exists().where(
        Inbox.store_id == store_id, Inbox.received_at >= since, Inbox.topic.in_(topics), Inbox.state != "held"
    )
    return bool(session.scalar(select(came)))


def _untold(session: Session, store_id: int, events: Sequence[Event]) -> list[Event]:
    """The events that the outbox has never seen."""
    told: set[tuple[str, str]] = set()
    for start in range(0, len(events), CHUNK):
        some = events[start : start + CHUNK]
        known = select(Outbox.metric, Outbox.unique_id).where(
            Outbox.store_id == store_id,
            Outbox.metric.in_({event.metric for event in some}),
            Outbox.unique_id.in_({event.unique_id for event in some}),
        )
        told |= {(row.metric, row.unique_id) for row in session.execute(known)}
    return [event for event in events if (event.metric, event.unique_id) not in told]
