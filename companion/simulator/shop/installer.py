"""Install the app a shop was started with, as soon as the app's server answers.

Also what a restart with other settings means: a newer app is updated, one with another server or secret is installed
anew, and a shop that came up at another address has moved.
"""

import logging
import threading
from pathlib import Path

from companion.simulator.shop.apps import app as apps
from companion.simulator.shop.apps import lifecycle
from companion.simulator.shop.apps.handshake import HandshakeFailed
from companion.simulator.shop.apps.manifest import InvalidManifest, Manifest, load
from companion.simulator.shop.shop import Shop

WAIT_S = 1.0
ATTEMPTS = 300
log = logging.getLogger(__name__)


def install_soon(shop: Shop, path: Path) -> None:
    """Install now, or go on trying in the background until the app's server goes along."""
    if not _tried(shop, path):
        threading.Thread(target=_keep_trying, args=(shop, path), name="demo-shop-installer", daemon=True).start()


def settle(shop: Shop, manifest: Manifest) -> None:
    """Bring the installed app in line with a manifest and the shop's address. Raises HandshakeFailed."""
    app = apps.installed(shop.database)
    if app is None or (app.registration_url, app.app_secret) != (manifest.registration_url, manifest.secret):
        lifecycle.change_url(shop, shop.config.url)
        shop.database.set_setting("resolved_url", shop.url)
        lifecycle.install(shop, manifest)
        return
    if shop.url != shop.config.url:
        lifecycle.change_url(shop, shop.config.url)
        lifecycle.move_permanently(shop)
    told = [(one.name, one.url, one.event, one.only_live_version) for one in app.subscriptions]
    wanted = [(one.name, one.url, one.event, one.only_live_version) for one in manifest.webhooks]
    if (app.version, app.permissions, told) != (manifest.version, list(manifest.permissions), wanted):
        lifecycle.update(shop, manifest)


def _keep_trying(shop: Shop, path: Path) -> None:
    for _ in range(ATTEMPTS):
        if shop.courier.stopped.wait(WAIT_S) or _tried(shop, path):
            return
    log.warning("app not installed: its server did not go along for %d s", int(WAIT_S * ATTEMPTS))


def _tried(shop: Shop, path: Path) -> bool:
    try:
        settle(shop, load(path))
    except (HandshakeFailed, InvalidManifest) as error:
        log.info("app not installed yet: %s", error)
        return False
    return True
