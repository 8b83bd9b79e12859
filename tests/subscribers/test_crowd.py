"""Two thousand people with suppressions, removals and changes on both sides, and a service that dies in the middle."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from companion.simulator.klaviyo import demo
from tests.subscribers.crowd import Crowd, Row, planned
from tests.subscribers.world import CHANNEL, Killed, World

COUNT = 2_000


@dataclass
class Inside:
    """Both sides of a world in this process."""

    world: World

    def put(self, rows: Sequence[Row]) -> None:
        self.world.shop.recipients |= {row["id"]: {"salesChannelId": CHANNEL, **row} for row in rows}

    def delete(self, id_: str) -> None:
        del self.world.shop.recipients[id_]

    def sow(self, profiles: Sequence[Row]) -> None:
        seed = msgspec.convert({"profiles": profiles}, demo.Seed)
        demo.sow(self.world.account, seed, self.world.clock().timestamp())

    def act(self, email: str, act: str, *, of_list: bool) -> None:
        self.world.in_klaviyo(email, act, of_list=of_list)


def dying(world: World, number: int) -> Counter[str]:
    """A run whose process is killed after so many calls to Klaviyo, and taken over; return all its calls."""
    left = iter(range(number, -1, -1))

    def strike(_call: str) -> None:
        if next(left, 1) == 0:
            raise Killed

    def run() -> None:
        world.wire.after = strike
        with pytest.raises(Killed):
            world.sync()
        world.wire.after = lambda _: None
        world.clock.advance(world.services.settings.lease_s + 1)
        assert world.go().state == "finished"

    return world.calls_of(run)


def lifted(world: World) -> int:
    return world.account.audience.opt_outs_lifted


def plan(world: World) -> dict[str, Any]:
    assert world.run.plan is not None
    return dict(world.run.plan["lists"][0])


def test_everybody_is_where_they_belong_after_either_run_and_a_third_writes_nothing(world: World) -> None:
    other = world.account.audience.add_list("Outlet", "single_opt_in", 0)
    world.change(removal_limit=100)
    crowd = Crowd(COUNT, world.clock() - timedelta(days=900), {"ours": world.list_id, "other": other.id})
    sides = Inside(world)
    crowd.begin(sides)
    dying(world, 12)
    assert world.members == crowd.members(0)
    assert lifted(world) == crowd.lifted(0)
    assert planned(plan(world))["remove not_on_platform"] == COUNT // 100
    world.clock.advance(3600)
    crowd.go_on(sides, lambda: world.clock.advance(10))
    world.clock.advance(60)
    dying(world, 20)
    assert world.members == crowd.members(1)
    assert lifted(world) == crowd.lifted(1)
    robins = [one for one in world.account.audience.profiles if one.details.get("first_name") == "Robin"]
    assert len(robins) == crowd.of("is renamed")
    world.clock.advance(3600)
    calls = world.calls_of(world.sync)
    assert not any("-jobs" in call or call.startswith("DELETE") for call in calls)
    assert planned(plan(world)).keys() == {key for key in planned(plan(world)) if key.startswith("excluded")}
