"""What runs could not tell, one record a row: add, list, make due again, remove. Belongs to `companion.runs`."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final, cast

from sqlalchemy import Table, delete, select, update
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlalchemy.orm import Session

from companion.models import RunFailure

TABLE = cast("Table", RunFailure.__table__)
ADD: Final = {
    "sqlite": insert_sqlite(TABLE).on_conflict_do_nothing().returning(TABLE.c.id),
    "postgresql": insert_postgresql(TABLE).on_conflict_do_nothing().returning(TABLE.c.id),
}


@dataclass(frozen=True, slots=True)
class Failure:
    """One record that could not be told: which, where in it, and why. `label` is what a person knows it by."""

    resource: str
    record_id: str
    path: str
    reason: str
    label: str = ""


def add(session: Session, run_id: int, found: Sequence[Failure], now: datetime) -> int:
    """Put records on a run's list; return how many were not on it."""
    if not found:
        return 0
    connection = session.connection()
    values = [{"run_id": run_id, "at": now, "due": False, **asdict(failure)} for failure in found]
    return len(connection.execute(ADD[connection.dialect.name], values).all())


def remove(session: Session, run_id: int, ids: Collection[int]) -> int:
    """Take entries off a run's list; return how many were on it."""
    result: Any = session.execute(delete(TABLE).where(TABLE.c.run_id == run_id, TABLE.c.id.in_(ids))) if ids else None
    return int(result.rowcount) if result else 0


def make_due(session: Session, run_id: int, ids: Collection[int] | None = None) -> int:
    """Have entries tried again, all of a run's or those named; return how many."""
    which = [TABLE.c.run_id == run_id] + ([TABLE.c.id.in_(ids)] if ids is not None else [])
    result: Any = session.execute(update(TABLE).where(*which).values(due=True))
    return int(result.rowcount)


def due(session: Session, run_id: int, limit: int) -> Sequence[RunFailure]:
    """Entries that are to be tried again; hand their ids to `runs.checkpoint` as `retried`."""
    waiting = select(RunFailure).where(RunFailure.run_id == run_id, RunFailure.due)
    return session.scalars(waiting.order_by(RunFailure.id).limit(limit)).all()


def listed(session: Session, run_id: int, limit: int = 100, after: int = 0) -> Sequence[RunFailure]:
    """A run's entries in the order they happened, those with an id above `after`."""
    entries = select(RunFailure).where(RunFailure.run_id == run_id, RunFailure.id > after)
    return session.scalars(entries.order_by(RunFailure.id).limit(limit)).all()


def forget(session: Session, run_ids: Collection[int]) -> None:
    """Remove the lists of these runs."""
    session.execute(delete(TABLE).where(TABLE.c.run_id.in_(run_ids)))
