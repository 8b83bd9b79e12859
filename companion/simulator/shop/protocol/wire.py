"""One HTTP request as a shop's PHP sends it: these headers, in this order, nothing added and nothing re-encoded.

A general client would add headers of its own and percent-encode the query that was signed as it stands.
"""

import http.client
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

USER_AGENT = "GuzzleHttp/7"
MAX_BODY = 1_000_000


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back. `status` 0 means no answer, `error` then says why; `ms` is how long the shop waited."""

    status: int
    body: bytes
    ms: int
    error: str = ""

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300


def send(method: str, url: str, headers: Mapping[str, str], body: bytes = b"", timeout_s: float = 5.0) -> Reply:
    """Send and wait for the whole answer, `timeout_s` in all. Never raises: an accident is a Reply with status 0."""
    started = time.monotonic()
    connection = _connection(url, timeout_s)
    try:
        _request(connection, method, url, headers, body)
        if connection.sock is not None:
            connection.sock.settimeout(max(0.05, timeout_s - (time.monotonic() - started)))
        response = connection.getresponse()
        return Reply(response.status, response.read(MAX_BODY), _ms(started))
    except TimeoutError:
        return Reply(0, b"", _ms(started), f"no answer within {timeout_s:g} s")
    except (OSError, http.client.HTTPException) as error:
        return Reply(0, b"", _ms(started), str(error) or type(error).__name__)
    finally:
        connection.close()


def _connection(url: str, timeout_s: float) -> http.client.HTTPConnection:
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    return kind(parts.hostname or "", parts.port, timeout=timeout_s)


def _request(
    connection: http.client.HTTPConnection, method: str, url: str, headers: Mapping[str, str], body: bytes
) -> None:
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
    for name, value in {"Host": parts.netloc, "User-Agent": USER_AGENT, **headers}.items():
        connection.putheader(name, value)
    if method != "GET":
        connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body or None)


def _ms(started: float) -> int:
    return round((time.monotonic() - started) * 1000)
