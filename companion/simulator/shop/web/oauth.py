"""Access tokens of the Admin API: handed out for an app's keys, good for ten minutes.

Source: Shopware, Admin API authentication; answers observed on 6.6.7.1.
"""

import hmac
import secrets
import time

from companion.simulator.shop.apps import app as apps
from companion.simulator.shop.apps.app import App
from companion.simulator.shop.records import refusals
from companion.simulator.shop.shop import Shop

LIFETIME_S = 600


def issue(shop: Shop, client_id: str, client_secret: str) -> str:
    """A new token. Raises Refused for keys that open nothing."""
    app = apps.installed(shop.database)
    expected = f"{app.client_id}:{app.client_secret}" if app else ""
    if not app or not hmac.compare_digest(f"{client_id}:{client_secret}".encode(), expected.encode()):
        raise refusals.wrong_client()
    token = ".".join(secrets.token_urlsafe(length) for length in (27, 220, 256))
    with shop.database.write() as connection:
        connection.execute("DELETE FROM token WHERE expires < ?", (time.time(),))
        connection.execute("INSERT INTO token VALUES (?, ?, ?)", (token, client_id, time.time() + LIFETIME_S))
    return token


def bearer(shop: Shop, authorization: str) -> App:
    """Whose request it is. Raises Refused."""
    if not authorization:
        raise refusals.unauthorized('Missing "Authorization" header')
    token = authorization.removeprefix("Bearer ").strip()
    known = shop.database.rows("SELECT expires FROM token WHERE token = ?", (token,))
    app = apps.installed(shop.database)
    if not known or app is None:
        raise refusals.unauthorized("Error while decoding from JSON")
    if known[0][0] < time.time():
        raise refusals.unauthorized("Access token could not be verified")
    return app
