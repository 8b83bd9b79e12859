"""What a page says its cart holds, checked: ids and quantities, and the path on the shop the link shall open. Pure."""

import re
from typing import Final

import msgspec

from companion.errors import CompanionError

MOST_LINES: Final = 100
MOST_PIECES: Final = 9_999
ID: Final = re.compile(r"[^\x00-\x1f\x7f@<>\"\\]{1,64}")
"""A product's id or number. An @ would be the beginning of a person."""

PATH: Final = re.compile(r"/(?![/\\])[^\x00-\x20\x7f\\?#]{0,300}")


class UnusableCart(CompanionError):
    """The page asked for a link that cannot be made: `field` and what is wrong with it."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field, self.message = field, message


class Line(msgspec.Struct, frozen=True, array_like=True):
    """A product and how many of it."""

    id: str
    quantity: int


class _Item(msgspec.Struct, frozen=True):
    id: str
    quantity: int = 1


class _Wanted(msgspec.Struct, frozen=True):
    items: list[_Item]
    back: str = "/"


def read(body: bytes) -> tuple[tuple[Line, ...], str]:
    """The lines and the path of `{"channel", "items": [{"id", "quantity"}], "back"}`. Raises UnusableCart."""
    try:
        wanted = msgspec.json.decode(body, type=_Wanted)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise UnusableCart("body", "is not the JSON of a cart") from None
    if not 0 < len(wanted.items) <= MOST_LINES:
        raise UnusableCart("items", f"has to hold 1 to {MOST_LINES} lines")
    if PATH.fullmatch(wanted.back) is None:
        raise UnusableCart("back", "is not a path on the shop, like /checkout/cart")
    for place, item in enumerate(wanted.items):
        if ID.fullmatch(item.id) is None:
            raise UnusableCart(f"items[{place}].id", "is not a product's id")
        if not 0 < item.quantity <= MOST_PIECES:
            raise UnusableCart(f"items[{place}].quantity", f"is not a number from 1 to {MOST_PIECES}")
    return tuple(Line(item.id, item.quantity) for item in wanted.items), wanted.back
