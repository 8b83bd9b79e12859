"""Both doors of a Neto store over the whole corridor: what is Neto's own beside what every platform must pass."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest

from companion import connection, resolve, stores
from companion.app import create_app
from companion.bootstrap import Services
from companion.models import Inbox, Outbox, Store
from companion.sync import advance
from tests.fakes import Clock
from tests.platforms.neto import TIME, Json, Orders, error, notification, ok, shop, things


@pytest.fixture
def work(services: Services) -> Services:
    return replace(services, settings=replace(services.settings, shop_calls_per_minute=6000))


@pytest.fixture
def store(work: Services, clock: Clock) -> Store:
    return add(work, clock)


def add(work: Services, clock: Clock, url: str = "https://www.example-store.com.au", **columns: Any) -> Store:
    added = connection.connect(work, "neto", url, {"api_key": "key"})
    with work.database.write() as session:
        kept = stores.by_key(session, added.key)
        stores.change_settings(kept, {"shop_calls_per_minute": 6000})
        for name, value in {"connected_at": clock() - timedelta(hours=1), **columns}.items():
            setattr(kept, name, value)
    return added


@pytest.fixture
def orders(clock: Clock) -> Orders:
    return Orders(clock)


def answers(work: Services, orders: Orders, **more: Any) -> Any:
    money = {**ok("CurrencySettings", {"DEFAULTCURRENCY": "AUD"}), "CurrentTime": f"{work.now():{TIME}}"}
    return shop(GetOrder=orders, GetItem=things, GetCurrencySettings=money, **more)


def run(work: Services, store: Store, clock: Clock, kind: str) -> None:
    advance.start(work, store.key, kind)
    while advance.advance_store(work, store.id) is not None:
        clock.advance(0.1)


def told(work: Services, store: Store) -> list[tuple[str, str]]:
    with work.database.read() as session:
        return sorted((row.metric, row.unique_id) for row in session.query(Outbox).filter_by(store_id=store.id))


def outcomes(work: Services) -> list[str | None]:
    with work.database.read() as session:
        return [row.outcome for row in session.query(Inbox).order_by(Inbox.id)]


def test_a_forged_hint_costs_a_read_and_tells_nothing(work: Services, store: Store, orders: Orders) -> None:
    path = urlsplit(connection.webhook_url(work, store)).path
    with answers(work, orders) as asked:
        assert create_app(work).test_client().post(path, data=notification(1, "N999")).status_code == 200
        resolve.resolve_store(work, store.id)
    assert told(work, store) == []
    assert outcomes(work) == ["ignored"]
    assert len(asked.asked_of("GetOrder")) == 1


def test_an_order_on_hold_is_told_by_a_later_sweep_though_nothing_changed_since(
    work: Services, store: Store, orders: Orders, clock: Clock
) -> None:
    orders.put(1, OrderStatus="On Hold")
    with answers(work, orders):
        for _ in range(6):
            run(work, store, clock, "changes")
            assert told(work, store) == []
            clock.advance(95)
    clock.advance(30)
    with answers(work, orders):
        run(work, store, clock, "changes")
    assert told(work, store) == [("Ordered Product", "N1:N1-0"), ("Placed Order", "N1")]


def test_a_failed_payment_s_order_leaves_no_trace_and_a_placed_one_s_cancellation_is_told(
    work: Services, store: Store, orders: Orders, clock: Clock
) -> None:
    orders.put(1, OrderStatus="On Hold")
    orders.put(2)
    with answers(work, orders):
        run(work, store, clock, "changes")
        clock.advance(60)
        for number in (1, 2):
            orders.put(number, OrderStatus="Cancelled")
        run(work, store, clock, "changes")
    placed = [("Cancelled Order", "N2"), ("Ordered Product", "N2:N2-0"), ("Placed Order", "N2")]
    assert told(work, store) == placed


def test_a_split_order_is_counted_once_live_and_each_part_by_itself_in_history(
    work: Services, store: Store, orders: Orders, clock: Clock
) -> None:
    orders.put(1)
    with answers(work, orders):
        run(work, store, clock, "changes")
        orders.put(2, RelatedOrderID="N1")
        run(work, store, clock, "changes")
    assert [metric for metric, _ in told(work, store)] == ["Ordered Product", "Placed Order"]
    later = add(work, clock, "https://later.com.au", shop_url=store.shop_url)
    clock.advance(3600)
    with work.database.write() as session:
        stores.by_key(session, later.key).connected_at = clock()
    with answers(work, orders):
        run(work, later, clock, "history")
    assert len(told(work, later)) == 4


def test_a_marketplace_s_order_is_not_told(work: Services, store: Store, orders: Orders, clock: Clock) -> None:
    orders.put(1, SalesChannel="eBay Australia")
    orders.put(2, SalesChannel="Website")
    with answers(work, orders):
        run(work, store, clock, "changes")
    assert {unique_id.partition(":")[0] for _, unique_id in told(work, store)} == {"N2"}


def test_a_shop_that_complains_for_a_while_is_swept_whole_afterwards(
    work: Services, store: Store, orders: Orders, clock: Clock
) -> None:
    for number in range(250):
        orders.put(number)
    calls = 0

    def shaky(filters: Json) -> Any:
        nonlocal calls
        calls += 1
        return error("An unexpected error occurred") if calls % 3 == 0 else orders(filters)

    with answers(work, orders) as asked:
        asked.answers["GetOrder"] = shaky
        advance.start(work, store.key, "changes")
        for _ in range(200):
            advance.advance_store(work, store.id)
            clock.advance(61)
            with work.database.read() as session:
                done = session.query(Outbox).filter_by(metric="Placed Order").count()
            if done == 250:
                break
    assert done == 250
