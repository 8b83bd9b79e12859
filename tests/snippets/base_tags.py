"""Neto's B@SE tags, as far as our blocks use them: values, escape, if, breadcrumb and asset_url.

Source: Neto's designer guide, B@SE tag library; its open theme Skeletal.
"""

import html
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

VALUE: Final = re.compile(r"\[@([\w:]+)@\]")
CONDITION: Final = re.compile(r"\[%if \[@([\w:]+)@\](?: (eq|ne) '([^']*)')?%\](.*?)\[%else%\](.*?)\[%/if%\]", re.DOTALL)
BREADCRUMB: Final = re.compile(r"\[%breadcrumb%\]\[%param \*body%\](.*?)\[%/param%\]\[%/breadcrumb%\]")
ASSET: Final = re.compile(r"\[%asset_url type:'product' id:'\[@sku@\]' thumb:'full'/%\]")
ESCAPE: Final = re.compile(r"\[%escape%\](.*?)\[%/escape%\]", re.DOTALL)


def rendered(block: str, words: Mapping[str, str], categories: Sequence[str] = ()) -> str:
    """The block as Neto would print it; a tag without a value prints nothing."""

    def chosen(found: re.Match[str]) -> str:
        name, sign, wanted, then, otherwise = found.groups()
        value = words.get(name, "")
        met = bool(value) if sign is None else (value == wanted) == (sign == "eq")
        return then if met else otherwise

    def repeated(found: re.Match[str]) -> str:
        return "".join(_filled(found[1], {"name": name}) for name in categories)

    block = CONDITION.sub(chosen, block)
    block = BREADCRUMB.sub(repeated, block)
    return _filled(ASSET.sub(f"/assets/full/{words.get('sku', '')}.jpg", block), words)


def _filled(block: str, words: Mapping[str, Any]) -> str:
    def escaped(found: re.Match[str]) -> str:
        return html.escape(VALUE.sub(value, found[1]))

    def value(found: re.Match[str]) -> str:
        return str(words.get(found[1], ""))

    return VALUE.sub(value, ESCAPE.sub(escaped, block))
