"""Puts the script of one store and sales channel together: its settings, then the parts that it needs.

No build: the parts are the files as they lie in `storefront_snippets/`, without their comments and indentation. They
run in one function, once a page, whatever a theme loads twice. Nothing is looked up here.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

import orjson

from companion.store_settings import Onsite

SOURCES: Final = Path(__file__).parent.parent.parent / "storefront_snippets"
ADAPTERS: Final[Mapping[str, Sequence[str]]] = {"shopware": ("shopware",), "neto": ("jsonld", "neto")}
CHECKOUTS: Final[Mapping[str, Sequence[str]]] = {"shopware": ("shopware_checkout",)}
ANYWHERE: Final = ("jsonld",)
"""What a site of no known platform needs."""

ON_DEMAND: Final = {"cart": "restore", "debug": "debug"}
"""Asked for by the script itself where a page's address says so → its file."""

BEGINNING: Final = b'((settings, nonce, before) => {\n"use strict";\nif (before?.settings) return;\n'
END: Final = b'})(%s, document.currentScript?.nonce || "", window.companion);\n'
SILENT: Final = b"/* Companion: this store is not connected to Klaviyo, so there is nothing to do. */\n"
COMMENT: Final = re.compile(rb"^\s*//.*\n|^\s+|^\n", re.MULTILINE)


def script(settings: Mapping[str, Any], onsite: Onsite, page: str) -> bytes:
    """The whole script, UTF-8. `page` is checkout, another kind of page, or empty where a theme does not say."""
    if not settings["key"]:
        return SILENT
    platform = settings["platform"]
    names = ["core", f"consent/{onsite.consent}", "product", "cart"]
    if page in ("", "checkout"):
        names.append("checkout")
    names += ADAPTERS.get(platform, ANYWHERE)
    if page in ("", "checkout"):
        names += CHECKOUTS.get(platform, ())
    if settings["forms"]:
        names.append("slots")
    return b"".join([BEGINNING, *map(part, [*names, "start"]), END % orjson.dumps(settings)])


@cache
def part(name: str) -> bytes:
    """A file of `storefront_snippets/` without comments and indentation."""
    return COMMENT.sub(b"", (SOURCES / f"{name}.js").read_bytes())
