"""The pages of the demo shop. Plain forms that a small script makes livelier; nothing from other hosts.

A page changes the shop only for its own forms, not for those of other sites.
"""

from functools import partial
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from companion.simulator.shop.web import activity, cart_pages, goods_pages, order_pages, other_pages, theme_pages
from companion.simulator.shop.web.door import Door, add_routes
from companion.simulator.shop.web.policy import policy
from companion.simulator.shop.web.troubles import TROUBLES, sentence, status_of

ROUTES = (*order_pages.ROUTES, *goods_pages.ROUTES, *cart_pages.ROUTES, *other_pages.ROUTES, *theme_pages.ROUTES)


def blueprint(door: Door) -> Blueprint:
    pages = Blueprint("pages", __name__)
    add_routes(pages, door, ROUTES, lambda value: value)
    pages.before_request(_refuse_other_sites)
    pages.after_request(partial(_guarded, policy(door.shop.config)))
    pages.context_processor(lambda: {"shop": activity.state(door.shop), "snippet": door.shop.config.snippet})
    pages.context_processor(goods_pages.page_facts)
    for kind in TROUBLES:
        pages.register_error_handler(kind, _trouble)
    return pages


def _refuse_other_sites() -> None:
    if request.method == "POST" and request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        abort(403)


def _guarded(policy: str, response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", policy)
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _trouble(error: Exception) -> AnyResponse | tuple[Any, int]:
    """After a form: back to its page with the sentence. Else a page of its own."""
    if request.method == "POST" and request.referrer:
        flash(sentence(error), "trouble")
        return redirect(request.referrer)
    return render_template("trouble.html", sentence=sentence(error)), status_of(error)
