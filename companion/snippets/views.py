"""Serves the storefront's script and the two parts that few pages ask for.

Public and the same for every visitor: it holds no secret and nothing of anybody, so shared caches may keep it for
minutes. What a merchant switches off is off after KEPT_S at the latest.
"""

from contextlib import suppress
from functools import lru_cache
from typing import Any, Final

from flask import Blueprint, Response, abort, request
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from zopfli import gzip

from companion import origins, stores
from companion.bootstrap import Services
from companion.forms import seen_today, sightings, slots_for
from companion.models import Store
from companion.pages_door import furnish
from companion.snippets import bundle, pasted
from companion.store_settings import Onsite, onsite

KEPT_S: Final = 120
HEADERS: Final = {
    "Access-Control-Allow-Origin": "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": f"public, max-age={KEPT_S}, stale-if-error=86400",
    "Vary": "Accept-Encoding",
}


def blueprint(services: Services) -> Blueprint:
    """The snippets' door of these services."""
    door = Blueprint("snippets", __name__)
    furnish(door)

    @door.get("/snippets/v1/<key>/companion.js")
    def script(key: str) -> Response:
        channel = request.args.get("channel", "")[:64]
        with services.database.read() as session:
            store = stores.by_key_or_shop(session, key)
            chosen = onsite(store.settings, channel, store.platform)
            settings = _settings(services, session, store, channel, chosen)
        page = request.args.get("page", "")
        if settings:
            _note(services, store, channel, page if page in pasted.PAGES else "")
        return _served(bundle.script(settings, chosen.consent, page))

    @door.get("/snippets/v1/<key>/<name>.js")
    def part(key: str, name: str) -> Response:
        if name not in bundle.ON_DEMAND:
            abort(404)
        return _served(bundle.part(bundle.ON_DEMAND[name]))

    return door


def _settings(services: Services, session: Session, store: Store, channel: str, chosen: Onsite) -> dict[str, Any]:
    """What the script is told; what is off or empty is left out. Empty for a store that has nothing to tell."""
    key = store.klaviyo_account if store.state == "active" else ""
    if not key:
        return {}
    forms, now = slots_for(session, store, channel), services.now()
    settings = {
        "script": f"{services.settings.klaviyo_onsite_url}/onsite/js/{key}/klaviyo.js",
        "url": f"{services.settings.public_url.rstrip('/')}/snippets/v1/{store.key}",
        "channel": channel,
        "platform": store.platform,
        "consent": chosen.consent_name,
        "identified": chosen.identified,
        "untracked": chosen.untracked_forms,
        "forms": forms,
        "seen": sorted(seen_today(session, store.id, channel, now)) if forms else [],
        "blocks": sightings.unseen(session, store.id, channel, pasted.signs(store.platform), now),
    }
    return {name: value for name, value in settings.items() if value} | {"track": chosen.metrics}


def _note(services: Services, store: Store, channel: str, page: str) -> None:
    """Keep, once a day, that a kind of page asks for the script; its answer never waits for trouble with that."""
    shop = origins.origin(request.headers.get("Referer", ""))
    if shop not in origins.of(store):
        return
    place, now = (store.id, sightings.SCRIPT, channel, page), services.now()
    with suppress(SQLAlchemyError):
        with services.database.read() as session:
            if not sightings.is_news(session, *place, now):
                return
        with services.database.write() as session:
            sightings.note(session, *place, shop.partition("://")[2], now)


def _served(body: bytes) -> Response:
    found = Response(body, mimetype="text/javascript", headers=HEADERS)
    if request.accept_encodings["gzip"]:
        found.data = gzipped(body)
        found.content_encoding = "gzip"
    found.add_etag()
    return found.make_conditional(request)  # type: ignore[return-value]  # werkzeug's own class, the same object


@lru_cache(maxsize=512)
def gzipped(body: bytes) -> bytes:
    """As it goes to a browser. Smaller than others make it, for a hundredth of a second once a script."""
    return bytes(gzip.compress(body))
