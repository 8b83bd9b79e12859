"""The registration handshake as a shop begins it: ask the app's server, check its proof, confirm with the new secret.

Source: Shopware, app registration; requests observed on 6.6.7.1. Shops since 2025 sign a re-registration with the
secret in force, too.
"""

import hmac
import random
from dataclasses import dataclass
from datetime import datetime

import msgspec

from companion.simulator.shop import marks
from companion.simulator.shop.apps.app import App, Identity
from companion.simulator.shop.protocol import php_json, wire
from companion.simulator.shop.protocol.signature import proof, sign

VERSION = "6.6.7.1"
TIMEOUT_S = 5.0
CONTEXT = {"sw-version": VERSION, "sw-context-language": marks.SYSTEM_LANGUAGE, "sw-user-language": "en-GB"}


class HandshakeFailed(Exception):
    """The app's server did not go along; the sentence is for the merchant."""


class _Answer(msgspec.Struct):
    proof: str = ""
    secret: str = ""
    confirmation_url: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class Keys:
    """What a registration ends with."""

    secret: str
    client_id: str
    client_secret: str


def register(app: App, shop: Identity, now: datetime, *, dual: bool) -> Keys:
    """Go through the handshake; `dual` signs with the app's present secret, too. Raises HandshakeFailed."""
    answer = _ask(app, shop, now, dual=dual)
    chance = random.SystemRandom()
    keys = Keys(answer.secret, marks.client_id(chance), marks.client_secret(chance))
    _confirm(app, shop, keys, answer.confirmation_url, now, dual=dual)
    return keys


def _ask(app: App, shop: Identity, now: datetime, *, dual: bool) -> _Answer:
    query = f"shop-id={shop.shop_id}&shop-url={shop.url}&timestamp={int(now.timestamp())}"
    headers = {"shopware-app-signature": sign(query.encode(), app.app_secret)}
    if dual and app.secret:
        headers["shopware-shop-signature"] = sign(query.encode(), app.secret)
    reply = wire.send("GET", f"{app.registration_url}?{query}", {**headers, **CONTEXT}, timeout_s=TIMEOUT_S)
    answer = _read(reply)
    if answer.error or not reply.ok:
        told = answer.error or reply.error or f"status {reply.status}"
        raise HandshakeFailed(f"The app server refused the registration: {told}")
    expected = proof(shop.shop_id, shop.url, app.name, app.app_secret)
    if not hmac.compare_digest(answer.proof.encode(), expected.encode()):
        raise HandshakeFailed("The app server provided an invalid proof")
    if not answer.secret or not answer.confirmation_url:
        raise HandshakeFailed("The app server gave no secret or no confirmation URL")
    return answer


def _confirm(app: App, shop: Identity, keys: Keys, url: str, now: datetime, *, dual: bool) -> None:
    body = php_json.encode(
        {
            "apiKey": keys.client_id,
            "secretKey": keys.client_secret,
            "timestamp": str(int(now.timestamp())),
            "shopUrl": shop.url,
            "shopId": shop.shop_id,
        }
    )
    headers = {"Content-Type": "application/json", "shopware-shop-signature": sign(body, keys.secret)}
    if dual and app.secret:
        headers["shopware-shop-signature-previous"] = sign(body, app.secret)
    reply = wire.send("POST", url, {**headers, **CONTEXT}, body, TIMEOUT_S)
    if not reply.ok:
        told = reply.error or f"status {reply.status}"
        raise HandshakeFailed(f"The app server did not accept the confirmation: {told}")


def _read(reply: wire.Reply) -> _Answer:
    try:
        return msgspec.json.decode(reply.body, type=_Answer)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return _Answer()
