"""The way in from a shop's administration: the signed address of the app's module becomes a session for that store.

The signature says that the shop opens the page, not which person does: whoever may open the app there may do here
what concerns their store. What concerns its identity (approving a registration) stays with the house.
Source: Shopware, app modules: the administration appends shop-id, shop-url, timestamp and a signature to the URL.
"""

import hmac
import re
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from flask import Response, abort, g, redirect, request, session, url_for

from companion import shopware_app, stores
from companion.admin.sessions import IN_SHOP, mark
from companion.bootstrap import Services
from companion.errors import MalformedWebhook
from companion.models import Store
from companion.platforms.shopware import handshake, signature
from companion.platforms.shopware.credentials import opened

ORIGIN: Final = re.compile(r"https?://[A-Za-z0-9.\-\[\]:]+")
"""What may stand in a policy: a space or a semicolon in it would say more than one shop's address."""

FRESH_S: Final = 600
"""Seconds for which a module's address opens the pages; a copy of it found later opens nothing."""


def enter(services: Services) -> Response:
    """Sign in whoever opened the module, to that one store. Aborts with 401 when the address proves nothing."""
    store = _store(services)
    g.frame = origin(store)
    secret = opened(services.vault.open_json(store.credentials)).secret
    if not signature.query_matches(request.query_string, secret) or store.state == "removed":
        abort(401, "The shop's signature is not right. Update the app in the shop, then open this page again.")
    if not _is_fresh(services.now()):
        abort(401, "This address is out of date. Open the app's module in the shop's administration again.")
    if not _is_same_shop(store):
        abort(401, "The shop opens this page from another address than the one it is registered with.")
    session.clear()
    session.update(
        door=IN_SHOP.name,
        store=store.id,
        who=f"shop user {request.args.get('sw-user-id', '')[:32]}".strip(),
        at=services.now().timestamp(),
        mark=mark(services.settings.secret_key, secret),
    )
    return redirect(url_for("in_shop.store", key=store.key), 303)  # type: ignore[return-value]


def holds(services: Services, store: Store, kept: str) -> bool:
    """Whether a session made earlier still stands: the app is installed and the shop's keys are the same."""
    secret = opened(services.vault.open_json(store.credentials)).secret
    return store.state != "removed" and hmac.compare_digest(kept, mark(services.settings.secret_key, secret))


def origin(store: Store) -> str:
    """Who may show a store's pages in a frame: scheme, host and port of the shop, or nobody where that is no host."""
    found = f"{urlsplit(store.shop_url).scheme}://{urlsplit(store.shop_url).netloc}"
    return found if ORIGIN.fullmatch(found) else "'none'"


def _store(services: Services) -> Store:
    with services.database.read() as database:
        store = stores.by_shop(database, shopware_app.PLATFORM, request.args.get("shop-id", ""))
    if store is None:
        abort(401, "No store is connected to this shop. Uninstall the app in the shop and install it again.")
    return store


def _is_fresh(now: datetime) -> bool:
    given = request.args.get("timestamp", "")
    return given.isdecimal() and len(given) < 12 and abs(now.timestamp() - int(given)) <= FRESH_S


def _is_same_shop(store: Store) -> bool:
    """A copy of a shop (a staging system) carries its keys, but not its address."""
    try:
        return handshake.same_host(request.args.get("shop-url", ""), store.shop_url)
    except MalformedWebhook:
        return False
