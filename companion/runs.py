"""The runs' verbs: request, claim, checkpoint, release, hold, finish, fail; by a person: pause, resume, cancel, retry.

A run is a walk, page by page, that may take hours and survives any kill: its cursor is committed together with what
the page gave. What a kind of run does is not known here (`companion.sync.advance.STEPS`). A store has at most one open
run of a kind. `claims` fences: whoever lost the run, or whose run was paused or cancelled, commits nothing more.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Literal, cast

from sqlalchemy import Table, delete, or_, select, update
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlalchemy.orm import Session

from companion import run_failures
from companion.errors import CompanionError
from companion.models import Run
from companion.run_failures import Failure

State = Literal["running", "held", "paused", "finished", "cancelled", "failed"]

TABLE = cast("Table", Run.__table__)
ADD: Final = {
    "sqlite": insert_sqlite(TABLE).on_conflict_do_nothing(),
    "postgresql": insert_postgresql(TABLE).on_conflict_do_nothing(),
}
OPEN: Final = ("running", "held", "paused")
EXHAUSTED: Final = 20
"""Claims in a row that broke off without a checkpoint, after which a run is given up."""

CLOCK: Final = "the clock"
"""Who asked for a run that was due by itself."""

MEMORY_S: Final = 30.0
"""The rate is that of about the last half minute."""


class NoSuchRun(CompanionError):
    """No run has this number."""


class NotPossible(CompanionError):
    """The run is not in a state in which this can be done."""


class Interrupted(CompanionError):
    """The run was paused, cancelled or taken over meanwhile: nothing of this transaction may stay."""


def request(
    session: Session,
    store_id: int,
    kind: str,
    now: datetime,
    options: Mapping[str, Any] | None = None,
    who: str = "",
) -> Run:
    """The store's open run of this kind: the one there is, else a new one with these options.

    Wake "advance" for the store after the commit.
    """
    values = {
        **{"store_id": store_id, "kind": kind, "state": "running", "options": dict(options or {}), "requested_by": who},
        **dict.fromkeys(("created_at", "changed_at", "due_at"), now),
        **dict.fromkeys(("done", "told", "failed", "claims", "attempts"), 0),
        "result": {},
    }
    connection = session.connection()
    found = None
    while found is None:  # the one there is may end between the two statements
        connection.execute(ADD[connection.dialect.name], values)
        found = session.scalar(select(Run).where(Run.store_id == store_id, Run.kind == kind, Run.state.in_(OPEN)))
    return found


def claim(session: Session, store_id: int, now: datetime, lease_s: float) -> Run | None:
    """Lease the run that has waited longest, if one is due: a store's kinds take turns. Renew it within `lease_s`."""
    due = (
        select(Run)
        .where(Run.store_id == store_id, Run.state == "running", Run.due_at <= now)
        .order_by(Run.due_at, Run.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    run = session.scalar(due)
    if run is None:
        return None
    run.claims, run.attempts = run.claims + 1, run.attempts + 1
    run.due_at = now + timedelta(seconds=lease_s)
    if run.attempts > EXHAUSTED:
        run.state, run.finished_at = "failed", now
        run.reason = f"The work on it broke off {EXHAUSTED} times; the log says why."
        return None
    return run


def renew(session: Session, run: Run, now: datetime, lease_s: float) -> None:
    """Go on holding the run. Raises Interrupted."""
    _change(session, run, {"due_at": now + timedelta(seconds=lease_s)})


def planned(session: Session, run: Run, plan: Mapping[str, Any], total: int | None, now: datetime) -> None:
    """Keep what the run expects, before its first page. Raises Interrupted."""
    _change(session, run, {"plan": dict(plan), "total": total, "changed_at": now, "attempts": 0, "reason": None})


def checkpoint(
    session: Session,
    run: Run,
    now: datetime,
    *,
    cursor: Mapping[str, Any] | None,
    done: int = 0,
    told: int = 0,
    failures: Sequence[Failure] = (),
    retried: Collection[int] = (),
    result: Mapping[str, Any] | None = None,
) -> None:
    """Where the run is now, in the transaction that holds what it did: `done` more records, `told` new messages.

    `failures` join the list, `retried` (ids of `run_failures.due`) leave it; `result` is merged into the run's.
    Raises Interrupted: let it undo the transaction.
    """
    retried_now = run_failures.remove(session, run.id, retried)
    failed = run.failed - retried_now + run_failures.add(session, run.id, failures, now)
    values = {
        "cursor": None if cursor is None else dict(cursor),
        "done": run.done + done,
        "told": run.told + told,
        "failed": failed,
        "rate": _rate(run, done, now),
        "result": {**run.result, **(result or {})},
        "changed_at": now,
    }
    _change(session, run, {**values, "attempts": 0, "reason": None})


def release(session: Session, run: Run, until: datetime, reason: str | None = None) -> None:
    """Give the run back, due again at `until`; `reason` says what it waits for. Harmless when it is ours no more."""
    ours = update(TABLE).where(TABLE.c.id == run.id, TABLE.c.claims == run.claims, TABLE.c.state == "running")
    session.execute(ours.values(due_at=until, reason=reason, attempts=0))


def hold(session: Session, run: Run, reason: str) -> None:
    """Wait for a person's yes, which is `resume`. Raises Interrupted."""
    _change(session, run, {"state": "held", "reason": reason, "attempts": 0})


def finish(session: Session, run: Run, now: datetime, result: Mapping[str, Any] | None = None) -> None:
    """The walk is over. Raises Interrupted."""
    _change(
        session,
        run,
        {"state": "finished", "finished_at": now, "reason": None, "result": {**run.result, **(result or {})}},
    )


def fail(session: Session, run: Run, reason: str, now: datetime) -> None:
    """The walk cannot go on, and this is why. Raises Interrupted."""
    _change(session, run, {"state": "failed", "finished_at": now, "reason": reason})


def pause(session: Session, run_id: int, reason: str = "Paused by a person.") -> Run:
    """Stop after the last checkpoint. Raises NoSuchRun, NotPossible."""
    run = _open(session, run_id)
    run.state, run.reason = "paused", reason
    return run


def resume(session: Session, run_id: int, now: datetime) -> Run:
    """Go on from the last checkpoint; the yes that a held run waits for. Raises NoSuchRun, NotPossible."""
    run = _open(session, run_id)
    if run.state != "running":
        _again(run, now)
    return run


def cancel(session: Session, run_id: int, now: datetime) -> Run:
    """End it here; what was told stays told. Raises NoSuchRun, NotPossible."""
    run = _open(session, run_id)
    run.state, run.reason, run.finished_at = "cancelled", None, now
    return run


def change_options(session: Session, run_id: int, changes: Mapping[str, Any]) -> Run:
    """Change what was asked for while it runs, e.g. the throttle. Raises NoSuchRun, NotPossible."""
    run = _open(session, run_id)
    run.options = {**run.options, **changes}
    return run


def retry(session: Session, run_id: int, now: datetime, ids: Collection[int] | None = None) -> int:
    """Make a run's failures due, all or those named, and the run with them; return how many.

    Raises NoSuchRun; NotPossible while another run of the kind is open.
    """
    run = by_id(session, run_id, lock=True)
    if run.state not in OPEN:
        other = session.scalar(
            select(Run.id).where(Run.store_id == run.store_id, Run.kind == run.kind, Run.state.in_(OPEN))
        )
        if other is not None:
            raise NotPossible(f"run {other} of the same kind is under way: try again when it has ended")
    count = run_failures.make_due(session, run.id, ids)
    if count and run.state not in OPEN:
        _again(run, now)
    return count


def by_id(session: Session, run_id: int, *, lock: bool = False) -> Run:
    """Raises NoSuchRun."""
    run = session.get(Run, run_id, with_for_update=lock or None)
    if run is None:
        raise NoSuchRun(f"there is no run {run_id}; `companion run list` shows them")
    return run


def listed(
    session: Session,
    store_id: int | None = None,
    kind: str | None = None,
    states: Collection[str] | None = None,
    limit: int = 50,
    before: int | None = None,
    without: Collection[str] = (),
) -> Sequence[Run]:
    """Runs, newest first, those with an id below `before` where given.

    Those `without` are the kinds that are left out where the clock asked for them.
    """
    query = select(Run) if before is None else select(Run).where(Run.id < before)
    for column, value in ((Run.store_id, store_id), (Run.kind, kind)):
        query = query if value is None else query.where(column == value)
    query = query if states is None else query.where(Run.state.in_(states))
    query = query.where(or_(Run.kind.not_in(without), Run.requested_by != CLOCK)) if without else query
    return session.scalars(query.order_by(Run.id.desc()).limit(limit)).all()


def forget(session: Session, ids: Collection[int]) -> None:
    """Remove runs and their failures."""
    run_failures.forget(session, ids)
    session.execute(delete(TABLE).where(TABLE.c.id.in_(ids)))


def progress(run: Run) -> dict[str, Any]:
    """`{"id", "kind", "state", "done", "total", "told", "failed", "rate", "eta_s", "reason"}`, rate in records/s."""
    left = max(0, (run.total or 0) - run.done)
    eta_s = round(left / run.rate, 1) if run.total is not None and run.rate and run.state in OPEN else None
    names = ("id", "kind", "state", "done", "total", "told", "failed")
    shown = {name: getattr(run, name) for name in names}
    return {**shown, "rate": run.rate and round(run.rate, 1), "eta_s": eta_s, "reason": run.reason}


def _change(session: Session, run: Run, values: Mapping[str, Any]) -> None:
    """Change a claimed run, in the table and in hand."""
    ours = update(TABLE).where(TABLE.c.id == run.id, TABLE.c.claims == run.claims, TABLE.c.state == "running")
    result: Any = session.execute(ours.values(values))
    if not result.rowcount:
        raise Interrupted(f"run {run.id} was paused, cancelled or taken over")
    for name, value in values.items():
        setattr(run, name, value)


def _open(session: Session, run_id: int) -> Run:
    run = by_id(session, run_id, lock=True)
    if run.state not in OPEN:
        raise NotPossible(f"run {run_id} is {run.state}")
    return run


def _again(run: Run, now: datetime) -> None:
    run.state, run.reason, run.finished_at, run.attempts = "running", None, None, 0
    run.due_at = run.changed_at = now


def _rate(run: Run, done: int, now: datetime) -> float | None:
    """Records a second, the last half minute weighing most; time spent paused does not count."""
    took = (now - run.changed_at).total_seconds()
    if not done or took <= 0:
        return run.rate
    weight = 1.0 if run.rate is None else 1 - math.exp(-took / MEMORY_S)
    return (run.rate or 0.0) * (1 - weight) + done / took * weight
