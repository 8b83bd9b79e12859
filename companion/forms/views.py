"""The standalone page of a form, for places that allow a frame and no script, and the ear for what pages see alive.

The page knows no visitor: it sets no cookie, and its policy keeps Klaviyo's tracking out while the form works.
"""

from typing import Final

import msgspec
from flask import Blueprint, Response, render_template, request

from companion import origins, stores
from companion.bootstrap import Services
from companion.forms import account, names, sightings
from companion.models import Store
from companion.pages_door import Gate, furnish, refusal, shared
from companion.snippets import pasted

HOSTS: Final = (
    "https://static-forms.klaviyo.com",
    "https://fast.a.klaviyo.com",
    "https://a.klaviyo.com",
    "https://telemetrics.klaviyo.com",
)
"""Klaviyo's hosts for forms, beside the one its script comes from; the one for tracking is left out.

Source: the list that Klaviyo's own extension for Magento hands to the shop's policy.
"""

PICTURES: Final = "https://d3k81ch9hvuctc.cloudfront.net"
KEPT_S: Final = 300


class _Seen(msgspec.Struct, frozen=True):
    slot: str = ""
    block: str = ""
    channel: str = ""
    language: str = ""


def blueprint(services: Services) -> Blueprint:
    """The forms' doors of these services."""
    door = Blueprint("forms", __name__, template_folder="templates")
    gate = Gate(services)
    furnish(door)

    @door.get("/forms/<key>/<form_id>")
    def page(key: str, form_id: str) -> Response:
        with services.database.read() as session:
            store = stores.by_key(session, key)
            form = account.find(session, store.id, form_id) if names.FORM_ID.fullmatch(form_id) else None
        if form is None or not account.is_embeddable(form) or not store.klaviyo_account:
            return refusal(404, "form", "is no live embedded form of this store")
        script = f"{services.settings.klaviyo_onsite_url}/onsite/js/{store.klaviyo_account}/klaviyo.js"
        found = Response(render_template("forms/page.html", form=form, script=script))
        found.headers.update(_headers(store, services.settings.klaviyo_onsite_url))
        return found

    @door.route("/snippets/v1/<key>/seen", methods=["POST", "OPTIONS"])
    def seen(key: str) -> Response:
        store = gate.store(key)
        if request.method == "POST":
            try:
                _note(services, store, msgspec.json.decode(request.get_data(cache=False), type=_Seen))
            except (names.InvalidName, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
                return shared(store, refusal(400, "body", 'is not {"slot" or "block", "channel", "language"}'))
        return shared(store, Response(status=204))

    return door


def _note(services: Services, store: Store, seen: _Seen) -> None:
    """Keep a sighting once a day; of blocks, those that the platform has. Raises names.InvalidName."""
    is_block = seen.block in pasted.signs(store.platform)
    what = sightings.place(seen.block) if is_block else names.slot(seen.slot)
    place = (what, names.channel(seen.channel), names.language(seen.language))
    now = services.now()
    with services.database.read() as session:
        if not sightings.is_news(session, store.id, *place, now):
            return
    host = request.headers.get("Origin", "").partition("://")[2]
    with services.database.write() as session:
        sightings.note(session, store.id, *place, host, now)


def _headers(store: Store, onsite_url: str) -> dict[str, str]:
    script_host = origins.origin(onsite_url)
    hosts, framing = " ".join((script_host, *HOSTS)), " ".join(sorted(origins.of(store)))
    policy = (
        f"default-src 'none'; script-src {hosts}; connect-src {hosts}; img-src {hosts} {PICTURES} data:; "
        f"style-src 'unsafe-inline' {script_host}; font-src {script_host}; form-action 'none'; base-uri 'none'; "
        f"frame-ancestors {framing}"
    )
    return {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "strict-origin-when-cross-origin",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
        "Cache-Control": f"public, max-age={KEPT_S}",
    }
