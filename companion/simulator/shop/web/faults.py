"""What can be made to go wrong with the Admin API: a status, a page instead of JSON, silence, a broken connection.

Switches of a test; they do not outlive the process.
"""

import socket
import struct
import threading
import time
from typing import Any, Literal

import msgspec
from flask import Response, request

Kind = Literal["status", "html", "hang", "reset"]
MAINTENANCE = b"<!DOCTYPE html><title>Maintenance</title><h1>The shop is being maintained. Back soon.</h1>"


class Fault(msgspec.Struct, forbid_unknown_fields=True):
    """One fault. It ends after `times` requests or `for_s` seconds, whichever is given; else it stays.

    `status` is answered by `status` (with Shopware's error JSON) and `html`; `hang` waits `seconds` and then answers as
    usual. Only paths that begin with `path` are hit.
    """

    kind: Kind
    status: int = 503
    seconds: float = 30.0
    times: int | None = None
    for_s: float | None = None
    path: str = "/api/"


class Faults:
    """The faults in force, in the order they were asked for. Safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._active: list[tuple[Fault, float]] = []

    def add(self, fault: Fault) -> None:
        with self._lock:
            self._active.append((fault, time.monotonic()))

    def clear(self) -> None:
        with self._lock:
            self._active.clear()

    def listed(self) -> list[dict[str, Any]]:
        with self._lock:
            self._expire()
            return [msgspec.to_builtins(fault) for fault, _ in self._active]

    def strike(self, path: str) -> Response | None:
        """The answer of the first fault that hits a path; None lets the request through."""
        fault = self._taken(path)
        if fault is None:
            return None
        if fault.kind == "hang":
            time.sleep(fault.seconds)
            return None
        if fault.kind == "reset":
            _break_connection()
        if fault.kind == "status":
            error = {"status": str(fault.status), "code": "0", "title": "Fault", "detail": "A fault of the demo shop."}
            return Response(msgspec.json.encode({"errors": [error]}), fault.status, mimetype="application/json")
        return Response(MAINTENANCE, fault.status, mimetype="text/html")

    def _taken(self, path: str) -> Fault | None:
        with self._lock:
            self._expire()
            fault = next((fault for fault, _ in self._active if path.startswith(fault.path)), None)
            if fault is not None and fault.times is not None:
                fault.times -= 1
            return fault

    def _expire(self) -> None:
        now = time.monotonic()
        self._active = [
            (fault, since)
            for fault, since in self._active
            if (fault.times is None or fault.times > 0) and (fault.for_s is None or now - since < fault.for_s)
        ]


def _break_connection() -> None:
    """Drop the client's connection without an answer, as a dying server does."""
    for name in ("gunicorn.socket", "werkzeug.socket"):
        connection = request.environ.get(name)
        if isinstance(connection, socket.socket):
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.shutdown(socket.SHUT_RDWR)
