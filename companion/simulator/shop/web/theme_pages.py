"""The demo pages of `storefront_snippets/demo`: a theme of its own on this shop, which knows no platform.

They are sent as they lie there, with the store's script in place of the example's.
"""

import mimetypes
from importlib import resources
from typing import Final

from flask import Response, abort

from companion.simulator.shop.web.door import Door

PAGES: Final = resources.files("storefront_snippets") / "demo"
EXAMPLE: Final = "https://companion.shop.example/snippets/v1/STORE/companion.js"


def show_theme(door: Door, name: str) -> Response:
    known = {page.name: page for page in PAGES.iterdir()}
    if name not in known:
        abort(404)
    text = known[name].read_text(encoding="utf-8").replace(EXAMPLE, door.shop.config.snippet)
    return Response(text, mimetype=mimetypes.guess_type(name)[0])


ROUTES: Final = (("GET", "/theme/<name>", show_theme),)
