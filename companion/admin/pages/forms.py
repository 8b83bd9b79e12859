"""The sign-up forms of a store: which the account has, which fills which slot, what to copy, where slots live."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug import Response

from companion import audit, runs, stores
from companion.admin import embeds, guard, queries
from companion.bootstrap import Services
from companion.errors import CompanionError
from companion.form_models import CachedForm, Slot, SlotSighting
from companion.forms import account, sightings, slots
from companion.models import Store
from companion.store_settings import InvalidSettings
from companion.sync import advance
from companion.sync.forms import ALL, KIND

NONE: Final = "none"
"""What the form's list says for no form at all; a Klaviyo id has six characters."""

EXAMPLE: Final = "footer"

TYPES: Final = {
    "embed": "Embedded",
    "popup": "Pop-up",
    "flyout": "Flyout",
    "full_page": "Full page",
    "banner": "Banner",
    "": "Not read yet",
}


@dataclass(frozen=True, slots=True)
class SlotShown:
    """A slot that is chosen for or was seen, or both."""

    name: str
    choices: list[Slot]
    seen: list[SlotSighting]


def add(door: Blueprint, services: Services) -> None:
    """`/stores/<key>/forms` and its buttons."""

    @door.get("/stores/<key>/forms")
    def forms(key: str) -> Any:
        return _page(services, key)

    @door.post("/stores/<key>/forms")
    def assign_form(key: str) -> Any:
        asked = {name: request.form.get(name, "").strip() for name in ("slot", "form", "channel", "language")}
        try:
            _choose(services, key, asked, take_back="clear" in request.form)
        except CompanionError as error:
            return _page(services, key, str(error), asked)
        flash("Saved. Pages of the shop show it within a few minutes.", "good")
        return redirect(url_for(".forms", key=key), 303)

    @door.post("/stores/<key>/forms/refresh")
    def refresh_forms(key: str) -> Response:
        run = advance.start(services, key, KIND, ALL, guard.visitor().who)
        with services.database.write() as session:
            audit.record(session, services.now(), guard.visitor().who, "had the forms read", run.store_id)
        flash("Klaviyo is asked for the forms, about one a second. This page shows them as they come.", "good")
        return redirect(url_for(".forms", key=key), 303)

    @door.post("/stores/<key>/forms/domains")
    def save_domains(key: str) -> Any:
        domains = request.form.get("domains", "").split()
        try:
            _keep_domains(services, key, domains)
        except InvalidSettings as error:
            return _page(services, key, wrong_domains=" ".join(error.problems.values()), domains=domains)
        flash("Saved.", "good")
        return redirect(url_for(".forms", key=key), 303)


def _choose(services: Services, key: str, asked: Mapping[str, str], *, take_back: bool) -> None:
    """Assign, empty or take back a choice. Raises InvalidName, NotEmbeddable."""
    slot, form, place = asked["slot"], asked["form"], (asked["channel"], asked["language"])
    with services.database.write() as session:
        store, now = stores.by_key(session, key), services.now()
        if take_back:
            before, after = slots.clear(session, store, slot, *place), None
        elif form == NONE:
            before, after = slots.empty(session, store, slot, now, *place), ""
        else:
            before, after = slots.assign(session, store, slot, form, now, *place), form
        told = ({"slot": slot, "channel": place[0], "language": place[1], "form": id_} for id_ in (before, after))
        audit.record(session, now, guard.visitor().who, f"chose the form of slot {slot}", store.id, *told)


def _keep_domains(services: Services, key: str, domains: list[str]) -> None:
    with services.database.write() as session:
        store = stores.by_key(session, key)
        before = store.settings.get("domains", [])
        stores.change_settings(store, {"domains": [one.rstrip("/") for one in domains]})
        told = ({"domains": found} for found in (before, store.settings["domains"]))
        audit.record(session, services.now(), guard.visitor().who, "changed the shop's domains", store.id, *told)


def _page(
    services: Services,
    key: str,
    problem: str = "",
    asked: Mapping[str, str] | None = None,
    wrong_domains: str = "",
    domains: list[str] | None = None,
) -> Any:
    store = guard.found(services, key)
    url = services.settings.public_url.rstrip("/")
    with services.database.read() as session:
        found = account.listed(session, store.id)
        shown = _slots(session, store)
        reading = next(iter(runs.listed(session, store.id, KIND, limit=1)), None)
        channels = {**_named(shown), **queries.channels(session, store)}
    embeddable = [form for form in found if account.is_embeddable(form)]
    page = render_template(
        "admin/forms.html",
        store=store,
        forms=found,
        embeddable=embeddable,
        by_id={form.form_id: form for form in found},
        problem_of=_problem_of({form.form_id: form for form in found}),
        slots=shown,
        reading=reading,
        channels=channels,
        types=TYPES,
        slot_embeds=embeds.slot(next((one.name for one in shown if not one.seen), EXAMPLE), url, store.key),
        form_embeds={form.form_id: embeds.form(form.form_id, form.name, url, store.key) for form in embeddable},
        problem=problem,
        asked=asked or {},
        domains=store.settings.get("domains", []) if domains is None else domains,
        wrong_domains=wrong_domains,
    )
    return page, 400 if problem or wrong_domains else 200


def _slots(session: Session, store: Store) -> list[SlotShown]:
    chosen, seen = slots.listed(session, store.id), sightings.listed(session, store.id)
    names = sorted({one.name for one in chosen} | {one.slot for one in seen})
    return [
        SlotShown(name, [one for one in chosen if one.name == name], [one for one in seen if one.slot == name])
        for name in names
    ]


def _named(shown: list[SlotShown]) -> dict[str, str]:
    """Sales channels that are known here by their id alone."""
    chosen = {one.channel_id for slot in shown for one in slot.choices}
    seen = {one.channel_id for slot in shown for one in slot.seen}
    return {id_: id_ for id_ in sorted(chosen | seen) if id_}


def _problem_of(by_id: Mapping[str, CachedForm]) -> Callable[[str], str]:
    """Why a chosen form does not show; empty where it does, or none is chosen."""

    def problem(form_id: str) -> str:
        form = by_id.get(form_id)
        if not form_id or (form is not None and account.is_embeddable(form)):
            return ""
        if form is None:
            return "gone from Klaviyo"
        return "a draft" if form.status != account.LIVE else "not embedded"

    return problem
