"""A merchant's choices: which events, under which names, how the shop is read; for the store and single channels."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for

from companion import samples, store_settings, stores
from companion.admin import choices, custom_rows, guard, queries, shop_choices
from companion.admin.custom_rows import Row
from companion.bootstrap import Services
from companion.models import Store
from companion.platforms.base import Platform
from companion.store_settings import InvalidSettings
from mappings.custom_fields import Custom
from mappings.dialects import DIALECTS

LONGEST_ID = 64


@dataclass(frozen=True, slots=True)
class Group:
    """Custom fields that end up in one place."""

    name: str
    title: str
    rows: list[Row]
    problem: str


def add(door: Blueprint, services: Services) -> None:
    """`/stores/<key>/settings`, and `/settings/channels/<channel>` below it."""

    @door.get("/stores/<key>/settings")
    def settings(key: str) -> Any:
        if asked := request.args.get("channel", "").strip():
            return redirect(url_for(".channel", key=key, channel=asked), 303)
        return _page(services, guard.found(services, key), None, {})

    @door.post("/stores/<key>/settings")
    def save_settings(key: str) -> Any:
        platform = services.platforms[guard.found(services, key).platform]
        own = choices.read_store(request.form, DIALECTS[platform.name].metrics, _asked(platform))
        return _save(services, key, None, own | shop_choices.read(request.form, platform))

    @door.get("/stores/<key>/settings/channels/<channel>")
    def channel(key: str, channel: str) -> Any:
        if len(channel) > LONGEST_ID:
            abort(404)
        return _page(services, guard.found(services, key), channel, {})

    @door.post("/stores/<key>/settings/channels/<channel>")
    def save_channel(key: str, channel: str) -> Any:
        store = guard.found(services, key)
        above, asked = choices.above_channels(store.settings), _asked(services.platforms[store.platform])
        own = {} if "inherit" in request.form else choices.read_channel(request.form, above, asked)
        return _save(services, key, channel, own)


def _save(services: Services, key: str, channel: str | None, own: dict[str, Any]) -> Any:
    """Keep what a level has chosen, or only show it."""
    if "preview" in request.form:
        return _previewed(services, key, channel, own)
    store = guard.found(services, key)
    changes = partial(_changes, channel=channel, own=own, asked=_asked(services.platforms[store.platform]))
    try:
        with services.database.write() as session:
            stores.choose(session, key, changes, guard.visitor().who, services.now())
    except InvalidSettings as error:
        return _page(services, store, channel, error.problems, own)
    flash("Saved. What comes in from now on follows it.", "good")
    return redirect(request.path, 303)


def _previewed(services: Services, key: str, channel: str | None, own: dict[str, Any]) -> Any:
    store = guard.found(services, key)
    try:
        new = {**store.settings, **_changes({}, channel, own, choices.ASKED)}
        store_settings.checked({name: value for name, value in new.items() if value is not None})
    except InvalidSettings as error:
        return _page(services, store, channel, error.problems, own)
    return _page(services, store, channel, {}, own)


def _changes(
    settings: Mapping[str, Any], channel: str | None, own: dict[str, Any], asked: Collection[str]
) -> dict[str, Any]:
    return own if channel is None else choices.with_channel(settings, channel, own, asked)


def _asked(platform: Platform) -> tuple[str, ...]:
    """The page's choices that mean something on the platform."""
    return tuple(name for name in choices.ASKED if name in choices.ALWAYS or name in platform.choices)


def _page(
    services: Services, store: Store, channel: str | None, problems: Any, typed: dict[str, Any] | None = None
) -> Any:
    """The form: with what is kept, or with what was typed and what is wrong with it."""
    with services.database.read() as session:
        channels = queries.channels(session, store)
        sample = samples.of(session, store.id)
    above = choices.HOUSE if channel is None else choices.above_channels(store.settings)
    kept = store.settings if channel is None else store.settings.get("channels", {}).get(channel, {})
    own = kept if typed is None else typed
    platform = services.platforms[store.platform]
    page = render_template(
        "admin/settings.html",
        store=store,
        channel=channel,
        channels=channels,
        set_channels=_set_channels(store, _asked(platform)),
        platform=platform,
        asked=_asked(platform),
        fields=shop_choices.fields(services, platform, own, problems) if channel is None else [],
        above=above,
        own=own,
        choices=choices.choices(own, above, problems, DIALECTS[store.platform].metrics),
        groups=_groups(own.get("custom_fields", above.custom_fields), problems, sample and sample[1]),
        sample=sample[0] if sample else None,
        known=custom_rows.known(sample[1] if sample else None),
        is_preview=typed is not None and not problems,
        problems=problems,
    )
    return page, 400 if problems else 200


def _set_channels(store: Store, asked: Collection[str]) -> set[str]:
    """The channels with choices of their own among those that this page asks for."""
    return {id_ for id_, own in store.settings.get("channels", {}).items() if not own.keys().isdisjoint(asked)}


def _groups(chosen: Mapping[str, Any], problems: Mapping[str, str], sample: Custom | None) -> list[Group]:
    return [
        Group(
            name,
            title,
            custom_rows.rows(name, chosen.get(name, ()), problems, sample),
            custom_rows.general(name, problems),
        )
        for name, title in custom_rows.GROUPS.items()
    ]
