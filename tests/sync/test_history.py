"""History: all of it, once, for the record; whatever happens to the shop, the process or the person meanwhile."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, cast

import pytest
from sqlalchemy.orm import Session

from companion import delivery, outbox, resolve, run_failures, runs, status, stores
from companion.bootstrap import Services
from companion.db import Database
from companion.errors import Bury, Pause, RemoteError, Retry
from companion.models import Outbox, Run, Store
from companion.platforms.base import Access, Cursor, Page, Record, Ref, Walk
from companion.sync import advance, history
from tests.build import order_body, order_id, put, signal
from tests.fakes import Clock, FakeKlaviyo, FakeShop, Wakes
from tests.sync.conftest import PAGE, expected, fill, newest, told

Go = Callable[..., None]
ALL = tuple(range(1, 31))


def start(work: Services, store: Store, **options: Any) -> Run:
    return advance.start(work, store.key, "history", history.options(**options), "admin")


def test_the_whole_history_is_told_for_the_record(
    work: Services, store: Store, shop: FakeShop, wakes: Wakes, go: Go
) -> None:
    fill(shop, *ALL)
    start(work, store)
    assert ("advance", store.id) in wakes.calls
    go()
    run = newest(work)
    assert (run.state, run.done, run.total, run.told, run.failed) == ("finished", 30, 30, 90, 0)
    assert told(work) == expected(*ALL)
    with work.database.read() as session:
        assert {message.priority for message in session.query(Outbox)} == {outbox.BACKFILL}
        assert all(b'"backfill":true' in (message.event or b"") for message in session.query(Outbox))
    assert ("deliver-volume", store.id) in wakes.calls
    assert ("deliver", store.id) not in wakes.calls


def test_history_and_webhook_give_a_fact_the_same_identity(
    work: Services, store: Store, shop: FakeShop, go: Go
) -> None:
    fill(shop, *ALL, states=("in_progress", "completed"))
    start(work, store)
    go()
    before = told(work)
    signal(work, store, *ALL)
    while resolve.resolve_store(work, store.id) == 0:
        pass
    assert told(work) == before
    assert ("Fulfilled Order", order_id(1)) in before


def test_a_second_press_finds_the_run_and_a_second_run_adds_nothing(
    work: Services, store: Store, shop: FakeShop, go: Go
) -> None:
    fill(shop, *ALL)
    first = start(work, store)
    go(until=lambda: newest(work).done > 0)
    assert start(work, store).id == first.id
    go()
    second = start(work, store)
    assert second.id != first.id
    go()
    assert (newest(work).done, newest(work).told) == (30, 0)
    assert told(work) == expected(*ALL)


def test_the_plan_comes_first_and_waits_for_a_yes_where_that_was_asked(
    work: Services, store: Store, shop: FakeShop, go: Go
) -> None:
    fill(shop, *ALL)
    run = start(work, store, ask=True, since=date(2026, 1, 1), metrics=["Ordered Product"])
    go()
    held = newest(work)
    assert held.state == "held"
    assert held.done == 0
    assert told(work) == []
    assert held.plan == {
        "since": "2026-01-01T00:00:00+00:00",
        "until": "2026-03-14T10:00:00+00:00",
        "channels": [],
        "metrics": ["Ordered Product"],
        "orders": 30,
        "events": 60,
        "shop_calls": 16,
        "klaviyo_calls": 1,
        "seconds": 0,
        "bound_by": "shop",
    }
    with work.database.write() as session:
        runs.resume(session, run.id, work.now())
    go()
    assert newest(work).state == "finished"
    assert told(work) == [one for one in expected(*ALL) if one[0] == "Ordered Product"]


@pytest.mark.parametrize(
    ("calls_per_minute", "throttle", "bound_by", "seconds"),
    [(300, None, "shop", 3), (60_000, None, "klaviyo", 0), (300, 10, "throttle", 180)],
)
def test_the_plan_says_how_long_it_takes_and_what_that_depends_on(
    work: Services,
    store: Store,
    shop: FakeShop,
    go: Go,
    calls_per_minute: int,
    throttle: int | None,
    bound_by: str,
    seconds: int,
) -> None:
    fill(shop, *ALL)
    quick = replace(work, settings=replace(work.settings, shop_calls_per_minute=calls_per_minute))
    start(work, store, ask=True, orders_per_minute=throttle)
    go(services=quick)
    plan = newest(work).plan
    assert plan is not None
    assert (plan["bound_by"], plan["seconds"]) == (bound_by, seconds)


def test_the_period_the_channels_and_the_metrics_asked_for_are_kept(
    work: Services, store: Store, shop: FakeShop, go: Go
) -> None:
    fill(shop, 1, placed="2025-05-31T23:59:59.000+00:00")
    fill(shop, 2, 3, placed="2025-06-01T00:00:00.000+00:00")
    fill(shop, 4, placed="2025-06-30T23:59:59.000+00:00")
    fill(shop, 5, placed="2025-07-01T00:00:00.000+00:00")
    shop.orders[order_id(3)]["order"]["salesChannelId"] = "e" * 32
    span = {"since": date(2025, 6, 1), "until": date(2025, 6, 30)}
    start(work, store, **span, channels=["c" * 32], metrics=["Placed Order"])
    go()
    assert told(work) == [("Placed Order", order_id(2)), ("Placed Order", order_id(4))]
    assert newest(work).total == 2


def test_a_period_from_the_first_to_the_last_day_that_can_be_written_is_everything(
    work: Services, store: Store, shop: FakeShop, go: Go
) -> None:
    fill(shop, 1, placed="2025-05-31T23:59:59.000+00:00")
    start(work, store, since=date(1, 1, 1), until=date(9999, 12, 31))
    go()
    assert newest(work).told == 3


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"metrics": ["Placed order"]}, "metrics"),
        ({"since": date(2026, 2, 1), "until": date(2026, 1, 1)}, "until"),
        ({"orders_per_minute": 0}, "orders_per_minute"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(wrong: dict[str, Any], named: str) -> None:
    with pytest.raises(history.InvalidOptions, match=named):
        history.options(**wrong)


def test_what_happened_just_now_is_left_to_webhooks_which_tell_it_as_news(
    work: Services, store: Store, shop: FakeShop, clock: Clock, go: Go
) -> None:
    clock.advance(3600)
    recently, earlier = clock() - timedelta(minutes=5), clock() - timedelta(minutes=40)
    fill(shop, 1, placed=earlier.isoformat())
    fill(shop, 2, placed=recently.isoformat())
    fill(shop, 3, states=("completed",))
    shop.orders[order_id(3)]["history"][0]["createdAt"] = recently.isoformat()
    start(work, store)
    go()
    assert told(work) == expected(1, 3)
    signal(work, store, 1, 2, 3)
    resolve.resolve_store(work, store.id)
    assert told(work) == sorted([*expected(1, 2, 3), ("Fulfilled Order", order_id(3))])
    with work.database.read() as session:
        live = session.query(Outbox).where(Outbox.priority == outbox.LIVE)
        assert {message.unique_id.partition(":")[0] for message in live} == {order_id(2), order_id(3)}


class Mortal(Database):
    """A database whose process dies at the nth commit: just before it, or just after."""

    def __init__(self, url: str, dies_at: int, after: bool) -> None:
        super().__init__(url)
        self.left, self.after = dies_at, after

    @contextmanager
    def write(self) -> Iterator[Session]:
        with super().write() as session:
            yield session
            self.left -= 1
            if self.left == 0 and not self.after:
                raise KeyboardInterrupt
        if self.left == 0:
            raise KeyboardInterrupt


@pytest.mark.parametrize("after", [False, True], ids=["before the commit", "after the commit"])
def test_it_survives_a_kill_at_any_commit(
    work: Services, store: Store, shop: FakeShop, clock: Clock, go: Go, after: bool
) -> None:
    fill(shop, *ALL[:12])
    survived = 0
    for dies_at in range(1, 200):
        with work.database.write() as session:
            session.query(Outbox).delete()
        run = start(work, store)
        mortal = Mortal(work.database.url, dies_at, after)
        try:
            go(services=replace(work, database=mortal))
        except KeyboardInterrupt:
            survived += 1
            clock.advance(work.settings.lease_s + 1)
        mortal.dispose()
        go()
        ended = newest(work)
        assert (ended.id, ended.state, ended.done, ended.told) == (run.id, "finished", 12, 36), f"killed at {dies_at}"
        assert told(work) == expected(*ALL[:12])
        if mortal.left > 0:
            break
    assert survived > 25


def test_after_a_kill_at_most_the_open_page_and_the_one_read_ahead_are_read_again(
    work: Services, store: Store, shop: FakeShop, clock: Clock, go: Go
) -> None:
    fill(shop, *ALL)
    start(work, store)
    go(until=lambda: newest(work).plan is not None)
    sampled = len(shop.asked)
    mortal = Mortal(work.database.url, 30, after=False)
    with pytest.raises(KeyboardInterrupt):
        go(services=replace(work, database=mortal))
    mortal.dispose()
    clock.advance(work.settings.lease_s + 1)
    go()
    read = [id_ for ids in shop.asked[sampled:] for id_ in ids]
    assert len(set(read)) == 30
    assert len(read) - 30 <= 2 * PAGE


def test_orders_deleted_added_and_changed_meanwhile_are_neither_skipped_nor_told_twice(
    work: Services, store: Store, shop: FakeShop, go: Go
) -> None:
    fill(shop, *ALL)
    start(work, store)
    go(until=lambda: newest(work).plan is not None)

    def meanwhile(ids: list[str]) -> None:
        shop.orders.pop(ids[-1], None)
        fill(shop, 1000 + len(shop.asked))
        shop.orders[order_id(1)] = order_body(1, states=("completed",))

    shop.script = meanwhile
    go()
    gone = {id_ for id_ in map(order_id, ALL) if id_ not in shop.orders}
    found = {unique_id for metric, unique_id in told(work) if metric == "Placed Order"}
    assert found <= set(shop.orders)
    assert set(map(order_id, ALL)) - gone <= found
    assert len(gone) >= 7


def test_pause_stops_it_at_the_last_page_and_resume_goes_on_from_there(
    work: Services, store: Store, shop: FakeShop, go: Go
) -> None:
    fill(shop, *ALL)
    run = start(work, store)
    go(until=lambda: newest(work).plan is not None)

    def press(ids: list[str]) -> None:
        if order_id(14) in ids:
            shop.script = lambda _: None
            with work.database.write() as session:
                runs.pause(session, run.id)

    shop.script = press
    go()
    paused = newest(work)
    assert (paused.state, paused.done % PAGE) == ("paused", 0)
    assert 0 < paused.done < 30
    assert told(work) == expected(*ALL[: paused.done])
    asked = len(shop.asked)
    go()
    assert len(shop.asked) == asked
    with work.database.write() as session:
        runs.resume(session, run.id, work.now())
    go()
    assert (newest(work).state, newest(work).done, told(work)) == ("finished", 30, expected(*ALL))


def test_a_cancelled_run_stays_where_it_is_and_a_new_one_begins_anew(
    work: Services, store: Store, shop: FakeShop, go: Go
) -> None:
    fill(shop, *ALL)
    run = start(work, store, orders_per_minute=60)
    go(until=lambda: newest(work).done > 0)
    with work.database.write() as session:
        runs.cancel(session, run.id, work.now())
    go()
    assert 0 < newest(work).done < 30
    assert start(work, store).id != run.id
    go()
    assert told(work) == expected(*ALL)


def test_a_throttled_run_takes_its_time_and_can_be_let_go(
    work: Services, store: Store, shop: FakeShop, clock: Clock, go: Go
) -> None:
    fill(shop, *ALL)
    run = start(work, store, orders_per_minute=30)
    began = clock()
    go(until=lambda: newest(work).done >= 20)
    assert 30 <= (clock() - began).total_seconds() <= 50
    with work.database.write() as session:
        runs.change_options(session, run.id, {"orders_per_minute": None})
    let_go = clock()
    go()
    assert newest(work).state == "finished"
    assert (clock() - let_go).total_seconds() <= 10


def test_reading_waits_while_too_much_waits_for_klaviyo(
    work: Services,
    store: Store,
    shop: FakeShop,
    klaviyo: FakeKlaviyo,
    go: Go,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(history, "CROWD", 150)
    fill(shop, *ALL)
    put(work, store, 150, backfill=True, first=5000)
    start(work, store)
    for _ in range(10):
        advance.advance_store(work, store.id)
    assert newest(work).done == 0
    assert "wait for Klaviyo" in str(newest(work).reason)
    while delivery.deliver_volume(work, store.id) is not None:
        pass
    go()
    assert (newest(work).done, newest(work).reason) == (30, None)


def test_an_order_that_cannot_be_told_is_listed_and_told_once_it_is_repaired(
    work: Services, store: Store, shop: FakeShop, go: Go
) -> None:
    fill(shop, *ALL)
    shop.orders[order_id(7)]["order"]["lineItems"][1]["quantity"] = "two"
    shop.orders[order_id(9)]["order"]["orderCustomer"] = None
    run = start(work, store)
    go()
    ended = newest(work)
    assert (ended.state, ended.done, ended.failed) == ("finished", 30, 2)
    with work.database.read() as session:
        first, second = run_failures.listed(session, run.id)
    assert (first.label, first.path) == ("10007", "$.order.lineItems[1].quantity")
    assert first.reason == "Expected `int`, got `str`"
    assert second.label == "10009"

    shop.orders[order_id(7)]["order"]["lineItems"][1]["quantity"] = 2
    with work.database.write() as session:
        assert runs.retry(session, run.id, work.now()) == 2
    go()
    again = newest(work)
    assert (again.id, again.state, again.done, again.failed) == (run.id, "finished", 30, 1)
    assert told(work) == expected(*(number for number in ALL if number != 9))


def test_an_order_that_the_shop_refuses_to_give_is_found_and_holds_up_no_other(
    work: Services, store: Store, shop: FakeShop, go: Go
) -> None:
    def refuse(ids: list[str]) -> RemoteError | None:
        return Bury("The shop refuses the request with status 500.", "/x") if order_id(13) in ids else None

    fill(shop, *ALL)
    shop.script = refuse
    run = start(work, store)
    go()
    assert told(work) == expected(*(number for number in ALL if number != 13))
    with work.database.read() as session:
        (failure,) = run_failures.listed(session, run.id)
    assert (failure.label, failure.path) == ("10013", "/x")


def test_while_the_shop_is_down_the_run_waits_and_says_why(
    work: Services, store: Store, shop: FakeShop, clock: Clock, go: Go
) -> None:
    fill(shop, *ALL)
    start(work, store)
    go(until=lambda: newest(work).plan is not None)
    shop.script = lambda _: Retry("The shop at shop.shop-owner.net cannot be reached.")
    down_at, asked = clock() + timedelta(minutes=25), len(shop.asked)
    go(until=lambda: clock() > down_at)
    run = newest(work)
    assert run.state == "running"
    assert "cannot be reached" in str(run.reason)
    assert len(shop.asked) - asked < 50
    assert "cannot be reached" in str(status.status(work)["stores"][store.key]["paused"])
    shop.script = lambda _: None
    go()
    assert (newest(work).state, told(work)) == ("finished", expected(*ALL))


def test_a_page_that_is_too_much_for_the_shop_is_asked_for_in_smaller_ones(
    work: Services, store: Store, shop: FakeShop, go: Go
) -> None:
    fill(shop, *ALL)
    shop.script = lambda ids: Retry("The shop did not answer in time.") if len(ids) > 2 else None
    start(work, store)
    go()
    assert told(work) == expected(*ALL)


class StrictShop(FakeShop):
    """A shop that allows a hundred rows a call, which fifty orders' history may be."""

    def fetch_page(self, access: Access, walk: Walk, cursor: Cursor | None, limit: int) -> Page:
        if limit > 100:
            raise Bury("The shop refuses the request with status 400 (FRAMEWORK__QUERY_LIMIT_EXCEEDED).")
        return super().fetch_page(access, walk, cursor, limit)

    def fetch_records(self, access: Access, refs: Sequence[Ref]) -> Sequence[Record]:
        if access.page > 50:
            raise Bury("The shop refuses the request with status 400 (FRAMEWORK__QUERY_LIMIT_EXCEEDED).")
        return super().fetch_records(access, refs)


def test_a_shop_that_allows_few_rows_a_call_is_read_all_the_same(work: Services, store: Store, go: Go) -> None:
    shop = StrictShop()
    fill(shop, *range(1, 301))
    strict = replace(work, settings=replace(work.settings, shop_page=100), platforms={"shopware": shop})
    start(strict, store)
    go(services=strict)
    assert (newest(work).done, newest(work).failed) == (300, 0)
    assert told(work) == expected(*range(1, 301))


def test_a_run_requested_without_options_tells_everything(work: Services, store: Store, shop: FakeShop, go: Go) -> None:
    fill(shop, *ALL)
    advance.start(work, store.key, "history")
    go()
    assert told(work) == expected(*ALL)


def test_a_shop_that_needs_a_person_says_so_and_heals_by_itself(
    work: Services, store: Store, shop: FakeShop, clock: Clock, go: Go
) -> None:
    fill(shop, *ALL)
    shop.script = lambda _: Pause("The app lacks permissions in the shop (order:read).")
    start(work, store)
    began = clock()
    go(until=lambda: clock() > began + timedelta(minutes=30))
    assert "permissions" in str(newest(work).reason)
    assert len(shop.asked) <= 8
    shop.script = lambda _: None
    go()
    assert newest(work).state == "finished"


def test_a_walk_that_the_shop_refuses_ends_the_run_with_the_reason(
    work: Services, store: Store, shop: FakeShop, go: Go, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> Any:
        raise Bury("The shop refuses the request with status 400.")

    monkeypatch.setattr(shop, "fetch_page", refuse)
    start(work, store)
    go()
    assert (newest(work).state, newest(work).reason) == ("failed", "The shop refuses the request with status 400.")


def test_live_reading_never_waits_for_a_history(
    work: Services, store: Store, shop: FakeShop, clock: Clock, go: Go
) -> None:
    slow = replace(work, settings=replace(work.settings, shop_calls_per_minute=60))
    fill(shop, *ALL)
    start(work, store)
    for number in range(500, 512):
        go(services=slow, until=lambda: bool(newest(work).done))
        advance.advance_store(slow, store.id)
        fill(shop, number)
        signal(slow, store, number)
        asked_at = clock()
        resolve.resolve_store(slow, store.id)
        assert clock() == asked_at


def test_what_is_read_at_once_does_not_grow_with_the_history(
    work: Services, store: Store, shop: FakeShop, go: Go
) -> None:
    fill(shop, *range(400))
    start(work, store)
    go(until=lambda: newest(work).plan is not None)
    sampled = len(shop.asked)
    go()
    assert newest(work).done == 400
    assert max(len(ids) for ids in shop.asked[sampled:]) == PAGE


def test_history_is_told_by_the_volume_lane_and_as_the_merchant_chose(
    work: Services, store: Store, shop: FakeShop, klaviyo: FakeKlaviyo, go: Go
) -> None:
    with work.database.write() as session:
        names = {"events": {"Ordered Product": False}, "names": {"Placed Order": "Bought"}}
        stores.change_settings(session.get_one(Store, store.id), names)
    fill(shop, *ALL)
    start(work, store)
    go()
    assert delivery.deliver_live(work, store.id) is None
    while delivery.deliver_volume(work, store.id) is not None:
        pass
    assert {metric for _, metric, _ in klaviyo.accepted} == {"Bought"}
    assert len(klaviyo.accepted) == 30
    assert len(klaviyo.calls) == 1
    assert all(event["backfill"] for event in cast("Any", klaviyo.accepted).values())
