"""A hundred thousand recipients with suppressions, removals and changes on both sides: time, calls, memory, the end.

The quota is lifted, so that the service itself is measured; what its calls take by Klaviyo's windows stands beside it.
The shop and Klaviyo are processes of their own, and share the machine with the service.
`python -m tests.bench subscribers 1000000` takes a million.
"""

import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from math import ceil
from pathlib import Path
from urllib.parse import quote

import psutil
from sqlalchemy import select, update

from companion import runs, stores
from companion.consent_models import MailingList, Subscriber
from companion.klaviyo.audience import IMPORTS, PACES, REMOVALS, SUBSCRIPTIONS, Page
from companion.models import Run
from companion.simulator.klaviyo import DEFAULT_KEY
from companion.sync import advance, exclusions, lists, members
from mappings.model import Standing
from tests.bench.figures import Figure
from tests.bench.outflow import peak_mb
from tests.subscribers.crowd import Crowd, Row
from tests.world import World, wait_for

COUNT = 100_000
AGO = timedelta(hours=2)
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


@dataclass(frozen=True, slots=True)
class Ran:
    """A run, how long it took, how much of that the service computed, and what it asked of Klaviyo."""

    run: Run
    seconds: float
    cpu_s: float
    calls: Counter[str]

    @property
    def writes(self) -> int:
        return sum(self.calls[kind] for kind in WRITES)

    @property
    def writing(self) -> Counter[str]:
        """The least calls for what was written; what became of an import has to be asked."""
        told = Counter(self.run.result)
        imports = ceil(told["written"] / IMPORTS)
        calls = {"subscribe": ceil(told["subscribed"] / SUBSCRIPTIONS), "remove": ceil(told["removed"] / REMOVALS)}
        return Counter({**calls, "import": imports, "import-jobs": imports})


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
        """The list as Klaviyo has it."""
        ask = partial(self.world.services.klaviyo.audience.members, DEFAULT_KEY, self.list_id)
        return {one.email for page in _pages(ask) for one in page.items}

    def reading(self, *, complete: bool) -> Counter[str]:
        """The least calls for reading: the pages there are of opt-outs since the last run, and of the list.

        Not `complete`: of those who joined it since.
        """
        audience = self.world.services.klaviyo.audience
        with self.world.services.database.read() as session:
            (known,) = session.scalars(select(MailingList).where(MailingList.list_id == self.list_id)).all()
        read_until = {whether: getattr(known, name) for name, whether in exclusions.KINDS.items()}
        opt_outs = [
            partial(
                audience.suppressed,
                DEFAULT_KEY,
                until - exclusions.OVERLAP if until else exclusions.EVER,
                of_lists=of_lists,
            )
            for of_lists, until in read_until.items()
        ]
        since = None if complete or not known.joined_until else known.joined_until - members.OVERLAP
        joined = partial(audience.members, DEFAULT_KEY, self.list_id, since)
        profiles = sum(1 for ask in opt_outs for _ in _pages(ask))
        return Counter({"list": 1, "members": sum(1 for _ in _pages(joined)), "profiles": profiles})


def _pages(ask: Callable[..., Page[Standing]]) -> Iterator[Page[Standing]]:
    """All pages of a question."""
    following = None
    while True:
        page = ask(following=following)
        yield page
        if (following := page.next) is None:
            return


def figures(count: int = COUNT) -> Iterator[Figure]:
    klaviyo = {"KLAVIYO_SIM_UNLIMITED": "yes", "KLAVIYO_SIM_KEEP": "ledger"}
    service = {"COMPANION_SHOP_CALLS_PER_MINUTE": "1000000", "COMPANION_SWEEP_MINUTES": "0"}
    with tempfile.TemporaryDirectory() as folder, World(Path(folder), klaviyo=klaviyo, service=service) as world:
        crowd, sides = _begin(world, count)
        for number in range(3):
            if number == 1:
                _go_on(crowd, sides)
            name, reading = ("run 1", "run 2", "run 3, nothing changed")[number], sides.reading(complete=number < 2)
            before_mb = peak_mb(world)
            ran = _run(world)
            yield from _calls_told(name, ran, reading)
            yield _time_told(name, ran, count)
            peak = peak_mb(world)
            yield Figure(f"{name}: peak memory", f"{peak:.0f} MB, {before_mb:.0f} before", "<= 150 MB", peak <= 150)
            if number == 2:
                yield Figure(f"{name}: written", f"{ran.writes} calls", "none", not ran.writes)
            else:
                yield _end(sides, crowd, number)


def _begin(world: World, count: int) -> tuple[Crowd, Outside]:
    ours = lists.choose(world.services, world.store_key, OURS, create=True)
    other = world.klaviyo("POST", "/seed", lists=[{"name": OTHER}])["lists"][0]
    with world.services.database.write() as session:
        stores.change_settings(stores.by_key(session, world.store_key), {"removal_limit": 100})
    for one in world.shop("GET", "/newsletter")["recipients"]:
        world.shop("DELETE", f"/newsletter/{one['id']}")
    crowd = Crowd(count, datetime.now(UTC) - timedelta(days=900), {"ours": ours.id, "other": other})
    sides = Outside(world, ours.id)
    crowd.begin(sides)
    _move_klaviyo(world, -AGO)
    return crowd, sides


def _afterwards() -> datetime:
    """A later second than everything before."""
    time.sleep(2)
    return datetime.now(UTC)


def _go_on(crowd: Crowd, sides: Outside) -> None:
    """Two hours pass, and in the second one both sides change: until now Klaviyo's clock was as much behind.

    So the first run is no longer on its way, and what happens does not all lie in the minutes before the next one.
    """
    ago = datetime.now(UTC) - AGO
    read = ("suppressed_until", "list_suppressed_until", "joined_until")
    with sides.world.services.database.write() as session:
        session.execute(update(MailingList).values(dict.fromkeys(read, ago)))
        session.execute(update(Subscriber).where(Subscriber.subscribed_at.is_not(None)).values(subscribed_at=ago))
    _move_klaviyo(sides.world, AGO / 2)
    crowd.go_on(sides, _afterwards)
    _move_klaviyo(sides.world, AGO / 2)


def _move_klaviyo(world: World, time: timedelta) -> None:
    world.klaviyo("POST", "/clock", advance_s=time.total_seconds())


def _run(world: World) -> Ran:
    """A whole run."""
    before, at, cpu_s = _calls(world), time.monotonic(), _cpu_s(world)
    id_ = advance.start(world.services, world.store_key, "subscribers", who="the benchmark").id

    def ended() -> Run | None:
        with world.services.database.read() as session:
            run = runs.by_id(session, id_)
        assert run.state in ("running", "finished"), run.reason
        return run if run.state == "finished" else None

    run = wait_for(ended, 7200, 0.2)
    return Ran(run, time.monotonic() - at, _cpu_s(world) - cpu_s, _calls(world) - before)


def _calls(world: World) -> Counter[str]:
    """What was asked of Klaviyo by runs, by endpoint."""
    asked = world.klaviyo("GET", "/stats")["requests"]
    return Counter({ENDPOINTS[name]: sum(asked[name].values()) for name in ENDPOINTS if name in asked})


def _cpu_s(world: World) -> float:
    """Seconds that the service has computed."""
    times = [one.cpu_times() for one in psutil.Process(world.processes["service"].pid).children()]
    return sum(one.user + one.system for one in times)


def _calls_told(name: str, ran: Ran, reading: Counter[str]) -> Iterator[Figure]:
    """All calls against the least, then kind by kind."""
    least = reading + ran.writing
    made, fewest = ran.calls.total(), least.total()
    measured = f"{made:,} of {fewest:,}, {made / fewest - 1:+.1%}"
    yield Figure(f"{name}: calls against the least", measured, "<= 5% more", made <= 1.05 * fewest)
    for kind in sorted(ran.calls | least):
        yield Figure(f"  {kind}", f"{ran.calls[kind]:,} of {least[kind]:,}", "")


def _time_told(name: str, ran: Ran, count: int) -> Figure:
    """A run asks one kind after the other, so Klaviyo's windows add up. One without work there is the shop's alone."""
    windows_s = sum(60 * calls / PACES[kind].steady for kind, calls in ran.calls.items())
    measured = f"{ran.seconds:.0f} s = {count / ran.seconds:,.0f}/s, {ran.cpu_s:.0f} s of it computing"
    yardstick = f"computing < {windows_s:.0f} s of Klaviyo's windows" if ran.writes else ""
    good = ran.cpu_s < windows_s if ran.writes else None
    return Figure(f"{name}: {count:,} recipients, quota lifted", measured, yardstick, good)


def _end(sides: Outside, crowd: Crowd, number: int) -> Figure:
    there, lifted = sides.members(), sides.world.klaviyo("GET", "/stats")["opt_outs_lifted"]
    wrong = len(there ^ crowd.members(number))
    good = not wrong and lifted == crowd.lifted(number)
    said = f"{len(there):,} members, {wrong} wrong, {lifted} lifted"
    return Figure(f"run {number + 1}: the end on both sides", said, "exact; lifted by newer opt-ins only", good)
