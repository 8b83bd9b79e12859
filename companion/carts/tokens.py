"""A cart as a token: its lines and its end, signed for one store. Nothing is kept, so a link works after a restore.

A Shopware id is packed into its sixteen bytes, so that a line costs some 26 characters of the address.
"""

import base64
import binascii
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from companion.carts.lines import Line, UnusableCart
from companion.errors import CompanionError
from companion.vault import MARK_BYTES, Vault

LONGEST: Final = 4_000
"""Characters. Servers and mail programs agree on addresses of 8,000; the rest is the shop's."""

HEXADECIMAL: Final = re.compile(r"[0-9a-f]{32}")


class TamperedCart(CompanionError):
    """The token was not made here, not for this store, or was changed on the way."""


class ExpiredCart(CompanionError):
    """The token was good once."""


class _Packed(msgspec.Struct, array_like=True):
    ends: int
    lines: list[tuple[Any, int]]


def pack(vault: Vault, store_key: str, lines: Sequence[Line], ends_at: datetime) -> str:
    """The token of a cart. Raises UnusableCart where it would be too long for a link."""
    packed = _Packed(int(ends_at.timestamp()) // 60, [(_short(line.id), line.quantity) for line in lines])
    content = msgspec.msgpack.encode(packed)
    token = encoded(vault.mark(_purpose(store_key), content) + content)
    if len(token) > LONGEST:
        raise UnusableCart("items", "are too many for a link")
    return token


def unpack(vault: Vault, store_key: str, token: str, now: datetime) -> tuple[Sequence[Line], datetime]:
    """The lines of a token, and until when it is good. Raises TamperedCart, ExpiredCart."""
    raw = decoded(token)
    mark, content = raw[:MARK_BYTES], raw[MARK_BYTES:]
    if len(token) > LONGEST or not vault.is_mark(_purpose(store_key), content, mark):
        raise TamperedCart
    packed = msgspec.msgpack.decode(content, type=_Packed)
    ends_at = datetime.fromtimestamp(packed.ends * 60, UTC)
    if now >= ends_at:
        raise ExpiredCart
    return [Line(_long(id_), quantity) for id_, quantity in packed.lines], ends_at


def encoded(raw: bytes) -> str:
    """Bytes as they stand in an address."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decoded(token: str) -> bytes:
    """Raises TamperedCart where these are no such characters."""
    try:
        return base64.b64decode(token.encode() + b"=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise TamperedCart from None


def _purpose(store_key: str) -> str:
    return f"cart of {store_key}"


def _short(id_: str) -> bytes | str:
    return bytes.fromhex(id_) if HEXADECIMAL.fullmatch(id_) else id_


def _long(id_: bytes | str) -> str:
    return id_.hex() if isinstance(id_, bytes) else id_
