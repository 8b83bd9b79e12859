"""Slots, cart links and a form's own page in a real Chromium, on the pages of the demo shop."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect

from companion import stores
from companion.bootstrap import Services
from companion.forms import sightings, slots
from companion.models import Store
from tests.admin import house
from tests.admin.windows import Desk
from tests.browser.conftest import SIZES
from tests.browser.snippets.windows import until
from tests.browser.storefront import Storefront, storefront
from tests.fakes import Clock
from tests.forms.build import ACCOUNT, FOOTER, with_forms

pytestmark = pytest.mark.browser

SLOT = "[data-companion-form=footer]"
FALLBACK = "Our newsletter"


@pytest.fixture
def front(services: Services, store: Store, tmp_path: Path) -> Iterator[Storefront]:
    with storefront(services, with_forms(services, store), tmp_path / "shop") as found:
        yield found


@pytest.fixture
def browser(chromium: Browser) -> Iterator[Callable[[], BrowserContext]]:
    """A new, empty browser for each call. At the end no page may have thrown."""
    opened: list[BrowserContext] = []
    thrown: list[str] = []

    def new() -> BrowserContext:
        context = chromium.new_context()
        context.on("weberror", lambda error: thrown.append(str(error.error)))
        opened.append(context)
        return context

    yield new
    for context in opened:
        context.close()
    assert thrown == []


def assign(front: Storefront, form: str, slot: str = "footer", language: str = "") -> None:
    with front.services.database.write() as session:
        slots.assign(session, front.store, slot, form, front.services.now(), language=language)


def link(front: Storefront, context: BrowserContext, *quantities: int) -> str:
    """The address of a cart with so many of the first products."""
    items = [{"id": id_, "quantity": count} for id_, count in zip(front.products, quantities, strict=False)]
    asked = context.request.post(
        f"{front.service}/carts/v1/{front.store.key}", data={"items": items}, headers={"Origin": front.shop}
    )
    return str(asked.json()["url"])


def check_out(front: Storefront, context: BrowserContext, *quantities: int) -> str:
    """Buy so many of the first products, as far as the checkout; what Klaviyo is told to be the CheckoutURL."""
    page = front.open(context)
    page.evaluate(
        """async (lines) => { const body = new FormData();
        for (const [id, quantity] of lines) body.append(`lineItems[${id}][quantity]`, quantity);
        for (const [id] of lines) body.append(`lineItems[${id}][id]`, id);
        await fetch("/checkout/line-item/add", { method: "POST", body }); }""",
        list(zip(front.products, quantities, strict=False)),
    )
    page.goto(f"{front.shop}/checkout/confirm")
    link = "window.told?.find((call) => call[1] === 'Started Checkout')?.[2].CheckoutURL"
    until(page, f"Boolean({link})")
    return str(page.evaluate(link))


def cart(page: Page) -> list[str]:
    expect(page.get_by_role("heading", name="Cart")).to_be_visible()
    return page.locator(".line-quantity").all_inner_texts()


def test_another_form_is_chosen_in_the_admin_and_seen_in_the_shop(
    front: Storefront, browser: Callable[[], BrowserContext]
) -> None:
    assign(front, FOOTER)
    shopper = front.open(browser())
    expect(shopper.locator(SLOT)).to_have_text(f"Form {FOOTER}")
    admin = Desk(browser().new_page(), front.service).sign_in().open(f"/admin/stores/{front.store.key}/forms")
    expect(admin.get_by_text("Last seen")).to_be_visible()
    admin.get_by_label("Form of footer").select_option(label="Account page sign-up")
    admin.get_by_role("button", name="Save").first.click()
    expect(admin.get_by_role("status")).to_contain_text("Saved.")
    shopper.reload(wait_until="networkidle")
    expect(shopper.locator(SLOT)).to_have_text(f"Form {ACCOUNT}")


def test_the_pages_language_decides_and_none_leaves_what_the_theme_holds(
    front: Storefront, browser: Callable[[], BrowserContext]
) -> None:
    assign(front, FOOTER, language="de")
    page = front.open(browser())
    expect(page.locator(SLOT)).to_have_text(FALLBACK)
    assign(front, ACCOUNT, language="en")
    page.reload(wait_until="networkidle")
    expect(page.locator(SLOT)).to_have_text(f"Form {ACCOUNT}")


def test_what_the_theme_holds_stays_where_klaviyo_is_blocked(
    front: Storefront, browser: Callable[[], BrowserContext]
) -> None:
    assign(front, FOOTER)
    front.blocked = True
    page = front.open(browser())
    expect(page.locator(f"{SLOT} .klaviyo-form-{FOOTER}")).to_be_attached()
    expect(page.get_by_role("link", name=FALLBACK)).to_be_visible()


def test_a_slot_that_arrives_late_is_filled(front: Storefront, browser: Callable[[], BrowserContext]) -> None:
    assign(front, FOOTER)
    assign(front, ACCOUNT, slot="off-canvas")
    page = front.open(browser())
    page.evaluate(
        """() => { const late = document.createElement("aside");
        late.innerHTML = '<div data-companion-form="off-canvas">Wait</div>'; document.body.append(late); }"""
    )
    expect(page.locator("[data-companion-form=off-canvas]")).to_have_text(f"Form {ACCOUNT}")
    expect(page.locator(SLOT)).to_have_text(f"Form {FOOTER}")


def test_a_slot_is_reported_once_a_page_and_not_again_that_day(
    front: Storefront, browser: Callable[[], BrowserContext], clock: Clock
) -> None:
    assign(front, FOOTER)
    page = front.open(browser())
    page.evaluate("document.body.append(document.querySelector('[data-companion-form]').cloneNode(true))")
    expect(page.locator(SLOT).first).to_have_text(f"Form {FOOTER}")
    for _ in range(50):
        if front.beacons:
            break
        page.wait_for_timeout(100)
    page.wait_for_timeout(200)
    assert front.beacons == [{"slot": "footer", "language": "en"}]
    with front.services.database.read() as session:
        (found,) = sightings.listed(session, front.store.id)
    assert found.host == front.shop.removeprefix("http://")
    page.reload(wait_until="networkidle")
    assert len(front.beacons) == 1
    clock.advance(86_401)
    page.reload(wait_until="networkidle")
    assert len(front.beacons) == 2


def test_a_link_rebuilds_the_cart_in_another_empty_browser(
    front: Storefront, browser: Callable[[], BrowserContext]
) -> None:
    url = check_out(front, browser(), 2, 1, 5)
    second = front.open(browser(), url)
    second.wait_for_url(f"{front.shop}/checkout/cart")
    assert cart(second) == ["2 ×", "1 ×", "5 ×"]
    expect(second.get_by_role("status")).to_contain_text("The products are in the cart.")


def test_a_link_opened_twice_adds_nothing_twice(front: Storefront, browser: Callable[[], BrowserContext]) -> None:
    context = browser()
    url = link(front, browser(), 2, 1)
    for _ in range(2):
        page = front.open(context, url)
        page.wait_for_url(f"{front.shop}/checkout/cart")
        assert cart(page) == ["2 ×", "1 ×"]


def test_what_is_no_longer_sold_is_said_and_the_rest_is_there(
    front: Storefront, browser: Callable[[], BrowserContext]
) -> None:
    front.products[1] = "0" * 32
    url = link(front, browser(), 2, 1)
    page = front.open(browser(), url)
    page.wait_for_url(f"{front.shop}/checkout/cart")
    assert cart(page) == ["2 ×"]
    expect(page.get_by_role("status")).to_contain_text("cannot be bought any more")


@pytest.mark.parametrize("how", ["tampered", "expired"])
def test_a_refused_link_shows_the_shop_and_says_why_to_whoever_looks(
    front: Storefront, browser: Callable[[], BrowserContext], clock: Clock, how: str
) -> None:
    url = link(front, browser(), 2)
    if how == "tampered":
        url = url[:-4] + ("A" if url[-4] != "A" else "B") + url[-3:]
    else:
        clock.advance(31 * 86_400)
    context = browser()
    page = front.open(context, url)
    assert page.url == f"{front.shop}/"
    expect(page.get_by_role("heading", name="Orders").first).to_be_visible()
    said = {"tampered": "token was not made by this service, or was changed", "expired": "token has expired"}
    assert ["cart link", said[how]] in page.evaluate("companion.said")
    page.goto(f"{front.shop}/checkout/cart")
    assert cart(page) == []


def test_a_form_of_its_own_may_be_framed_by_the_shop_and_by_nobody_else(
    front: Storefront, browser: Callable[[], BrowserContext]
) -> None:
    page_of_another = Flask("another")
    frame = f'<iframe title="Sign up" src="{front.service}/forms/{front.store.key}/{FOOTER}"></iframe>'
    page_of_another.add_url_rule("/", "frame", lambda: frame)
    context = browser()
    with house.serving(lambda: page_of_another) as address:
        with front.services.database.write() as session:
            stores.change_settings(session.get_one(Store, front.store.id), {"domains": [address]})
        page = front.open(context, address)
        framed = page.frame_locator("iframe").get_by_text(f"Form {FOOTER}")
        expect(framed).to_be_visible()
        page.goto(address.replace("127.0.0.1", "localhost"), wait_until="networkidle")
        expect(page.locator("iframe")).to_be_visible()
        expect(framed).to_have_count(0)
    assert context.cookies(front.service) == []


@pytest.mark.parametrize(("size", "scheme"), [("desk", "light"), ("phone", "dark")])
def test_the_page_of_forms_is_accessible_and_fits(
    front: Storefront,
    chromium: Browser,
    size: str,
    scheme: str,
) -> None:
    assign(front, FOOTER)
    assign(front, ACCOUNT, language="de-AT")
    with front.services.database.write() as session:
        slots.empty(session, front.store, "account", front.services.now(), channel="0189bb")
        for language in ("en", "de-at"):
            sightings.note(session, front.store.id, "footer", "", language, "shop.test", front.services.now())
    context = chromium.new_context(viewport=SIZES[size], color_scheme=scheme)  # type: ignore[arg-type]
    desk = Desk(context.new_page(), front.service).sign_in()
    page = desk.open(f"/admin/stores/{front.store.key}/forms")
    for details in page.locator("summary").all():
        details.click()
    faults = [(one["id"], [node["html"] for node in one["nodes"]]) for one in Axe().run(page).response["violations"]]
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    context.close()
    assert faults == []
    assert wide <= 0
