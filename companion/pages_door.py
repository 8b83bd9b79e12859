"""What the doors for a shop's pages share: who may ask, how often, and how it is answered.

Pages are anonymous, so they are bounded by the store's own origins, by size and by the minute. The limit protects the
service, not a right: counts live in this process's memory, and a restart forgets them.
"""

import threading
from datetime import datetime, timedelta
from typing import Final

from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import RequestEntityTooLarge

from companion import origins, stores
from companion.bootstrap import Services
from companion.errors import CompanionError
from companion.models import Store
from companion.stores import NoSuchStore

LARGEST: Final = 16_000
A_MINUTE: Final = 600
"""Calls that all pages of a store together may make in a minute."""

MINUTE: Final = timedelta(minutes=1)


class OtherSite(CompanionError):
    """The page that asks belongs to no domain of the store."""


class TooMany(CompanionError):
    """More calls than a shop's visitors make."""


class Gate:
    """Lets the pages of a store in, A_MINUTE times a minute."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._turn = threading.Lock()
        self._began: datetime | None = None
        self._counts: dict[str, int] = {}

    def store(self, key: str) -> Store:
        """The store whose page asks; a request without an origin comes from no page of anybody else.

        Raises NoSuchStore, OtherSite, TooMany.
        """
        with self._services.database.read() as session:
            store = stores.by_key(session, key)
        if "Origin" in request.headers and request.headers["Origin"] not in origins.of(store):
            raise OtherSite
        if not self._counted(store.key):
            raise TooMany
        return store

    def _counted(self, key: str) -> bool:
        now = self._services.now()
        with self._turn:
            if self._began is None or not timedelta() <= now - self._began < MINUTE:
                self._began, self._counts = now, {}
            self._counts[key] = self._counts.get(key, 0) + 1
            return self._counts[key] <= A_MINUTE


def shared(store: Store, response: Response) -> Response:
    """An answer that the store's pages may read and nobody may keep."""
    response.headers.update(origins.sharing(store, request.headers.get("Origin", "")))
    response.headers["Cache-Control"] = "no-store"
    return response


def refusal(status: int, field: str, message: str) -> Response:
    """`{"error": {"field", "message"}}`"""
    body = jsonify(error={"field": field, "message": message})
    body.status_code = status
    body.headers["Cache-Control"] = "no-store"
    return body


def furnish(door: Blueprint) -> None:
    """Limit what a door reads, and let it refuse in JSON."""

    @door.before_request
    def limit_body() -> None:
        request.max_content_length = LARGEST

    @door.errorhandler(NoSuchStore)
    def no_store(_error: NoSuchStore) -> Response:
        return refusal(404, "store", "is not known here")

    @door.errorhandler(OtherSite)
    def other_site(_error: OtherSite) -> Response:
        return refusal(403, "Origin", "is no domain of this store; they are entered in the admin, under Forms")

    @door.errorhandler(TooMany)
    def too_many(_error: TooMany) -> Response:
        return refusal(429, "", f"more than {A_MINUTE} calls a minute")

    @door.errorhandler(RequestEntityTooLarge)
    def too_large(_error: RequestEntityTooLarge) -> Response:
        return refusal(413, "body", f"is larger than {LARGEST} bytes")
