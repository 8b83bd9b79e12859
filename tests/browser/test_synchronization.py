"""Synchronization in a real Chromium: pressed, planned, watched, steered; by desk, on a phone, without scripts."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from companion import run_failures, runs
from companion.bootstrap import Services
from companion.models import Run, Store
from companion.run_failures import Failure
from companion.sync import advance
from tests.admin import house
from tests.admin.windows import Desk
from tests.build import order_body, order_id
from tests.fakes import FakeShop

pytestmark = pytest.mark.browser

Window = Callable[..., Desk]
ORDERS = 1200


@pytest.fixture
def services(services: Services, shop: FakeShop) -> Services:
    """A shop with years of orders, which may be read fast."""
    shop.orders = {order_id(number): order_body(number) for number in range(1, ORDERS + 1)}
    for number, order in enumerate(shop.orders.values()):
        order["order"]["orderDateTime"] = (services.now() - timedelta(days=1500 - number)).isoformat()
    quick = replace(services.settings, shop_calls_per_minute=60_000, shop_page=50)
    return replace(services, settings=quick, platforms={"shopware": shop})


@pytest.fixture
def store(services: Services) -> Store:
    found = house.add_store(services, "Hutmacherei Lindqvist", "hutmacherei-lindqvist.shop-owner.net")
    house.a_day(services, found, 40)
    return found


@pytest.fixture
def past(services: Services, store: Store) -> Run:
    """What a store's list of runs holds after a while; a history that could not tell two orders."""
    with services.database.write() as session:
        run = runs.request(session, store.id, "history", services.now() - timedelta(days=3), who="admin")
        run.state, run.finished_at = "finished", services.now() - timedelta(days=3, minutes=-4)
        run.total = run.done = 20_000
        run.told = 109_412
        failures = [
            Failure("order", order_id(n), "$.order.price.calculatedTaxes[0].tax", "Expected `float`, got `str`", str(n))
            for n in (10_007, 10_913)
        ]
        run.failed = run_failures.add(session, run.id, failures, services.now())
        for minutes in (900, 300, 5):
            at = services.now() - timedelta(minutes=minutes)
            sweep = runs.request(session, store.id, "changes", at, who="the clock")
            sweep.state, sweep.done, sweep.told, sweep.result = "finished", 7, 3, {"missed": 0, "silent": {}}
            sweep.finished_at = at
            session.flush()
    return run


def page_of(store: Store) -> str:
    return f"/admin/stores/{store.key}/synchronization"


def work(services: Services, store: Store, until: Callable[[Run], bool]) -> None:
    """Advance the store's runs as far as wanted."""
    for _ in range(500):
        with services.database.read() as session:
            if until(runs.listed(session, store.id, "history")[0]):
                return
        if advance.advance_store(services, store.id) is None:
            services.sleep(1)
    raise AssertionError("the run never comes so far")


def test_a_synchronization_is_planned_started_watched_and_paused(
    window: Window,
    services: Services,
    store: Store,
) -> None:
    page = window().sign_in().open(page_of(store))
    page.get_by_role("button", name="Schedule Synchronization").click()
    expect(page.get_by_text("Counting …")).to_be_visible()
    work(services, store, lambda run: run.state == "held")
    expect(page.get_by_text("1,200, as the shop counts them")).to_be_visible(timeout=6000)
    expect(page.get_by_text("about 3,600, none of which starts a flow")).to_be_visible()
    page.locator("summary", has_text="Slow it down").click()
    page.get_by_label("At most so many orders a minute").fill("3000")
    page.get_by_role("button", name="Set").click()
    page.get_by_role("button", name="Yes, start").click()
    expect(page.get_by_role("status").filter(has_text="said yes")).to_be_visible()
    work(services, store, lambda run: run.done >= 300)
    bar = page.get_by_role("progressbar")
    expect(bar).to_have_attribute("max", "1200")
    expect(page.get_by_text("of 1,200 orders").first).to_be_visible(timeout=6000)
    expect(page.get_by_text("left")).to_be_visible(timeout=6000)
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_text("Paused by admin.")).to_be_visible()
    page.get_by_role("button", name="Resume").click()
    with services.database.write() as session:
        runs.change_options(session, 1, {"orders_per_minute": None})
    work(services, store, lambda run: run.state == "finished")
    expect(page.get_by_text("1,200 of 1,200 orders, 3,600 new events").first).to_be_visible(timeout=6000)
    expect(page.get_by_role("button", name="Schedule Synchronization")).to_be_visible(timeout=6000)


def test_a_failure_is_tried_again(window: Window, store: Store, past: Run) -> None:
    page = window("phone").sign_in().open(page_of(store))
    page.get_by_role("link", name="2 orders could not be told").click()
    page.get_by_role("button", name="Try 10913 again").click()
    expect(page.get_by_text("You had 1 record of run 1 tried again.")).to_be_visible()
    expect(page.get_by_text("is tried again")).to_be_visible()
    expect(page.get_by_role("button", name="Try 10007 again")).to_be_visible()


@pytest.mark.parametrize(("size", "scheme"), [("desk", "light"), ("phone", "dark")])
def test_its_pages_are_accessible_and_fit(
    window: Window,
    services: Services,
    store: Store,
    past: Run,
    size: str,
    scheme: str,
) -> None:
    desk, axe = window(size, color_scheme=scheme).sign_in(), Axe()
    advance.start(services, store.key, "history", {"ask": True}, "admin")
    states: list[Callable[[Run], bool]] = [
        lambda run: run.plan is None,
        lambda run: run.state == "held",
        lambda run: run.done > 100,
        lambda run: run.state == "finished",
    ]
    for reached in states:
        work(services, store, reached)
        for path in (page_of(store), f"/admin/stores/{store.key}/runs/1", f"/admin/stores/{store.key}/runs/5"):
            desk.open(path)
            for details in desk.page.locator("summary").all():
                details.click()
            faults = axe.run(desk.page).response["violations"]
            assert [(one["id"], node["html"][:150]) for one in faults for node in one["nodes"]] == [], path
            wide = desk.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert wide <= 0, f"{path} is {wide} pixels too wide"
        with services.database.write() as session:
            if runs.by_id(session, 5).state == "held":
                runs.resume(session, 5, services.now())


def test_without_scripts_the_plan_is_seen_by_looking_again(
    window: Window,
    services: Services,
    store: Store,
) -> None:
    page = window(java_script_enabled=False).sign_in().open(page_of(store))
    page.get_by_text("Choose a period, sales channels or events").click()
    page.get_by_label("First day").fill("2025-01-01")
    page.get_by_role("button", name="Schedule Synchronization").click()
    work(services, store, lambda run: run.state == "held")
    page.reload()
    expect(page.get_by_text("1 Jan 2025, 00:00:00 UTC to")).to_be_visible()
    page.get_by_role("button", name="No, forget it").click()
    expect(page.get_by_text("You cancelled run 1.")).to_be_visible()
