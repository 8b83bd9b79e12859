"""A hundred thousand recipients with suppressions, removals and changes on both sides: time, calls, memory, the end.

The quota is lifted, so that the service itself is measured; what its calls would take at the quota stands beside it.
The shop and Klaviyo are processes of their own, and share the machine with the service.
"""

import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import update

from companion import runs, stores
from companion.consent_models import Subscriber
from companion.klaviyo.audience import IMPORTS, PACES, PAGE, REMOVALS, SUBSCRIPTIONS
from companion.models import Run
from companion.simulator.klaviyo import DEFAULT_KEY
from companion.sync import advance, lists
from tests.bench.figures import Figure
from tests.bench.outflow import peak_mb
from tests.subscribers.crowd import Crowd, Row
from tests.world import World, wait_for

COUNT = 100_000
OURS, OTHER = "Crowd", "Outlet"
ENDPOINTS = {
    "get_list": "list",
    "get_profiles_for_list": "members",
    "get_profiles": "profiles",
    "bulk_subscribe_profiles": "subscribe",
    "remove_profiles_from_list": "remove",
    "bulk_import_profiles": "import",
    "get_bulk_import_profiles_job": "import-jobs",
}
WRITES = ("subscribe", "remove", "import")


@dataclass
class Outside:
    """Both sides as processes, by their control APIs."""

    world: World
    list_id: str

    def put(self, rows: Sequence[Row]) -> None:
        answer = self.world.http.put(f"{self.world.shop_url}/_shop/newsletter", json=list(rows), timeout=120)
        assert answer.ok, answer.text

    def delete(self, id_: str) -> None:
        self.world.shop("DELETE", f"/newsletter/{id_}")

    def sow(self, profiles: Sequence[Row]) -> None:
        self.world.klaviyo("POST", "/seed", profiles=list(profiles))

    def act(self, email: str, act: str, *, of_list: bool) -> None:
        self.world.klaviyo("POST", f"/profiles/{quote(email)}/{act}" + (f"?list={self.list_id}" if of_list else ""))

    def members(self) -> set[str]:
        """The list as Klaviyo has it, page by page."""
        audience, found, following = self.world.services.klaviyo.audience, set[str](), None
        while True:
            page = audience.members(DEFAULT_KEY, self.list_id, following=following)
            found |= {one.email for one in page.items}
            if (following := page.next) is None:
                return found


def figures() -> Iterator[Figure]:
    klaviyo = {"KLAVIYO_SIM_UNLIMITED": "yes", "KLAVIYO_SIM_KEEP": "ledger"}
    service = {"COMPANION_SHOP_CALLS_PER_MINUTE": "1000000", "COMPANION_SWEEP_MINUTES": "0"}
    with tempfile.TemporaryDirectory() as folder, World(Path(folder), klaviyo=klaviyo, service=service) as world:
        crowd, sides = _begin(world)
        for number in range(2):
            if number:
                crowd.go_on(sides, _afterwards)
                _an_hour_passes(world)
            run, seconds, calls = _run(world)
            yield from _told(f"run {number + 1}", run, seconds, calls)
            if not number:
                yield _reading(run, crowd, calls)
            yield _end(sides, crowd, number)
        _, seconds, calls = _run(world)
        writes = sum(calls[name] for name in WRITES)
        yield Figure("a third run, nothing changed", f"{seconds:.0f} s, {calls.total()} calls", "no write", not writes)
        peak = peak_mb(world)
        yield Figure(
            "peak memory of the service, its SQLite caches included", f"{peak:.0f} MB", "<= 250 MB", peak <= 250
        )


def _begin(world: World) -> tuple[Crowd, Outside]:
    ours = lists.choose(world.services, world.store_key, OURS, create=True)
    other = world.klaviyo("POST", "/seed", lists=[{"name": OTHER}])["lists"][0]
    with world.services.database.write() as session:
        stores.change_settings(stores.by_key(session, world.store_key), {"removal_limit": 100})
    for one in world.shop("GET", "/newsletter")["recipients"]:
        world.shop("DELETE", f"/newsletter/{one['id']}")
    crowd = Crowd(COUNT, datetime.now(UTC) - timedelta(days=900), {"ours": ours.id, "other": other})
    sides = Outside(world, ours.id)
    crowd.begin(sides)
    return crowd, sides


def _afterwards() -> datetime:
    """A later second than everything before."""
    time.sleep(2)
    return datetime.now(UTC)


def _an_hour_passes(world: World) -> None:
    """What the first run subscribed is no longer on its way, so that whoever was taken off since is seen to be."""
    with world.services.database.write() as session:
        subscribed = update(Subscriber).where(Subscriber.subscribed_at.is_not(None))
        session.execute(subscribed.values(subscribed_at=datetime.now(UTC) - timedelta(hours=1)))


def _run(world: World) -> tuple[Run, float, Counter[str]]:
    """A whole run, how long it took, and what it asked of Klaviyo, by endpoint."""
    before, at = _calls(world), time.monotonic()
    id_ = advance.start(world.services, world.store_key, "subscribers", who="the benchmark").id

    def ended() -> Run | None:
        with world.services.database.read() as session:
            run = runs.by_id(session, id_)
        assert run.state in ("running", "finished"), run.reason
        return run if run.state == "finished" else None

    run = wait_for(ended, 1800, 0.2)
    return run, time.monotonic() - at, _calls(world) - before


def _calls(world: World) -> Counter[str]:
    asked = world.klaviyo("GET", "/stats")["requests"]
    return Counter({ENDPOINTS.get(name, name): sum(answers.values()) for name, answers in asked.items()})


def _told(name: str, run: Run, seconds: float, calls: Counter[str]) -> Iterator[Figure]:
    at_quota = max((60 * count / PACES[what].steady for what, count in calls.items() if what in PACES), default=0.0)
    yield Figure(
        f"{name} over {COUNT:,} recipients, quota lifted",
        f"{seconds:.0f} s = {COUNT / seconds:,.0f}/s",
        f"(calls alone at the quota: {at_quota:.0f} s)",
    )
    least = _least(run)
    yield Figure(
        f"{name}: writing calls against the least",
        f"{sum(calls[one] for one in WRITES)} of {least}",
        "<= 5 % more",
        sum(calls[one] for one in WRITES) <= ceil(1.05 * least),
    )


def _least(run: Run) -> int:
    """Calls that the batches need for what the run wrote."""
    sizes = (("subscribed", SUBSCRIPTIONS), ("removed", REMOVALS), ("written", IMPORTS))
    return sum(ceil(run.result.get(word, 0) / size) for word, size in sizes)


def _reading(run: Run, crowd: Crowd, calls: Counter[str]) -> Figure:
    """A first run reads the list, all its members, all opt-outs, and what became of every import."""
    pages = [ceil(count / PAGE) for count in (crowd.members_at_first, *crowd.opted_out_at_first)]
    least = _least(run) + 1 + sum(pages) + calls["import"]
    made = sum(calls[one] for one in ENDPOINTS.values())
    return Figure("run 1: all calls against the least", f"{made} of {least}", "<= 5 % more", made <= ceil(1.05 * least))


def _end(sides: Outside, crowd: Crowd, number: int) -> Figure:
    there, lifted = sides.members(), sides.world.klaviyo("GET", "/stats")["opt_outs_lifted"]
    wrong = len(there ^ crowd.members(number))
    good = not wrong and lifted == crowd.lifted(number)
    said = f"{len(there):,} members, {wrong} wrong, {lifted} lifted"
    return Figure(f"run {number + 1}: the end on both sides", said, "exact; lifted by newer opt-ins only", good)
