"""Walk B, end to end and as processes: "Schedule Synchronization", with all that can happen on the way."""

import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from companion import runs, status
from companion.models import Run
from companion.sync import advance, history
from tests.world import Told, World, wait_for

ORDERS = 3000
KILLED_AT = (0.1, 0.3, 0.5)
PAUSED_AT = 0.7
FINAL = {"completed": "Fulfilled Order", "cancelled": "Cancelled Order", "refunded": "Refunded Order"}


@pytest.fixture(params=["sqlite", "postgres"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    url = "" if request.param == "sqlite" else request.getfixturevalue("empty_postgres")
    service = {
        "COMPANION_SHOP_CALLS_PER_MINUTE": "100000",
        "COMPANION_SWEEP_MINUTES": "0.1",
        "COMPANION_SHOP_PAGE": "50",
    }
    with World(tmp_path, database_url=url, service=service) as world:
        yield world


def newest(world: World, kind: str = "history") -> Run:
    with world.services.database.read() as session:
        return runs.listed(session, kind=kind)[0]


def start(world: World) -> int:
    return advance.start(
        world.services, world.store_key, "history", history.options(orders_per_minute=30_000), "a test"
    ).id


def wait_for_done(world: World, share: float) -> None:
    wait_for(lambda: newest(world).done >= share * ORDERS, 60)


def everything_arrived(world: World) -> bool:
    return world.settled() and world.stored() == world.expected() | imported(world)


def imported(world: World) -> Counter[Told]:
    """What is told of the states that orders were imported in: those left no trace in the state history."""
    told: Counter[Told] = Counter()
    for order in world.shop("GET", "/ledger")["orders"]:
        states = (order["states"]["order"], order["states"]["order_transaction"])
        for state in states if order["imported"] else ():
            if state in FINAL:
                told[FINAL[state], order["id"], order["email"], float(order["total"])] += 1
    return told


@pytest.mark.slow
def test_a_history_killed_paused_and_overtaken_by_new_orders_equals_the_shops_books(world: World) -> None:
    world.shop("POST", "/history", orders=ORDERS, years=3)
    placed = threading.Event()

    def shoppers() -> None:
        while not placed.wait(0.3):
            world.place(1)

    busy = threading.Thread(target=shoppers)
    busy.start()
    number = start(world)
    for share in KILLED_AT:
        wait_for_done(world, share)
        world.kill_service()
        world.start_service()
    wait_for_done(world, PAUSED_AT)
    with world.services.database.write() as session:
        runs.pause(session, number)
    stopped_at = newest(world).done
    time.sleep(1)
    assert newest(world).done == stopped_at < ORDERS
    with world.services.database.write() as session:
        runs.resume(session, number, world.services.now())
    wait_for(lambda: newest(world).state == "finished", 120)
    placed.set()
    busy.join()
    first = newest(world)
    assert (first.done, first.failed) == (first.total, 0)
    assert first.plan is not None
    assert abs(first.plan["events"] - first.told) < 0.2 * first.told
    wait_for(lambda: everything_arrived(world), 120, every=1)

    command = (sys.executable, "-m", "companion", "run", "start", "history", world.store_key, "--wait")
    done = subprocess.run(command, env=world._environ(world.environ), capture_output=True, text=True, timeout=120)
    assert f"finished {newest(world).total} of {newest(world).total}, 0 new, 0 failed" in done.stdout, done.stderr
    assert everything_arrived(world)


def test_orders_whose_webhooks_were_lost_arrive_by_the_sweep_and_the_silence_shows(world: World) -> None:
    world.shop("POST", "/settings", lose_webhooks=True)
    world.place(5)
    wait_for(lambda: everything_arrived(world), 60, every=1)
    assert newest(world, "changes").failed == 0
    assert status.status(world.services)["stores"][world.store_key]["paused"] is None
