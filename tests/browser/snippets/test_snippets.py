"""The storefront's script in a real Chromium: every event, both sides of every consent, and everything that goes wrong.

Klaviyo's script is the simulator's stand-in, which tells what the real one would have been told.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from companion.models import Store
from tests.browser.snippets.windows import COOKIE, Window, until
from tests.snippets import site as sites
from tests.snippets.site import BOTTLE, SHIRT, form

pytestmark = pytest.mark.browser

KIM: dict[str, Any] = {"email": "kim@shop-customer.net", "firstName": "Kim", "id": "c1", "guest": False}
KIM_TOLD = {"email": "kim@shop-customer.net", "first_name": "Kim", "external_id": "c1", "guest": False}
PRODUCT = (
    '<script type="application/json" data-companion="product">'
    '{"id": "p1", "sku": "P-1", "name": "Mug", "brand": "Birkhahn", "price": 12.5, "url": "https://shop.test/mug"}</script>'
)


def on_product(window: Window, recorded: Path, product: Any = BOTTLE, extra: str = "") -> Page:
    name = "product.variant.en.html" if product is SHIRT else "product.simple.en.html"
    html = window.site.recorded(recorded, name, product)
    window.site.pages["product"] = html.replace("</body>", f"{extra}<script>{sites.AJAX}</script></body>")
    return window.open("product")


def press(page: Page) -> None:
    """As a shopper who has seen the page: its scripts are there."""
    until(page, "window.companion?.settings")
    page.get_by_role("button", name="Buy", exact=True).click()


def test_before_consent_a_real_product_page_asks_nothing_and_keeps_nothing(window: Window, recorded: Path) -> None:
    window.site.customer = KIM
    page = on_product(window, recorded, extra=form(BOTTLE["id"]))
    press(page)
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
    window.site.customer, window.site.slow_visitor_s = KIM_TOLD, 0.3
    page = on_product(window, recorded)
    window.wait_for("Active on Site", page)
    window.wait_for("Viewed Product", page)
    first = window.told()[0]
    assert (first.method, first.args[0]) == ("identify", {name: KIM_TOLD[name] for name in KIM_TOLD if name != "guest"})
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
    press(page)
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
        press(page)
    page.wait_for_timeout(300)
    assert "Added to Cart" not in window.metrics()


@pytest.mark.parametrize("visitor_s", [0.0, 0.8], ids=["known", "not-yet-known"])
def test_a_form_without_a_script_is_told_of_on_the_next_page(window: Window, recorded: Path, visitor_s: float) -> None:
    window.agree()
    window.site.customer, window.site.slow_s, window.site.slow_visitor_s = KIM_TOLD, 1.5, visitor_s
    window.site.pages["home"] = window.site.recorded(recorded, "home.en.html")
    page = on_product(window, recorded, extra=form(BOTTLE["id"], to="/home"))
    until(page, "window.companion?.said.some(([kind, given]) => kind == 'consent' && given)")
    press(page)
    page.wait_for_url("**/home")
    window.site.slow_visitor_s = 0.0
    assert window.wait_for("Added to Cart", page)["SKU"] == "EX-20001"


def test_several_at_once_are_told_each(window: Window, recorded: Path) -> None:
    window.agree()
    window.site.customer = KIM_TOLD
    both = form(BOTTLE["id"]).replace(
        "<button>", f'<input type="hidden" name="lineItems[{SHIRT["id"]}][quantity]" value="3"><button>'
    )
    page = on_product(window, recorded, extra=both)
    press(page)
    window.wait_for("Added to Cart", page, times=2)
    told = [one.args[1] for one in window.told() if one.args[0] == "Added to Cart"]
    assert [(one["SKU"], one["Quantity"]) for one in told] == [("EX-20001", 1), ("EX-10001-L", 3)]


@pytest.mark.parametrize("counts", [False, True])
def test_a_browser_that_klaviyo_knows_counts_like_a_customer_where_the_merchant_says_so(
    window: Window, recorded: Path, counts: bool
) -> None:
    window.agree()
    window.choose(identified=counts)
    page = on_product(window, recorded, extra=form(BOTTLE["id"]))
    press(page)
    until(page, "companion.said.some(([kind, metric]) => kind == 'not sent' && metric == 'Added to Cart')")
    page.evaluate("klaviyo.identify({email: 'known@shop-customer.net'})")
    press(page)
    until(page, "companion.said.filter(([, metric]) => metric == 'Added to Cart').length == 2")
    if counts:
        window.wait_for("Added to Cart", page)
    window.settled(page)
    assert window.metrics().count("Added to Cart") == counts


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
    window.settled(page)
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
    count = window.settled(page)
    press(page)
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
    count = window.settled(page)
    page.evaluate("companion.push(['viewedProduct', {id: 'p2', name: 'Cup'}])")
    page.wait_for_timeout(150)
    assert len(window.told()) == count


def test_usercentrics_of_the_second_version_is_understood(window: Window) -> None:
    window.choose(consent="usercentrics")
    services = "[{name: 'Klaviyo', consent: {status: true}}]"
    stub = f"window.UC_UI = {{isInitialized: () => true, getServicesBaseInfo: () => {services}}}"
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


def test_as_long_as_nobody_has_answered_nothing_is_taken_away(window: Window) -> None:
    window.choose(consent="hook")
    window.site.pages["mug"] = window.site.theme(PRODUCT)
    checkout = "{items: [{id: 'p1', name: 'Mug', price: 12.5, quantity: 1}], total: 12.5, currency: 'EUR'}"
    page = window.open("mug")
    until(page, "Boolean(window.companion?.settings)")
    page.evaluate("companion.push(['identify', {email: 'kim@shop-customer.net'}]); companion.push(['consent', true])")
    page.evaluate(f"companion.push(['startedCheckout', {checkout}])")
    window.wait_for("Started Checkout", page)
    page.reload()
    until(page, "Boolean(window.companion?.settings)")
    assert "__kla_id" in window.cookies()
    page.evaluate(f"companion.push(['consent', true]); companion.push(['startedCheckout', {checkout}])")
    window.wait_for("Viewed Product", page, times=2)
    window.settled(page)
    assert window.metrics().count("Started Checkout") == 1
    page.evaluate("companion.push(['consent', false])")
    until(page, "sessionStorage.length === 0 && !document.cookie.includes('__kla_id')")


def test_a_products_json_ld_is_read_where_a_theme_states_nothing(window: Window) -> None:
    window.choose(consent="none")
    with window.services.database.write() as session:
        session.query(Store).one().platform = "other"
    product = {"@type": "Product", "sku": "P-9", "name": "Jug", "brand": {"name": "Birkhahn"}}
    graph = [{"@type": "WebSite"}, {**product, "image": ["https://shop.test/jug.png"], "offers": [{"price": "19.95"}]}]
    described = json.dumps({"@context": "https://schema.org", "@graph": graph})
    window.site.pages["jug"] = window.site.theme(f'<script type="application/ld+json">{described}</script>')
    told = window.wait_for("Viewed Product", window.open("jug"))
    assert (told["ProductID"], told["Price"], told["Brand"]) == ("P-9", 19.95, "Birkhahn")


def test_where_klaviyos_script_is_blocked_the_page_is_as_without_us(window: Window, recorded: Path) -> None:
    window.agree()
    window.context.route(f"{window.site.klaviyo}/**", lambda route: route.abort("blockedbyclient"))
    page = on_product(window, recorded, extra=form(BOTTLE["id"]))
    with page.expect_response(lambda answer: answer.url.endswith("offcanvas")):
        press(page)
    until(page, "companion.said.some(([kind]) => kind == 'blocked')")
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


def test_a_page_that_a_browser_only_prepares_tells_nothing_until_it_is_shown(window: Window) -> None:
    window.choose(consent="none")
    window.context.add_init_script(
        "Object.defineProperty(document, 'prerendering', {get: () => !window.shown, configurable: true})"
    )
    window.site.pages["mug"] = window.site.theme(PRODUCT)
    page = window.open("mug")
    page.wait_for_timeout(200)
    assert window.told() == []
    page.evaluate("shown = true; document.dispatchEvent(new Event('prerenderingchange'))")
    window.wait_for("Viewed Product", page)


def test_a_shop_of_no_known_platform_restores_a_cart_its_own_way(window: Window) -> None:
    window.choose(consent="hook")
    with window.services.database.write() as session:
        session.query(Store).one().platform = "other"
    theirs = "(window.companion = window.companion || []).push(['restore', items => (window.restored = items)])"
    window.site.pages["mug"] = window.site.theme(PRODUCT, head=f"<script>{theirs}</script>")
    page = window.open("mug")
    until(page, "Boolean(window.companion.settings)")
    cart = {"items": [{"id": "p1", "quantity": 2}]}
    made = page.evaluate(
        "body => fetch(companion.settings.url.replace('snippets','carts'), {method: 'POST', body}).then(r => r.json())",
        json.dumps(cart),
    )
    page.goto(f"{window.address}/mug?{made['url'].partition('?')[2]}")
    until(page, "Boolean(window.restored)")
    assert page.evaluate("restored") == cart["items"]
    assert window.told() == []
