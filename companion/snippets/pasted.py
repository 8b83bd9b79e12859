"""What is pasted into a theme, per platform: text from `storefront_snippets/`, with the store's address filled in."""

from collections.abc import Mapping, Sequence
from typing import Final

from companion.snippets.bundle import SOURCES

LINE: Final = '<script src="__SCRIPT__" async></script>'
ANYWHERE: Final = (("Once on every page, in the head or at the end of the body", LINE),)
PLACES: Final[Mapping[str, Sequence[tuple[str, str]]]] = {
    "shopware": (("Nothing: the app brings it. For a headless storefront, once on every page", LINE),),
    "neto": (
        ("Custom Scripts, tab Page Header", "neto/page_header.html"),
        ("Custom Scripts, tab Product Page (Under Buying Options)", "neto/product_page.html"),
    ),
    "netsuite": (
        ("The extension of storefront_snippets/netsuite, Configuration, Companion for Klaviyo", "__SCRIPT__"),
    ),
}
"""Platform → where it goes, and the text or its file."""


def blocks(platform: str, service: str, store_key: str, channel: str = "") -> list[tuple[str, str]]:
    """Where each text goes, and the text."""
    script = f"{service.rstrip('/')}/snippets/v1/{store_key}/companion.js?channel={channel}"
    found = PLACES.get(platform, ANYWHERE)
    return [(where, _text(text).replace("__SCRIPT__", script)) for where, text in found]


def _text(given: str) -> str:
    return (SOURCES / given).read_text(encoding="utf-8").rstrip("\n") if given.endswith(".html") else given
