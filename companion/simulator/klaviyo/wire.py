"""Cut connections: under gunicorn and under werkzeug's server, with a reset or in the middle of an answer."""

import errno
import socket
import struct
from collections.abc import Iterable
from typing import Any, Final

from flask import Response

CUT: Final = "simulator.cut"
SOCKETS: Final = ("gunicorn.socket", "werkzeug.socket")
RESET_AT_ONCE: Final = struct.pack("ii", 1, 0)  # SO_LINGER on, zero seconds: close sends RST


def reset(environ: dict[str, Any]) -> Response:
    """Mark this request: its connection will be reset without an answer."""
    environ[CUT] = b""
    return Response(status=204)


def truncated(environ: dict[str, Any], response: Response) -> Response:
    """Mark this request: the head and half of what it promises will be sent, and then nothing."""
    body = response.get_data()
    promised = max(len(body), 20)
    head = [f"HTTP/1.1 {response.status}"]
    head += [f"{name}: {value}" for name, value in response.headers if name.lower() != "content-length"]
    head += [f"Content-Length: {promised}", "Connection: close", "", ""]
    environ[CUT] = "\r\n".join(head).encode("latin-1") + body[: promised // 2]
    return response


class Wire:
    """WSGI middleware that carries the marks out."""

    def __init__(self, app: Any) -> None:
        self._app = app

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer, or raise ConnectionResetError, upon which both servers close without a word."""
        answer: Iterable[bytes] = self._app(environ, start_response)
        if CUT not in environ:
            return answer
        if hasattr(answer, "close"):
            answer.close()
        _cut(environ, environ[CUT])
        raise ConnectionResetError(errno.ECONNRESET, "cut by a switched fault")


def _cut(environ: dict[str, Any], last_words: bytes) -> None:
    connection = next((environ[name] for name in SOCKETS if name in environ), None)
    if connection is None:
        return
    if last_words:
        connection.sendall(last_words)
        connection.shutdown(socket.SHUT_WR)
    else:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_AT_ONCE)
    connection.shutdown(socket.SHUT_RD)  # werkzeug's server would wait here for the next request
    connection.close()
