"""Subscribers of a store: where they go and when, what the last run planned, why an address is subscribed or not.

The lists shown are those read last; a run asks Klaviyo itself. Nobody is subscribed or removed from here.
"""

from datetime import datetime
from typing import Any, Final
from zoneinfo import available_timezones

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug import Response

from companion import audiences, audit, runs, stores
from companion.admin import guard, queries, subscriber_choices
from companion.admin.forms import NewList
from companion.admin.subscriber_choices import Pairs
from companion.bootstrap import Services
from companion.models import Store
from companion.runs import NoSuchRun, NotPossible
from companion.store_settings import InvalidSettings
from companion.sync import account_lists, advance, explain, lists, overview, plan_words, subscribers
from companion.sync.hours import HOUR, ZONE
from companion.sync.lists import ListNotChosen

LONGEST_ADDRESS: Final = 255
ASKED: Final = (*audiences.DEFAULTS, "sync_hour", "time_zone")


def add(door: Blueprint, services: Services) -> None:
    """`/stores/<key>/subscribers` and its buttons."""
    _add_page(door, services)
    _add_lists(door, services)
    _add_run(door, services)


def _add_page(door: Blueprint, services: Services) -> None:
    @door.get("/stores/<key>/subscribers")
    def subscribers(key: str) -> Any:
        if asked := request.args.get("channel", "").strip():
            return redirect(url_for(".subscriber_channel", key=key, channel=asked), 303)
        return _page(services, guard.found(services, key))

    @door.post("/stores/<key>/subscribers")
    def save_subscribers(key: str) -> Any:
        typed, fields = _typed(), subscriber_choices.pairs(request.form)
        try:
            subscriber_choices.check(fields)
            with services.database.write() as session:
                store = stores.by_key(session, key)
                before = _kept(store)
                _change(session, services, store, typed)
                said = "changed where and when subscribers go"
                audit.record(session, services.now(), guard.visitor().who, said, store.id, before, _kept(store))
        except InvalidSettings as error:
            return _page(services, guard.found(services, key), error.problems, typed, fields)
        except ListNotChosen as error:
            return _page(services, guard.found(services, key), {"subscriber_list": str(error)}, typed, fields)
        flash("Saved. The next synchronization follows it.", "good")
        return redirect(url_for(".subscribers", key=key), 303)


def _add_lists(door: Blueprint, services: Services) -> None:
    @door.post("/stores/<key>/subscribers/lists")
    def create_list(key: str) -> Any:
        store, form = guard.found(services, key), NewList(request.form)
        if not form.validate():
            return _page(services, store, {"name": ""}, new_list=form)
        name = (form.name.data or "").strip()
        _request(services, store, account_lists.NEW, {"name": name}, f"had the list “{name}” created")
        flash(f"“{name}” is being created. Subscribers go there as soon as Klaviyo has it.", "good")
        return redirect(url_for(".subscribers", key=key), 303)

    @door.post("/stores/<key>/subscribers/lists/look")
    def look_for_lists(key: str) -> Response:
        _request(services, guard.found(services, key), account_lists.KIND, {}, "had the account's lists read")
        flash("Klaviyo is being asked for its lists.", "good")
        return redirect(url_for(".subscribers", key=key), 303)


def _add_run(door: Blueprint, services: Services) -> None:
    @door.post("/stores/<key>/subscribers/run")
    def synchronize(key: str) -> Response:
        store = guard.found(services, key)
        if store.settings.get("subscriber_list") is None:
            flash("Choose a list first.", "warn")
        else:
            _request(services, store, subscribers.KIND, {}, "started a synchronization of subscribers")
            flash("The synchronization is under way.", "good")
        return redirect(url_for(".subscribers", key=key), 303)

    @door.post("/stores/<key>/subscribers/run/<int(max=9223372036854775807):id_>")
    def answer(key: str, id_: int) -> Response:
        store, yes = guard.found(services, key), request.form.get("answer") == "yes"
        try:
            with services.database.write() as session:
                _answer(session, services, store, id_, yes=yes)
        except (NoSuchRun, NotPossible):
            abort(404)
        services.wake("advance", store.id)
        flash("The run goes on." if yes else "The run has ended; nothing was changed.", "good")
        return redirect(url_for(".subscribers", key=key), 303)


def _answer(session: Session, services: Services, store: Store, id_: int, *, yes: bool) -> None:
    """A person's yes or no to a run that was held. Raises NoSuchRun, NotPossible."""
    run, now = runs.by_id(session, id_), services.now()
    if run.store_id != store.id or run.kind != subscribers.KIND or run.state != "held":
        raise NotPossible(f"run {id_} does not wait for an answer")
    what, why = f"said {'yes' if yes else 'no'} to run {id_}", run.reason
    if yes:
        runs.resume(session, id_, now)
    else:
        runs.cancel(session, id_, now)
    audit.record(session, now, guard.visitor().who, what, store.id, before={"held": why})


def _request(services: Services, store: Store, kind: str, options: dict[str, Any], what: str) -> None:
    who = guard.visitor().who
    advance.start(services, store.key, kind, options, who)
    with services.database.write() as session:
        audit.record(session, services.now(), who, what, store.id)


def _typed() -> dict[str, Any]:
    """What the form says, the list by its id."""
    return {
        **subscriber_choices.read_store(request.form),
        "subscriber_list": request.form.get("subscriber_list", "").strip(),
        "sync_hour": subscriber_choices.number(request.form.get("sync_hour", "")),
        "time_zone": request.form.get("time_zone", "").strip(),
    }


def _change(session: Session, services: Services, store: Store, typed: dict[str, Any]) -> None:
    """Keep what was typed. Raises InvalidSettings, ListNotChosen."""
    stores.change_settings(store, {name: value for name, value in typed.items() if name != "subscriber_list"})
    kept = store.settings.get("subscriber_list", {})
    if picked := account_lists.picked(session, store.id, typed["subscriber_list"], kept):
        lists.keep(session, store, picked, services.now())


def _kept(store: Store) -> dict[str, Any]:
    return {name: store.settings[name] for name in ASKED if name in store.settings}


def _page(
    services: Services,
    store: Store,
    problems: Any = None,
    typed: dict[str, Any] | None = None,
    fields: Pairs | None = None,
    new_list: NewList | None = None,
) -> Any:
    """The page: with what is kept, or with what was typed and what is wrong with it."""
    address = request.args.get("email", "").strip()[:LONGEST_ADDRESS]
    with services.database.read() as session:
        known = account_lists.known(session, store.id)
        channels = queries.channels(session, store)
    chosen = _chosen(store.settings, typed)
    page = render_template(
        "admin/subscribers.html",
        store=store,
        state=overview.overview(services, store.key, counted=False),
        lines=plan_words.lines,
        moment=_moment,
        known=known,
        chosen=chosen,
        rows=subscriber_choices.rows(chosen["subscriber_fields"].items() if fields is None else fields, problems or {}),
        lifts=subscriber_choices.LIFTS,
        stays=subscriber_choices.STAYS,
        channels={id_: (name, subscriber_choices.standing(store.settings, id_)) for id_, name in channels.items()},
        problems=problems or {},
        new_list=new_list or NewList(),
        zones=sorted(available_timezones()),
        address=address,
        explained=explain.explain(services, address, store.key) if address else [],
    )
    return page, 400 if problems else 200


def _moment(told: str | None) -> datetime | None:
    """A time as an overview tells it."""
    return datetime.fromisoformat(told) if told else None


def _chosen(settings: dict[str, Any], typed: dict[str, Any] | None) -> dict[str, Any]:
    """What the form shows: what was typed, else what is kept, else what holds without a choice."""
    kept = {
        **audiences.in_force(settings),
        "subscriber_list": (settings.get("subscriber_list") or {}).get("id", ""),
        "sync_hour": settings.get("sync_hour", HOUR),
        "time_zone": settings.get("time_zone", ZONE),
    }
    return {**kept, **(typed or {})}
