"""Two session cookies, one for each door: the house's stays at home, the shop's works inside the shop's frame.

Both are signed by SECRET_KEY and hold no secret: who, since when, and a mark of the credential they rest on, so that
a changed password or a shop's new keys end every session made with the old ones.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal

from flask import Flask, request
from flask.sessions import SecureCookieSessionInterface

from companion.platforms.shopware.handshake import SHOP_SIGNATURE

LONGEST: Final = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Door:
    """A way in: the blueprint's name, the path its pages and its cookie live under."""

    name: str
    path: str
    cookie: str
    same_site: Literal["Lax", "None"]


HOUSE: Final = Door("admin", "/admin", "companion_admin", "Lax")
IN_SHOP: Final = Door("in_shop", "/admin/in-shop", "companion_in_shop", "None")


class TwoDoors(SecureCookieSessionInterface):
    """Chooses the cookie by the door of the request."""

    salt = "companion admin"
    digest_method = staticmethod(hashlib.sha256)

    def __init__(self, *, is_public: bool) -> None:
        self._is_public = is_public

    def get_cookie_name(self, app: Flask) -> str:
        return door().cookie

    def get_cookie_path(self, app: Flask) -> str:
        return door().path

    def get_cookie_samesite(self, app: Flask) -> str:
        return door().same_site

    def get_cookie_partitioned(self, app: Flask) -> bool:
        return door() is IN_SHOP

    def get_cookie_secure(self, app: Flask) -> bool:
        """Browsers take SameSite=None only together with Secure; on this machine they allow it without TLS."""
        return self._is_public or door() is IN_SHOP


def door() -> Door:
    """The door this request comes through."""
    return IN_SHOP if request.path.startswith(IN_SHOP.path + "/") or is_opened_by_shop() else HOUSE


def is_opened_by_shop() -> bool:
    """Whether a shop's administration opens its module: the address in the app's manifest, and a signature."""
    return request.path == HOUSE.path + "/" and SHOP_SIGNATURE in request.args


def mark(secret_key: str, credential: str) -> str:
    """What a session remembers of the credential it rests on: enough to notice a change, too little to find it."""
    return hmac.new(secret_key.encode(), b"session " + credential.encode(), hashlib.sha256).hexdigest()[:32]
