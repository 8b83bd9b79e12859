"""What a store's pages tell Klaviyo, after whose yes, and what a theme developer pastes; for channels, too."""

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for

from companion import stores
from companion.admin import choices, guard, queries
from companion.bootstrap import Services
from companion.forms import sightings
from companion.models import Store
from companion.snippets import pasted
from companion.store_settings import (
    ASKED_BY_PLATFORM,
    CONSENT_NAMES,
    ONSITE_METRICS,
    InvalidSettings,
    onsite,
    onsite_metrics,
)

LONGEST_ID: Final = 64
WAYS: Final = {
    "shopware": ("Shopware's own cookie consent", "The cookie that the app has registered"),
    "suitecommerce": ("SuiteCommerce's own cookie consent", "Kind of cookies"),
    "cookiebot": ("Cookiebot", "Category"),
    "consentmanager": ("consentmanager", "Vendor or purpose, e.g. s1234"),
    "usercentrics": ("Usercentrics", "Name of the service"),
    "google": ("Google Consent Mode", "Kind of storage"),
    "hook": ("The theme says yes", ""),
    "none": ("Not needed here", ""),
}
"""How consent is asked → what it is called, and what is looked for there."""


def add(door: Blueprint, services: Services) -> None:
    """`/stores/<key>/storefront`, of one sales channel with `?channel=`."""

    @door.get("/stores/<key>/storefront")
    def storefront(key: str) -> Any:
        return _page(services, guard.found(services, key), _channel(), {})

    @door.post("/stores/<key>/storefront")
    def save_storefront(key: str) -> Any:
        channel = _channel()
        own = {} if "inherit" in request.form else _chosen(request.form)
        try:
            with services.database.write() as session:
                changes = partial(_changes, channel=channel, own=own)
                stores.choose(session, key, changes, guard.visitor().who, services.now())
        except InvalidSettings as error:
            return _page(services, guard.found(services, key), channel, error.problems)
        flash("Saved. The shop's pages follow it within a few minutes.", "good")
        return redirect(url_for(".storefront", key=key, channel=channel or None), 303)


def _channel() -> str:
    found = request.args.get("channel", "").strip()
    if len(found) > LONGEST_ID:
        abort(404)
    return found


def _chosen(form: Mapping[str, str]) -> dict[str, Any]:
    """The form's choices. A usual name, even one left from another way to ask, stands for the way's own."""
    name = form.get("consent_name", "").strip()
    return {
        "metrics": {metric: f"metric:{metric}" in form for metric in ONSITE_METRICS},
        "consent": form.get("consent", ""),
        "consent_name": "" if name in CONSENT_NAMES.values() else name,
        "identified": "identified" in form,
        "untracked_forms": "untracked_forms" in form,
    }


def _changes(settings: Mapping[str, Any], channel: str, own: dict[str, Any]) -> dict[str, Any]:
    """A channel that follows the store keeps nothing of its own here, and is not listed for it."""
    if not channel:
        return {"onsite": own}
    return choices.with_channel(settings, channel, {"onsite": own} if own else {}, ("onsite",))


def _page(services: Services, store: Store, channel: str, problems: Mapping[str, str]) -> Any:
    with services.database.read() as session:
        channels = queries.channels(session, store)
        blocks = [
            (block, sightings.of_block(session, store.id, block.sign, channel))
            for block in pasted.blocks(store.platform, services.settings.public_url, store.key, channel)
        ]
    chosen = onsite(store.settings, channel, store.platform)
    page = render_template(
        "admin/storefront.html",
        store=store,
        channel=channel,
        channels=channels,
        own_channels=[id_ for id_, own in store.settings.get("channels", {}).items() if "onsite" in own],
        chosen=chosen,
        metrics=onsite_metrics(store.platform),
        ways=_ways(store.platform, chosen.consent),
        problems=problems,
        blocks=blocks,
        kinds=pasted.PAGES,
    )
    return page, 400 if problems else 200


def _ways(platform: str, chosen: str) -> dict[str, tuple[str, str]]:
    """How consent can be asked for on this platform: not by what only another has, unless it was chosen."""
    others = set(ASKED_BY_PLATFORM.values()) - {ASKED_BY_PLATFORM.get(platform), chosen}
    return {way: said for way, said in WAYS.items() if way not in others}
