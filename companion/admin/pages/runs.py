"""One run: its plan, how far it is, what it could not tell and why, and the buttons that steer it."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any, Final

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug import Response

from companion import audit, run_failures, runs
from companion.admin import guard, progress, queries
from companion.admin.forms import Throttle
from companion.admin.shown import counted
from companion.bootstrap import Services
from companion.models import Run, Store

ID: Final = "int(max=9223372036854775807):id_"
SHOWN: Final = 100

Verb = Callable[[Session, Run, datetime], str]
"""Does something to a run now, and says what was done, e.g. "paused run 7"."""


def add(door: Blueprint, services: Services) -> None:
    """`/stores/<key>/runs/<id>` and its buttons."""
    _add_page(door, services)
    _add_buttons(door, services)


def row_id(text: str) -> int:
    """A row's id as an address or a form has it. Raises ValueError for what no table can hold."""
    number = int(text)
    if not 0 <= number < 2**63:
        raise ValueError(text)
    return number


def _add_page(door: Blueprint, services: Services) -> None:
    @door.get(f"/stores/<key>/runs/<{ID}>")
    def run(key: str, id_: int) -> str:
        store = guard.found(services, key)
        after = request.args.get("after", 0, row_id)
        with services.database.read() as session:
            row = _mine(session, store, id_)
            failures = run_failures.listed(session, id_, SHOWN + 1, after)
            channels = queries.channels(session, store)
        return render_template(
            "admin/run.html",
            store=store,
            run=progress.shown(row, channels),
            told=progress.told,
            failures=failures[:SHOWN],
            more=failures[SHOWN - 1].id if len(failures) > SHOWN else None,
        )


def _add_buttons(door: Blueprint, services: Services) -> None:
    @door.post(f"/stores/<key>/runs/<{ID}>/pause")
    def pause_run(key: str, id_: int) -> Response:
        return _do(services, key, id_, _pause)

    @door.post(f"/stores/<key>/runs/<{ID}>/resume")
    def resume_run(key: str, id_: int) -> Response:
        return _do(services, key, id_, _resume)

    @door.post(f"/stores/<key>/runs/<{ID}>/cancel")
    def cancel_run(key: str, id_: int) -> Response:
        return _do(services, key, id_, _cancel)

    @door.post(f"/stores/<key>/runs/<{ID}>/retry")
    def retry_run(key: str, id_: int) -> Response:
        return _do(services, key, id_, _retry)

    @door.post(f"/stores/<key>/runs/<{ID}>/throttle")
    def throttle_run(key: str, id_: int) -> Response:
        form = Throttle(request.form)
        if form.validate():
            return _do(services, key, id_, partial(_throttle, form.orders_per_minute.data))
        flash(" ".join(form.orders_per_minute.errors), "bad")
        return _back(key, id_)


def _pause(session: Session, run: Run, _now: datetime) -> str:
    runs.pause(session, run.id, f"Paused by {guard.visitor().who}.")
    return f"paused run {run.id}"


def _resume(session: Session, run: Run, now: datetime) -> str:
    done = "said yes to the plan of" if run.state == "held" else "resumed"
    runs.resume(session, run.id, now)
    return f"{done} run {run.id}"


def _cancel(session: Session, run: Run, now: datetime) -> str:
    runs.cancel(session, run.id, now)
    return f"cancelled run {run.id}"


def _retry(session: Session, run: Run, now: datetime) -> str:
    """All of a run's failures, or the one whose button it was."""
    one = request.form.get("failure", None)
    count = runs.retry(session, run.id, now, None if one is None else [row_id(one)])
    return f"had {counted(count, 'record')} of run {run.id} tried again"


def _throttle(limit: int | None, session: Session, run: Run, _now: datetime) -> str:
    runs.change_options(session, run.id, {"orders_per_minute": limit})
    return f"limited run {run.id} to {limit:,} orders a minute" if limit else f"took the limit off run {run.id}"


def _do(services: Services, key: str, id_: int, verb: Verb) -> Response:
    """A button's work on a run, noted in the trail; what is no longer possible is said."""
    store, who = guard.found(services, key), guard.visitor().who
    try:
        with services.database.write() as session:
            run = _mine(session, store, id_)
            before = _compared(run)
            done = verb(session, run, services.now())
            audit.record(session, services.now(), who, done, store.id, before, _compared(run))
    except runs.NotPossible as problem:
        flash(f"Nothing was done: {problem}.", "warn")
    except ValueError:
        abort(400, "There is no such failure.")
    else:
        services.wake("advance", store.id)
        flash(f"You {done}.", "good")
    return _back(key, id_)


def _compared(run: Run) -> dict[str, Any]:
    return {"state": run.state, "orders_per_minute": run.options.get("orders_per_minute")}


def _back(key: str, id_: int) -> Response:
    """To the page the button was on."""
    if request.form.get("from") == "synchronization":
        return redirect(url_for(".synchronization", key=key), 303)
    return redirect(url_for(".run", key=key, id_=id_), 303)


def _mine(session: Session, store: Store, id_: int) -> Run:
    """The store's own run; aborts with 404 for another's."""
    run = session.get(Run, id_)
    if run is None or run.store_id != store.id:
        abort(404, "There is no such run here.")
    return run
