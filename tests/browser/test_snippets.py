"""The storefront's script in a real Chromium: every event, both sides of every consent, and everything that goes wrong.

Klaviyo's script is the simulator's stand-in, which tells what the real one would have been told.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from companion import migrations
from companion.app import create_app
from companion.bootstrap import Services
from companion.config import Settings
from companion.db import Database
from companion.models import Store
from companion.simulator.klaviyo import Config
from companion.simulator.klaviyo import create_app as create_klaviyo
from companion.simulator.klaviyo.onsite import Call
from tests.admin.house import serving
from tests.conftest import missing
from tests.snippets import site as sites
from tests.snippets.site import BOTTLE, SHIRT, Site, form

pytestmark = pytest.mark.browser

CHROMIUM = Path("/usr/bin/chromium")
ACCOUNT = "DEMO42"
KIM = {"email": "kim@shop-customer.net", "firstName": "Kim", "id": "c1", "guest": False}
KIM_TOLD = {"email": "kim@shop-customer.net", "first_name": "Kim", "external_id": "c1", "guest": False}
COOKIE = "companion-for-klaviyo"
PRODUCT = (
    '<script type="application/json" data-companion="product">'
    '{"id": "p1", "sku": "P-1", "name": "Mug", "brand": "Birkhahn", "price": 12.5, "url": "https://shop.test/mug"}</script>'
)


@dataclass
class Window:
    """A visitor's browser on a site, and everything Klaviyo was told by it."""

    context: BrowserContext
    site: Site
    address: str
    services: Services
    klaviyo: Any
    errors: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def open(self, path: str) -> Page:
        page = self.context.new_page()
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", lambda request: self.requests.append(request.url))
        page.goto(f"{self.address}/{path}")
        return page

    def choose(self, **onsite: Any) -> None:
        """The merchant's choices for the storefront."""
        with self.services.database.write() as session:
            store = session.query(Store).one()
            store.settings = {**store.settings, "onsite": {**store.settings.get("onsite", {}), **onsite}}

    def told(self) -> list[Call]:
        return [one.call for one in reversed(self.klaviyo.told(ACCOUNT))]

    def metrics(self, outcome: str = "kept") -> list[str]:
        return [one.args[0] for one in self.told() if one.method == "track" and one.outcome == outcome]

    def wait_for(self, metric: str, page: Page, times: int = 1) -> dict[str, Any]:
        """The properties of an event, when it was told; those of nobody count, too."""
        found: list[dict[str, Any]] = []
        deadline = time.monotonic() + 5
        while len(found) < times:
            found = [one.args[1] for one in self.told() if one.method == "track" and one.args[0] == metric]
            assert time.monotonic() < deadline, f"no {metric}: {page.evaluate('window.companion?.said')}"
            page.wait_for_timeout(30)
        return found[-1]

    def cookies(self) -> set[str]:
        return {str(cookie.get("name")) for cookie in self.context.cookies()}

    def agree(self) -> None:
        """Shopware's cookie, as a visitor has it who agreed before."""
        self.context.add_cookies([{"name": COOKIE, "value": "1", "url": self.address}])


def until(page: Page, condition: str) -> None:
    """Wait until it holds in the page, whether or not the page is drawn."""
    deadline = time.monotonic() + 5
    while not page.evaluate(condition):
        assert time.monotonic() < deadline, f"{condition}: {page.evaluate('window.companion?.said')}"
        page.wait_for_timeout(30)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        missing("Chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    database = Database(f"sqlite:///{tmp_path / 'companion.sqlite3'}")
    migrations.upgrade(database.engine)
    database.dispose()
    return database.url


@pytest.fixture
def window(
    chromium: Browser, services: Services, new_store: Callable[..., Store], settings: Settings
) -> Iterator[Window]:
    """A browser on a shop whose store is connected; at the end no page may have thrown."""
    with ExitStack() as stack:
        klaviyo = create_klaviyo(Config(unlimited=True))
        klaviyo_url = stack.enter_context(serving(lambda: klaviyo))
        site = Site(klaviyo=klaviyo_url)
        address = stack.enter_context(serving(site.app))
        site.store = new_store(klaviyo_account=ACCOUNT, shop_url=address).key
        local = replace(settings, klaviyo_onsite_url=klaviyo_url)
        made = create_app(replace(services, settings=local))
        made.before_request(lambda: time.sleep(site.slow_service_s))
        site.service = stack.enter_context(serving(lambda: made))
        object.__setattr__(local, "public_url", site.service)
        context = chromium.new_context(viewport={"width": 1000, "height": 800})
        found = Window(context, site, address, services, klaviyo.extensions["klaviyo-simulator"].onsite)
        yield found
        context.close()
        assert found.errors == []


@pytest.fixture
def recorded(shared: Path) -> Path:
    return shared / "fixtures" / "shopware" / "6.6.7.1" / "storefront"


def on_product(window: Window, recorded: Path, product: Any = BOTTLE, extra: str = "") -> Page:
    name = "product.variant.en.html" if product is SHIRT else "product.simple.en.html"
    html = window.site.recorded(recorded, name, product)
    window.site.pages["product"] = html.replace("</body>", f"{extra}<script>{sites.AJAX}</script></body>")
    return window.open("product")


def test_before_consent_a_real_product_page_asks_nothing_and_keeps_nothing(window: Window, recorded: Path) -> None:
    window.site.customer = KIM
    page = on_product(window, recorded, extra=form(BOTTLE["id"]))
    page.get_by_role("button", name="Buy", exact=True).click()
    page.wait_for_timeout(400)
    assert window.told() == []
    assert not [url for url in window.requests if window.site.klaviyo in url or "companion-visitor" in url]
    assert window.cookies() == set()
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0


def test_viewed_product_of_a_real_page_after_consent_is_given_in_the_shop(window: Window, recorded: Path) -> None:
    page = on_product(window, recorded)
    page.evaluate(f"document.cookie = '{COOKIE}=1;path=/'")
    page.evaluate(
        f"document.dispatchEvent(new CustomEvent('CookieConfiguration_Update', {{detail: {{'{COOKIE}': true}}}}))"
    )
    assert window.wait_for("Viewed Product", page) == {
        "ProductName": BOTTLE["translated"]["name"],
        "ProductID": BOTTLE["id"],
        "VariantID": BOTTLE["id"],
        "SKU": "EX-20001",
        "Categories": ["Camp & Kitchen"],
        "ImageURL": "http://127.0.0.1:8000/media/trail-bottle.png",
        "Brand": "Skjold & Sons",
        "URL": f"/detail/{BOTTLE['id']}",
        "Price": 24.9,
        "CompareAtPrice": 29.9,
        "$value": 24.9,
    }
    viewed = [one.args[0] for one in window.told() if one.method == "trackViewedItem"]
    assert [(item["Title"], item["ItemId"]) for item in viewed] == [(BOTTLE["translated"]["name"], BOTTLE["id"])]


def test_a_customer_is_told_before_every_event_and_active_on_site_is_hers(window: Window, recorded: Path) -> None:
    window.agree()
    window.site.customer, window.site.slow_s = KIM_TOLD, 0.3
    page = on_product(window, recorded)
    window.wait_for("Active on Site", page)
    window.wait_for("Viewed Product", page)
    first = window.told()[0]
    assert (first.method, first.args[0]["email"], "guest" in first.args[0]) == ("identify", KIM["email"], False)
    assert set(window.metrics()) == {"Active on Site", "Viewed Product"}


def test_nothing_of_a_customer_is_in_the_page_that_a_cache_may_keep(window: Window, recorded: Path) -> None:
    window.site.customer = KIM
    html = window.site.recorded(recorded, "product.simple.en.html", BOTTLE)
    added = html[html.rindex('data-companion="page"') :]
    assert KIM["email"] not in html
    assert "c1" not in added
    assert "companion-visitor" in added


def test_another_variant_is_another_view(window: Window, recorded: Path) -> None:
    window.agree()
    page = on_product(window, recorded, SHIRT)
    window.wait_for("Viewed Product", page)
    other = {**SHIRT, "id": "f" * 32, "productNumber": "EX-10001-XL"}
    fresh = window.site.recorded(recorded, "product.variant.en.html", other)
    widget = fresh.split('<div id="buy-widget">')[1].split("</script>")[0] + "</script>"
    page.evaluate("html => document.getElementById('buy-widget').innerHTML = html", widget)
    told = window.wait_for("Viewed Product", page, times=2)
    assert (told["ProductID"], told["VariantID"], told["SKU"]) == (SHIRT["parentId"], "f" * 32, "EX-10001-XL")


def test_added_to_cart_when_the_shop_took_it(window: Window, recorded: Path) -> None:
    window.agree()
    window.site.customer, window.site.cart = KIM_TOLD, {SHIRT["id"]: 1}
    page = on_product(window, recorded, extra=form(BOTTLE["id"], 2))
    page.get_by_role("button", name="Buy", exact=True).click()
    told = window.wait_for("Added to Cart", page)
    assert (told["ProductID"], told["Quantity"], told["Price"]) == (BOTTLE["id"], 2, 24.9)
    assert told["$value"] == 74.7
    assert [(item["SKU"], item["Quantity"], item["RowTotal"]) for item in told["Items"]] == [
        ("EX-10001-L", 1, 24.9),
        ("EX-20001", 2, 49.8),
    ]
    assert "token" not in str(told)


def test_what_the_shop_refused_is_not_told(window: Window, recorded: Path) -> None:
    window.agree()
    window.site.customer, window.site.refuses = KIM_TOLD, BOTTLE["id"]
    page = on_product(window, recorded, extra=form(BOTTLE["id"]))
    with page.expect_response(lambda answer: answer.url.endswith("offcanvas")):
        page.get_by_role("button", name="Buy", exact=True).click()
    page.wait_for_timeout(300)
    assert "Added to Cart" not in window.metrics()


def test_a_form_without_a_script_is_told_of_on_the_next_page(window: Window, recorded: Path) -> None:
    window.agree()
    window.site.customer = KIM_TOLD
    window.site.pages["home"] = window.site.recorded(recorded, "home.en.html")
    page = on_product(window, recorded, extra=form(BOTTLE["id"], to="/home"))
    window.site.slow_s = 0.2
    page.get_by_role("button", name="Buy", exact=True).click()
    page.wait_for_url("**/home")
    assert window.wait_for("Added to Cart", page)["SKU"] == "EX-20001"


def test_several_at_once_are_told_each(window: Window, recorded: Path) -> None:
    window.agree()
    window.site.customer = KIM_TOLD
    both = form(BOTTLE["id"]).replace(
        "<button>", f'<input type="hidden" name="lineItems[{SHIRT["id"]}][quantity]" value="3"><button>'
    )
    page = on_product(window, recorded, extra=both)
    page.get_by_role("button", name="Buy", exact=True).click()
    window.wait_for("Added to Cart", page, times=2)
    told = [one.args[1] for one in window.told() if one.args[0] == "Added to Cart"]
    assert [(one["SKU"], one["Quantity"]) for one in told] == [("EX-20001", 1), ("EX-10001-L", 3)]


def test_added_to_cart_is_for_customers_unless_identified_browsers_count(window: Window, recorded: Path) -> None:
    window.agree()
    page = on_product(window, recorded, extra=form(BOTTLE["id"]))
    page.get_by_role("button", name="Buy", exact=True).click()
    until(page, "companion.said.some(([kind, metric]) => kind == 'not sent' && metric == 'Added to Cart')")
    window.choose(identified=True)
    page.evaluate("klaviyo.identify({email: 'known@shop-customer.net'})")
    page = on_product(window, recorded, extra=form(BOTTLE["id"]))
    page.get_by_role("button", name="Buy", exact=True).click()
    assert window.wait_for("Added to Cart", page)["SKU"] == "EX-20001"


def test_started_checkout_of_a_real_page_with_a_link_that_holds_the_cart(window: Window, recorded: Path) -> None:
    window.agree()
    window.site.customer, window.site.cart = {**KIM_TOLD, "guest": True}, {BOTTLE["id"]: 2}
    html = window.site.recorded(recorded, "checkout-confirm.en.html", route="frontend.checkout.confirm.page")
    window.site.pages["confirm"] = html
    page = window.open("confirm")
    told = window.wait_for("Started Checkout", page)
    assert (told["$value"], told["ItemNames"]) == (49.8, [BOTTLE["translated"]["name"]])
    assert told["CheckoutURL"].startswith(f"{window.address}/?companion-cart=")
    page.reload()
    page.wait_for_timeout(400)
    assert window.metrics().count("Started Checkout") == 1


def test_started_checkout_without_a_link_where_none_can_be_had(window: Window, recorded: Path) -> None:
    window.agree()
    window.site.cart = {BOTTLE["id"]: 1}
    window.context.route("**/carts/v1/**", lambda route: route.abort())
    html = window.site.recorded(recorded, "checkout-confirm.en.html", route="frontend.checkout.confirm.page")
    window.site.pages["confirm"] = html
    assert "CheckoutURL" not in window.wait_for("Started Checkout", window.open("confirm"))


def test_withdrawal_stops_everything_and_removes_klaviyos_cookie(window: Window, recorded: Path) -> None:
    window.agree()
    window.site.customer = KIM_TOLD
    page = on_product(window, recorded, extra=form(BOTTLE["id"]))
    window.wait_for("Viewed Product", page)
    assert "__kla_id" in window.cookies()
    page.evaluate(f"document.cookie = '{COOKIE}=;path=/;max-age=0'")
    page.evaluate(
        f"document.dispatchEvent(new CustomEvent('CookieConfiguration_Update', {{detail: {{'{COOKIE}': false}}}}))"
    )
    until(page, "!document.cookie.includes('__kla_id')")
    count = len(window.told())
    page.get_by_role("button", name="Buy", exact=True).click()
    page.evaluate("companion.push(['viewedProduct', {id: 'x', name: 'x'}])")
    page.wait_for_timeout(400)
    assert len(window.told()) == count
    page.goto(f"{window.address}/product")
    page.wait_for_timeout(300)
    assert window.cookies() == set()


CMPS: dict[str, tuple[str, str, str]] = {
    "cookiebot": (
        "window.Cookiebot = {consent: {marketing: false}}",
        "Cookiebot.consent.marketing = true; dispatchEvent(new Event('CookiebotOnAccept'))",
        "Cookiebot.consent.marketing = false; dispatchEvent(new Event('CookiebotOnDecline'))",
    ),
    "consentmanager": (
        "let given = false, heard = []; window.__cmp = (verb, what) => verb == 'getCMPData' ? "
        "{vendorConsents: {s26: given}, purposeConsents: {}} : heard.push(what[1])",
        "given = true; heard.forEach(act => act('consent', {}))",
        "given = false; heard.forEach(act => act('consent', {}))",
    ),
    "usercentrics": (
        "let given = false; window.__ucCmp = {getConsentDetails: async () => "
        "({services: {a1: {name: 'Klaviyo', consent: {given}}}})}",
        "given = true; dispatchEvent(new Event('UC_CONSENT'))",
        "given = false; dispatchEvent(new Event('UC_CONSENT'))",
    ),
    "google": (
        "window.dataLayer = []; function gtag() { dataLayer.push(arguments) } gtag('consent', 'default', "
        "{ad_storage: 'denied'})",
        "gtag('consent', 'update', {ad_storage: 'granted'})",
        "gtag('consent', 'update', {ad_storage: 'denied'})",
    ),
    "hook": (
        "window.companion = []",
        "companion.push(['consent', true])",
        "companion.push(['consent', false])",
    ),
}


@pytest.mark.parametrize("mode", CMPS)
def test_each_way_to_ask_for_consent_on_both_sides(window: Window, mode: str) -> None:
    before, yes, no = CMPS[mode]
    window.choose(consent=mode, consent_name="s26" if mode == "consentmanager" else "")
    window.site.pages["mug"] = window.site.theme(PRODUCT, head=f"<script>{before}</script>")
    page = window.open("mug")
    page.wait_for_timeout(300)
    assert window.told() == []
    assert window.cookies() == set()
    assert not [url for url in window.requests if window.site.klaviyo in url]
    page.evaluate(yes)
    assert window.wait_for("Viewed Product", page)["SKU"] == "P-1"
    page.evaluate("klaviyo.identify({email: 'kim@shop-customer.net'})")
    assert "__kla_id" in window.cookies()
    page.evaluate(no)
    until(page, "!document.cookie.includes('__kla_id')")
    count = len(window.told())
    page.evaluate("companion.push(['viewedProduct', {id: 'p2', name: 'Cup'}])")
    page.wait_for_timeout(150)
    assert len(window.told()) == count


def test_usercentrics_of_the_second_version_is_understood(window: Window) -> None:
    window.choose(consent="usercentrics")
    stub = "window.UC_UI = {isInitialized: () => true, getServicesBaseInfo: () => [{name: 'Klaviyo', consent: {status: true}}]}"
    window.site.pages["mug"] = window.site.theme(PRODUCT, head=f"<script>{stub}</script>")
    window.wait_for("Viewed Product", window.open("mug"))


def test_where_no_consent_is_needed_it_is_not_asked_for(window: Window) -> None:
    window.choose(consent="none")
    window.site.pages["mug"] = window.site.theme(PRODUCT)
    window.wait_for("Viewed Product", window.open("mug"))


def test_forms_show_without_tracking_where_the_merchant_allows_it(window: Window) -> None:
    window.choose(consent="hook", untracked_forms=True)
    window.site.pages["mug"] = window.site.theme(PRODUCT)
    page = window.open("mug")
    until(page, "Boolean(window.klaviyo)")
    page.wait_for_timeout(150)
    assert window.told() == []
    assert window.cookies() == {"__kla_off"}
    page.evaluate("companion.push(['consent', true])")
    window.wait_for("Viewed Product", page)
    assert window.cookies() == set()


def test_a_themes_own_calls_work_before_and_after_the_script(window: Window) -> None:
    window.choose(consent="none")
    early = "(window.companion = window.companion || []).push(['identify', {email: 'kim@shop-customer.net'}])"
    window.site.pages["mug"] = window.site.theme("", head=f"<script>{early}</script>")
    page = window.open("mug")
    until(page, "window.companion.settings")
    mug = "{id: 'p1', sku: 'P-1', name: 'Mug', price: '12.50', quantity: 2}"
    page.evaluate(f"companion.push(['addedToCart', {mug}, {{items: [{mug}], total: '25.00', currency: 'EUR'}}])")
    added = window.wait_for("Added to Cart", page)
    assert (added["ProductName"], added["Price"], added["$value"], added["Items"][0]["RowTotal"]) == (
        "Mug",
        12.5,
        25,
        25,
    )
    page.evaluate(f"companion.push(['startedCheckout', {{items: [{mug}], total: 25, currency: 'EUR'}}])")
    assert "companion-cart=" in window.wait_for("Started Checkout", page)["CheckoutURL"]


def test_a_products_json_ld_is_read_where_a_theme_states_nothing(window: Window) -> None:
    window.choose(consent="none")
    with window.services.database.write() as session:
        session.query(Store).one().platform = "other"
    described = (
        '{"@context": "https://schema.org", "@graph": [{"@type": "WebSite"}, {"@type": "Product", "sku": "P-9", "name": "Jug", '
        '"brand": {"name": "Birkhahn"}, "image": ["https://shop.test/jug.png"], "offers": [{"price": "19.95"}]}]}'
    )
    window.site.pages["jug"] = window.site.theme(f'<script type="application/ld+json">{described}</script>')
    told = window.wait_for("Viewed Product", window.open("jug"))
    assert (told["ProductID"], told["Price"], told["Brand"]) == ("P-9", 19.95, "Birkhahn")


def test_where_klaviyos_script_is_blocked_the_page_is_as_without_us(window: Window, recorded: Path) -> None:
    window.agree()
    window.context.route(f"{window.site.klaviyo}/**", lambda route: route.abort("blockedbyclient"))
    page = on_product(window, recorded, extra=form(BOTTLE["id"]))
    page.get_by_role("button", name="Buy", exact=True).click()
    page.wait_for_timeout(300)
    assert window.site.cart == {BOTTLE["id"]: 1}
    assert [said[0] for said in page.evaluate("companion.said") if said[0] in ("blocked", "error")] == ["blocked"]


def test_under_a_strict_policy_everything_works_with_a_nonce(window: Window) -> None:
    window.choose(consent="none")
    window.site.strict = True
    window.site.pages["mug"] = window.site.theme(PRODUCT)
    page = window.open("mug?companion-debug")
    window.wait_for("Viewed Product", page)
    page.get_by_label("Companion, for theme developers").get_by_text("sent: Viewed Product").wait_for()


def test_loaded_twice_it_is_run_once(window: Window, recorded: Path) -> None:
    window.agree()
    html = window.site.recorded(recorded, "product.simple.en.html", BOTTLE)
    script = html[html.rindex("<script src=") : html.rindex("</script>") + 9]
    window.site.pages["product"] = html.replace("</head>", f"{script}{script}</head>")
    page = window.open("product")
    window.wait_for("Viewed Product", page)
    page.wait_for_timeout(300)
    assert [one.args[0] for one in window.told() if one.method == "track"].count("Viewed Product") == 1
    assert page.evaluate("window.__klaviyoLoads") == 1


def test_on_a_slow_network_the_page_waits_for_nothing(window: Window) -> None:
    window.choose(consent="none")
    window.site.slow_service_s = 0.7
    window.site.pages["mug"] = window.site.theme(PRODUCT + "<h1>Mug</h1>")
    page = window.context.new_page()
    page.goto(f"{window.address}/mug", wait_until="domcontentloaded")
    assert page.get_by_role("heading").is_visible()
    assert not page.evaluate("Boolean(window.companion)")
    window.wait_for("Viewed Product", page)


def test_an_event_switched_off_by_the_merchant_is_not_told(window: Window) -> None:
    window.choose(consent="none", metrics={"Viewed Product": False})
    window.site.pages["mug"] = window.site.theme(PRODUCT)
    page = window.open("mug")
    until(page, "Boolean(window.klaviyo)")
    page.wait_for_timeout(200)
    assert window.metrics("lost") == []


def test_a_page_that_comes_back_from_the_browsers_cache_asks_for_consent_again(window: Window, recorded: Path) -> None:
    window.agree()
    page = on_product(window, recorded)
    window.wait_for("Viewed Product", page)
    window.context.clear_cookies(name=COOKIE)
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
    until(page, "companion.said.some(([kind, given]) => kind == 'consent' && given === false)")
