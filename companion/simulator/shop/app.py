"""The demo shop as a Flask application: the Admin API, the pages and the control API on one open shop."""

import atexit
import secrets

from flask import Flask, request

from companion.simulator.shop.config import Config
from companion.simulator.shop.installer import install_soon
from companion.simulator.shop.shop import Shop, open_shop
from companion.simulator.shop.web import admin_api, control, pages
from companion.simulator.shop.web.door import Door
from companion.simulator.shop.web.faults import Faults

EXTENSION = "demo_shop"
MAX_BODY = 4_000_000


def create_app(config: Config | None = None) -> Flask:
    """The shop kept under `config.data`, opened; settings come from the environment without a `config`.

    Where a manifest is set, its app is installed when this returns, or else as soon as its server answers. `close`
    the shop in `app.extensions["demo_shop"]` to end its threads before the process does.
    """
    config = config or Config.from_environment()
    shop = open_shop(config)
    app = Flask(__name__)
    app.extensions[EXTENSION] = shop
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY
    app.secret_key = _session_key(shop)
    app.config.update(SESSION_COOKIE_NAME="session-", SESSION_COOKIE_SAMESITE="Lax")  # as Shopware's
    app.before_request(_take_body)
    door = Door(shop, Faults())
    app.register_blueprint(admin_api.blueprint(door))
    app.register_blueprint(control.blueprint(door))
    app.register_blueprint(pages.blueprint(door))
    atexit.register(shop.courier.stop)
    if config.manifest is not None:
        install_soon(shop, config.manifest)
    return app


def _take_body() -> None:
    """Read what was sent whether a view wants it or not: a connection closed on an unread body is reset."""
    request.get_data()


def _session_key(shop: Shop) -> str:
    key = shop.database.setting("session_key")
    if key is None:
        key = secrets.token_hex(32)
        shop.database.set_setting("session_key", key)
    return str(key)
