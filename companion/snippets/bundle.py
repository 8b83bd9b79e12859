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

SOURCES: Final = Path(__file__).parent.parent.parent / "storefront_snippets"
ADAPTERS: Final[Mapping[str, Sequence[str]]] = {
    "shopware": ("shopware",),
    "neto": ("neto",),
    "netsuite": ("suitecommerce",),
}
ANYWHERE: Final = ("jsonld",)
"""What a site of no known platform needs, and a theme of its own on one that is known."""

SHOPPING: Final[Mapping[str, Sequence[str]]] = {"shopware": ("shopware_cart",), "neto": ("neto_cart",)}
CHECKING_OUT: Final[Mapping[str, Sequence[str]]] = {
    "shopware": ("shopware_checkout",),
    "netsuite": ("suitecommerce_checkout",),
}
"""What the app's templates, Neto's blocks and SuiteCommerce's extension let work, which say what kind of page it is."""

UNLINKED: Final = {"neto"}
"""Where a page gets no link for its cart: the server tells Started Checkout, with the shop's own."""

ON_DEMAND: Final = {"cart": "restore", "debug": "debug"}
"""Asked for by the script itself where a page's address says so → its file."""

BEGINNING: Final = b"""((settings, nonce) => {
const begin = () => {
const before = window.companion;
if (before?.settings) return;
"""
END: Final = b"""};
const wait = document.prerendering ? "prerenderingchange" : document.readyState === "loading" && "DOMContentLoaded";
wait ? document.addEventListener(wait, begin) : begin();
})(%s, document.currentScript?.nonce);
"""
"""Not before the page is there, nor while a browser only prepares it. Twice loaded is once run."""

SILENT: Final = b"/* Companion: this store is not connected to Klaviyo, so there is nothing to do. */\n"
COMMENT: Final = re.compile(rb"^\s*//.*\n|^\s+", re.MULTILINE)
KEPT: Final = rb""""(?:\\.|[^"\\])*"|`(?:\\.|[^`\\])*`|/(?:\\.|\[(?:\\.|[^\]\\])*\]|[^/\\\n])+/"""
"""Strings, templates and regular expressions."""

TOKEN: Final = re.compile(
    KEPT + rb"|[ ]*(?P<sign>[{}()\[\]=,;:?|&<>!]+)[ ]*(?:(?<=[{(\[,;>&|?:=])\n)?|\n(?=[&|?:.}\])])"
)
"""Signs need no spaces, and some no end of line."""

IDLE: Final = re.compile(KEPT + rb"|(?P<idle>[;,](?=[}\])])|\bconst\b)")
"""What ends a list or a block needs no sign before it; what nobody assigns to need not be a constant. Enough for these
files, which never divide, nest templates or loop without a body; whatever it broke, the browser tests would see."""

SHORT: Final = {b"const": b"let"}
CHECKOUT: Final = "checkout"


def script(settings: Mapping[str, Any], consent: str, page: str) -> bytes:
    """The whole script, UTF-8, of nothing where there are no settings.

    `consent` is how it is asked; `page` is checkout, another kind of page, or empty where a theme does not say.
    """
    if not settings:
        return SILENT
    platform = settings["platform"]
    names = ["core", f"consent/{consent}", "facts", "cart", *((page and ADAPTERS.get(platform)) or ANYWHERE)]
    if page != CHECKOUT:
        names += ["product", "added", *(SHOPPING.get(platform, ()) if page else ())]
    if page in ("", CHECKOUT):
        names += [*(() if platform in UNLINKED else ("checkout",)), *(CHECKING_OUT.get(platform, ()) if page else ())]
    if "forms" in settings:
        names.append("slots")
    if "blocks" in settings and page != CHECKOUT:
        names.append("blocks")
    return b"".join([squeezed(BEGINNING), *map(part, [*names, "start"]), squeezed(END) % orjson.dumps(settings)])


@cache
def part(name: str) -> bytes:
    """A file of `storefront_snippets/` without comments and spaces that mean nothing; its lines stay lines."""
    return squeezed((SOURCES / f"{name}.js").read_bytes())


def squeezed(code: bytes) -> bytes:
    """Without comments, indentation and signs or spaces that mean nothing."""
    tight = TOKEN.sub(lambda found: found["sign"] or found[0].strip(b"\n"), COMMENT.sub(b"", code))
    return IDLE.sub(lambda found: SHORT.get(found["idle"], b"") if found["idle"] else found[0], tight)
