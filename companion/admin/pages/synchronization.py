"""Synchronization: the button, the plan that waits for a yes, the run as it goes, and every run before it.

Pressing the button only asks for the run; counting and walking happen in the background, and the page looks on.
"""

from collections.abc import Mapping
from typing import Any, Final

from flask import Blueprint, flash, redirect, render_template, request, url_for

from companion import audit, outbox, runs, store_settings, watchdog
from companion.admin import guard, progress, queries
from companion.admin.forms import Schedule
from companion.admin.pages.runs import row_id
from companion.bootstrap import Services
from companion.models import Store
from companion.sync import history, schedule
from mappings.metrics import DEFAULTS

KIND: Final = "history"
SHOWN: Final = 50


def add(door: Blueprint, services: Services) -> None:
    """`/stores/<key>/synchronization`."""

    @door.get("/stores/<key>/synchronization")
    def synchronization(key: str) -> Any:
        return _page(services, guard.found(services, key), None)

    @door.post("/stores/<key>/synchronization")
    def schedule(key: str) -> Any:
        store = guard.found(services, key)
        with services.database.read() as session:
            form = _form(store, queries.channels(session, store))
        if not form.validate():
            return _page(services, store, form)
        _start(services, store, form)
        return redirect(url_for(".synchronization", key=key), 303)


def _form(store: Store, channels: Mapping[str, str]) -> Schedule:
    """The form with what may be chosen: everything is, unless something was taken away."""
    told = store_settings.tracking(store.settings, "", store.platform, store.connected_at).names
    form = Schedule(request.form if request.method == "POST" else None)
    form.choose(channels, [metric for metric in DEFAULTS if metric in told])
    return form


def _start(services: Services, store: Store, form: Schedule) -> None:
    """Ask for a run that makes its plan and waits; one that is under way is found instead."""
    who, now, options = guard.visitor().who, services.now(), history.options(**form.asked(), ask=True)
    with services.database.write() as session:
        was_open = runs.listed(session, store.id, KIND, runs.OPEN, limit=1)
        run = runs.request(session, store.id, KIND, now, options, who)
        if not was_open:
            audit.record(session, now, who, f"scheduled a synchronization (run {run.id})", store.id, after=options)
    services.wake("advance", store.id)
    said = f"Run {run.id} is under way already: here it is." if was_open else f"Run {run.id} counts the orders."
    flash(said, "warn" if was_open else "good")


def _page(services: Services, store: Store, form: Schedule | None) -> Any:
    before = request.args.get("before", None, row_id)
    with services.database.read() as session:
        newest = runs.listed(session, store.id, KIND, limit=1)
        listed = runs.listed(session, store.id, before=before, limit=SHOWN + 1, without=schedule.LOOKED_UP)
        waiting = outbox.due(session, store.id, outbox.BACKFILL, services.now(), history.CROWD)
        note = watchdog.note(session, store, services.platforms[store.platform].signals)
        channels = queries.channels(session, store)
    page = render_template(
        "admin/synchronization.html",
        store=store,
        note=note,
        waiting=waiting,
        most=history.CROWD,
        form=form or _form(store, channels),
        run=progress.shown(newest[0], channels) if newest else None,
        runs=[progress.shown(run, channels) for run in listed[:SHOWN]],
        older=listed[SHOWN - 1].id if len(listed) > SHOWN else None,
        before=before,
        told=progress.told,
    )
    return page, 400 if form else 200
