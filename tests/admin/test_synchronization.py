"""Synchronization: one press, the plan, a yes; and everything that can be done to a run from its page."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from companion import audit, run_failures, runs
from companion.admin.progress import shown
from companion.app import create_app
from companion.bootstrap import Services
from companion.models import Run, Store
from companion.run_failures import Failure
from companion.sync import advance
from tests.admin import house
from tests.admin.conftest import Desk
from tests.build import order_body, order_id
from tests.fakes import Clock, FakeShop, Wakes

EVENTS = ["Placed Order", "Ordered Product", "Fulfilled Order", "Cancelled Order", "Refunded Order"]
CHANNEL = "0189aa" + "0" * 26


@pytest.fixture
def services(services: Services, shop: FakeShop) -> Services:
    return replace(services, platforms={"shopware": shop})


@pytest.fixture
def app(services: Services) -> Flask:
    application = create_app(services)
    application.testing = True
    return application


@pytest.fixture
def page(store: Store) -> str:
    return f"/admin/stores/{store.key}/synchronization"


@pytest.fixture
def work(services: Services, store: Store, clock: Clock) -> Callable[[], None]:
    """Advance the store's runs until none wants a turn any more."""

    def advance_all() -> None:
        for _ in range(200):
            if advance.advance_store(services, store.id) is None:
                clock.advance(1)
                with services.database.read() as session:
                    if not runs.listed(session, states=("running",)):
                        return

    return advance_all


def newest(services: Services) -> Run:
    with services.database.read() as session:
        return runs.listed(session, kind="history")[0]


def started(services: Services, store: Store, kind: str = "history", **columns: Any) -> Run:
    """A run as the work leaves it."""
    with services.database.write() as session:
        run = runs.request(session, store.id, kind, services.now(), {"orders_per_minute": None}, "admin")
        for name, value in columns.items():
            setattr(run, name, value)
    return run


def fail(services: Services, run: Run, *numbers: int) -> list[int]:
    """Orders that the run could not tell; their ids on its list."""
    found = [Failure("order", order_id(number), "$.order.price", "Expected `float`", str(number)) for number in numbers]
    with services.database.write() as session:
        session.get_one(Run, run.id).failed = run_failures.add(session, run.id, found, services.now())
        return [one.id for one in run_failures.listed(session, run.id)]


def press(admin: Desk, page: str, **fields: Any) -> None:
    """The button, with the boxes as they come: all ticked."""
    admin.get(page)
    ticked: dict[str, Any] = {"metrics": EVENTS, **fields}
    admin.post(page, fields=ticked)


def changes(services: Services) -> list[str]:
    with services.database.read() as session:
        return [row[0].what for row in audit.listed(session, store_id=1)]


def test_a_press_counts_in_the_background_then_shows_the_plan_and_a_yes_starts_it(
    admin: Desk, services: Services, shop: FakeShop, page: str, work: Callable[[], None], wakes: Wakes, store: Store
) -> None:
    shop.orders = {order_id(number): order_body(number) for number in range(1, 31)}
    for order in shop.orders.values():
        order["order"]["orderDateTime"] = "2025-03-14T09:59:00.000+00:00"
    press(admin, page)
    assert shop.asked == [], "the page itself never waits for the shop"
    assert wakes.calls[-1] == ("advance", store.id)
    assert "Counting …" in admin.page
    work()
    plan = admin.read(page)
    for said in ("30, as the shop counts them", "about 90, none of which starts a flow", "the first order to", "about"):
        assert said in plan
    assert "Placed Order, Ordered Product" in plan
    assert newest(services).told == 0
    admin.post(f"/admin/stores/{store.key}/runs/1/resume", **{"from": "synchronization"})
    work()
    read = admin.read(page)
    assert "30 of 30 orders, 90 new events" in read
    assert "90 events on the way to Klaviyo" in read
    assert "Schedule Synchronization" in admin.page, "it can be asked for again"
    assert changes(services) == ["said yes to the plan of run 1", "scheduled a synchronization (run 1)"]


def test_a_second_press_finds_the_same_run(admin: Desk, services: Services, page: str) -> None:
    press(admin, page)
    press(admin, page)
    assert "Run 1 is under way already: here it is." in admin.page
    assert newest(services).id == 1
    assert changes(services) == ["scheduled a synchronization (run 1)"]


def test_a_no_to_the_plan_forgets_it(admin: Desk, services: Services, page: str, work: Callable[[], None]) -> None:
    press(admin, page)
    work()
    admin.get(page)
    admin.post("/admin/stores/" + page.split("/")[3] + "/runs/1/cancel", **{"from": "synchronization"})
    assert newest(services).state == "cancelled"
    assert "You cancelled run 1." in admin.page


def test_a_period_some_metrics_and_a_limit_can_be_chosen(admin: Desk, services: Services, page: str) -> None:
    admin.get(page)
    fields = {"since": "2024-01-01", "until": "2024-12-31", "metrics": "Placed Order", "orders_per_minute": "600"}
    admin.post(page, fields=fields)
    options = newest(services).options
    assert options == {
        **{"since": "2024-01-01", "until": "2024-12-31", "channels": [], "metrics": ["Placed Order"]},
        **{"orders_per_minute": 600, "ask": True},
    }


def test_all_ticked_names_none_and_some_channels_are_named(admin: Desk, services: Services, store: Store) -> None:
    house.a_day(services, store, 4)
    page = f"/admin/stores/{store.key}/synchronization"
    admin.get(page)
    assert "Storefront" in admin.page
    press(admin, page, channels=[CHANNEL])
    assert newest(services).options["metrics"] == []
    assert newest(services).options["channels"] == [CHANNEL]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        (
            {"since": "2025-01-02", "until": "2025-01-01", "metrics": "Placed Order"},
            "The last day is before the first.",
        ),
        ({"since": "yesterday", "metrics": "Placed Order"}, "Not a valid date value."),
        ({"metrics": "Nonsense"}, "Tick at least one event."),
        ({"metrics": "Placed Order", "orders_per_minute": "0"}, "Write a number from 1 to 1,000,000, or nothing."),
    ],
)
def test_what_makes_no_sense_is_said_at_its_field(
    admin: Desk, services: Services, page: str, fields: dict[str, str], said: str
) -> None:
    admin.get(page)
    admin.post(page, 400, fields=fields)
    assert said in admin.page
    with services.database.read() as session:
        assert runs.listed(session) == []


def test_a_run_is_paused_resumed_limited_and_cancelled(admin: Desk, services: Services, store: Store) -> None:
    run = started(services, store, plan=None, total=20_000, done=5_000, told=27_412, rate=120.0)
    path = f"/admin/stores/{store.key}/runs/{run.id}"
    assert "5,000 of 20,000 orders, 27,412 new events 120 a second about 2 min left" in progress_of(
        services, admin, path
    )
    for verb, state in (("pause", "paused"), ("resume", "running")):
        admin.get(path)
        admin.post(f"{path}/{verb}")
        assert newest(services).state == state
    admin.post(f"{path}/throttle", orders_per_minute="300")
    assert "At most 300 orders a minute" in admin.page
    admin.post(f"{path}/throttle", orders_per_minute="")
    assert newest(services).options["orders_per_minute"] is None
    admin.post(f"{path}/throttle", orders_per_minute="-3")
    assert "Write a number from 1 to 1,000,000, or nothing." in admin.page
    admin.post(f"{path}/cancel")
    admin.post(f"{path}/pause")
    assert f"Nothing was done: run {run.id} is cancelled." in admin.page
    what = ["cancelled run 1", "took the limit off run 1", "limited run 1 to 300 orders a minute"]
    assert changes(services) == [*what, "resumed run 1", "paused run 1"]


def progress_of(services: Services, admin: Desk, path: str) -> str:
    with services.database.write() as session:
        session.get_one(Run, 1).plan = a_plan()
    return admin.read(path)


def a_plan() -> dict[str, Any]:
    counts = {"orders": 20_000, "events": 109_000, "shop_calls": 1_000, "klaviyo_calls": 109, "seconds": 200}
    return {"since": None, "until": None, "channels": [], "metrics": ["Placed Order"], "bound_by": "shop", **counts}


def test_failures_are_listed_one_by_one_and_tried_again_one_or_all(
    admin: Desk, services: Services, store: Store
) -> None:
    run = started(services, store, state="finished", done=3, total=3, finished_at=services.now())
    first, second = fail(services, run, 10_007, 10_008)
    path = f"/admin/stores/{store.key}/runs/{run.id}"
    read = admin.read(path)
    assert "2 records could not be told" in read
    assert "Order 10007 Expected float at $.order.price" in read
    admin.post(f"{path}/retry", failure=str(second))
    assert "You had 1 record of run 1 tried again." in admin.page
    assert [one.due for one in listed(services, run)] == [False, True]
    admin.post(f"{path}/retry")
    assert [one.due for one in listed(services, run)] == [True, True]
    assert first != second


def listed(services: Services, run: Run) -> list[Any]:
    with services.database.read() as session:
        return list(run_failures.listed(session, run.id))


def test_all_kinds_of_runs_are_listed_newest_first_and_older_ones_behind(
    admin: Desk, services: Services, store: Store, page: str
) -> None:
    started(services, store, "history", state="finished", finished_at=services.now())
    for _ in range(55):
        started(services, store, "changes", state="finished", finished_at=services.now())
    started(services, store, "subscribers", state="held", reason="More than 20 % would be removed.", plan={"remove": 9})
    read = admin.read(page)
    assert read.index("Subscribers 57") < read.index("Sweep 56")
    assert "History 1" not in read
    assert "History 1" in admin.read(f"{page}?before=8")
    held = admin.read(f"/admin/stores/{store.key}/runs/57")
    assert "More than 20 % would be removed." in held
    assert "Remove 9" in held


def test_what_the_clock_looks_up_for_the_pages_does_not_crowd_the_runs(
    admin: Desk, services: Services, store: Store, page: str
) -> None:
    started(services, store, "history", state="finished", finished_at=services.now())
    for kind in ("forms", "lists"):
        started(services, store, kind, state="finished", finished_at=services.now(), requested_by=runs.CLOCK)
    started(services, store, "new-list", state="finished", finished_at=services.now())
    for path in (page, f"{page}?before=9", f"/admin/stores/{store.key}/"):
        read = admin.read(path)
        assert "New-list" in read, "a person asked for it"
        assert "History" in read
        assert "Forms 2" not in read
        assert "Lists 3" not in read
        assert "Forms, finished" not in read


def test_webhooks_that_went_silent_are_pointed_out(admin: Desk, services: Services, store: Store, page: str) -> None:
    since = (services.now() - timedelta(hours=1)).isoformat()
    silent = {"Placed Order": {"missed": 4, "since": since, "topics": ["checkout.order.placed"]}}
    started(services, store, "changes", state="finished", result={"missed": 4, "silent": silent})
    said = "Webhooks silent since 2026-03-14 09:00 UTC: 4 facts (Placed Order) came by the sweep"
    assert said in admin.read(page)
    assert said in admin.read(f"/admin/stores/{store.key}/")


def test_a_viewer_looks_and_changes_nothing(viewer: Desk, services: Services, store: Store, page: str) -> None:
    run = started(services, store)
    fail(services, run, 1)
    for path in (page, f"/admin/stores/{store.key}/runs/{run.id}"):
        viewer.get(path)
        assert viewer.page.count("<form") == 1, "the only form is the one that signs out"
    viewer.post(page, 403)
    for verb in ("pause", "resume", "cancel", "retry", "throttle"):
        viewer.post(f"/admin/stores/{store.key}/runs/{run.id}/{verb}", 403)
    assert newest(services).state == "running"


def test_no_button_works_without_its_token(admin: Desk, services: Services, store: Store) -> None:
    run = started(services, store)
    reply = admin.client.post(f"/admin/stores/{store.key}/runs/{run.id}/cancel")
    assert reply.status_code == 403
    assert newest(services).state == "running"


@pytest.mark.parametrize("number", ["9" * 30, "-1", "all of them"])
def test_a_number_that_no_table_holds_is_no_number(admin: Desk, services: Services, store: Store, number: str) -> None:
    run = started(services, store, state="finished")
    fail(services, run, 10_007)
    path = f"/admin/stores/{store.key}/runs/{run.id}"
    admin.get(f"/admin/stores/{store.key}/synchronization?before={number}")
    admin.get(f"{path}?after={number}")
    admin.post(f"{path}/retry", 400, failure=number)
    assert [one.due for one in listed(services, run)] == [False]


def test_another_stores_run_is_not_here(admin: Desk, services: Services, store: Store) -> None:
    other = house.add_store(services, "Other", "other.shop-owner.net")
    run = started(services, other)
    admin.get(f"/admin/stores/{store.key}/runs/{run.id}", 404)
    admin.get(f"/admin/stores/{store.key}/synchronization")
    admin.post(f"/admin/stores/{store.key}/runs/{run.id}/cancel", 404)
    assert newest(services).state == "running"


def test_more_done_than_counted_leaves_nothing_to_wait_for(services: Services, store: Store) -> None:
    run = started(services, store, plan=a_plan(), total=10, done=12, rate=4.0)
    assert (shown(run, {}).rate, shown(run, {}).eta_s) == (4.0, 0.0)


def test_a_limited_run_is_as_fast_as_its_limit_from_its_first_page_on(services: Services, store: Store) -> None:
    run = started(services, store, plan=a_plan(), total=20_000, done=2_000, rate=1_000.0)
    run.options = {"orders_per_minute": 600}
    assert (shown(run, {}).rate, shown(run, {}).eta_s) == (10.0, 1800.0)


@pytest.mark.parametrize("state", ["paused", "held", "finished"])
def test_what_stands_still_has_no_pace(services: Services, store: Store, state: str) -> None:
    run = started(services, store, plan=a_plan(), total=20_000, done=2_000, rate=1_000.0, state=state)
    assert (shown(run, {}).rate, shown(run, {}).eta_s) == (None, None)
