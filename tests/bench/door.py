"""Webhooks accepted durably, against a bare Flask view on the same server; and how long the shopper waits."""

import secrets
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from tests.bench import load
from tests.bench.figures import Figure
from tests.world import GUNICORN, World, free_port, wait_for

COUNT = 6000
PACE = 500


def figures() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as folder, World(Path(folder)) as world:
        world.shop("POST", "/faults", kind="status", status=503)  # the door alone is measured
        bare_port = free_port()
        command = (*GUNICORN, "--keep-alive", "75", "--bind", f"127.0.0.1:{bare_port}", "tests.bench.bare:create_app()")
        bare = subprocess.Popen(command)
        try:
            wait_for(lambda: _listens(bare_port))
            yield from _compared(world, bare_port)
        finally:
            bare.kill()
        yield _waits(world)


def _compared(world: World, bare_port: int) -> Iterator[Figure]:
    """Alternating, so that both see the same machine."""
    ours, theirs = [], []
    for _ in range(3):
        theirs.append(load.closed(bare_port, _requests(world, bare_port, COUNT // 3)).per_second)
        result = load.closed(world.port, _requests(world, world.port, COUNT // 3))
        assert not result.refused, f"{result.refused} webhooks were refused"
        ours.append(result.per_second)
    ratio = sorted(ours)[1] / sorted(theirs)[1]
    yield Figure(
        "webhooks accepted durably",
        f"{sorted(ours)[1]:,.0f}/s = {ratio:.0%} of a bare view",
        f">= 50% of {sorted(theirs)[1]:,.0f}/s",
        ratio >= 0.5,
    )


def _waits(world: World) -> Figure:
    result = load.paced(world.port, _requests(world, world.port, PACE * 12), PACE)
    p99 = result.percentile(0.99) * 1000
    measured = f"p50 {result.median * 1000:.1f} ms, p99 {p99:.1f} ms"
    return Figure(f"acknowledgement at {PACE}/s", measured, "p99 <= 20 ms", p99 <= 20)


def _requests(world: World, port: int, count: int) -> list[bytes]:
    made = []
    for _ in range(count):
        body, headers = world.webhook("checkout.order.placed", secrets.token_hex(16))
        made.append(load.request("/shopware/webhook", port, body, headers))
    return made


def _listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False
