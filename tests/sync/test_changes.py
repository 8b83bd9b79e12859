"""The sweep: what no webhook told is told within minutes, and a shop whose webhooks stopped is pointed out."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from companion import inbox, outbox, resolve, run_failures, runs, status
from companion.bootstrap import Services
from companion.inbox import InboxRow
from companion.models import Outbox, Run, Store
from companion.sync import advance, changes, history, schedule
from tests.build import order_body, order_id, signal
from tests.fakes import Clock, FakeShop, Wakes
from tests.sync.conftest import expected, fill, newest, running, told

Go = Callable[..., None]


def sweep(work: Services, store: Store, go: Go) -> Run:
    advance.start(work, store.key, "changes")
    go()
    return newest(work, "changes")


def placed(shop: FakeShop, clock: Clock, *numbers: int) -> None:
    fill(shop, *numbers, placed=clock().isoformat())


def note(work: Services, store: Store) -> str:
    return str(status.status(work)["stores"][store.key]["note"])


def test_an_order_whose_webhook_was_lost_is_told_as_news(
    work: Services, store: Store, shop: FakeShop, clock: Clock, wakes: Wakes, go: Go
) -> None:
    clock.advance(600)
    placed(shop, clock, 1, 2)
    run = sweep(work, store, go)
    assert (run.state, run.told) == ("finished", 6)
    assert told(work) == expected(1, 2)
    with work.database.read() as session:
        assert {message.priority for message in session.query(Outbox)} == {outbox.LIVE}
    assert ("deliver", store.id) in wakes.calls
    assert sweep(work, store, go).told == 0


def test_what_a_webhook_has_told_is_not_told_again_nor_the_other_way_round(
    work: Services, store: Store, shop: FakeShop, clock: Clock, go: Go
) -> None:
    clock.advance(600)
    placed(shop, clock, 1, 2)
    signal(work, store, 1)
    resolve.resolve_store(work, store.id)
    assert sweep(work, store, go).told == 3
    signal(work, store, 2)
    resolve.resolve_store(work, store.id)
    assert told(work) == expected(1, 2)


def test_a_change_of_an_old_order_is_found_and_only_the_change_is_news(
    work: Services, store: Store, shop: FakeShop, clock: Clock, go: Go
) -> None:
    clock.advance(600)
    shop.orders[order_id(1)] = order_body(1, states=("completed",))
    shop.orders[order_id(1)]["history"][0]["createdAt"] = clock().isoformat()
    shop.changed[order_id(1)] = clock()
    sweep(work, store, go)
    with work.database.read() as session:
        priorities = {message.metric: message.priority for message in session.query(Outbox)}
    assert priorities == {"Placed Order": 1, "Ordered Product": 1, "Fulfilled Order": 0}


def test_each_sweep_reads_from_where_the_last_that_ended_began_with_an_overlap(
    work: Services, store: Store, shop: FakeShop, clock: Clock, go: Go
) -> None:
    began = clock()
    sweep(work, store, go)
    clock.advance(3600)
    second = clock()
    sweep(work, store, go)
    clock.advance(3600)
    advance.start(work, store.key, "changes")
    with work.database.write() as session:
        runs.cancel(session, newest(work).id, clock())
    clock.advance(3600)
    sweep(work, store, go)
    since = [walk.since for walk, _ in shop.walked]
    assert since == [began, began, second - changes.OVERLAP]
    assert {walk.by for walk, _ in shop.walked} == {"changed"}


def sweeps(services: Services) -> list[Run]:
    return [run for run in running(services) if run.kind == changes.KIND]


def test_the_clock_requests_a_sweep_every_few_minutes_and_one_at_a_time(
    work: Services, store: Store, clock: Clock, wakes: Wakes, go: Go
) -> None:
    with work.database.write() as session:
        session.get_one(Store, store.id).klaviyo_key = None  # so that nothing else of the clock's is due
    schedule.request_due(work)
    schedule.request_due(work)
    assert len(sweeps(work)) == 1
    assert set(wakes.calls) == {("advance", store.id)}
    clock.advance(600)
    schedule.request_due(work)
    assert len(sweeps(work)) == 1
    go()
    schedule.request_due(work)
    assert [run.created_at for run in sweeps(work)] == [clock()]
    go()
    clock.advance(299)
    schedule.request_due(work)
    assert not sweeps(work)
    clock.advance(1)
    schedule.request_due(work)
    assert len(sweeps(work)) == 1


@pytest.mark.parametrize("state", ["inactive", "removed"])
def test_a_shop_without_an_active_app_is_not_swept(work: Services, store: Store, state: str) -> None:
    with work.database.write() as session:
        session.get_one(Store, store.id).state = state
    schedule.request_due(work)
    assert not sweeps(work)


def test_no_sweep_is_requested_where_the_setting_says_never(work: Services, store: Store) -> None:
    never = replace(work, settings=replace(work.settings, sweep_minutes=0))
    schedule.request_due(never)
    assert not sweeps(never)


def test_a_history_and_a_sweep_take_turns(work: Services, store: Store, shop: FakeShop, clock: Clock, go: Go) -> None:
    fill(shop, *range(40))
    slow = replace(work, settings=replace(work.settings, shop_calls_per_minute=20))
    advance.start(slow, store.key, "history", history.options(orders_per_minute=30))
    go(services=slow, until=lambda: bool(newest(slow).done))
    asked_at = clock()
    advance.start(slow, store.key, "changes")
    go(services=slow, until=lambda: newest(slow, "changes").state == "finished")
    assert newest(slow, "history").state == "running"
    assert clock() - asked_at < timedelta(seconds=40)


def test_webhooks_that_stopped_are_pointed_out_until_one_comes(
    work: Services, store: Store, shop: FakeShop, clock: Clock, go: Go
) -> None:
    clock.advance(3600)
    silent_since = clock()
    for number in (1, 2, 3):
        placed(shop, clock, number)
        clock.advance(60)
    clock.advance(120)
    run = sweep(work, store, go)
    assert run.result["missed"] == 9
    assert note(work, store).startswith(f"Webhooks silent since {silent_since:%Y-%m-%d %H:%M} UTC")
    assert "Placed Order" in note(work, store)
    assert "install it again" in note(work, store)
    assert status.status(work)["stores"][store.key]["paused"] is None

    clock.advance(60)
    placed(shop, clock, 4)
    signal(work, store, 4)
    assert note(work, store) == "None"
    resolve.resolve_store(work, store.id)
    assert sweep(work, store, go).result == {"missed": 0, "silent": {}}


def test_one_webhook_that_the_shop_switched_off_shows_though_the_others_come(
    work: Services, store: Store, shop: FakeShop, clock: Clock, go: Go
) -> None:
    clock.advance(3600)
    for number in range(1, 5):
        placed(shop, clock, number)
        signal(work, store, number)
        resolve.resolve_store(work, store.id)
        clock.advance(60)
        body = order_body(number, states=("completed",))
        body["order"]["orderDateTime"] = shop.orders[order_id(number)]["order"]["orderDateTime"]
        body["history"][0]["createdAt"] = clock().isoformat()
        shop.orders[order_id(number)] = body
        shop.changed[order_id(number)] = clock()
        clock.advance(300)
        sweep(work, store, go)
    assert "(Fulfilled Order)" in note(work, store)
    assert "4 facts" in note(work, store)
    row = InboxRow(store.id, "event-1", "state_enter.order.state.completed", b"{}", clock())
    with work.database.write() as session:
        inbox.add(session, [row])
    assert note(work, store) == "None"


def test_a_few_lost_webhooks_say_nothing(work: Services, store: Store, shop: FakeShop, clock: Clock, go: Go) -> None:
    clock.advance(3600)
    fill(shop, 1, placed=clock().isoformat(), lines=1)
    clock.advance(600)
    assert sweep(work, store, go).result["missed"] == 2
    assert note(work, store) == "None"


def test_a_webhook_that_is_on_its_way_or_waits_here_is_not_missed(
    work: Services, store: Store, shop: FakeShop, clock: Clock, go: Go
) -> None:
    clock.advance(3600)
    placed(shop, clock, 1, 2, 3)
    signal(work, store, 1, 2, 3)
    clock.advance(600)
    placed(shop, clock, 4, 5, 6)
    clock.advance(60)
    run = sweep(work, store, go)
    assert run.told == 18
    assert run.result == {"missed": 0, "silent": {}}


def test_silence_adds_up_from_sweep_to_sweep(
    work: Services, store: Store, shop: FakeShop, clock: Clock, go: Go
) -> None:
    clock.advance(3600)
    for number in range(1, 4):
        assert note(work, store) == "None"
        fill(shop, number, placed=clock().isoformat(), lines=0)
        clock.advance(300)
        sweep(work, store, go)
    assert "3 facts (Placed Order)" in note(work, store)


def test_a_history_is_no_reason_to_miss_webhooks(
    work: Services, store: Store, shop: FakeShop, clock: Clock, go: Go
) -> None:
    fill(shop, *range(10))
    clock.advance(86_400)
    for number in range(10):
        shop.changed[order_id(number)] = clock() - timedelta(minutes=5)
    run = sweep(work, store, go)
    assert (run.told, run.result["missed"]) == (30, 0)


def test_sweeps_that_found_nothing_are_forgotten_but_for_the_last(
    work: Services, store: Store, shop: FakeShop, clock: Clock, go: Go
) -> None:
    clock.advance(600)
    placed(shop, clock, 1)
    found = sweep(work, store, go)
    for _ in range(5):
        clock.advance(3600)
        last = sweep(work, store, go)
    with work.database.read() as session:
        assert [run.id for run in runs.listed(session, store.id, "changes")] == [last.id, found.id]


def test_an_order_that_cannot_be_told_is_on_the_sweeps_list_and_can_be_tried_again(
    work: Services, store: Store, shop: FakeShop, clock: Clock, go: Go
) -> None:
    clock.advance(600)
    placed(shop, clock, 1, 2)
    shop.orders[order_id(1)]["order"]["currency"] = {}
    run = sweep(work, store, go)
    with work.database.read() as session:
        (failure,) = run_failures.listed(session, run.id)
    assert failure.label == "10001"
    shop.orders[order_id(1)]["order"]["currency"] = {"isoCode": "EUR"}
    with work.database.write() as session:
        runs.retry(session, run.id, clock())
    go()
    assert (newest(work).failed, told(work)) == (0, expected(1, 2))
