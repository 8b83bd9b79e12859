"""The app's life by the control API. `GET /_shop/app` shows its secrets: this shop keeps none from tests."""

from pathlib import Path
from typing import Any

import msgspec

from companion.simulator.shop.apps import app as apps
from companion.simulator.shop.apps import lifecycle
from companion.simulator.shop.apps.manifest import InvalidManifest, Manifest, load
from companion.simulator.shop.shop import Shop
from companion.simulator.shop.web import activity
from companion.simulator.shop.web.door import Door, body


class Install(msgspec.Struct, forbid_unknown_fields=True):
    """`manifest` is a path to a manifest.xml, an app's folder or its zip; without one the shop's setting counts."""

    manifest: str = ""
    activate: bool = True


class Address(msgspec.Struct, forbid_unknown_fields=True):
    """The shop's new address."""

    url: str


class Registration(msgspec.Struct, forbid_unknown_fields=True):
    """Whether to sign with the present secret, too; without it the shop's setting counts."""

    dual: bool | None = None


def show_app(door: Door) -> Any:
    return apps.required(door.shop.database)


def install_app(door: Door) -> Any:
    asked = body(Install)
    return lifecycle.install(door.shop, manifest_at(door.shop, asked.manifest), activate=asked.activate)


def update_app(door: Door) -> Any:
    return lifecycle.update(door.shop, manifest_at(door.shop, body(Install).manifest))


def uninstall_app(door: Door) -> Any:
    lifecycle.uninstall(door.shop)
    return {}


def activate_app(door: Door) -> Any:
    return lifecycle.set_active(door.shop, active=True)


def deactivate_app(door: Door) -> Any:
    return lifecycle.set_active(door.shop, active=False)


def reregister_app(door: Door) -> Any:
    return lifecycle.reregister(door.shop, dual=body(Registration).dual)


def change_url(door: Door) -> Any:
    lifecycle.change_url(door.shop, body(Address).url)
    return activity.state(door.shop)


def move_permanently(door: Door) -> Any:
    return lifecycle.move_permanently(door.shop)


def reinstall_apps(door: Door) -> Any:
    return lifecycle.reinstall_apps(door.shop)


def manifest_at(shop: Shop, path: str) -> Manifest:
    """The manifest at a path, or the one the shop was started with. Raises InvalidManifest."""
    if not path and shop.config.manifest is None:
        raise InvalidManifest("name the path of the app's manifest or zip")
    return load(Path(path) if path else shop.config.manifest or Path())


ROUTES = (
    ("GET", "/app", show_app),
    ("POST", "/app/install", install_app),
    ("POST", "/app/update", update_app),
    ("POST", "/app/uninstall", uninstall_app),
    ("POST", "/app/activate", activate_app),
    ("POST", "/app/deactivate", deactivate_app),
    ("POST", "/app/reregister", reregister_app),
    ("POST", "/app/url", change_url),
    ("POST", "/app/url/move", move_permanently),
    ("POST", "/app/url/reinstall", reinstall_apps),
)
