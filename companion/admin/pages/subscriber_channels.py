"""A sales channel's own choices about its subscribers: whether they go to a list, to which, and by which rules.

What it does not choose follows the store. The hour is the store's alone, and only shown here.
"""

from typing import Any, Final

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from companion import audiences, audit, stores
from companion.admin import choices, guard, queries, subscriber_choices
from companion.admin.subscriber_choices import Pairs
from companion.bootstrap import Services
from companion.models import Store
from companion.store_settings import InvalidSettings
from companion.sync import account_lists, lists
from companion.sync.hours import HOUR, ZONE
from companion.sync.lists import ListNotChosen

LONGEST_ID: Final = 64


def add(door: Blueprint, services: Services) -> None:
    """`/stores/<key>/subscribers/channels/<channel>`."""

    @door.get("/stores/<key>/subscribers/channels/<channel>")
    def subscriber_channel(key: str, channel: str) -> Any:
        if len(channel) > LONGEST_ID:
            abort(404)
        return _page(services, guard.found(services, key), channel)

    @door.post("/stores/<key>/subscribers/channels/<channel>")
    def save_subscriber_channel(key: str, channel: str) -> Any:
        follows = "inherit" in request.form
        own = {} if follows else subscriber_choices.read_channel(request.form)
        list_id = "" if follows else request.form.get("subscriber_list", "").strip()
        fields = subscriber_choices.pairs(request.form)
        try:
            subscriber_choices.check(fields)
            with services.database.write() as session:
                _save(session, services, stores.by_key(session, key), channel, own, list_id)
        except (InvalidSettings, ListNotChosen) as error:
            problems = _problems(channel, error)
            return _page(services, guard.found(services, key), channel, problems, own, list_id, fields)
        flash("Saved. The next synchronization follows it.", "good")
        return redirect(url_for(".subscriber_channel", key=key, channel=channel), 303)


def _save(session: Session, services: Services, store: Store, channel: str, own: dict[str, Any], list_id: str) -> None:
    """Keep a channel's choices. Raises InvalidSettings, ListNotChosen."""
    before, now = _own(store, channel), services.now()
    kept = before.get("subscriber_list", {})
    stays = {"subscriber_list": kept} if kept and list_id == kept["id"] else {}
    stores.change_settings(store, choices.with_channel(store.settings, channel, {**own, **stays}, audiences.DEFAULTS))
    if picked := account_lists.picked(session, store.id, list_id, kept):
        lists.keep(session, store, picked, now, channel)
    what = f"changed where subscribers of sales channel {channel} go"
    audit.record(session, now, guard.visitor().who, what, store.id, before, _own(store, channel))


def _own(store: Store, channel: str) -> dict[str, Any]:
    """What a channel has chosen about its subscribers."""
    own = store.settings.get("channels", {}).get(channel, {})
    return {name: value for name, value in own.items() if name in audiences.DEFAULTS}


def _problems(channel: str, error: InvalidSettings | ListNotChosen) -> dict[str, str]:
    """What is wrong, by the setting's path within the channel."""
    if isinstance(error, ListNotChosen):
        return {"subscriber_list": str(error)}
    return {path.removeprefix(f"channels.{channel}.value."): said for path, said in error.problems.items()}


def _page(
    services: Services,
    store: Store,
    channel: str,
    problems: dict[str, str] | None = None,
    typed: dict[str, Any] | None = None,
    list_id: str = "",
    fields: Pairs | None = None,
) -> Any:
    """The form: with what is kept, or with what was typed and what is wrong with it."""
    above = audiences.in_force(store.settings)
    kept = _own(store, channel)
    own = kept if typed is None else typed
    shown = own.get("subscriber_fields", above["subscriber_fields"]).items() if fields is None else fields
    with services.database.read() as session:
        known = account_lists.known(session, store.id)
        channels = queries.channels(session, store)
    page = render_template(
        "admin/subscriber_channel.html",
        store=store,
        channel=channel,
        name=channels.get(channel, channel),
        known=known,
        above=above,
        own=own,
        kept=kept,
        list_id=list_id if typed is not None else kept.get("subscriber_list", {}).get("id", ""),
        exclusions=own.get("exclusions", above["exclusions"]),
        rows=subscriber_choices.rows(shown, problems or {}),
        lifts=subscriber_choices.LIFTS,
        lifted=", ".join(subscriber_choices.LIFTS[reason] for reason in above["exclusions"]["newer_opt_in_lifts"]),
        stays=subscriber_choices.STAYS,
        hour=store.settings.get("sync_hour", HOUR),
        zone=store.settings.get("time_zone", ZONE),
        problems=problems or {},
    )
    return page, 400 if problems else 200
