"""A history of 100,000 orders against Klaviyo's quota, what live orders notice of it, and how fast it is without one.

The shop is one that costs next to nothing, Klaviyo the simulator with its windows: what is measured is the service, and
both beside it on the same two cores. `COMPANION_BENCH_ORDERS` makes it smaller.
"""

import os
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
from sqlalchemy import select

from companion import outbox, status
from companion.models import Outbox, Store
from tests.bench.figures import Figure
from tests.bench.outflow import QUOTA, SHARE, peak_mb
from tests.build import order_id
from tests.world import GUNICORN, World, free_port, wait_for

ORDERS = int(os.environ.get("COMPANION_BENCH_ORDERS", "100000"))
LIFTED = ORDERS // 5
PAUSE_S = 1.0
"""Between two live orders, five events each."""


def figures() -> Iterator[Figure]:
    with _world(ORDERS, {"KLAVIYO_SIM_LATENCY": "realistic"}) as world, _shoppers(world):
        walked = _walked(world, ORDERS)
        rate = walked.events / walked.seconds
        yield Figure(
            f"history of {ORDERS:,} orders",
            f"{rate:,.0f} events/s = {rate / QUOTA:.0%}, {walked.seconds:.0f} s",
            f">= 90% of {QUOTA:,}/s",
            rate >= 0.9 * QUOTA,
        )
        waits = _live_lags(world)
        p95 = statistics.quantiles(waits, n=20)[-1]
        yield Figure(
            "live events meanwhile, webhook to accepted",
            f"p50 {statistics.median(waits):.2f} s, p95 {p95:.2f} s ({len(waits):,})",
            "p95 <= 2 s",
            p95 <= 2,
        )
        peak = peak_mb(world)
        yield Figure(
            "peak memory of a process with such a history",
            f"{peak:.0f} MB, {walked.early_mb:.0f} MB after a fifth",
            "<= 200 MB, and no more than 10% above a fifth's",
            peak <= min(200, 1.1 * walked.early_mb),
        )
    with _world(LIFTED, {"KLAVIYO_SIM_UNLIMITED": "yes"}) as world:
        walked = _walked(world, LIFTED)
        per_second = walked.events / walked.seconds
        measured = f"{LIFTED / walked.seconds:,.0f} orders/s = {per_second:,.0f} events/s"
        yield Figure("history with the quota lifted", measured, "")


@dataclass(frozen=True, slots=True)
class Walked:
    """A history from its yes to its last event accepted; the peak memory when a fifth was read."""

    seconds: float
    events: int
    early_mb: float


@contextmanager
def _world(orders: int, klaviyo: dict[str, str]) -> Iterator[World]:
    """A world whose shop is a lean one with so many orders."""
    service = {
        "COMPANION_KLAVIYO_SHARE": SHARE,
        "COMPANION_LEASE_S": "90",
        "COMPANION_SWEEP_MINUTES": "0",
        "COMPANION_SHOP_CALLS_PER_MINUTE": "100000",
    }
    klaviyo = {"KLAVIYO_SIM_KEEP": "ledger", **klaviyo}
    with tempfile.TemporaryDirectory() as folder, World(Path(folder), klaviyo=klaviyo, service=service) as world:
        world.processes.pop("shop").kill()
        port = free_port()
        command = (*GUNICORN, "--bind", f"127.0.0.1:{port}", "tests.bench.lean_shop:create_app()")
        world._start("lean shop", command, {"LEAN_SHOP_ORDERS": str(orders)})
        world._answers(port)
        with world.services.database.write() as session:
            session.query(Store).one().shop_url = f"http://127.0.0.1:{port}"
        yield world


def _walked(world: World, orders: int) -> Walked:
    """Plan it, say yes, and wait for its end."""
    world.command("run", "start", "history", world.store_key, "--ask")
    wait_for(lambda: _newest(world)["state"] == "held")
    began = time.monotonic()
    world.command("run", "resume", str(_newest(world)["id"]))
    wait_for(lambda: _newest(world)["done"] >= orders / 5, 3600, every=0.5)
    early_mb = peak_mb(world)
    wait_for(lambda: _newest(world)["state"] == "finished" and not _status(world)["outbox"]["due"], 3600, every=0.5)
    seconds, run = time.monotonic() - began, _newest(world)
    assert (run["done"], run["failed"]) == (orders, 0), run
    assert world.klaviyo("GET", "/stats")["throttled"] == 0, "the service ran into Klaviyo's windows"
    return Walked(seconds, run["told"], early_mb)


def _newest(world: World) -> dict[str, Any]:
    found: dict[str, Any] = _status(world)["runs"][0]
    return found


def _status(world: World) -> dict[str, Any]:
    """As the command tells it, without a process for every look."""
    found: dict[str, Any] = status.status(world.services)["stores"][world.store_key]
    return found


@contextmanager
def _shoppers(world: World) -> Iterator[None]:
    """Live orders at a calm pace all the while, each told by its webhook."""
    enough = threading.Event()

    def shop() -> None:
        with requests.Session() as session:
            while not enough.wait(PAUSE_S):
                body, headers = world.webhook("checkout.order.placed", order_id(int(time.time() * 1000)))
                answer = session.post(f"{world.url}/shopware/webhook", data=body, headers=headers, timeout=30)
                assert answer.status_code == 202, answer.text

    busy = threading.Thread(target=shop)
    busy.start()
    try:
        yield
    finally:
        enough.set()
        busy.join()


def _live_lags(world: World) -> list[float]:
    """Seconds from webhook to acceptance of every live event."""
    live = select(Outbox.signalled_at, Outbox.settled_at).where(
        Outbox.priority == outbox.LIVE, Outbox.state == "delivered"
    )
    with world.services.database.read() as session:
        return [(row.settled_at - row.signalled_at).total_seconds() for row in session.execute(live)]
