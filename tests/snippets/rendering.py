"""The app's Twig as far as it is also Jinja: rendered for pages that a real shop has sent, with the shop's own words.

The templates keep to what both languages share; that they are Twig, a Twig parser says.
"""

import json
from typing import Any, Final

from jinja2 import ChainableUndefined, DictLoader, Environment

PATHS: Final = {
    "frontend.checkout.cart.json": "/checkout/cart.json",
    "frontend.home.page": "/",
    "frontend.script_endpoint": "/storefront/script/companion-visitor",
}


def rendered(template: str, block: str, **words: Any) -> str:
    """What a template's block adds to its parent's."""
    head, _, body = template.partition("{% sw_extends")
    source = head + body.partition("%}")[2]
    environment = Environment(
        loader=DictLoader({"page": source.replace("{{ parent() }}", "")}),
        undefined=ChainableUndefined,
        autoescape=True,
        extensions=["jinja2.ext.do"],
    )
    environment.filters |= {
        "json_encode": _json,
        "raw": environment.filters["safe"],
        "url_encode": environment.filters["urlencode"],
        "merge": lambda one, other: {**one, **other},
        "default": lambda value, other: value or other,
    }
    environment.globals["path"] = lambda route, _parts=None: PATHS[route]
    environment.globals["seoUrl"] = lambda _route, parts: f"/detail/{parts['productId']}"
    page = environment.get_template("page")
    return "".join(page.blocks[block](page.new_context(words)))


def _json(value: Any, flags: int) -> str:
    """PHP's, with JSON_HEX_TAG and JSON_UNESCAPED_SLASHES."""
    assert flags == 65
    return json.dumps(value).replace("<", "\\u003C").replace(">", "\\u003E")
