"""Walk B, end to end and as processes: "Schedule Synchronization", with all that can happen on the way.

`COMPANION_TEST_ORDERS=20000` walks at full size, and on both databases. The service is killed and steered as an
operator would, from outside.
"""

import json
import os
import pty
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from tests.world import World, wait_for

SOME = 300
ORDERS = int(os.environ.get("COMPANION_TEST_ORDERS", SOME))
DATABASES = ("sqlite", "postgres") if ORDERS > SOME else ("sqlite",)
KILLED_AT = (0.05, 0.15, 0.25)
PAUSED_AT = 0.35
PATIENCE_S = 60 + ORDERS / 30


@pytest.fixture(params=["sqlite", "postgres"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    url = "" if request.param == "sqlite" else request.getfixturevalue("empty_postgres")
    service = {
        "COMPANION_SHOP_CALLS_PER_MINUTE": "100000",
        "COMPANION_SWEEP_MINUTES": "0.1",
        "COMPANION_SHOP_PAGE": "50",
        "COMPANION_LEASE_S": "2",
    }
    with World(tmp_path, database_url=url, klaviyo={"KLAVIYO_SIM_KEEP": "ledger"}, service=service) as world:
        yield world


class Terminal:
    """`companion run start history STORE --wait` at a terminal, so that it draws its bar; `shown` is all it drew."""

    def __init__(self, world: World, *words: str) -> None:
        self.shown = ""
        self._master, slave = pty.openpty()
        command = (sys.executable, "-m", "companion", "run", "start", "history", world.store_key, "--wait", *words)
        self._process = subprocess.Popen(
            command, env=world.environment(), stdout=slave, stderr=slave, start_new_session=True
        )
        world.processes["terminal"] = self._process
        os.close(slave)
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        with suppress(OSError):  # the other side was closed: all is read
            while part := os.read(self._master, 65536):
                self.shown += part.decode(errors="replace")

    def wait_for(self, share: float) -> None:
        """Wait until the bar has come so far."""

        def far_enough() -> bool:
            done = re.findall(rf"(\d+)/{ORDERS}", self.shown)
            return bool(done) and int(done[-1]) >= share * ORDERS

        wait_for(far_enough, PATIENCE_S)

    def ended(self) -> int:
        """Wait for its end; its exit code."""
        code = self._process.wait(PATIENCE_S)
        self._reader.join()
        os.close(self._master)
        return code


@contextmanager
def shoppers(world: World) -> Iterator[None]:
    """Orders come in all the while."""
    enough = threading.Event()

    def shop() -> None:
        while not enough.wait(0.3):
            world.place(1)

    busy = threading.Thread(target=shop)
    busy.start()
    try:
        yield
    finally:
        enough.set()
        busy.join()


def newest(world: World) -> dict[str, Any]:
    """The newest history, as the command line shows it."""
    number = world.command("run", "list", "--kind", "history").split()[0]
    found: dict[str, Any] = json.JSONDecoder().raw_decode(world.command("run", "show", number))[0]
    return found


def everything_arrived(world: World) -> bool:
    return world.settled() and world.stored() == world.expected()


@pytest.mark.slow
@pytest.mark.parametrize("world", DATABASES, indirect=True)
def test_a_history_killed_paused_and_overtaken_by_new_orders_equals_the_shops_books(world: World) -> None:
    world.shop("POST", "/history", orders=ORDERS, years=3)
    with shoppers(world):
        asked = Terminal(world, "--ask", "--orders-per-minute", str(ORDERS))
        assert asked.ended() == 1, "it waits for a yes"
        plan = newest(world)["plan"]
        assert (plan["orders"], f"orders         {ORDERS}" in asked.shown) == (ORDERS, True)
        number = str(newest(world)["id"])
        world.command("run", "resume", number)

        bar = Terminal(world)
        for share in KILLED_AT:
            bar.wait_for(share)
            world.kill_service()
            world.start_service()
        bar.wait_for(PAUSED_AT)
        world.command("run", "pause", number)
        assert bar.ended() == 1, "it stands still"
        world.command("run", "throttle", number, str(ORDERS * 2))
        stopped_at = newest(world)["done"]
        time.sleep(1)
        assert newest(world)["done"] == stopped_at < ORDERS
        world.command("run", "resume", number)
        bar = Terminal(world)
        assert bar.ended() == 0
        assert re.search(rf"\[#+\]\s+{ORDERS}/{ORDERS}", bar.shown), bar.shown[-500:]
    first = newest(world)
    assert (str(first["id"]), first["state"], first["done"], first["failed"]) == (number, "finished", ORDERS, 0)
    assert abs(plan["events"] - first["told"]) < 0.2 * first["told"]
    wait_for(lambda: everything_arrived(world), PATIENCE_S, every=1)

    again = Terminal(world)
    assert again.ended() == 0
    assert re.search(r"finished (\d+) of \1, 0 new, 0 failed", again.shown), again.shown[-500:]
    assert everything_arrived(world)


def test_orders_whose_webhooks_were_lost_arrive_by_the_sweep_and_the_silence_shows(world: World) -> None:
    world.shop("POST", "/settings", lose_webhooks=True)
    world.place(5)
    wait_for(lambda: everything_arrived(world), 60, every=1)
    status = world.status()
    assert status["paused"] is None
    assert all(run["failed"] == 0 for run in status["runs"])
