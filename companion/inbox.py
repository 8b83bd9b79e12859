"""The inbox's verbs: add, claim, settle, postpone, release. What a webhook means is not known here.

A claim moves `due_at` to the end of the lease: work of a process that died becomes due again by itself.
"""

import threading
from collections import deque
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal, cast, get_args

from sqlalchemy import Table, Update, select, update
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from companion.db import AnyRow, Database
from companion.models import Inbox

Outcome = Literal["delivered", "duplicate", "ignored", "quarantined"]

TABLE = cast("Table", Inbox.__table__)
ADD: Final = {
    "sqlite": insert_sqlite(TABLE).on_conflict_do_nothing(),
    "postgresql": insert_postgresql(TABLE).on_conflict_do_nothing(),
}
SUSPECT: Final = 3
EXHAUSTED: Final = 20


@dataclass(frozen=True, slots=True)
class InboxRow:
    """A verified webhook on its way in. `state` is due, or held while its registration waits for a yes."""

    store_id: int
    webhook_id: str
    topic: str
    body: bytes
    received_at: datetime
    state: Literal["due", "held"] = "due"


@dataclass(slots=True)
class _Arrival:
    """A row in line for a commit: `taken` by one that began, `stored` once it has succeeded."""

    row: InboxRow
    taken: bool = False
    stored: bool = False


class Intake:
    """Durable inserts, many in one commit: whoever gets the turn commits everything that waits.

    Under load one fsync serves every request that arrived during the last one; alone, a request commits at once.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._turn = threading.Lock()
        self._waiting: deque[_Arrival] = deque()

    def add(self, row: InboxRow) -> None:
        """Return when the row is on disk; one that was stored before changes nothing. Raises what the database raises.

        Whoever holds the turn finds its own row taken by an earlier turn, or still in line: never neither.
        """
        arrival = _Arrival(row)
        self._waiting.append(arrival)
        with self._turn:
            if not arrival.taken:
                self._commit_all_that_wait()
        if not arrival.stored:
            self._commit([arrival])

    def _commit_all_that_wait(self) -> None:
        batch = []
        while self._waiting:
            batch.append(self._waiting.popleft())
            batch[-1].taken = True
        with suppress(SQLAlchemyError):  # whose fault it was shows when each tries alone
            self._commit(batch)

    def _commit(self, batch: Sequence[_Arrival]) -> None:
        with self._database.write() as session:
            connection = session.connection()
            connection.execute(ADD[connection.dialect.name], [_values(arrival.row) for arrival in batch])
        for arrival in batch:
            arrival.stored = True


def add(session: Session, rows: Sequence[InboxRow]) -> set[tuple[int, str]]:
    """Insert what is new and return its (store, webhook) identities; a redelivery changes nothing."""
    connection = session.connection()
    statement = ADD[connection.dialect.name].returning(TABLE.c.id)  # not every driver counts rows here
    return {(row.store_id, row.webhook_id) for row in rows if connection.execute(statement, _values(row)).first()}


def _values(row: InboxRow) -> dict[str, Any]:
    return {
        "store_id": row.store_id,
        "webhook_id": row.webhook_id,
        "topic": row.topic,
        "body": row.body,
        "received_at": row.received_at,
        "due_at": row.received_at,
        "state": row.state,
        "attempts": 0,
    }


def claim(session: Session, store_id: int, now: datetime, lease_s: float, limit: int) -> Sequence[AnyRow]:
    """Lease up to `limit` due webhooks, oldest first: (id, webhook_id, topic, body, received_at, attempts).

    One that was claimed SUSPECT times without being settled is claimed alone, so that whatever it breaks, it
    breaks nothing else.
    """
    due = (
        select(TABLE.c.id, TABLE.c.webhook_id, TABLE.c.topic, TABLE.c.body, TABLE.c.received_at, TABLE.c.attempts)
        .where(TABLE.c.store_id == store_id, TABLE.c.state == "due", TABLE.c.due_at <= now)
        .order_by(TABLE.c.due_at, TABLE.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    rows: Sequence[AnyRow] = session.execute(due).all()
    alone = bool(rows) and rows[0].attempts >= SUSPECT
    rows = rows[:1] if alone else [row for row in rows if row.attempts < SUSPECT]
    leased = {"due_at": now + timedelta(seconds=lease_s), "attempts": TABLE.c.attempts + 1}
    session.execute(update(TABLE).where(TABLE.c.id.in_([row.id for row in rows])).values(leased))
    return rows


def settle(
    session: Session,
    ids: Collection[int],
    outcome: Outcome,
    now: datetime,
    path: str | None = None,
    reason: str | None = None,
) -> None:
    """End the work on these webhooks; a quarantined one says where and why."""
    ended = {"state": "settled", "outcome": outcome, "path": path, "reason": reason, "settled_at": now}
    session.execute(update(TABLE).where(TABLE.c.id.in_(ids)).values(ended))


def postpone(session: Session, ids: Collection[int], until: datetime, reason: str) -> None:
    """Give claimed webhooks back for a reason of their own, due again at `until`."""
    session.execute(update(TABLE).where(TABLE.c.id.in_(ids)).values(due_at=until, reason=reason))


def release(session: Session, ids: Collection[int], until: datetime) -> None:
    """Give claimed webhooks back for a reason that is not theirs: the claim does not count."""
    freed = {"due_at": until, "attempts": TABLE.c.attempts - 1}
    session.execute(update(TABLE).where(TABLE.c.id.in_(ids)).values(freed))


def replay(session: Session, store_id: int, now: datetime, ids: Collection[int] | None = None) -> int:
    """Make quarantined webhooks due again, all of a store's or those named; return how many."""
    again = {"state": "due", "outcome": None, "path": None, "reason": None, "attempts": 0, "due_at": now}
    which = [TABLE.c.store_id == store_id, TABLE.c.outcome == "quarantined", TABLE.c.body.is_not(None)]
    if ids is not None:
        which.append(TABLE.c.id.in_(ids))
    return _count(session.execute(update(TABLE).where(*which).values({**again, "settled_at": None})))


def release_held(session: Session, store_id: int, now: datetime) -> int:
    """Make held webhooks due: their registration was approved."""
    return _count(session.execute(_held(store_id).values(state="due", due_at=now)))


def refuse_held(session: Session, store_id: int, now: datetime) -> int:
    """Ignore held webhooks: their registration was rejected."""
    refused = {"state": "settled", "outcome": "ignored", "reason": "registration rejected", "settled_at": now}
    return _count(session.execute(_held(store_id).values(refused)))


def listed(
    session: Session, store_id: int | None = None, state: str = "quarantined", limit: int = 100
) -> Sequence[Inbox]:
    """Webhooks in one state or with one outcome, newest first."""
    query = select(Inbox).where((Inbox.outcome == state) if state in get_args(Outcome) else (Inbox.state == state))
    if store_id is not None:
        query = query.where(Inbox.store_id == store_id)
    return session.scalars(query.order_by(Inbox.id.desc()).limit(limit)).all()


def _held(store_id: int) -> Update:
    return update(TABLE).where(TABLE.c.store_id == store_id, TABLE.c.state == "held")


def _count(result: Any) -> int:
    return int(result.rowcount)
