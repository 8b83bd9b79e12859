"""For whoever watches the service: alive, ready, and the figures of `status` as Prometheus text.

Public on purpose and therefore without names, addresses or reasons; the figures need the metrics token.
"""

import hmac
from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response, jsonify, request
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from companion import migrations, status
from companion.bootstrap import Services


def blueprint(services: Services) -> Blueprint:
    """The health routes of these services."""
    door = Blueprint("health", __name__)

    @door.get("/healthz")
    def alive() -> Response:
        return jsonify(status="alive")

    @door.get("/readyz")
    def ready() -> tuple[Response, int]:
        trouble = _trouble(services)
        return jsonify(status=trouble or "ready"), 503 if trouble else 200

    @door.get("/metrics")
    def metrics() -> Response:
        token = services.settings.metrics_token
        claimed = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if not token or not hmac.compare_digest(claimed.encode(), token.encode()):
            return Response("set COMPANION_METRICS_TOKEN and send it as bearer token\n", 401)
        lines = "\n".join(_lines(status.status(services)["stores"]))
        return Response(lines + "\n", mimetype="text/plain; version=0.0.4")

    return door


def _trouble(services: Services) -> str:
    try:
        with services.database.read() as session:
            session.execute(text("SELECT 1"))
        return "" if migrations.is_current(services.database.engine) else "migrations pending"
    except SQLAlchemyError:
        return "no database"


def _lines(stores: dict[str, Any]) -> Iterator[str]:
    for key, store in stores.items():
        label = f'{{store="{key}"}}'
        yield f"companion_paused{label} {int(store['paused'] is not None)}"
        for table in ("inbox", "outbox"):
            for name, count in store[table].items():
                yield f'companion_{table}{{store="{key}",state="{name}"}} {count}'
        yield f"companion_oldest_due_seconds{label} {store['oldest_due_s'] or 0}"
        yield f"companion_lag_p95_seconds{label} {store['lag_p95_s'] or 0}"
