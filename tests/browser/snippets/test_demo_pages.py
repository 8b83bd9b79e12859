"""The demo pages: a theme that knows no platform, from the first visit to a cart on another device."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from companion.forms import slots
from companion.models import Store
from companion.simulator.shop.web.theme_pages import EXAMPLE
from companion.snippets.bundle import SOURCES
from tests.browser.snippets.windows import Window, until
from tests.forms.build import ACCOUNT, FOOTER, with_forms

pytestmark = pytest.mark.browser


@pytest.fixture
def theme(window: Window) -> Callable[[str], str]:
    script = f"{window.site.service}/snippets/v1/{window.site.store}/companion.js"
    for path in (SOURCES / "demo").iterdir():
        window.site.pages[path.name] = path.read_text().replace(EXAMPLE, script)
    return lambda name: f"{window.address}/{name}"


def test_a_visit_from_the_first_page_to_the_checkout_and_its_link(
    window: Window, theme: Callable[[str], str], chromium: Browser
) -> None:
    page = window.open("index.html")
    until(page, "Boolean(window.companion.settings)")
    assert (window.told(), window.cookies()) == ([], set())
    page.get_by_role("button", name="Yes").click()
    page.get_by_label("E-mail").fill("kim@shop-customer.net")
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("link", name="Mug").click()
    assert window.wait_for("Viewed Product", page)["VariantID"] == "mug-red"
    page.get_by_label("Colour").select_option("blue")
    assert window.wait_for("Viewed Product", page, times=2)["Price"] == 13
    page.get_by_role("button", name="Add to cart").click()
    added = window.wait_for("Added to Cart", page)
    assert (added["SKU"], added["$value"], added["Currency"]) == ("MUG-B", 13, "EUR")
    page.get_by_role("link", name="Checkout").click()
    started = window.wait_for("Started Checkout", page)
    assert (started["$value"], started["ItemNames"]) == (13, ["Mug"])
    assert started["CheckoutURL"].startswith(f"{theme('index.html')}?companion-cart=")
    page.reload()
    assert window.settled(page)
    assert window.metrics().count("Started Checkout") == 1
    with chromium.new_context() as elsewhere:
        other = elsewhere.new_page()
        other.goto(started["CheckoutURL"])
        other.wait_for_url("**/checkout.html")
        expect(other.get_by_role("listitem")).to_have_text("1 × Mug (MUG-B)")


def test_its_slots_show_what_the_merchant_chose_at_once_and_later(window: Window, theme: Callable[[str], str]) -> None:
    with window.services.database.read() as session:
        store = with_forms(window.services, session.query(Store).one())
    with window.services.database.write() as session:
        now = window.services.now()
        slots.assign(session, store, "footer", FOOTER, now)
        slots.assign(session, store, "menu", ACCOUNT, now)
    page = window.open("index.html")
    page.get_by_role("button", name="Yes").click()
    expect(page.locator(f"footer .klaviyo-form-{FOOTER}")).to_be_attached()
    expect(page.get_by_text("write to letters@")).to_be_visible()
    page.get_by_role("button", name="Menu").click()
    expect(page.locator(f"#menu .klaviyo-form-{ACCOUNT}")).to_be_attached()


def test_whoever_says_no_is_not_told_of(window: Window, theme: Callable[[str], str]) -> None:
    page = window.open("product.html")
    page.get_by_role("button", name="No", exact=True).click()
    page.get_by_role("button", name="Add to cart").click()
    page.wait_for_timeout(200)
    assert (window.told(), window.cookies()) == ([], set())


def test_a_page_names_the_example_that_a_developer_replaces() -> None:
    pages: list[Path] = list((SOURCES / "demo").glob("*.html"))
    assert len(pages) == 3
    assert all(EXAMPLE in page.read_text() for page in pages)
