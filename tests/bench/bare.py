"""The yardstick of the webhook door: a Flask view that reads the body and does nothing."""

from flask import Flask, Response, request


def create_app() -> Flask:
    app = Flask("bare")

    @app.post("/shopware/webhook")
    def receive() -> Response:
        request.get_data()
        return Response(status=202)

    return app


def create_klaviyo() -> Flask:
    """The yardstick of the pipeline: a Klaviyo that accepts everything unread."""
    app = Flask("accepting")

    @app.post("/api/<path:path>")
    def accept(path: str) -> Response:
        request.get_data()
        return Response(status=202)

    return app
