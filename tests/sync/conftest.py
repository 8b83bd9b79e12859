"""A service whose shop is a dictionary of orders, read two calls of two orders a page."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from companion import runs
from companion.bootstrap import Services
from companion.models import Outbox, Run, Store
from companion.sync import advance
from tests.build import order_body, order_id
from tests.fakes import Clock, FakeShop

PAGE = 4


@pytest.fixture
def work(services: Services, shop: FakeShop) -> Services:
    settings = replace(services.settings, shop_page=PAGE // 2, shop_calls_per_minute=6000)
    return replace(services, settings=settings, platforms={"shopware": shop})


@pytest.fixture
def go(work: Services, store: Store, clock: Clock) -> Callable[..., None]:
    """Advance the store's runs, as the engine and its ticks would, until none is running; `until` ends it sooner."""

    def advance_all(until: Callable[[], bool] = lambda: False, services: Services = work) -> None:
        for _ in range(2000):
            if until():
                return
            if advance.advance_store(services, store.id) is None:
                if not running(services):
                    return
                clock.advance(1)
        raise AssertionError("the run never ends")

    return advance_all


def running(services: Services) -> list[Run]:
    with services.database.read() as session:
        return list(runs.listed(session, states=("running",)))


def newest(services: Services, kind: str | None = None) -> Run:
    with services.database.read() as session:
        return runs.listed(session, kind=kind)[0]


def told(services: Services) -> list[tuple[str, str]]:
    with services.database.read() as session:
        return sorted((message.metric, message.unique_id) for message in session.query(Outbox))


def fill(shop: FakeShop, *numbers: int, placed: str = "", **body: object) -> None:
    """Orders of two lines each, three events."""
    for number in numbers:
        shop.orders[order_id(number)] = order_body(number, **body)  # type: ignore[arg-type]
        if placed:
            shop.orders[order_id(number)]["order"]["orderDateTime"] = placed


def expected(*numbers: int) -> list[tuple[str, str]]:
    lines = [("Ordered Product", f"{order_id(number)}:{number}-{line}") for number in numbers for line in range(2)]
    return sorted([*lines, *(("Placed Order", order_id(number)) for number in numbers)])
