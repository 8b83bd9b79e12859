"""The demo's shops, one a platform: what has to be there before each starts, and how it becomes a store.

The only place that knows both a platform and its simulated shop.
"""

import json
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from companion import connection, shopware_app, stores
from companion.bootstrap import Services
from companion.platforms.shopware import app_build
from companion.simulator import neto
from companion.simulator.shop.world.settings import CHANNELS

QUICK: Final[Mapping[str, Any]] = {"sweep_minutes": 0.1, "hold_minutes": 1.0, "idle_minutes": 0.5}
"""Nobody wants to watch a demo for minutes."""

PAST: Final = 600
"""Orders of the years before, for the first press of Schedule Synchronization."""


@dataclass(frozen=True, slots=True)
class DemoShop:
    """`prepared` gives the shop's application and environment; `connected` its stores' keys, none until it is one.

    `hint` says what to do in the shop.
    """

    hint: str
    prepared: Callable[[Services, Path, int], tuple[str, Mapping[str, str]]]
    connected: Callable[[Services, str], list[str]]


def _shopware(services: Services, data: Path, port: int) -> tuple[str, Mapping[str, str]]:
    """Build the demo merchant's app, which the shop installs when it starts; its pages load the snippets."""
    with services.database.write() as session:
        app = shopware_app.ensure_app(session, services.vault, "demo", shopware_app.DEFAULT_NAME, services.now())
    app_build.build(data / "app", services.settings.public_url, app.name, app.secret, "1.0.0")
    manifest = data / "app" / app.name / "manifest.xml"
    service = services.settings.public_url
    snippet = f"{service}/snippets/v1/{stores.key_of('127.0.0.1')}/companion.js?channel={CHANNELS['store'].id}"
    return "companion.simulator.shop:create_app()", {
        "DEMO_SHOP_PORT": str(port),
        "DEMO_SHOP_DATA": str(data / "shop"),
        "DEMO_SHOP_MANIFEST": str(manifest),
        "DEMO_SHOP_SNIPPET": snippet,
        "DEMO_SHOP_ALLOWED": f"{service} {services.settings.klaviyo_url}",
    }


def _registered(services: Services, url: str) -> list[str]:
    """The shop registers by itself; once it has, it is given a past, if it has no order yet."""
    with services.database.read() as session:
        keys = [store.key for store in stores.listed(session) if store.state == "active"]
    if keys and not _asked(f"{url}/_shop/ledger?limit=1")["orders"]:
        _asked(f"{url}/_shop/history", {"orders": PAST, "years": 3})
    return keys


def _neto(_services: Services, data: Path, port: int) -> tuple[str, Mapping[str, str]]:
    """Neto's headers have underscores, which gunicorn drops unless told otherwise."""
    environ = {"DEMO_NETO_PORT": str(port), "DEMO_NETO_DATA": str(data / "shop")}
    return "companion.simulator.neto:create_app()", {**environ, "GUNICORN_CMD_ARGS": "--header-map dangerous"}


def _added(services: Services, url: str) -> list[str]:
    """Paste the shop's API key here, and our address there, as a merchant would."""
    with services.database.read() as session:
        known = list(stores.listed(session))
    store = known[0] if known else connection.connect(services, "neto", url, {"api_key": neto.KEY})
    if not known:
        with services.database.write() as session:
            stores.change_settings(stores.by_key(session, store.key), QUICK)
        _asked(f"{url}/_shop/history", {"orders": PAST})
    _asked(f"{url}/_shop/notify", {"url": connection.webhook_url(services, store)})
    return [store.key]


def _asked(address: str, given: Mapping[str, Any] | None = None) -> Any:
    """What a demo shop's control API answers; a post with what is given."""
    body = None if given is None else json.dumps(given).encode()
    asked = urllib.request.Request(address, body, {"Content-Type": "application/json"})  # noqa: S310 our own shop
    with urllib.request.urlopen(asked, timeout=30) as reply:  # noqa: S310
        return json.load(reply)


SHOPS: Final[Mapping[str, DemoShop]] = {
    "shopware": DemoShop(
        "place an order, mark it as Done, cancel it, refund it; /shop is what shoppers see", _shopware, _registered
    ),
    "neto": DemoShop("place an order, dispatch it, refund it; leave a cart behind", _neto, _added),
}
