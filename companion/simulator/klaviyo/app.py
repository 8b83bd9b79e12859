"""The simulator as a Flask application: the API, the control API under /_sim, and the pages."""

from functools import partial
from typing import Any, Final

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from companion.simulator.klaviyo import control
from companion.simulator.klaviyo.api import VIEWS
from companion.simulator.klaviyo.config import Config
from companion.simulator.klaviyo.door import serve
from companion.simulator.klaviyo.errors import MEDIA_TYPE, Problem, Refusal
from companion.simulator.klaviyo.operations import OPERATIONS, Operation
from companion.simulator.klaviyo.web import onsite_pages, pages
from companion.simulator.klaviyo.wire import Wire
from companion.simulator.klaviyo.world import World

LARGEST_REQUEST: Final = 64 * 1024 * 1024
API_PATHS: Final = ("/api/", "/client/")
FOR_ALL_PAGES: Final = (*API_PATHS, "/onsite/")
CORS: Final = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "POST, OPTIONS",
    "Access-Control-Allow-Headers": "content-type, revision",
}


def create_app(config: Config | None = None) -> Flask:
    """A simulator of its own. Without a config, KLAVIYO_SIM_* decides. Raises ValueError naming a wrong setting."""
    world = World.create(config or Config.from_environ())
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_REQUEST
    app.url_map.strict_slashes = False
    app.extensions["klaviyo-simulator"] = world
    for operation in OPERATIONS:
        app.add_url_rule(
            operation.path,
            operation.name,
            partial(_answered, world, operation),
            methods=[operation.method],
            provide_automatic_options=False,
        )
    app.add_url_rule(
        "/client/<path:_path>", "preflight", _preflight, methods=["OPTIONS"], provide_automatic_options=False
    )
    app.register_blueprint(control.blueprint(world))
    app.register_blueprint(onsite_pages.blueprint(world))
    app.register_blueprint(pages.blueprint(world))
    app.register_error_handler(HTTPException, _unserved)
    app.before_request(_same_site_only)
    app.wsgi_app = Wire(app.wsgi_app)  # type: ignore[method-assign]
    return app


def _answered(world: World, operation: Operation, **args: Any) -> Response:
    response = serve(world, operation, VIEWS[operation.name], args)
    if operation.is_client:
        response.headers.update(CORS)
    return response


def _preflight(_path: str) -> Response:
    return Response(status=204, headers=CORS)


def _unserved(error: HTTPException) -> Response | HTTPException:
    """What Flask itself refuses, in the words of the API where it concerns the API."""
    if not request.path.startswith(API_PATHS):
        return error
    status = error.code or 500
    problem = Problem(str(error.description), "/data/", error.name.lower().replace(" ", "_"), f"{error.name}.")
    return Response(Refusal(status, [problem]).body(), status, content_type=MEDIA_TYPE)


def _same_site_only() -> Response | None:
    """A page of another site must not operate the switches of a simulator on this machine."""
    foreign = request.headers.get("Sec-Fetch-Site", "none") in {"cross-site", "same-site"}
    if foreign and request.method not in {"GET", "HEAD", "OPTIONS"} and not request.path.startswith(FOR_ALL_PAGES):
        return Response("refused: sent from another site\n", 403, content_type="text/plain")
    return None
