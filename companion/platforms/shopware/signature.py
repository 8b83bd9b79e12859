"""Shopware's signatures: lower-case hex HMAC-SHA256 over the bytes as they came, compared in constant time.

Pure. Nothing here may parse and serialise again what was signed: the shop escapes `/` and non-ASCII its own way.
Source: Shopware, app registration and signature verification (developer.shopware.com/docs/guides/plugins/apps).
"""

import hashlib
import hmac
from typing import Final
from urllib.parse import parse_qs

SIGNED_APPENDIX: Final = b"&shopware-shop-signature="


def sign(message: bytes, secret: str) -> str:
    """The signature of a message, 64 hex characters."""
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()


def matches(message: bytes, secret: str, claimed: str) -> bool:
    """Whether `claimed` is the signature; an empty secret signs nothing."""
    return bool(secret) and hmac.compare_digest(sign(message, secret).encode(), claimed.encode())


def registration_matches(query: bytes, secret: str, claimed: str) -> bool:
    """Check a registration's raw query; an intermediary may have percent-encoded what the shop signed literally."""
    if matches(query, secret, claimed):
        return True
    return matches(rebuilt(query), secret, claimed)


def query_matches(query: bytes, secret: str) -> bool:
    """Check the URL of a module or iframe: the signature is its last parameter and signs all before it."""
    message, found, claimed = query.rpartition(SIGNED_APPENDIX)
    return bool(found) and matches(message, secret, claimed.decode("latin-1"))


def proof(shop_id: str, shop_url: str, app_name: str, app_secret: str) -> str:
    """Our answer to a registration; `shop_url` exactly as it was received, decoded but not normalised."""
    return sign(f"{shop_id}{shop_url}{app_name}".encode(), app_secret)


def rebuilt(query: bytes) -> bytes:
    """A registration's query as the shop wrote and signed it, where something on the way has encoded it."""
    given = parse_qs(query.decode("utf-8", "replace"), keep_blank_values=True)
    names = ("shop-id", "shop-url", "timestamp")
    return "&".join(f"{name}={given.get(name, [''])[0]}" for name in names).encode()
