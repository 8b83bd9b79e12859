"""The kind `changes`: a sweep over what a shop wrote lately, for what no webhook told.

It reads from its watermark on, which is when the last sweep that ended was asked for, with an overlap: clocks differ,
and a shop's transaction may commit late. It tells by the same rules as a webhook: whoever finds a fact first tells it.
"""

import logging
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from companion import limits, outbox, resolve, run_failures, runs, signups, stores, watchdog
from companion.bootstrap import Services
from companion.models import Run, Store
from companion.platforms.base import Walk
from companion.sync import telling
from companion.sync.reading import ENDED, Reader
from companion.sync.telling import Told

log = logging.getLogger(__name__)

KIND: Final = "changes"
OVERLAP: Final = timedelta(minutes=10)
STEP_S: Final = 5.0
KEPT: Final = 100
"""Sweeps that found something and are remembered."""


def step(services: Services, run: Run) -> float | None:
    """One turn: try failures again, or read on for a few seconds."""
    with services.database.read() as session:
        store = session.get_one(Store, run.store_id)
        last = _last(session, run)
        again = run_failures.due(session, run.id, services.settings.shop_page)
    reader, began = Reader(services, run, store), services.now()
    run.result = {"missed": 0, "silent": last.result["silent"] if last else {}, **run.result}
    tell = partial(
        telling.tell, store, tracking=stores.tracking(store, services.now(), services.settings.flow_window_h)
    )
    if again:
        told = tell(reader.again(again))
        _write(services, reader, told, began, cursor=run.cursor, retried=[one.id for one in again])
        return 0.0
    if run.cursor == ENDED:
        _finish(services, run)
        return None
    since = max(store.connected_at, last.created_at - OVERLAP) if last else store.connected_at
    until = began + timedelta(seconds=STEP_S)
    for read, told in reader.ahead(Walk("order", "changed", since), reader.limit, until, tell):
        _write(services, reader, told, began, cursor=read.end, done=len(read.refs))
    return 0.0


def is_due(services: Services, session: Session, store: Store) -> bool:
    """Whether it is time for the next sweep."""
    minutes = store.settings.get("sweep_minutes", services.settings.sweep_minutes)
    if not minutes or store.state != "active":
        return False
    newest = runs.listed(session, store.id, KIND, limit=1)
    return not newest or (
        newest[0].state not in runs.OPEN and newest[0].created_at <= services.now() - timedelta(minutes=minutes)
    )


def _write(services: Services, reader: Reader, told: Told, read_at: datetime, **progress: Any) -> None:
    """The messages and the subscribers, what they say of the webhooks, and where the run is, in one commit."""
    run, store, now = reader.run, reader.store, services.now()
    signals = services.platforms[store.platform].signals
    with services.database.write() as session:
        limits.recovered(session, stores.shop_scope(store.id), resolve.API)
        missed, silent = watchdog.judge(session, store.id, signals, told.events, run.result["silent"], now)
        fresh = outbox.add(session, store.id, told.rows, now, now)
        signed = signups.note(session, store, told.people, read_at, now)
        result = {"missed": run.result["missed"] + missed, "silent": silent}
        runs.checkpoint(session, run, now, told=fresh, failures=told.failures, result=result, **progress)
    if fresh:
        services.wake("deliver", store.id)
        services.wake("deliver-volume", store.id)
    if any(signed.values()):
        services.wake("consent", store.id)
    extra = {"store": store.key, "run": run.id, "done": run.done, "told": fresh, "missed": missed}
    log.info("changes told", extra=extra)


def _finish(services: Services, run: Run) -> None:
    with services.database.write() as session:
        runs.finish(session, run, services.now())
        runs.forget(session, _dull(session, run))


def _last(session: Session, run: Run) -> Run | None:
    """The last sweep before this one that came to its end; it is never forgotten before this one has."""
    ended = select(Run).where(Run.store_id == run.store_id, Run.kind == KIND, Run.state == "finished")
    return session.scalar(ended.where(Run.id < run.id).order_by(Run.id.desc()).limit(1))


def _dull(session: Session, run: Run) -> list[int]:
    """Earlier sweeps that nobody will ask for: those that found nothing, and all but the newest."""
    ended = select(Run).where(Run.store_id == run.store_id, Run.kind == KIND, Run.id < run.id)
    earlier = session.scalars(ended.where(Run.state.not_in(runs.OPEN)).order_by(Run.id.desc())).all()
    return [one.id for number, one in enumerate(earlier) if number >= KEPT or not (one.told or one.failed)]
