"""Once a day, at the hour on the merchant's wall: through both changes of the clocks, and after a missed night."""

from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from companion import key_checks, runs, stores
from companion.simulator.klaviyo import DEFAULT_KEY
from companion.sync import hours, schedule
from tests.subscribers.world import World, at

BERLIN = {"time_zone": "Europe/Berlin"}


@pytest.mark.parametrize(
    ("hour", "now", "last", "next_"),
    [
        (3, "2026-01-10T12:00", "2026-01-10T02:00", "2026-01-11T02:00"),
        (3, "2026-07-10T00:59", "2026-07-09T01:00", "2026-07-10T01:00"),
        (3, "2026-07-10T01:00", "2026-07-10T01:00", "2026-07-11T01:00"),
        (2, "2026-03-29T12:00", "2026-03-29T01:00", "2026-03-30T00:00"),  # that hour does not exist this day
        (2, "2026-03-29T00:59", "2026-03-28T01:00", "2026-03-29T01:00"),
        (2, "2026-10-25T00:30", "2026-10-25T00:00", "2026-10-26T01:00"),  # and happens twice this day
        (2, "2026-10-25T01:30", "2026-10-25T00:00", "2026-10-26T01:00"),
        (0, "2026-12-31T22:59", "2026-12-30T23:00", "2026-12-31T23:00"),
    ],
)
def test_the_hour_is_the_one_on_the_wall(hour: int, now: str, last: str, next_: str) -> None:
    settings = {"sync_hour": hour, **BERLIN}
    assert hours.last_due(settings, at(now)) == at(last)
    assert hours.next_due(settings, at(now)) == at(next_)


@pytest.mark.parametrize("hour", range(24))
@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "UTC"])
def test_every_day_of_a_year_has_its_hour_once(zone: str, hour: int) -> None:
    settings = {"sync_hour": hour, "time_zone": zone}
    moment, seen = at("2026-01-01T00:00"), set[datetime]()
    while moment < at("2027-01-01T00:00"):
        seen.add(hours.last_due(settings, moment))
        moment += timedelta(minutes=97)
    ordered = sorted(seen)
    gaps = [(later - earlier) / timedelta(hours=1) for earlier, later in pairwise(ordered)]
    assert set(gaps) <= {23.0, 23.5, 24.0, 24.5, 25.0}
    assert 365 <= len(ordered) <= 367


def requested(world: World) -> int:
    schedule.request_due(world.services)
    with world.services.database.read() as session:
        return len(runs.listed(session, world.store.id, "subscribers"))


def test_a_run_is_requested_when_the_hour_comes_and_once(world: World) -> None:
    world.recipient("anna@shop-customer.net")
    assert requested(world) == 0
    world.clock.time = at("2026-03-15T01:59:59")
    assert requested(world) == 0
    world.clock.time = at("2026-03-15T02:00")
    assert requested(world) == 1
    world.go()
    world.clock.advance(3600)
    assert requested(world) == 1
    world.clock.time = at("2026-03-16T02:00:05")
    assert requested(world) == 2


def test_missed_nights_are_made_up_for_by_one_run(world: World) -> None:
    world.clock.time = at("2026-03-20T15:00")
    assert requested(world) == 1
    world.go()
    assert requested(world) == 1


def test_a_run_by_hand_after_the_hour_is_enough_for_the_day(world: World) -> None:
    world.clock.time = at("2026-03-15T01:30")
    world.sync()
    world.clock.time = at("2026-03-15T02:30")
    assert requested(world) == 2
    world.go()
    world.clock.time = at("2026-03-16T02:30")
    world.sync()
    assert requested(world) == 3


@pytest.mark.parametrize("why", ["no list", "switched off", "uninstalled", "no key"])
def test_a_store_that_cannot_be_synchronised_is_not(world: World, why: str) -> None:
    with world.services.database.write() as session:
        store = stores.by_key(session, world.store.key)
        if why == "no list":
            store.settings = {}
        if why == "switched off":
            stores.change_settings(store, {"subscribers": False})
        store.state = "removed" if why == "uninstalled" else store.state
        store.klaviyo_key = None if why == "no key" else store.klaviyo_key
    world.clock.time = at("2026-03-20T15:00")
    assert requested(world) == 0


def test_a_stores_day_is_by_the_accounts_time_zone_until_another_is_chosen(world: World) -> None:
    def connected() -> str:
        key_checks.check_now(world.services, world.store.key, "somebody", DEFAULT_KEY)
        world.change()
        return str(world.store.settings["time_zone"])

    with world.services.database.write() as session:
        stores.by_key(session, world.store.key).settings = {}
    world.account.timezone = "America/New_York"
    assert connected() == "America/New_York"
    world.change(time_zone="Europe/Vienna")
    assert connected() == "Europe/Vienna"
