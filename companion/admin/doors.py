"""The two doors, put together: which pages stand behind the password, which behind a shop's signature."""

from collections.abc import Callable
from typing import Final

from flask import Blueprint, Flask
from flask_wtf.csrf import CSRFProtect

from companion.admin import guard, shown
from companion.admin.pages import (
    approval,
    changes,
    connect,
    forms,
    messages,
    overview,
    runs,
    settings,
    setup,
    shop,
    sign_in,
    storefront,
    stuck,
    subscriber_channels,
    subscribers,
    synchronization,
)
from companion.admin.passwords import Passwords
from companion.admin.sessions import HOUSE, IN_SHOP, LONGEST, TwoDoors
from companion.bootstrap import Services

STORE_PAGES: Final[tuple[Callable[[Blueprint, Services], None], ...]] = (
    overview.add_store,
    setup.add,
    shop.add,
    settings.add,
    synchronization.add,
    runs.add,
    subscribers.add,
    subscriber_channels.add,
    forms.add,
    storefront.add,
    messages.add,
    stuck.add,
    changes.add,
)


def init(app: Flask, services: Services) -> None:
    """Put the admin pages into the application, under /admin."""
    app.session_interface = TwoDoors(is_public=services.settings.public_url.startswith("https://"))
    app.config["PERMANENT_SESSION_LIFETIME"] = LONGEST
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False  # the guard asks for the token; webhooks are signed otherwise
    app.config["WTF_CSRF_TIME_LIMIT"] = None  # as long as the session: a page may lie open over lunch
    csrf = CSRFProtect(app)
    app.register_blueprint(_house(services, csrf))
    app.register_blueprint(_in_shop(services, csrf))


def _house(services: Services, csrf: CSRFProtect) -> Blueprint:
    passwords = Passwords(services.settings)
    door = Blueprint(HOUSE.name, __name__, url_prefix=HOUSE.path, template_folder="templates", static_folder="static")
    guard.watch_house(door, services, csrf, passwords)
    sign_in.add(door, services, passwords)
    overview.add_house(door, services)
    connect.add(door, services)
    shop.add_house(door, services)
    changes.add_house(door, services)
    approval.add(door, services)
    return _with_store_pages(door, services)


def _in_shop(services: Services, csrf: CSRFProtect) -> Blueprint:
    door = Blueprint(IN_SHOP.name, __name__, url_prefix=IN_SHOP.path, template_folder="templates")
    guard.watch_in_shop(door, services, csrf)
    return _with_store_pages(door, services)


def _with_store_pages(door: Blueprint, services: Services) -> Blueprint:
    for add in STORE_PAGES:
        add(door, services)
    shown.furnish(door, services)
    return door
