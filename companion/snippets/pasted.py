"""What is pasted into a theme, per platform: text from `storefront_snippets/`, with the store's address filled in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from companion.snippets.bundle import CHECKOUT, SOURCES


@dataclass(frozen=True, slots=True)
class Block:
    """A text to paste: where it goes, the text or its file, and what shows that it is there.

    `sign` is what it states in `[data-companion=…]` with an id, told by the script; empty where the script itself is
    asked for by it. `shows` says to a person what makes it be seen.
    """

    where: str
    text: str
    shows: str = "Seen once somebody opens a page of the shop."
    sign: str = ""


LINE: Final = '<script src="__SCRIPT__" async></script>'
ANYWHERE: Final = (Block("Once on every page, in the head or at the end of the body", LINE),)
PLACES: Final[Mapping[str, Sequence[Block]]] = {
    "shopware": (Block("Nothing: the app brings it. For a headless storefront, once on every page", LINE),),
    "neto": (
        Block("Custom Scripts, tab Page Header", "neto/page_header.html"),
        Block(
            "Custom Scripts, tab Product Page (Under Buying Options)",
            "neto/product_page.html",
            "Seen once somebody who has given consent opens a product.",
            "item",
        ),
    ),
    "netsuite": (
        Block("The extension of storefront_snippets/netsuite, Configuration, Companion for Klaviyo", "__SCRIPT__"),
    ),
}
"""What a platform's themes are given."""

PAGES: Final = {"shop": "on shop pages", CHECKOUT: "in the checkout"}
"""The kinds of page that templates name to the script, and what a person calls them."""


def blocks(platform: str, service: str, store_key: str, channel: str = "") -> list[Block]:
    """What to paste, with the store's address in it."""
    script = f"{service.rstrip('/')}/snippets/v1/{store_key}/companion.js?channel={channel}"
    found = PLACES.get(platform, ANYWHERE)
    return [replace(one, text=_text(one.text).replace("__SCRIPT__", script)) for one in found]


def signs(platform: str) -> frozenset[str]:
    """What the script looks for on this platform's pages."""
    return frozenset(block.sign for block in PLACES.get(platform, ANYWHERE) if block.sign)


def _text(given: str) -> str:
    return (SOURCES / given).read_text(encoding="utf-8").rstrip("\n") if given.endswith(".html") else given
