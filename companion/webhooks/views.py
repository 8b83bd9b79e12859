"""The routes a shop calls. HTTP only: what is true and what is kept is decided in `intake` and `registration`.

A rejection says field, message and fix: whoever reads it in the shop's log shall know what to do.
"""

import logging
from collections.abc import Callable
from typing import Final

from flask import Blueprint, Response, jsonify, request
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import RequestEntityTooLarge

from companion.bootstrap import Services
from companion.errors import (
    ConfigurationError,
    InvalidSignature,
    MalformedWebhook,
    StaleWebhook,
    UnknownStore,
    WebhookRejected,
)
from companion.platforms.base import Delivery
from companion.platforms.shopware import handshake
from companion.webhooks import intake, registration

log = logging.getLogger(__name__)

FIXES: Final[dict[type[WebhookRejected], str]] = {
    MalformedWebhook: "Send what the platform's documentation describes, as UTF-8.",
    InvalidSignature: "Connect the shop again (its app: uninstall and install it), so that both sides hold one secret.",
    StaleWebhook: "Set the clock of the shop's server right.",
    UnknownStore: "Install the app in the shop, or add the store.",
}
BUSY: Final = "5"


def blueprint(services: Services) -> Blueprint:
    """The webhook door of these services."""
    door = Blueprint("webhooks", __name__)
    limit = services.settings.webhook_max_bytes
    for platform in services.platforms.values():
        receive = _receiver(intake.Door(services, platform), platform.accepted, limit)
        door.add_url_rule(platform.route, f"receive_{platform.name}", receive, methods=["POST"])

    @door.before_request
    def limit_body() -> None:
        """A declared length is refused unread. A chunked body is cut: one byte more than the limit shows where."""
        request.max_content_length = limit + 1

    _add_handshake(door, services, limit)

    @door.errorhandler(WebhookRejected)
    def rejected(error: WebhookRejected) -> Response:
        field, _, message = str(error).partition(": ")
        log.warning("webhook rejected", extra={"path": str(request.url_rule), "status": error.status, "field": field})
        return _refusal(error.status, field, message, FIXES[type(error)])

    @door.errorhandler(RequestEntityTooLarge)
    def too_large(_error: RequestEntityTooLarge) -> Response:
        return _refusal(413, "body", f"is larger than {limit} bytes", "Raise COMPANION_WEBHOOK_MAX_BYTES.")

    @door.errorhandler(SQLAlchemyError)
    @door.errorhandler(ConfigurationError)
    def unable(error: SQLAlchemyError | ConfigurationError) -> Response:
        """Trouble of ours: the shop is told to come again, and a queue that tries again loses nothing."""
        log.error("webhook not stored", extra={"path": str(request.url_rule), "cause": type(error).__name__})
        reply = _refusal(503, "", "this cannot be stored now", "Send it again later.")
        reply.headers["Retry-After"] = BUSY
        return reply

    return door


def _add_handshake(door: Blueprint, services: Services, limit: int) -> None:
    """Where a Shopware shop registers and confirms."""

    @door.get("/shopware/register")
    def register() -> Response:
        answer = registration.register(
            services,
            request.query_string,
            request.headers.get(handshake.APP_SIGNATURE, ""),
            request.headers.get(handshake.SHOP_SIGNATURE, ""),
        )
        confirmation_url = services.settings.public_url.rstrip("/") + "/shopware/confirm"
        return jsonify(proof=answer.proof, secret=answer.secret, confirmation_url=confirmation_url)

    @door.post("/shopware/confirm")
    def confirm() -> Response:
        registration.confirm(
            services,
            _body(limit),
            request.headers.get(handshake.SHOP_SIGNATURE, ""),
            request.headers.get(handshake.PREVIOUS_SIGNATURE, ""),
        )
        return Response(status=204)


def _receiver(door: intake.Door, accepted: int, limit: int) -> Callable[..., Response]:
    """The view of a platform's webhooks, whose answer is what its shops expect."""

    def receive(**path: str) -> Response:
        headers = {name.lower(): value for name, value in request.headers}
        door.accept(Delivery(headers, _body(limit), path))
        return Response(status=accepted)

    return receive


def _body(limit: int) -> bytes:
    """The raw body of this request. Raises RequestEntityTooLarge."""
    body = request.get_data(cache=False)
    if len(body) > limit:
        raise RequestEntityTooLarge
    return body


def _refusal(status: int, field: str, message: str, fix: str) -> Response:
    """A registering shop shows `error` to the merchant and wants a sentence; the others get the parts."""
    if request.endpoint == "webhooks.register":
        body = jsonify(error=f"{field}: {message}. {fix}")
    else:
        body = jsonify(error={"field": field, "message": message, "fix": fix})
    body.status_code = status
    return body
