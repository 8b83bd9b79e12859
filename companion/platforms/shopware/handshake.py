"""The registration handshake as a pure function of what is kept for a shop: begin, confirm, approve, reject.

A registration never takes effect before it is confirmed. One that nothing but the app's own secret authenticates
never replaces keys in force without an admin's yes: that secret lies in a file on the merchant's server.
Source: Shopware, app registration; re-registration and dual signatures as in the official app kits.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final
from urllib.parse import SplitResult, parse_qs, urlsplit, urlunsplit

import msgspec

from companion.errors import InvalidSignature, MalformedWebhook
from companion.platforms.shopware import signature
from companion.platforms.shopware.credentials import Keys, Shop
from companion.platforms.shopware.decoding import ShopId, decoded, moment

APP_SIGNATURE: Final = "shopware-app-signature"
SHOP_SIGNATURE: Final = "shopware-shop-signature"
PREVIOUS_SIGNATURE: Final = "shopware-shop-signature-previous"
PORTS: Final = {"http": 80, "https": 443}
PRINTED: Final = re.compile(r"[^\x00-\x20\x7f]+")
"""No character that an address cannot have and a database may refuse to keep."""


@dataclass(frozen=True, slots=True)
class Request:
    """A shop asks to be registered. `url` is as received, `shop_url` as it is kept."""

    shop_id: str
    url: str
    shop_url: str
    sent_at: datetime


class Confirmation(msgspec.Struct, rename="camel", frozen=True):
    """A shop confirms a registration and hands over the keys of its Admin API."""

    api_key: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    secret_key: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
    shop_id: ShopId


_confirmation = msgspec.json.Decoder(Confirmation)


def read_request(query: bytes) -> Request:
    """Read a registration's query. Raises MalformedWebhook naming the parameter."""
    given = parse_qs(query.decode("utf-8", "replace"), keep_blank_values=True)
    values = {}
    for name in ("shop-id", "shop-url", "timestamp"):
        values[name] = given.get(name, [""])[0]
        if not values[name]:
            raise MalformedWebhook(f"{name}: is missing")
    try:
        shop_id = msgspec.convert(values["shop-id"], ShopId)
    except msgspec.ValidationError:
        raise MalformedWebhook("shop-id: is not a shop's id") from None
    url = values["shop-url"]
    return Request(shop_id, url, kept_url(url), moment(values["timestamp"], "timestamp"))


def read_confirmation(body: bytes) -> Confirmation:
    """Read a confirmation's body. Raises MalformedWebhook naming the field."""
    return decoded(_confirmation, body)


def kept_url(url: str) -> str:
    """A shop's address without doubled and trailing slashes, its path kept. Raises MalformedWebhook."""
    parts = _parts(url)
    path = "/".join(part for part in parts.path.split("/") if part)
    return urlunsplit((parts.scheme.lower(), parts.netloc.lower(), f"/{path}" if path else "", "", ""))


def same_host(url: str, other: str) -> bool:
    """Whether two addresses lead to one host; a change from http to https is no move."""
    return _host(url) == _host(other)


def is_proven(shop: Shop, query: bytes, claimed: str, now: datetime) -> bool:
    """Whether the shop signed its registration with a secret in force (cores from 2025 on do).

    A shop that still waits for a yes proves itself with a secret that waits, too: that counts as not proven.
    Raises InvalidSignature when the shop's signature is there and wrong.
    """
    if not claimed or not shop.secret:
        return False
    standing = shop.standing(query, claimed, now) or shop.standing(signature.rebuilt(query), claimed, now)
    if standing is None:
        raise InvalidSignature(f"{SHOP_SIGNATURE}: no secret of this shop signs this registration")
    return standing == "in force"


def confirm(shop: Shop, request: Confirmation, body: bytes, claimed: str, claimed_previous: str, now: datetime) -> Shop:
    """Put the pending registration into force, or keep it as candidate. Done twice it changes nothing.

    Raises InvalidSignature: definitive, the shop keeps its former secret.
    """
    pending = shop.pending
    if pending is None or not signature.matches(body, pending.secret, claimed):
        return _repeated(shop, request, body, claimed, now)
    if shop.secret and (claimed_previous or pending.proven) and not _is_known(shop, body, claimed_previous, now):
        raise InvalidSignature(f"{PREVIOUS_SIGNATURE}: is not made with the former secret")
    keys = Keys(
        secret=pending.secret,
        client_id=request.api_key,
        client_secret=request.secret_key,
        shop_url=pending.shop_url,
        app=pending.app,
        rotated_at=now.timestamp(),
    )
    if not pending.waits:
        return _adopted(keys, (shop.secret,) if shop.secret else pending.former)
    former = (shop.candidate.secret,) if shop.candidate else ()
    return msgspec.structs.replace(shop, pending=None, candidate=msgspec.structs.replace(keys, previous=former))


def approve(shop: Shop, now: datetime) -> Shop:
    """Put what waits into force. Where the shop's confirmation was lost only its secret is known, not its keys."""
    keys: Keys | None = shop.candidate
    if keys is None and shop.pending and shop.pending.waits:
        keys = msgspec.structs.replace(
            _keys(shop), secret=shop.pending.secret, shop_url=shop.pending.shop_url, app=shop.pending.app
        )
    if keys is None:
        return shop
    return _adopted(msgspec.structs.replace(keys, rotated_at=now.timestamp()), (shop.secret,))


def reject(shop: Shop) -> Shop:
    """Forget what waits."""
    pending = None if shop.pending and shop.pending.waits else shop.pending
    return msgspec.structs.replace(shop, pending=pending, candidate=None)


def _repeated(shop: Shop, request: Confirmation, body: bytes, claimed: str, now: datetime) -> Shop:
    """A confirmation of what is confirmed. It brings the keys where an admin had said yes before it arrived."""
    if signature.matches(body, shop.secret, claimed):
        return msgspec.structs.replace(shop, client_id=request.api_key, client_secret=request.secret_key)
    if _is_known(shop, body, claimed, now):
        return shop
    raise InvalidSignature(f"{SHOP_SIGNATURE}: is not made with the secret issued last")


def _adopted(keys: Keys, previous: tuple[str, ...]) -> Shop:
    return Shop(**{**msgspec.structs.asdict(keys), "previous": previous})


def _keys(shop: Shop) -> Keys:
    return Keys(**{name: getattr(shop, name) for name in Keys.__struct_fields__})


def _is_known(shop: Shop, body: bytes, claimed: str, now: datetime) -> bool:
    waiting = shop.candidate is not None and shop.candidate.signs(body, claimed, now)
    return waiting or shop.signs(body, claimed, now)


def _parts(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        valid = parts.scheme.lower() in PORTS and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        valid = False
    if not valid or "@" in parts.netloc or len(url) > 500 or not PRINTED.fullmatch(url):
        raise MalformedWebhook("shop-url: is not an http(s) address")
    return parts


def _host(url: str) -> tuple[str | None, int | None]:
    parts = _parts(url)
    return parts.hostname, None if parts.port == PORTS[parts.scheme.lower()] else parts.port
