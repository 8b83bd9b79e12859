"""The Admin API as an app sees it: tokens, search, the version, and opting a newsletter recipient out.

Only `Accept: application/json` is spoken; a shop answers anything else with JSON:API, which this one does not have.
Source: Shopware, Admin API; requests and answers observed on 6.6.7.1.
"""

from typing import Any, NoReturn

import msgspec
from flask import Blueprint, Response, request

from companion.simulator.shop.apps.app import App
from companion.simulator.shop.apps.handshake import VERSION
from companion.simulator.shop.marks import SYSTEM_LANGUAGE
from companion.simulator.shop.protocol import php_json
from companion.simulator.shop.records import criteria as criterias
from companion.simulator.shop.records import refusals
from companion.simulator.shop.records.aggregations import aggregated
from companion.simulator.shop.records.criteria import Criteria
from companion.simulator.shop.records.encoder import Encoder
from companion.simulator.shop.records.entities import ENTITIES
from companion.simulator.shop.records.reader import Reader
from companion.simulator.shop.records.refusals import Refused
from companion.simulator.shop.trade import newsletter
from companion.simulator.shop.web import oauth
from companion.simulator.shop.web.door import Door, add_routes

ALLOWED_HEADERS = (
    "Content-Type,Authorization,sw-context-token,sw-access-key,sw-language-id,sw-version-id,sw-inheritance,"
    "indexing-behavior,sw-include-seo-urls"
)


def blueprint(door: Door) -> Blueprint:
    api = Blueprint("admin_api", __name__, url_prefix="/api")
    api.before_request(lambda: door.faults.strike(request.path))
    api.register_error_handler(Refused, lambda error: _answer(error.body, error.status))
    add_routes(api, door, ROUTES, _answer)
    return api


def token(door: Door) -> Any:
    is_json = request.get_data().lstrip().startswith(b"{")
    given = _payload() if is_json else request.form
    if given.get("grant_type") != "client_credentials":
        raise refusals.unreadable("The authorization grant type is not supported by the authorization server.")
    issued = oauth.issue(door.shop, str(given.get("client_id")), str(given.get("client_secret")))
    return {"token_type": "Bearer", "expires_in": oauth.LIFETIME_S, "access_token": issued}


def version(door: Door) -> Any:
    _app(door)
    return {"version": VERSION}


def health_check(_door: Door) -> Response:
    return Response(status=200)


def search(door: Door, name: str) -> Any:
    criteria, reader = _criteria(door, name), _reader(door)
    found = reader.search(criteria)
    encoder = Encoder(door.shop.url, reader.language, includes=criteria.includes)
    return {
        "total": found.total,
        "data": [encoder.root(record) for record in found.records],
        "aggregations": aggregated(door.shop.database, criteria),
    }


def search_ids(door: Door, name: str) -> Any:
    total, ids = _reader(door).search_ids(_criteria(door, name))
    return {"total": total, "data": ids}


def patch_recipient(door: Door, recipient_id: str) -> Response:
    _require(_app(door), ["newsletter_recipient:update"])
    try:
        newsletter.edit(door.shop, recipient_id, _payload())
    except newsletter.InvalidRecipient as error:
        raise refusals.unreadable(str(error)) from None
    except LookupError:
        raise refusals.no_record("newsletter_recipient", recipient_id) from None
    return Response(status=204)


def no_route(_door: Door, rest: str) -> NoReturn:
    raise refusals.no_route(request.method, f"{request.host_url}api/{rest}")


def _app(door: Door) -> App:
    return oauth.bearer(door.shop, request.headers.get("Authorization", ""))


def _criteria(door: Door, name: str) -> Criteria:
    """What is asked for, by somebody who may. Raises Refused."""
    app = _app(door)
    entity = ENTITIES.get(name.replace("-", "_"))
    if entity is None:
        raise refusals.no_route(request.method, request.base_url)
    if "application/json" not in request.headers.get("Accept", ""):
        raise refusals.unreadable("Send Accept: application/json; the demo shop does not speak JSON:API.")
    criteria = criterias.read(entity, _payload())
    _require(app, [f"{one}:read" for one in criteria.entities() if one])
    return criteria


def _require(app: App, needed: list[str]) -> None:
    missing = list(dict.fromkeys(one for one in needed if one not in app.permissions))
    if missing:
        raise refusals.missing_privileges(missing)


def _reader(door: Door) -> Reader:
    language = request.headers.get("sw-language-id", SYSTEM_LANGUAGE)
    if door.shop.database.find("language", language) is None:
        raise refusals.unreadable(f'The language "{language}" was not found.')
    return Reader(door.shop.database, language, request.headers.get("sw-inheritance") in ("1", "true"))


def _payload() -> dict[str, Any]:
    try:
        return msgspec.json.decode(request.get_data() or b"{}", type=dict[str, Any])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise refusals.unreadable("The JSON payload is malformed.") from None


def _answer(value: Any, status: int = 200) -> Response:
    if isinstance(value, Response):
        return value
    response = Response(php_json.encode(value), status, content_type="application/json")
    response.headers["Access-Control-Allow-Headers"] = ALLOWED_HEADERS
    response.headers["Cache-Control"] = "no-cache, private"
    if "sw-language-id" in request.headers:
        response.headers["sw-language-id"] = request.headers["sw-language-id"]
    return response


ROUTES = (
    ("POST", "/oauth/token", token),
    ("GET", "/_info/version", version),
    ("GET", "/_info/health-check", health_check),
    ("POST", "/search/<name>", search),
    ("POST", "/search-ids/<name>", search_ids),
    ("PATCH", "/newsletter-recipient/<recipient_id>", patch_recipient),
    ("GET POST PATCH PUT DELETE", "/<path:rest>", no_route),
)
