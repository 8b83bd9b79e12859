"""A run that is killed, throttled, cut off or delayed ends where an undisturbed one ends, and lifts nothing."""

import random
from collections.abc import Iterator
from pathlib import Path
from shutil import copyfile

import pytest
import requests

from companion import migrations
from companion.config import Settings
from companion.db import Database
from tests.conftest import SECRET
from tests.fakes import Clock, FakeShop
from tests.subscribers.world import Killed, World, build

GONE, LEFT, BACK = "gone@shop-customer.net", "left@shop-customer.net", "back@shop-customer.net"


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with the newest schema."""
    path = tmp_path_factory.mktemp("kills") / "empty.sqlite3"
    database = Database(f"sqlite:///{path}")
    migrations.upgrade(database.engine)
    database.dispose()
    return path


def make(empty: Path, tmp_path: Path, name: str, *, unlimited: bool = True, lag_s: float = 0.0) -> World:
    """A list with members to remove, to keep and to add, and people who opted out."""
    path = tmp_path / f"{name}.sqlite3"
    copyfile(empty, path)
    settings = Settings(database_url=f"sqlite:///{path}", data_dir=str(tmp_path), secret_key=SECRET)
    world = build(settings, Clock(), FakeShop(), unlimited=unlimited, lag_s=lag_s)
    world.change(removal_limit=100)
    rows = [world.recipient(f"kim{number}@shop-customer.net") for number in range(120)]
    left, back = world.recipient(LEFT), world.recipient(BACK)
    world.sync()
    world.clock.advance(3600)
    world.in_klaviyo(LEFT, "unsubscribe", of_list=True)
    world.in_klaviyo(BACK, "unsubscribe")
    world.clock.advance(3600)
    back["confirmedAt"] = world.clock().isoformat()
    for row in rows[:3]:
        row["status"] = "optOut"
    rows[5]["firstName"] = "Kimberly"
    world.recipient("new@shop-customer.net")
    world.in_klaviyo(GONE, "subscribe", of_list=True)
    world.in_klaviyo(GONE, "confirm", of_list=True)
    assert left["status"] == "optIn"
    return world


def check(world: World) -> None:
    kept = {f"kim{number}@shop-customer.net" for number in range(3, 120)}
    assert world.run.state == "finished"
    assert world.members == {*kept, "new@shop-customer.net", BACK}
    assert [one.reason for one in world.person(LEFT).consent.suppressions] == ["UNSUBSCRIBE"]
    assert not world.person(BACK).consent.suppressions
    assert world.account.audience.opt_outs_lifted == 1
    assert world.person("kim5@shop-customer.net").details["first_name"] == "Kimberly"


def finish(world: World) -> None:
    """Whoever comes after a dead process waits for its lease to end."""
    world.wire.before = world.wire.after = lambda _: None
    world.clock.advance(world.services.settings.lease_s + 1)
    world.go()


def all_calls(empty: Path, tmp_path: Path) -> int:
    world = make(empty, tmp_path, "whole")
    calls = world.calls_of(world.sync)
    check(world)
    return sum(calls.values())


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_run_that_is_killed_at_any_call_ends_as_if_it_had_not_been(empty: Path, tmp_path: Path, when: str) -> None:
    for number in range(all_calls(empty, tmp_path)):
        world = make(empty, tmp_path, f"{when}-{number}")
        countdown = iter(range(number, -1, -1))

        def strike(_call: str, countdown: Iterator[int] = countdown) -> None:
            if next(countdown, 1) == 0:
                raise Killed

        setattr(world.wire, when, strike)
        with pytest.raises(Killed):
            world.sync()
        finish(world)
        check(world)
        world.services.database.dispose()


def test_calls_that_are_cut_off_after_they_were_accepted_do_no_harm(empty: Path, tmp_path: Path) -> None:
    world = make(empty, tmp_path, "cut")
    chance = random.Random(7)

    def strike(_call: str) -> None:
        if chance.random() < 0.4:
            raise requests.ConnectionError

    world.wire.after = strike
    world.sync()
    check(world)


def test_klaviyos_windows_are_kept_and_never_overrun(empty: Path, tmp_path: Path) -> None:
    world = make(empty, tmp_path, "windows", unlimited=False)
    world.sync()
    check(world)
    assert 429 not in world.wire.statuses


def test_what_klaviyo_has_accepted_and_not_done_yet_is_not_asked_for_again(empty: Path, tmp_path: Path) -> None:
    world = make(empty, tmp_path, "slow", lag_s=300.0)
    world.sync()
    calls = world.calls_of(world.sync)
    assert calls["POST /api/profile-subscription-bulk-create-jobs"] == 0
    world.clock.advance(600)
    world.sync()
    check(world)
