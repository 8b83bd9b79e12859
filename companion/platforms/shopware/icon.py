"""The app's icon, drawn: an arrow under way, white on blue. No file, no image library."""

import struct
import zlib
from typing import Final

SIDE: Final = 128
INK: Final = (255, 255, 255)
GROUND: Final = (24, 93, 214)


def png() -> bytes:
    """The icon as PNG, 128 x 128 pixels, RGBA."""
    rows = b"".join(b"\x00" + b"".join(_pixel(x, y) for x in range(SIDE)) for y in range(SIDE))
    header = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 6, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, content) for kind, content in chunks)


def _chunk(kind: bytes, content: bytes) -> bytes:
    body = kind + content
    return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))


def _pixel(x: int, y: int) -> bytes:
    if not _in_rounded_square(x, y):
        return b"\x00\x00\x00\x00"
    return bytes((*(INK if _in_arrow(x, y) else GROUND), 255))


def _in_rounded_square(x: int, y: int, radius: int = 24) -> bool:
    over_x = max(radius - x, x - (SIDE - 1 - radius), 0)
    over_y = max(radius - y, y - (SIDE - 1 - radius), 0)
    return over_x**2 + over_y**2 <= radius**2


def _in_arrow(x: int, y: int) -> bool:
    """Three bars of growing length that end in a head: orders under way."""
    bar = any(abs(y - centre) <= 5 and start <= x <= 74 for centre, start in ((44, 42), (64, 26), (84, 42)))
    head = 70 <= x <= 104 and abs(y - 64) <= 104 - x
    return bar or head
