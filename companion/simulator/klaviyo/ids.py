"""Identifiers that look like Klaviyo's and are the same on every run of a script."""

import hashlib
from typing import Final

ALPHABET: Final = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789"


def short_id(account_id: str, *parts: str) -> str:
    """Six characters, as lists, forms, flows and metrics have."""
    value = int.from_bytes(_digest(account_id, parts))
    return "".join(ALPHABET[value // len(ALPHABET) ** place % len(ALPHABET)] for place in range(6))


def long_id(account_id: str, *parts: str) -> str:
    """A hexadecimal id, as jobs and events have."""
    return _digest(account_id, parts).hex()


def _digest(account_id: str, parts: tuple[str, ...]) -> bytes:
    return hashlib.blake2b("\0".join((account_id, *parts)).encode(), digest_size=16).digest()
