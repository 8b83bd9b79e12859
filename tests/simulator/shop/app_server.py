"""A small app server that goes through the handshake and writes down, byte by byte, what a shop sends it."""

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

APP_SECRET = "the app's own secret"
APP_NAME = "DemoApp"


def sign(message: bytes, secret: str) -> str:
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()


@dataclass(frozen=True)
class Received:
    """One request."""

    method: str
    path: str
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str:
        return dict(self.headers)[name]

    @property
    def event(self) -> str:
        return str(self.json["data"]["event"])

    @property
    def payload(self) -> Any:
        return self.json["data"]["payload"]

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class AppServer:
    """`answers` decides the status of a webhook; `secrets` are those it handed out, the newest last."""

    received: list[Received] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)
    answers: Callable[[Received], int] = lambda _: 202
    slow_s: float = 0.0
    false_proof: bool = False

    def __enter__(self) -> Self:
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_port}"

    @property
    def webhooks(self) -> list[Received]:
        return [one for one in self.received if one.path == "/webhook"]

    @property
    def events(self) -> list[str]:
        return [one.event for one in self.webhooks]

    def forget(self) -> None:
        self.received.clear()

    def wait_for(self, count: int, within_s: float = 10.0) -> list[Received]:
        """The webhooks, as soon as there are so many."""
        deadline = time.monotonic() + within_s
        while len(self.webhooks) < count and time.monotonic() < deadline:
            time.sleep(0.01)
        return self.webhooks

    def register(self, query: str) -> dict[str, str]:
        given = {name: values[0] for name, values in parse_qs(query).items()}
        self.secrets.append(f"secret number {len(self.secrets)} ".ljust(64, "x"))
        message = f"{given['shop-id']}{given['shop-url']}{APP_NAME}".encode()
        return {
            "proof": sign(message, "something else" if self.false_proof else APP_SECRET),
            "secret": self.secrets[-1],
            "confirmation_url": f"{self.url}/confirm",
        }


def manifest(server: AppServer, *events: str, version: str = "1.0.0", reads: tuple[str, ...] = ("order",)) -> bytes:
    """A manifest that subscribes to events; `order.written` only of the live version."""
    hooks = "".join(
        f'<webhook name="hook{number}" url="{server.url}/webhook" event="{event}"'
        f"{' onlyLiveVersion=' + chr(34) + 'true' + chr(34) if event == 'order.written' else ''}/>"
        for number, event in enumerate(events)
    )
    permissions = "".join(f"<read>{entity}</read>" for entity in reads)
    return f"""<manifest><meta><name>{APP_NAME}</name><version>{version}</version></meta>
        <setup><registrationUrl>{server.url}/register</registrationUrl><secret>{APP_SECRET}</secret></setup>
        <permissions>{permissions}</permissions><webhooks>{hooks}</webhooks></manifest>""".encode()


def _handler(server: AppServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._keep(b"")
            self._answer(200, json.dumps(server.register(urlsplit(self.path).query)).encode())

        def do_POST(self) -> None:
            received = self._keep(self.rfile.read(int(self.headers["Content-Length"])))
            time.sleep(server.slow_s)
            self._answer(server.answers(received) if received.path == "/webhook" else 204, b"")

        def _keep(self, body: bytes) -> Received:
            received = Received(self.command, self.path, list(self.headers.items()), body)
            server.received.append(received)
            return received

        def _answer(self, status: int, body: bytes) -> None:
            with suppress(BrokenPipeError, ConnectionResetError):  # a shop that has waited long enough is gone
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Keep the tests' output quiet."""

    return Handler
