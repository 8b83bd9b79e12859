"""Identifiers and moments as Shopware writes them. Knows nothing of what they mark."""

import base64
import hashlib
import random
import string
from datetime import UTC, datetime

LIVE_VERSION = "0fa91ce3e96a4bc2be4bd9ce752c3425"
SYSTEM_LANGUAGE = "2fbb5fe2e29a4d70aa5854ce7ce3e20b"
SYSTEM_CURRENCY = "b7d2554b0ce847cd82f3ac9bd1c0dfca"
ALPHANUMERIC = string.ascii_letters + string.digits


def new_id(at: datetime, chance: random.Random) -> str:
    """A UUID of version 7 as 32 hex characters: ids made later sort later."""
    millis = int(at.timestamp() * 1000) & 0xFFFF_FFFF_FFFF
    tail = chance.getrandbits(74)
    return f"{millis:012x}7{tail >> 62:03x}{0x8000_0000_0000_0000 | (tail & 0x3FFF_FFFF_FFFF_FFFF):016x}"


def fixed_id(name: str) -> str:
    """The same id in every demo shop, made of what it names."""
    return hashlib.md5(f"demo-shop/{name}".encode(), usedforsecurity=False).hexdigest()


def stamp(at: datetime) -> str:
    """A moment as the API shows it: `2026-03-14T10:15:30.101+00:00`."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds")


def read_stamp(text: str) -> datetime:
    """The moment of `2026-03-14T10:15:30.101+00:00` or `2026-03-14 10:15:30.101`, which is UTC. Raises ValueError."""
    at = datetime.fromisoformat(text)
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def shop_id(chance: random.Random) -> str:
    """16 letters and digits."""
    return "".join(chance.choices(ALPHANUMERIC, k=16))


def client_id(chance: random.Random) -> str:
    """The `apiKey` of an app's integration: SWIA and 22 characters."""
    return "SWIA" + "".join(chance.choices(string.ascii_uppercase + string.digits, k=22))


def client_secret(chance: random.Random) -> str:
    """The `secretKey` of an app's integration: 51 characters of base64."""
    return base64.b64encode(chance.randbytes(39)).decode()[:51]


def code(chance: random.Random, length: int = 32) -> str:
    """A link's secret, such as an order's `deepLinkCode`."""
    return "".join(chance.choices(ALPHANUMERIC + "-_", k=length))
