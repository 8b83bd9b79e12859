"""The demo shop's pages in a real Chromium: a newcomer's clicks, with a script and without, on both kinds of screen."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.simulator.shop.app_server import AppServer, manifest
from tests.simulator.shop.process import running

pytestmark = pytest.mark.browser
SCREENS = {"desk": (1280, 900), "phone": (390, 844)}


@pytest.fixture
def address(server: AppServer, tmp_path: Path) -> Iterator[str]:
    """A running demo shop with an app."""
    (tmp_path / "manifest.xml").write_bytes(manifest(server, "checkout.order.placed", "order.written"))
    with running(tmp_path / "data", "--manifest", str(tmp_path / "manifest.xml")) as url:
        yield url


@pytest.fixture(params=[True, False], ids=["with a script", "without a script"])
def page(request: pytest.FixtureRequest, chromium: Browser, address: str) -> Iterator[Page]:
    """Closed before its shop is, which it asks for news."""
    context = chromium.new_context(java_script_enabled=request.param, viewport={"width": 1280, "height": 900})
    opened = context.new_page()
    troubles: list[str] = []
    opened.on("pageerror", lambda error: troubles.append(str(error)))
    opened.on("console", lambda said: troubles.append(said.text) if said.type in ("error", "warning") else None)
    yield opened
    context.close()
    assert troubles == []


def test_a_newcomer_places_an_order_and_leads_it_through_its_life(page: Page, address: str) -> None:
    page.goto(address)
    page.locator(".good").nth(0).click()
    page.locator(".good").nth(9).click()
    page.get_by_label("Payment").select_option("card")
    page.get_by_role("button", name="Place order").click()
    expect(page.locator(".message")).to_contain_text("Order 10000 is placed.")
    expect(page.locator(".log-event").first).to_have_text("checkout.order.placed")
    expect(page.locator(".log .pill").first).to_have_text("202")
    row = page.locator(".row").first
    row.get_by_role("button", name="Mark as Done").click()
    expect(row.locator(".pill").first).to_have_text("Order Done")
    row.get_by_role("link", name="10000").click()
    page.get_by_role("button", name="Pay", exact=True).click()
    expect(page.locator(".machine-state").nth(1)).to_have_text("Paid")
    page.get_by_label("Amount of a part").fill("10,50")
    page.get_by_role("button", name="Refund partly").click()
    expect(page.locator(".history")).to_contain_text("10.50")
    page.get_by_role("button", name="Ship", exact=True).click()
    expect(page.locator(".machine-state")).to_have_text(["Done", "Refunded (partially)", "Shipped"])


def test_the_app_is_switched_off_and_on_and_webhooks_change_their_way(page: Page, address: str) -> None:
    page.goto(f"{address}/app")
    page.get_by_role("button", name="Deactivate").click()
    expect(page.locator(".status")).to_contain_text("DemoApp is off")
    page.get_by_role("button", name="Activate", exact=True).click()
    expect(page.locator(".status")).to_contain_text("DemoApp 1.0.0")
    page.get_by_label("From the queue").check()
    page.get_by_role("button", name="Apply").click()
    expect(page.locator(".message")).to_contain_text("Done")
    expect(page.get_by_label("From the queue")).to_be_checked()
    page.get_by_role("button", name="Uninstall").click()
    expect(page.locator(".status")).to_contain_text("No app installed")


def test_what_others_do_appears_by_itself(chromium: Browser, address: str) -> None:
    page = chromium.new_page()
    page.goto(address)
    expect(page.locator(".row")).to_have_count(0)
    page.request.post(f"{address}/_shop/orders", data={"count": 2})
    expect(page.locator(".row")).to_have_count(2)
    page.close()


@pytest.mark.parametrize("screen", SCREENS)
def test_no_page_is_wider_than_its_screen(chromium: Browser, address: str, screen: str) -> None:
    width, height = SCREENS[screen]
    page = chromium.new_page(viewport={"width": width, "height": height})
    placed = page.request.post(f"{address}/_shop/orders", data={"spec": {"lines": 8, "bundle": True}}).json()
    for path in ("/", "/app", "/newsletter", f"/orders/{placed['ids'][0]}"):
        page.goto(address + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    page.close()
