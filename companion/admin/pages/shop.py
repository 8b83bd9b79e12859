"""The connection with a shop: a form for a new one that is connected by keys, and a page with what a look finds.

Which keys there are is the platform's business; what is valid is decided by `companion.connection`.
"""

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from wtforms import Form, PasswordField, StringField
from wtforms.validators import Length

from companion import audit, connection
from companion.admin import guard
from companion.bootstrap import Services
from companion.errors import CompanionError
from companion.platforms.base import Key, Platform


def add_house(door: Blueprint, services: Services) -> None:
    """`/connect/<platform>`: a new shop."""

    @door.get("/connect/<platform>")
    def connect_by_keys(platform: str) -> Any:
        asked = _asked(services, platform)
        return render_template("admin/connect_keys.html", platform=asked, form=keys_form(asked, with_address=True)())

    @door.post("/connect/<platform>")
    def connected_by_keys(platform: str) -> Any:
        asked = _asked(services, platform)
        form = keys_form(asked, with_address=True)(request.form)
        try:
            store = connection.connect(services, platform, request.form.get("address", ""), _typed(form))
        except CompanionError as error:
            problem = str(error)
            return render_template("admin/connect_keys.html", platform=asked, form=form, problem=problem), 400
        with services.database.write() as session:
            audit.record(session, services.now(), guard.visitor().who, f"connected {store.shop_url}", store.id)
        flash("The shop is connected. Look how it does, then paste the Klaviyo key.", "good")
        return redirect(url_for(".shop", key=store.key), 303)


def add(door: Blueprint, services: Services) -> None:
    """`/stores/<key>/shop`: the connection with the shop."""

    @door.get("/stores/<key>/shop")
    def shop(key: str) -> Any:
        return _page(services, key)

    @door.post("/stores/<key>/shop/check")
    def check_shop(key: str) -> Any:
        return _page(services, key, findings=connection.check(services, guard.found(services, key).key))

    @door.post("/stores/<key>/shop/keys")
    def replace_shop_keys(key: str) -> Any:
        store = guard.found(services, key)
        form = keys_form(_asked(services, store.platform))(request.form)
        try:
            connection.replace_keys(services, key, _typed(form))
        except CompanionError as error:
            return _page(services, key, 400, form=form, problem=str(error))
        with services.database.write() as session:
            audit.record(session, services.now(), guard.visitor().who, "replaced the shop's keys", store.id)
        flash("The keys are replaced.", "good")
        return redirect(url_for(".shop", key=key), 303)


def keys_form(platform: Platform, *, with_address: bool = False) -> type[Form]:
    """A form for the keys that a platform asks for."""
    address = StringField(
        "Address of the shop",
        description="Its main domain, e.g. https://www.shop-owner.com.au",
        render_kw={"inputmode": "url", "autocomplete": "off"},
    )
    fields = {"address": address} if with_address else {}
    return type("ShopKeys", (Form,), {**fields, **{one.name: _field(one) for one in platform.keys}})


def _field(one: Key) -> Any:
    kind = PasswordField if one.secret else StringField
    label = one.label if one.required else f"{one.label} (optional)"
    limit = Length(max=connection.LONGEST_KEY)
    return kind(label, [limit], description=one.help, render_kw={"autocomplete": "off", "spellcheck": "false"})


def _typed(form: Form) -> dict[str, str]:
    return {name: str(said or "") for name, said in form.data.items() if name != "address"}


def _asked(services: Services, name: str) -> Platform:
    """The platform, where shops are connected by keys on it."""
    platform = services.platforms.get(name)
    if platform is None or not platform.keys:
        abort(404)
    return platform


def _page(services: Services, key: str, status: int = 200, **shown: Any) -> Any:
    """The address holds a secret: it is shown to whoever may change things."""
    store = guard.found(services, key)
    platform = services.platforms[store.platform]
    address = connection.webhook_url(services, store) if guard.visitor().role == "admin" else ""
    found = {"form": keys_form(platform)(), "findings": (), "problem": "", **shown}
    return render_template("admin/shop.html", store=store, platform=platform, address=address, **found), status
