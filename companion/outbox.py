"""The outbox's verbs: add, claim, settle, postpone, bury. What a message means is not known here.

(store, metric, unique_id) is unique for ever: a fact is told once, whoever finds it. A claim moves `due_at` to
the end of the lease, so work of a process that died becomes due again by itself.
"""

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, cast

from sqlalchemy import Table, func, literal_column, select, update
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlalchemy.orm import Session

from companion.db import AnyRow
from companion.models import Outbox

log = logging.getLogger(__name__)

TABLE = cast("Table", Outbox.__table__)
ADD: Final = {
    "sqlite": insert_sqlite(TABLE).on_conflict_do_nothing().returning(TABLE.c.id),
    "postgresql": insert_postgresql(TABLE).on_conflict_do_nothing().returning(TABLE.c.id),
}
COLUMNS: Final = (
    TABLE.c.id,
    TABLE.c.metric,
    TABLE.c.unique_id,
    TABLE.c.priority,
    TABLE.c.profile,
    TABLE.c.event,
    TABLE.c.attempts,
)
LIVE: Final = 0
BACKFILL: Final = 1
PUT_ASIDE: Final = "Put aside by "
"""How the reason begins where a person has buried a message: no later telling brings it back."""


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """A message on its way out. `signalled_at` is when its webhook came in, for the lag.

    `follows`: it is added only where the message (metric, unique_id) was; `unless`: not where that one was live.
    """

    metric: str
    unique_id: str
    label: str
    priority: int
    profile: bytes
    event: bytes
    follows: tuple[str, str] | None = None
    unless: tuple[str, str] | None = None


def add(session: Session, store_id: int, rows: Sequence[OutboxRow], signalled_at: datetime, now: datetime) -> int:
    """Insert what was never told before; return how many messages are new on their way.

    What Klaviyo refused and is told differently by now (the mapping or the order was repaired) is one of them.
    """
    rows = _admitted(session, store_id, rows)
    if not rows:
        return 0
    connection = session.connection()
    values = [
        {
            "store_id": store_id,
            "metric": row.metric,
            "unique_id": row.unique_id,
            "label": row.label,
            "priority": row.priority,
            "profile": row.profile,
            "event": row.event,
            "signalled_at": signalled_at,
            "created_at": now,
            "due_at": now,
            "state": "due",
            "attempts": 0,
        }
        for row in rows
    ]
    fresh = len(connection.execute(ADD[connection.dialect.name], values).all())
    return fresh if fresh == len(rows) else fresh + _heal(session, store_id, rows, signalled_at, now)


def _admitted(session: Session, store_id: int, rows: Sequence[OutboxRow]) -> Sequence[OutboxRow]:
    """The messages whose condition, if they have one, is met by what was told before."""
    asked = {one for row in rows for one in (row.follows, row.unless) if one is not None}
    if not asked:
        return rows
    known = select(TABLE.c.metric, TABLE.c.unique_id, TABLE.c.priority).where(
        TABLE.c.store_id == store_id,
        TABLE.c.metric.in_({metric for metric, _ in asked}),
        TABLE.c.unique_id.in_({unique_id for _, unique_id in asked}),
    )
    told = {(row.metric, row.unique_id): row.priority for row in session.execute(known)}
    admitted = [
        row
        for row in rows
        if (row.follows is None or row.follows in told) and (row.unless is None or told.get(row.unless) != LIVE)
    ]
    for row in rows if len(admitted) < len(rows) else ():
        if row not in admitted:
            log.info("message not told", extra={"metric": row.metric, "unique_id": row.unique_id})
    return admitted


def due(session: Session, store_id: int, priority: int, now: datetime, most: int) -> int:
    """How many messages of a priority are due, counted up to `most`."""
    waiting = (TABLE.c.store_id == store_id, TABLE.c.state == "due", TABLE.c.priority == priority)
    some = select(TABLE.c.id).where(*waiting, TABLE.c.due_at <= now).limit(most).subquery()
    return session.scalar(select(func.count()).select_from(some)) or 0


def claim(
    session: Session, store_id: int, now: datetime, lease_s: float, limit: int, *, live_only: bool = False
) -> Sequence[AnyRow]:
    """Lease up to `limit` due messages, live before backfill, oldest first; rows of COLUMNS.

    Messages that failed together come back in ever smaller company, until a bad one stands alone.
    """
    wanted = [TABLE.c.store_id == store_id, TABLE.c.state == "due", TABLE.c.due_at <= now]
    if live_only:
        wanted.append(TABLE.c.priority == LIVE)
    waiting = (
        select(*COLUMNS)
        .where(*wanted)
        .order_by(TABLE.c.priority, TABLE.c.due_at, TABLE.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    rows: Sequence[AnyRow] = session.execute(waiting).all()
    rows = rows[: company(rows[0].attempts, limit)] if rows else rows
    leased = {"due_at": now + timedelta(seconds=lease_s), "attempts": TABLE.c.attempts + 1}
    _change(session, [row.id for row in rows], leased)
    return rows


def company(attempts: int, limit: int) -> int:
    """How many messages may travel together after so many failed attempts: all, then halves of halves."""
    return max(1, limit >> max(0, attempts - 3))


def settle(session: Session, ids: Collection[int], now: datetime) -> None:
    """Klaviyo accepted these."""
    _change(session, ids, {"state": "delivered", "settled_at": now, "reason": None})


def postpone(session: Session, ids: Collection[int], until: datetime, reason: str) -> None:
    """Try these again at `until`."""
    _change(session, ids, {"due_at": until, "reason": reason})


def release(session: Session, ids: Collection[int], until: datetime) -> None:
    """Give back what was claimed and not sent: the claim does not count."""
    _change(session, ids, {"due_at": until, "attempts": TABLE.c.attempts - 1})


def bury(session: Session, ids: Collection[int], reason: str, now: datetime) -> None:
    """Klaviyo will never accept these; they are kept with the reason and can be replayed."""
    _change(session, ids, {"state": "buried", "reason": reason, "settled_at": now})


def give_up(session: Session, store_id: int, ids: Collection[int], who: str, now: datetime, why: str = "") -> int:
    """A person buries messages that are still due; return how many."""
    which = (TABLE.c.store_id == store_id, TABLE.c.state == "due", TABLE.c.id.in_(ids))
    reason = f"{PUT_ASIDE}{who}" + (f": {why}" if why else ".")
    result: Any = session.execute(update(TABLE).where(*which).values(state="buried", reason=reason, settled_at=now))
    return int(result.rowcount)


def rewrite(session: Session, message_id: int, profile: bytes) -> None:
    """Replace the profile of a message whose profile Klaviyo refused."""
    _change(session, [message_id], {"profile": profile})


def replay(session: Session, store_id: int, now: datetime, ids: Collection[int] | None = None) -> int:
    """Make buried messages due again, all of a store's or those named; return how many."""
    which = [TABLE.c.store_id == store_id, TABLE.c.state == "buried", TABLE.c.event.is_not(None)]
    if ids is not None:
        which.append(TABLE.c.id.in_(ids))
    result: Any = session.execute(update(TABLE).where(*which).values(_afresh(now)))
    return int(result.rowcount)


def listed(
    session: Session,
    store_id: int | None = None,
    state: str | None = None,
    label: str | None = None,
    limit: int = 100,
) -> Sequence[Outbox]:
    """Messages newest first, in one state and of one order number where given."""
    query = select(Outbox)
    for column, value in ((Outbox.store_id, store_id), (Outbox.state, state), (Outbox.label, label)):
        query = query if value is None else query.where(column == value)
    return session.scalars(query.order_by(Outbox.id.desc()).limit(limit)).all()


def _heal(session: Session, store_id: int, rows: Sequence[OutboxRow], signalled_at: datetime, now: datetime) -> int:
    """Give buried messages the bytes they are told with now, where those differ, and make them due; return how many.

    By a second look instead of an upsert: that would lock every row which is told again, and nearly all of them are.
    """
    told = {(row.metric, row.unique_id): row for row in rows}
    is_refused = (TABLE.c.state == literal_column("'buried'"), ~TABLE.c.reason.startswith(PUT_ASIDE, autoescape=True))
    columns = (TABLE.c.id, TABLE.c.metric, TABLE.c.unique_id, TABLE.c.profile, TABLE.c.event)
    healed = 0
    for some in _chunks(list({row.unique_id for row in rows})):
        refused = select(*columns).where(TABLE.c.store_id == store_id, TABLE.c.unique_id.in_(some), *is_refused)
        for found in session.execute(refused.order_by(TABLE.c.id)).all():
            row = told.get((found.metric, found.unique_id))
            if row is None or (row.profile, row.event) == (found.profile, found.event):
                continue
            new = {"profile": row.profile, "event": row.event, "priority": row.priority, "signalled_at": signalled_at}
            healing = update(TABLE).where(TABLE.c.id == found.id, *is_refused).values({**new, **_afresh(now)})
            result: Any = session.execute(healing)
            healed += int(result.rowcount)
    return healed


def _afresh(now: datetime) -> dict[str, Any]:
    return {"state": "due", "reason": None, "attempts": 0, "due_at": now, "settled_at": None}


def _change(session: Session, ids: Collection[int], values: dict[str, Any]) -> None:
    for some in _chunks(list(ids)):
        session.execute(update(TABLE).where(TABLE.c.id.in_(some)).values(values))


def _chunks(found: list[Any], size: int = 500) -> list[list[Any]]:
    return [found[start : start + size] for start in range(0, len(found), size)]
