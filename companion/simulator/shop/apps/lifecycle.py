"""An app's life in the shop: installed, activated, updated, deactivated, uninstalled, and the shop's own moves.

Lifecycle events are always sent at once, even to an app that is not active, and never repeated.
Source: Shopware's app lifecycle; the order of requests observed on 6.6.7.1.
"""

import random
from typing import Any

from companion.simulator.shop import marks
from companion.simulator.shop.apps import app as apps
from companion.simulator.shop.apps.app import App
from companion.simulator.shop.apps.events import signal
from companion.simulator.shop.apps.handshake import Keys, register
from companion.simulator.shop.apps.manifest import Manifest
from companion.simulator.shop.shop import Shop


def install(shop: Shop, manifest: Manifest, *, activate: bool = True) -> App:
    """Install, replacing what was installed before. Raises HandshakeFailed; then nothing is installed."""
    if apps.installed(shop.database) is not None:
        uninstall(shop)
    app = apps.of_manifest(manifest)
    _registered(shop, app, register(app, apps.identity(shop.database), shop.now(), dual=False))
    app.installed_at = marks.stamp(shop.now())
    apps.keep(shop.database, app)
    _tell(shop, app, "app.installed", {"appVersion": app.version})
    return set_active(shop, active=True) if activate else app


def set_active(shop: Shop, *, active: bool) -> App:
    """Raises NotInstalled."""
    with shop.database.write():
        app = apps.required(shop.database)
        app.active = active
        apps.keep(shop.database, app)
    _tell(shop, app, "app.activated" if active else "app.deactivated", [])
    return app


def update(shop: Shop, manifest: Manifest) -> App:
    """Take a newer manifest over: no new registration, and a subscription that was switched off stays off."""
    with shop.database.write():
        app = apps.required(shop.database)
        off = {one.name for one in app.subscriptions if not one.active}
        fresh = apps.of_manifest(manifest)
        app.version, app.permissions, app.subscriptions = fresh.version, fresh.permissions, fresh.subscriptions
        for subscription in app.subscriptions:
            subscription.active = subscription.name not in off
        apps.keep(shop.database, app)
    _tell(shop, app, "app.updated", {"appVersion": app.version})
    return app


def uninstall(shop: Shop) -> None:
    """Raises NotInstalled. The app's keys open nothing from then on."""
    app = set_active(shop, active=False)
    _tell(shop, app, "app.deleted", [])
    with shop.database.write() as connection:
        apps.keep(shop.database, None)
        connection.execute("DELETE FROM token")


def reregister(shop: Shop, *, dual: bool | None = None) -> App:
    """A new handshake with new keys. Raises NotInstalled or HandshakeFailed."""
    app = apps.required(shop.database)
    dual = shop.config.dual_signatures if dual is None else dual
    _registered(shop, app, register(app, apps.identity(shop.database), shop.now(), dual=dual))
    apps.keep(shop.database, app)
    return app


def change_url(shop: Shop, url: str) -> None:
    """The shop got another address. It sends nothing until the merchant says what that means."""
    shop.database.set_setting("url", url.rstrip("/"))


def move_permanently(shop: Shop) -> App:
    """It is the same shop at another address. Raises NotInstalled or HandshakeFailed."""
    app = reregister(shop)
    shop.database.set_setting("resolved_url", shop.url)
    return app


def reinstall_apps(shop: Shop) -> App:
    """It is a copy: a new shop id and new keys. The first webhook is still signed with the secret before."""
    app = apps.required(shop.database)
    former = app.secret
    shop.database.set_setting("shop_id", marks.shop_id(random.SystemRandom()))
    app = reregister(shop, dual=False)
    shop.database.set_setting("resolved_url", shop.url)
    fresh, app.secret = app.secret, former
    _tell(shop, app, "app.installed", {"appVersion": app.version})
    app.secret = fresh
    return app


def _registered(shop: Shop, app: App, keys: Keys) -> None:
    app.previous_secret, app.secret = app.secret, keys.secret
    app.client_id, app.client_secret = keys.client_id, keys.client_secret
    with shop.database.write() as connection:
        connection.execute("DELETE FROM token")


def _tell(shop: Shop, app: App, event: str, payload: Any) -> None:
    for subscription in app.subscriptions:
        if subscription.event == event:
            shop.courier.deliver(signal(shop, app, subscription, payload))
