"""A store's set-up in one sitting: the shop's side, the Klaviyo key, a test event, pausing."""

import secrets
from collections.abc import Callable
from typing import Any, Final

from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug import Response

from companion import audit, outbox, resolve, stores
from companion.admin import guard
from companion.admin.forms import Pause, PrivateKey, TrialEvent
from companion.admin.pages.approval import waiting
from companion.bootstrap import Services
from companion.errors import CompanionError
from companion.models import Outbox, Store
from mappings import fields
from mappings.model import Event

TRIAL: Final = "Companion Test"
SCOPES: Final = {
    "accounts:read": "whose key it is",
    "events:write": "to send events",
    "lists:read": "to find the subscribers' list",
    "lists:write": "to take people off it",
    "profiles:read": "to see who opted out",
    "profiles:write": "to write subscribers' names",
    "subscriptions:read": "to see who opted out, and of what",
    "subscriptions:write": "to subscribe",
}
"""What the key needs for what is sent today."""


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
        if form.validate() and _connected(services, key, form):
            return redirect(url_for(".setup", key=key), 303)
        return _page(services, key, 400, key_form=form)

    @door.post("/stores/<key>/test")
    def test(key: str) -> Any:
        form = TrialEvent(request.form)
        if not form.validate():
            return _page(services, key, 400, trial_form=form)
        id_ = _told(services, guard.found(services, key), fields.email(form.email.data))
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
    shown = {"key_form": PrivateKey(), "pause_form": Pause(), "trial_form": TrialEvent(), **forms}
    page = render_template("admin/setup.html", store=store, waiting=waiting(services, store), scopes=SCOPES, **shown)
    return page, status


def _connected(services: Services, key: str, form: PrivateKey) -> bool:
    """Check the key with Klaviyo, the one call of these pages that leaves the house; say what it found."""
    before = guard.found(services, key)
    try:
        account = stores.connect_klaviyo(services, key, form.private_key.data or "")
    except CompanionError as error:
        said = str(error)
        form.private_key.errors = [said[:1].upper() + said[1:].rstrip(".") + ". Nothing was changed."]
        return False
    accounts = ({"klaviyo_account": id_} for id_ in (before.klaviyo_account, account.id))
    with services.database.write() as session:
        audit.record(session, services.now(), guard.visitor().who, "set the Klaviyo key", before.id, *accounts)
    told = {"Account": account.name, "Public key": account.public_key or account.id, "Time zone": account.timezone}
    kind = "yes: flows and lists are for trying out" if account.is_test else "no"
    flash({**told, "Currency": account.currency, "Test account": kind}, "account")  # type: ignore[arg-type]
    return True


def _switch(services: Services, key: str, what: str, verb: Callable[[Session, Store], None]) -> Response:
    with services.database.write() as session:
        store = stores.by_key(session, key)
        before = store.paused
        verb(session, store)
        said = ({"paused": reason} for reason in (before, store.paused))
        audit.record(session, services.now(), guard.visitor().who, what, store.id, *said)
        store_id = store.id
    services.wake("resolve", store_id)
    _wake_delivery(services, store_id)
    flash(f"You {what}.", "good")
    return redirect(url_for(".setup", key=key), 303)


def _wake_delivery(services: Services, store_id: int) -> None:
    services.wake("deliver", store_id)
    services.wake("deliver-volume", store_id)


def _told(services: Services, store: Store, email: str) -> int:
    """Put a test event into the outbox, like any other; return its message's id."""
    now, unique_id = services.now(), f"test-{secrets.token_hex(8)}"
    told = Event(
        metric=TRIAL,
        metric_name=TRIAL,
        unique_id=unique_id,
        at=now,
        profile={"email": email},
        properties={"Store": store.name, "SentBy": guard.visitor().who},
    )
    with services.database.write() as session:
        outbox.add(session, store.id, [resolve.outbox_row(told)], now, now)
        added = select(Outbox.id).where(Outbox.store_id == store.id, Outbox.metric == TRIAL)
        id_ = session.scalars(added.where(Outbox.unique_id == unique_id)).one()
        audit.record(session, now, guard.visitor().who, "sent a test event", store.id)
    _wake_delivery(services, store.id)
    return id_
