"""Resolve: signals become messages once, the shop is read seldom, and whatever is wrong with one hurts no other."""

from dataclasses import replace
from typing import Any

import pytest

from companion import inbox, outbox, resolve, status, stores
from companion.bootstrap import Services
from companion.errors import Bury, Pause, RemoteError, Retry
from companion.models import Inbox, Outbox, Store
from tests.build import order_body, order_id, signal
from tests.fakes import Clock, FakeShop, Wakes


@pytest.fixture
def work(services: Services, shop: FakeShop) -> Services:
    return replace(services, platforms={"shopware": shop})


def outcomes(services: Services) -> list[str | None]:
    with services.database.read() as session:
        return [webhook.outcome for webhook in session.query(Inbox).order_by(Inbox.id)]


def told(services: Services) -> list[tuple[str, str]]:
    with services.database.read() as session:
        return sorted((message.metric, message.unique_id) for message in session.query(Outbox))


def test_a_placed_order_becomes_its_events_and_wakes_delivery(
    work: Services, store: Store, shop: FakeShop, wakes: Wakes
) -> None:
    shop.orders[order_id(1)] = order_body(1)
    signal(work, store, 1)
    resolve.resolve_store(work, store.id)
    assert told(work) == [
        ("Ordered Product", f"{order_id(1)}:1-0"),
        ("Ordered Product", f"{order_id(1)}:1-1"),
        ("Placed Order", order_id(1)),
    ]
    assert outcomes(work) == ["delivered"]
    assert ("deliver", store.id) in wakes.calls


def test_a_hundred_signals_cost_one_reading(work: Services, store: Store, shop: FakeShop) -> None:
    shop.orders = {order_id(number): order_body(number) for number in range(100)}
    signal(work, store, *range(100))
    assert resolve.resolve_store(work, store.id) == 0
    assert resolve.resolve_store(work, store.id) is None
    assert [len(ids) for ids in shop.asked] == [100]


def test_signals_of_one_order_in_any_order_and_number_tell_each_fact_once(
    work: Services, store: Store, shop: FakeShop, clock: Clock
) -> None:
    shop.orders[order_id(1)] = order_body(1, states=("in_progress", "completed"))
    signal(work, store, 1, topic="state_enter.order.state.completed")
    resolve.resolve_store(work, store.id)
    clock.advance(1)
    signal(work, store, 1)
    signal(work, store, 1, topic="state_enter.order.state.completed")
    resolve.resolve_store(work, store.id)
    assert outcomes(work) == ["delivered", "duplicate", "duplicate"]
    assert [metric for metric, _ in told(work)].count("Fulfilled Order") == 1
    assert len(told(work)) == 4


def test_a_record_that_cannot_be_mapped_is_quarantined_with_path_and_reason_and_the_rest_goes_on(
    work: Services, store: Store, shop: FakeShop
) -> None:
    shop.orders = {order_id(number): order_body(number) for number in range(3)}
    shop.orders[order_id(1)]["order"]["lineItems"][1]["quantity"] = "two"
    signal(work, store, 0, 1, 2)
    resolve.resolve_store(work, store.id)
    assert outcomes(work) == ["delivered", "quarantined", "delivered"]
    with work.database.read() as session:
        (webhook,) = inbox.listed(session, store.id)
        assert webhook.path == "$.order.lineItems[1].quantity"
        assert webhook.reason == "Expected `int`, got `str`"

    shop.orders[order_id(1)]["order"]["lineItems"][1]["quantity"] = 2
    with work.database.write() as session:
        inbox.replay(session, store.id, work.now())
    resolve.resolve_store(work, store.id)
    assert outcomes(work) == ["delivered"] * 3
    assert len(told(work)) == 9


def test_an_order_that_the_shop_no_longer_has_is_ignored(work: Services, store: Store) -> None:
    signal(work, store, 7)
    resolve.resolve_store(work, store.id)
    assert outcomes(work) == ["ignored"]


def test_topics_no_event_is_made_of_are_ignored_without_reading(work: Services, store: Store, shop: FakeShop) -> None:
    signal(work, store, 1, topic="product.written")
    signal(work, store, 1, topic="app.activated")
    resolve.resolve_store(work, store.id)
    assert outcomes(work) == ["ignored", "delivered"]
    assert not shop.asked


def test_while_the_shop_is_down_nothing_is_lost_and_nothing_counts(
    work: Services, store: Store, shop: FakeShop, clock: Clock
) -> None:
    shop.orders[order_id(1)] = order_body(1)
    shop.script = lambda _: Retry("The shop at shop.shop-owner.net cannot be reached.")
    signal(work, store, 1)
    for _ in range(40):
        clock.advance(resolve.resolve_store(work, store.id) or 1)
    with work.database.read() as session:
        assert session.query(Inbox).one().attempts == 0
        trouble = status.trouble(session, session.get_one(Store, store.id), clock())
    assert trouble is None or "cannot be reached" in trouble
    assert len(shop.asked) <= 40
    shop.script = lambda _: None
    clock.advance(120)
    resolve.resolve_store(work, store.id)
    assert outcomes(work) == ["delivered"]


def test_a_shop_that_needs_a_person_says_so_and_heals_by_itself(
    work: Services, store: Store, shop: FakeShop, clock: Clock
) -> None:
    shop.orders[order_id(1)] = order_body(1)
    shop.script = lambda _: Pause("The app lacks permissions in the shop (order:read).")
    signal(work, store, 1)
    assert resolve.resolve_store(work, store.id) == resolve.LOOK_AGAIN_S
    assert "permissions" in status.status(work)["stores"][store.key]["paused"]
    shop.script = lambda _: None
    clock.advance(resolve.LOOK_AGAIN_S + 1)
    resolve.resolve_store(work, store.id)
    assert outcomes(work) == ["delivered"]
    assert status.status(work)["stores"][store.key]["paused"] is None


def test_a_record_that_the_shop_refuses_to_give_is_found_by_halving(
    work: Services, store: Store, shop: FakeShop
) -> None:
    def refuse(ids: list[str]) -> RemoteError | None:
        return Bury("The shop refuses the request with status 500", "$") if order_id(13) in ids else None

    shop.orders = {order_id(number): order_body(number) for number in range(40)}
    shop.script = refuse
    signal(work, store, *range(40))
    resolve.resolve_store(work, store.id)
    assert outcomes(work).count("delivered") == 39
    assert outcomes(work)[13] == "quarantined"


def test_work_that_broke_off_again_and_again_ends_up_alone_and_then_quarantined(
    work: Services, store: Store, shop: FakeShop, clock: Clock
) -> None:
    def explode(ids: list[str]) -> RemoteError | None:
        if order_id(1) in ids:
            raise ZeroDivisionError
        return None

    shop.orders = {order_id(number): order_body(number) for number in range(3)}
    shop.script = explode
    signal(work, store, 0, 1, 2)
    for _ in range(60):
        try:
            resolve.resolve_store(work, store.id)
        except ZeroDivisionError:
            clock.advance(91)
    assert outcomes(work) == ["delivered", "quarantined", "delivered"]


def test_inbox_and_outbox_are_settled_together_or_not_at_all(
    work: Services, store: Store, shop: FakeShop, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.orders[order_id(1)] = order_body(1)
    signal(work, store, 1)

    def die(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(inbox, "settle", die)
        with pytest.raises(KeyboardInterrupt):
            resolve.resolve_store(work, store.id)
    assert told(work) == []
    clock.advance(91)
    resolve.resolve_store(work, store.id)
    assert len(told(work)) == 3


def test_what_happened_before_the_shop_was_connected_is_told_as_backfill(
    work: Services, store: Store, shop: FakeShop, clock: Clock
) -> None:
    body = order_body(1, states=("completed",))
    body["order"]["orderDateTime"] = "2024-01-01T10:00:00.000+00:00"
    body["history"][0]["createdAt"] = clock().isoformat()
    shop.orders[order_id(1)] = body
    signal(work, store, 1, topic="state_enter.order.state.completed")
    resolve.resolve_store(work, store.id)
    with work.database.read() as session:
        priorities = {message.metric: message.priority for message in session.query(Outbox)}
    assert priorities == {
        "Placed Order": outbox.BACKFILL,
        "Ordered Product": outbox.BACKFILL,
        "Fulfilled Order": outbox.LIVE,
    }


def test_the_budget_of_calls_to_a_shop_is_kept(work: Services, store: Store, shop: FakeShop, clock: Clock) -> None:
    shop.orders = {order_id(number): order_body(number) for number in range(400)}
    began = clock()
    for number in range(400):
        signal(work, store, number)
        resolve.resolve_store(work, store.id)
    minutes = (clock() - began).total_seconds() / 60
    assert len(shop.asked) <= work.settings.shop_calls_per_minute * (minutes + 0.3)


def test_switched_off_events_are_not_told(work: Services, store: Store, shop: FakeShop) -> None:
    with work.database.write() as session:
        stores.change_settings(session.get_one(Store, store.id), {"events": {"Ordered Product": False}})
    shop.orders[order_id(1)] = order_body(1)
    signal(work, store, 1)
    resolve.resolve_store(work, store.id)
    assert [metric for metric, _ in told(work)] == ["Placed Order"]


def test_orders_are_written_in_one_order_so_that_two_processes_never_wait_for_each_other(
    work: Services, store: Store, shop: FakeShop
) -> None:
    shop.orders = {order_id(number): order_body(number) for number in range(6)}
    signal(work, store, 5, 2, 4, 0, 3, 1)
    resolve.resolve_store(work, store.id)
    with work.database.read() as session:
        placed = session.query(Outbox).filter_by(metric="Placed Order").order_by(Outbox.id)
        assert [message.unique_id for message in placed] == [order_id(number) for number in range(6)]
