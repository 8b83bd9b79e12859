"""The control API under `/_shop/`: everything a test wants from a shop, in JSON. No protocol of Shopware's.

Bodies and answers are objects; what goes wrong is `{"error": "..."}` with a fitting status.
"""

from typing import Any

import msgspec
import orjson
from flask import Blueprint, Response

from companion.simulator.shop.web import control_app, control_newsletter, control_orders, control_switches
from companion.simulator.shop.web.door import Door, add_routes
from companion.simulator.shop.web.troubles import TROUBLES, sentence, status_of


def blueprint(door: Door) -> Blueprint:
    control = Blueprint("control", __name__, url_prefix="/_shop")
    for part in (control_orders, control_switches, control_app, control_newsletter):
        add_routes(control, door, part.ROUTES, _answer)
    for kind in TROUBLES:
        control.register_error_handler(kind, _trouble)
    return control


def _answer(value: Any) -> Response:
    if isinstance(value, Response):
        return value
    return Response(orjson.dumps(msgspec.to_builtins(value)), mimetype="application/json")


def _trouble(error: Exception) -> tuple[Response, int]:
    return _answer({"error": sentence(error)}), status_of(error)
