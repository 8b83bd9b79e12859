"""SuiteCommerce's extension and adapter in a real Chromium, in an application that is one page."""

import base64
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from companion.bootstrap import Services
from companion.models import Store
from tests.snippets import suitecommerce_pages
from tests.snippets.suitecommerce_pages import CHILDREN, KIM, LINE, NOBODY, TEE
from tests.snippets.visits import Visits, said, told, visits

pytestmark = pytest.mark.browser


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    opened = chromium.new_context()
    yield opened
    opened.close()


@pytest.fixture
def shop(services: Services, new_store: Callable[..., Store], context: BrowserContext) -> Iterator[Visits]:
    with visits(services, new_store(platform="netsuite"), context, consent="none") as found:
        yield found


def opened(shop: Visits, profile: Any = KIM, **more: Any) -> Page:
    script = f"{shop.service}/snippets/v1/{shop.store.key}/companion.js"
    shop.pages["shop"] = suitecommerce_pages.page(script, profile, **more)
    return shop.open("shop")


def test_a_shopper_who_is_logged_in_is_known_before_the_product_is_told(shop: Visits) -> None:
    page = opened(shop)
    page.evaluate("item => go(item)", TEE)
    page.wait_for_function("told.length === 3")
    identify, (_, metric, properties), (viewed, details) = told(page)
    assert identify == ["identify", {"email": "kim@shop-customer.net", "first_name": "Kim", "last_name": "Larsson"}]
    assert (metric, viewed, details["ItemId"]) == ("Viewed Product", "trackViewedItem", "700")
    assert properties == {
        "ProductName": "Organic Tee",
        "ProductID": "700",
        "VariantID": "700",
        "SKU": "TEE",
        "ImageURL": "https://www.shop.example/images/tee.jpg",
        "URL": f"{shop.shop}/organic-tee",
        "Price": 40,
        "$value": 40,
    }


def test_a_child_is_viewed_when_the_last_option_is_chosen(shop: Visits) -> None:
    page = opened(shop)
    page.evaluate("([item, children]) => go(item, children)", [TEE, CHILDREN])
    page.wait_for_function("told.length === 3")
    page.evaluate("children => choose(children)", CHILDREN[1:])
    page.wait_for_function("told.length === 5")
    assert [(one["ProductID"], one["VariantID"], one["SKU"], one["Price"]) for one in told(page, "Viewed Product")] == [
        ("700", "700", "TEE", 40),
        ("700", "702", "TEE-RED-L", 42.5),
    ]


def test_a_product_is_viewed_again_when_the_shopper_comes_back_to_it(shop: Visits) -> None:
    page = opened(shop)
    for item in (TEE, None, TEE):
        page.evaluate("item => go(item)", item)
        page.wait_for_timeout(150)
    assert len(told(page, "Viewed Product")) == 2


def test_what_the_cart_took_is_told_with_the_whole_cart(shop: Visits) -> None:
    page = opened(shop)
    page.evaluate("line => add(line)", LINE)
    page.wait_for_function("told.length === 2")
    (added,) = told(page, "Added to Cart")
    assert (added["ProductID"], added["VariantID"], added["SKU"], added["Quantity"]) == ("700", "701", "TEE-RED-M", 2)
    assert (added["Price"], added["$value"], added["Currency"], added["ItemNames"]) == (40, 96, "GBP", ["Organic Tee"])
    assert added["Items"][0]["RowTotal"] == 80


def test_the_checkout_tells_its_cart_once_for_each_state_of_it(shop: Visits) -> None:
    page = opened(shop, checkout=[LINE])
    page.wait_for_function("told.length === 2")
    (started,) = told(page, "Started Checkout")
    assert (started["$value"], started["Currency"], started["Items"][0]["SKU"]) == (96, "GBP", "TEE-RED-M")
    assert started["CheckoutURL"].startswith(f"{shop.shop}/?companion-cart=")
    page.reload(wait_until="networkidle")
    assert [name for name, *_ in told(page)] == ["identify"]


@pytest.mark.parametrize("profile", [KIM, NOBODY], ids=["logged in", "on another device"])
def test_the_checkouts_link_rebuilds_the_cart(shop: Visits, profile: Any) -> None:
    mug, pen = (
        {"quantity": quantity, "rate": 5, "item": {"internalid": id_, "itemid": f"I-{id_}"}}
        for id_, quantity in ((800, 3), (900, 1))
    )
    page = opened(shop, checkout=[LINE, mug, pen])
    page.wait_for_function("told.length === 2")
    (started,) = told(page, "Started Checkout")
    script = f"{shop.service}/snippets/v1/{shop.store.key}/companion.js"
    shop.pages["shop"] = suitecommerce_pages.page(script, profile, cart=[LINE], soldOut=900)
    shop.pages["basket"] = "<title>Cart</title>"
    page.goto(started["CheckoutURL"].replace("/?", "/shop?"))
    page.wait_for_url("**/basket?is=checkout")
    lines = json.loads(page.evaluate("sessionStorage.cart"))
    assert [(line["item"]["internalid"], line["quantity"]) for line in lines] == [(701, 2), (800, 3)]


@pytest.mark.parametrize("profile", [NOBODY, None], ids=["not logged in", "no answer"])
def test_of_nobody_nothing_is_told_and_forms_may_show(shop: Visits, profile: Any) -> None:
    page = opened(shop, profile)
    page.evaluate("item => go(item)", TEE)
    page.evaluate("line => add(line)", LINE)
    page.wait_for_function("Boolean(window.klaviyo)")
    page.wait_for_timeout(200)
    assert told(page) == []
    assert any(address.endswith("/klaviyo.js") for address in shop.asked)


@pytest.mark.parametrize("missing", ["PDP", "Cart", "UserProfile", "Environment", "Layout"])
def test_a_component_that_is_missing_breaks_nothing(shop: Visits, missing: str) -> None:
    page = opened(shop, missing=[missing])
    page.evaluate("item => go(item)", TEE)
    page.evaluate("line => add(line)", LINE)
    expected = {"PDP": 2, "Cart": 3, "UserProfile": 0, "Environment": 0, "Layout": 4}
    page.wait_for_function("count => (window.told?.length ?? 0) >= count", arg=expected[missing])
    page.wait_for_timeout(150)
    assert len(told(page)) == expected[missing]


def test_a_page_for_search_engines_loads_nothing(shop: Visits) -> None:
    opened(shop, generator=True)
    assert [address for address in shop.asked if not address.startswith(shop.shop)] == []


def test_the_shops_own_consent_is_asked_and_its_withdrawal_heard(
    services: Services, new_store: Callable[..., Store], context: BrowserContext
) -> None:
    with visits(services, new_store(platform="netsuite"), context) as shop:
        page = opened(shop)
        page.evaluate("item => go(item)", TEE)
        page.wait_for_timeout(150)
        assert [address for address in shop.asked if not address.startswith((shop.shop, shop.service))] == []
        _consent(shop, True)
        page.evaluate("item => go(item)", TEE)
        page.wait_for_function("window.told?.length === 3")
        _consent(shop, False)
        page.evaluate("go(null)")
        page.evaluate("item => go(item)", TEE)
        page.wait_for_timeout(150)
        assert len(told(page)) == 3
        assert [one for one in said(page) if one[0] == "consent"] == [
            ["consent", "false"],
            ["consent", "true"],
            ["consent", "false"],
        ]


def test_the_consent_of_a_shopper_who_is_not_logged_in_lets_forms_show(
    services: Services, new_store: Callable[..., Store], context: BrowserContext
) -> None:
    with visits(services, new_store(platform="netsuite"), context) as shop:
        page = opened(shop, NOBODY)
        _consent(shop, True)
        page.evaluate("go(null)")
        page.wait_for_function("window.told")
        assert told(page) == []


def _consent(shop: Visits, given: bool) -> None:
    kept = base64.b64encode(json.dumps({"id": "1", "consentSettings": {"ANALYTICAL": given}}).encode()).decode()
    shop.context.add_cookies([{"name": "trackingConsentCookie", "value": kept, "url": shop.shop}])
