"""JSON as PHP's `json_encode` writes it, which is what a shop signs and sends.

Compact, `/` as `\\/`, everything beyond ASCII as `\\uXXXX` in lower case with surrogate pairs. Whole floats are written
as integers by PHP, so values must come in as `int` where they are whole (see `trade.pricing.number`).
Source: bodies observed on 6.6.7.1; PHP manual, json_encode.
"""

import re
from typing import Any

import orjson

BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")


def encode(value: Any) -> bytes:
    """The bytes of a value made of dict, list, str, int, float, bool and None."""
    text = orjson.dumps(value).decode().replace("/", "\\/")
    return text.encode() if text.isascii() else BEYOND_ASCII.sub(_escaped, text).encode()


def _escaped(match: re.Match[str]) -> str:
    point = ord(match[0])
    if point < 0x10000:
        return f"\\u{point:04x}"
    high, low = divmod(point - 0x10000, 0x400)
    return f"\\u{0xD800 + high:04x}\\u{0xDC00 + low:04x}"
