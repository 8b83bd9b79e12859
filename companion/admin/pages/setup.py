"""A store's set-up in one sitting: the shop's side, the Klaviyo key, a test event, pausing."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug import Response

from companion import audit, key_checks, stores, trial
from companion.admin import guard
from companion.admin.forms import Pause, PrivateKey, TrialEvent
from companion.admin.pages.approval import waiting
from companion.bootstrap import Services
from companion.models import Store
from mappings import fields


def add(door: Blueprint, services: Services) -> None:
    """`/stores/<key>/setup` and its buttons."""
    _add_page(door, services)
    _add_switch(door, services)


def _add_page(door: Blueprint, services: Services) -> None:
    @door.get("/stores/<key>/setup")
    def setup(key: str) -> Any:
        return _page(services, key)

    @door.post("/stores/<key>/setup")
    def connect_klaviyo(key: str) -> Any:
        form = PrivateKey(request.form)
        if not form.validate():
            return _page(services, key, 400, key_form=form)
        return _asked(services, key, form.private_key.data or "")

    @door.post("/stores/<key>/check")
    def check_key(key: str) -> Any:
        return _asked(services, key, None)

    @door.post("/stores/<key>/test")
    def test(key: str) -> Any:
        form = TrialEvent(request.form)
        if not form.validate():
            return _page(services, key, 400, trial_form=form)
        id_ = trial.send(services, guard.found(services, key), fields.email(form.email.data), guard.visitor().who)
        return redirect(url_for(".message", key=key, id_=id_), 303)


def _add_switch(door: Blueprint, services: Services) -> None:
    @door.post("/stores/<key>/pause")
    def pause(key: str) -> Any:
        form = Pause(request.form)
        if not form.validate():
            return _page(services, key, 400, pause_form=form)
        reason = (form.reason.data or "").strip() or "Paused by hand."
        return _switch(services, key, "paused sending", lambda _session, store: stores.pause(store, reason))

    @door.post("/stores/<key>/resume")
    def resume(key: str) -> Response:
        def verb(session: Session, store: Store) -> None:
            stores.resume(session, store, services.now())

        return _switch(services, key, "resumed sending", verb)


def _page(services: Services, key: str, status: int = 200, **forms: Any) -> Any:
    store = guard.found(services, key)
    with services.database.read() as session:
        check = key_checks.of(session, store.id)
    shown = {"key_form": PrivateKey(), "pause_form": Pause(), "trial_form": TrialEvent(), **forms}
    page = render_template(
        "admin/setup.html",
        store=store,
        waiting=waiting(services, store),
        check=check,
        needed=key_checks.NEEDED,
        required=key_checks.REQUIRED,
        **shown,
    )
    return page, status


def _asked(services: Services, key: str, private_key: str | None) -> Response:
    """Have a key looked at in the background; the page shows what comes of it."""
    with services.database.write() as session:
        store = stores.by_key(session, key)
        key_checks.ask(services, session, store, guard.visitor().who, private_key)
        store_id = store.id
    services.wake("check", store_id)
    return redirect(url_for(".setup", key=key, _anchor="klaviyo"), 303)


def _switch(services: Services, key: str, what: str, verb: Callable[[Session, Store], None]) -> Response:
    with services.database.write() as session:
        store = stores.by_key(session, key)
        before = store.paused
        verb(session, store)
        said = ({"paused": reason} for reason in (before, store.paused))
        audit.record(session, services.now(), guard.visitor().who, what, store.id, *said)
        store_id = store.id
    for job in ("resolve", "deliver", "deliver-volume"):
        services.wake(job, store_id)
    flash(f"You {what}.", "good")
    return redirect(url_for(".setup", key=key), 303)
