"""Whatever breaks on the way: in the end nothing is lost, nothing doubled, and the poison buried with its reason.

The service runs as a process and is killed with SIGKILL; Klaviyo and the shop misbehave as their simulators can.
"""

import os
import random
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from companion import outbox
from companion.outbox import OutboxRow
from tests.build import event, row
from tests.world import World, wait_for

SEED = 20260314
FULL = (50, 2000)
SHORT = FULL if os.environ.get("COMPANION_TEST_FULL") else (10, 400)
"""Kills and orders; on the second database fewer, unless all of them are asked for."""


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path) as world:
        yield world


@pytest.fixture(params=["sqlite", "postgres"])
def either(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[World, int, int]]:
    """A world on each database, how often it is killed, and during how many orders."""
    on_file = request.param == "sqlite"
    url = "" if on_file else request.getfixturevalue("empty_postgres")
    with World(tmp_path, database_url=url) as world:
        yield world, *(FULL if on_file else SHORT)


def orders_without_webhooks(world: World, count: int) -> list[str]:
    """Orders of which the shop itself says nothing: the test sends their webhooks."""
    world.shop("POST", "/settings", lose_webhooks=True)
    return world.place(count)


def assert_all_arrived_once(world: World, within_s: float = 240) -> None:
    wait_for(world.settled, within_s, every=0.5)
    assert world.stored() == world.expected()


def send_all(world: World, orders: list[str], seed: int = SEED) -> None:
    """Each order's webhook at least once, some twice or thrice, in no order."""
    chance = random.Random(seed)
    wanted = [(order, f"event-{order}") for order in orders]
    wanted += chance.choices(wanted, k=len(wanted) // 4)
    chance.shuffle(wanted)
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda one: world.send("checkout.order.placed", *one), wanted))


@pytest.mark.slow
def test_a_service_killed_again_and_again_during_thousands_of_orders_loses_and_doubles_nothing(
    either: tuple[World, int, int],
) -> None:
    world, kills, count = either
    orders = orders_without_webhooks(world, count)
    chance = random.Random(SEED)
    sender = threading.Thread(target=send_all, args=(world, orders))
    sender.start()
    for _ in range(kills):
        time.sleep(chance.uniform(0.0, 0.6))
        world.kill_service()
        world.start_service()
    sender.join()
    assert_all_arrived_once(world)


def test_storms_of_429_of_500_of_resets_and_of_html_are_weathered(world: World) -> None:
    for fault in (
        {"kind": "throttle", "probability": 0.15, "retry_after": 1},
        {"kind": "status", "status": 500, "probability": 0.1},
        {"kind": "html", "status": 502, "probability": 0.1},
        {"kind": "reset", "when": "after", "probability": 0.1},
        {"kind": "reset", "when": "before", "probability": 0.1},
        {"kind": "truncate", "probability": 0.05},
    ):
        world.klaviyo("POST", "/faults", **fault, duration_s=25)
    orders = orders_without_webhooks(world, 300)
    send_all(world, orders)
    assert_all_arrived_once(world)
    assert world.status()["outbox"]["buried"] == 0


def test_a_reset_after_klaviyo_accepted_doubles_nothing(world: World) -> None:
    world.klaviyo("POST", "/faults", kind="reset", when="after", count=6)
    send_all(world, orders_without_webhooks(world, 40))
    assert_all_arrived_once(world)
    assert world.klaviyo("GET", "/stats")["duplicates"] > 0, "the resends were dropped by their unique_id"


def test_calls_that_hang_hold_nobody_else_up(tmp_path: Path) -> None:
    with World(tmp_path, service={"COMPANION_KLAVIYO_TIMEOUT_S": "2"}) as world:
        world.klaviyo("POST", "/faults", kind="hang", seconds=30, count=3)
        send_all(world, orders_without_webhooks(world, 60))
        assert_all_arrived_once(world)


def test_a_poisoned_message_in_a_batch_of_a_thousand_is_buried_with_its_reason(world: World) -> None:
    poison = row(event(617))
    broken = poison.profile.replace(b"kim617@shop-customer.net", b"kim617 at nowhere")
    rows = [row(event(number)) for number in range(1000)]
    rows[617] = OutboxRow(poison.metric, poison.unique_id, poison.label, poison.priority, broken, poison.event)
    with world.services.database.write() as session:
        outbox.add(session, 1, rows, world.services.now(), world.services.now())
    wait_for(world.settled, 120, every=0.5)
    assert sum(world.stored().values()) == 999
    with world.services.database.read() as session:
        (buried,) = outbox.listed(session, 1, "buried")
        assert buried.unique_id == "order-617"
        assert "400" in (buried.reason or "")


def test_a_shop_that_is_down_delays_and_loses_nothing(world: World) -> None:
    orders = orders_without_webhooks(world, 50)
    world.shop("POST", "/faults", kind="html", status=503, for_s=12)
    send_all(world, orders)
    time.sleep(3)
    assert world.stored().total() == 0
    assert world.status()["inbox"]["due"] == 50
    assert_all_arrived_once(world)


def test_webhooks_are_taken_while_both_klaviyo_and_the_shop_are_down(world: World) -> None:
    orders = orders_without_webhooks(world, 30)
    world.shop("POST", "/faults", kind="reset", for_s=6)
    world.klaviyo("POST", "/faults", kind="status", status=503, duration_s=8)
    send_all(world, orders)
    assert world.status()["inbox"]["due"] + world.status()["outbox"]["due"] > 0
    assert_all_arrived_once(world)


def test_a_revoked_key_pauses_and_a_new_one_resumes(world: World) -> None:
    orders = orders_without_webhooks(world, 20)
    world.klaviyo("POST", "/faults", kind="status", status=401, count=1)
    send_all(world, orders)
    wait_for(lambda: world.status()["paused"])
    assert "API key" in world.status()["paused"]
    world.connect()
    assert_all_arrived_once(world)
