"""The shop's side of Shopware's signatures: lower-case hex HMAC-SHA256, keyed with the secret's UTF-8 bytes.

Source: Shopware, app registration and signature verification.
"""

import hashlib
import hmac


def sign(message: bytes, secret: str) -> str:
    """The signature of a raw body or query, 64 hex characters."""
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()


def proof(shop_id: str, shop_url: str, app_name: str, app_secret: str) -> str:
    """What an app server has to answer to a registration."""
    return sign(f"{shop_id}{shop_url}{app_name}".encode(), app_secret)
