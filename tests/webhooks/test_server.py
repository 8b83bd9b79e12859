"""The door behind the server it runs on: what only shows on a socket."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from companion import bootstrap, config, serve, stores
from tests.webhooks.shop import envelope, order, sign
from tests.world import free_port, wait_for

SHOP_ID, SECRET = "3gnV137pFAuEqLj6", "s" * 64
LIMIT = 100_000
DEAD = "http://127.0.0.1:9"
"""Nobody listens there."""

Ask = Callable[[bytes], int]


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    """The service as `companion serve` starts it, its Klaviyo and its shop both down: bytes in, status out."""
    environ = {
        "COMPANION_DATA_DIR": str(tmp_path_factory.mktemp("served")),
        "COMPANION_SECRET_KEY": "the secret key of a service that ends with its test",
        "COMPANION_PUBLIC_URL": DEAD,
        "COMPANION_PORT": str(free_port()),
        "COMPANION_KLAVIYO_URL": DEAD,
        "COMPANION_WEBHOOK_MAX_BYTES": str(LIMIT),
        "COMPANION_LOG_LEVEL": "ERROR",
    }
    _connect(environ)
    address = ("127.0.0.1", int(environ["COMPANION_PORT"]))
    process = subprocess.Popen((sys.executable, "-m", "companion", "serve"), env={**os.environ, **environ})
    try:
        wait_for(lambda: _answers(address))
        yield lambda request: _status(address, request)
    finally:
        process.terminate()
        process.wait(40)


def _connect(environ: dict[str, str]) -> None:
    services = bootstrap.build(config.load(environ))
    serve.upgrade(services.settings)
    with services.database.write() as session:
        credentials = {"secret": SECRET, "client_id": "SWIATESTS", "client_secret": "client-secret"}
        store = stores.add(
            session,
            services.vault,
            platform="shopware",
            shop_id=SHOP_ID,
            shop_url=DEAD,
            now=services.now(),
            credentials=credentials,
        )
        store.klaviyo_key = services.vault.seal("pk_good")
    services.database.dispose()


def _answers(address: tuple[str, int]) -> bool:
    with suppress(OSError), socket.create_connection(address, timeout=1):
        return True
    return False


def _status(address: tuple[str, int], request: bytes) -> int:
    with socket.create_connection(address, timeout=20) as connection:
        with suppress(ConnectionError):  # the server may answer, and hang up, before it has read everything
            connection.sendall(request)
        return int(connection.recv(65536).split(b" ", 2)[1])


def webhook(event_id: str, padding: int = 0) -> bytes:
    body = envelope(SHOP_ID, "checkout.order.placed", order(1), event_id, time.time())
    return body[:-1] + b" " * (padding - len(body)) + b"}"


def posted(body: bytes, *headers: str) -> bytes:
    lines = ("POST /shopware/webhook HTTP/1.1", "Host: a", f"shopware-shop-signature: {sign(body, SECRET)}", *headers)
    return "\r\n".join((*lines, "Connection: close", "", "")).encode()


def whole(body: bytes) -> bytes:
    return posted(body, f"Content-Length: {len(body)}") + body


def chunked(body: bytes, size: int = 4096) -> bytes:
    pieces = (body[start : start + size] for start in range(0, len(body), size))
    sent = b"".join(f"{len(piece):x}\r\n".encode() + piece + b"\r\n" for piece in pieces)
    return posted(body, "Transfer-Encoding: chunked") + sent + b"0\r\n\r\n"


def test_a_webhook_is_taken_while_klaviyo_and_the_shop_are_down_within_the_time_a_shop_waits(ask: Ask) -> None:
    for number in range(20):
        began = time.monotonic()
        assert ask(whole(webhook(f"down-{number}"))) == 202
        assert time.monotonic() - began < 5


def test_a_body_that_comes_in_pieces_without_a_length_is_the_same_webhook(ask: Ask) -> None:
    assert ask(chunked(webhook("pieces"))) == 202
    assert ask(chunked(webhook("at the limit", LIMIT))) == 202


def test_a_body_over_the_limit_is_refused_with_and_without_a_length(ask: Ask) -> None:
    body = webhook("too large", LIMIT + 1)
    assert ask(whole(body)) == 413
    assert ask(chunked(body)) == 413


def test_a_declared_length_over_the_limit_is_refused_before_anything_is_read(ask: Ask) -> None:
    assert ask(posted(b"", f"Content-Length: {10**12}")) == 413
