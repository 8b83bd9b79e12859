"""Neto's blocks and adapter in a real Chromium, on pages with the platform's Ajax cart."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, expect

from companion import stores
from companion.bootstrap import Services
from companion.forms import sightings
from companion.models import Store
from tests.snippets import neto_pages
from tests.snippets.neto_pages import KIM, item
from tests.snippets.visits import Visits, said, told, visits

pytestmark = pytest.mark.browser


@pytest.fixture
def shop(services: Services, new_store: Callable[..., Store], chromium: Browser) -> Iterator[Visits]:
    context = chromium.new_context()
    with visits(services, new_store(platform="neto"), context, consent="none") as found:
        yield found
    context.close()


def put(shop: Visits, name: str, body: str = "", **words: str) -> None:
    shop.pages[name] = neto_pages.page(shop.service, shop.store.key, body, **words)


def test_the_customer_is_known_before_the_product_is_told(shop: Visits) -> None:
    put(shop, "tee", neto_pages.product(), **KIM)
    page = shop.open("tee")
    identify, (_, metric, properties), (viewed, details) = told(page)
    assert identify == ["identify", {"email": "kim@shop-customer.net", "first_name": "Kim", "last_name": "O'Neill"}]
    assert (metric, viewed, details["ItemId"]) == ("Viewed Product", "trackViewedItem", "TSH")
    assert properties == {
        "ProductName": 'Tee "Navy" & Co',
        "ProductID": "TSH",
        "VariantID": "TSH-NAVY-M",
        "SKU": "TSH-NAVY-M",
        "Categories": ["Clothing", "T-Shirts & Tops"],
        "ImageURL": f"{shop.shop}/assets/full/TSH-NAVY-M.jpg",
        "Brand": "Sample & Co",
        "URL": f"{shop.shop}/tee~214",
        "Price": 34.95,
        "CompareAtPrice": 39.95,
        "$value": 34.95,
    }


@pytest.mark.parametrize("username", ["", "noreg"])
def test_whoever_is_not_logged_in_is_nobody(shop: Visits, username: str) -> None:
    put(shop, "home", **{**KIM, "user:username": username})
    assert told(shop.open("home")) == []


def test_a_variation_chosen_without_a_page_load_is_viewed_too(shop: Visits) -> None:
    put(shop, "tee", neto_pages.product())
    page = shop.open("tee")
    chosen = neto_pages.product(sku="TSH-NAVY-L")
    page.evaluate("html => { document.getElementById('_buying_options').outerHTML = html; }", chosen)
    page.wait_for_function("told.length === 4")
    assert [one["SKU"] for one in told(page, "Viewed Product")] == ["TSH-NAVY-M", "TSH-NAVY-L"]


def test_a_product_block_is_told_to_be_there_once_a_day_and_after_consent(
    services: Services, new_store: Callable[..., Store], chromium: Browser
) -> None:
    store = new_store(platform="neto")

    def visit(body: str, consent: str = "none") -> int:
        """How often a new visitor's browser tells of it."""
        context = chromium.new_context()
        with visits(services, store, context, consent=consent) as shop:
            with services.database.write() as session:
                stores.change_settings(session.get_one(Store, store.id), {"domains": [shop.shop]})
            put(shop, "tee", body)
            shop.open("tee")
            context.close()
            return sum(address.endswith("/seen") for address in shop.asked)

    tee, nothing = neto_pages.product(), neto_pages.product(sku="", parent_sku="")
    assert [visit(""), visit(nothing), visit(tee, "hook"), visit(tee), visit(tee)] == [0, 0, 0, 1, 0]
    with services.database.read() as session:
        (seen,) = sightings.of_block(session, store.id, "item")
    assert (seen.language, seen.host.partition(":")[0]) == ("en", "127.0.0.1")


def test_what_the_cart_took_is_told_with_the_whole_cart(shop: Visits) -> None:
    put(shop, "home", **KIM)
    page = shop.open("home")
    page.evaluate("one => take(nAddItemCallbacks, one)", item("TSH-NAVY-M", parent_sku="TSH", price="$34.95", qty=1))
    page.evaluate("one => take(nAddItemCallbacks, one)", item())
    first, second = told(page, "Added to Cart")
    assert (first["ProductID"], first["SKU"], first["Price"], first["$value"]) == ("TSH", "TSH-NAVY-M", 34.95, 34.95)
    assert (second["SKU"], second["Quantity"], second["Price"]) == ("CAP-BLK", 2, 1029.95)
    assert (second["$value"], second["Currency"]) == (2094.85, "AUD")
    assert [line["RowTotal"] for line in second["Items"]] == [34.95, 2059.9]
    assert second["Items"][1]["ProductURL"] == f"{shop.shop}/cap"


def test_several_items_at_once_are_an_event_each(shop: Visits) -> None:
    put(shop, "home", **KIM)
    page = shop.open("home")
    page.evaluate("items => take(nAddMultiItemsCallbacks, ...items)", [item("A"), item("B")])
    assert [(one["SKU"], len(one["Items"])) for one in told(page, "Added to Cart")] == [("A", 2), ("B", 2)]


def test_nobodys_cart_is_not_told(shop: Visits) -> None:
    put(shop, "home")
    page = shop.open("home")
    page.evaluate("one => take(nAddItemCallbacks, one)", item())
    assert told(page) == []


def test_a_cart_that_answers_otherwise_breaks_nothing(shop: Visits) -> None:
    put(shop, "home", **KIM)
    page = shop.open("home")
    page.evaluate("$.getCartCache = () => undefined")
    page.evaluate("one => take([...nAddItemCallbacks, () => { document.title = 'Pop-up shown'; }], one)", item())
    expect(page).to_have_title("Pop-up shown")
    assert "TypeError" in said(page)[-1][1]


def test_a_theme_without_jquery_or_callbacks_breaks_nothing(shop: Visits) -> None:
    put(shop, "home")
    shop.pages["home"] = shop.pages["home"].replace(neto_pages.AJAX_CART, "")
    assert [one[0] for one in said(shop.open("home"))] == ["consent"]


def test_the_checkout_knows_the_customer_and_tells_nothing_that_the_server_tells(shop: Visits) -> None:
    put(shop, "checkout", **KIM, **{"config:current_page_type": "checkout"})
    page = shop.open("checkout")
    assert [name for name, *_ in told(page)] == ["identify"]
    assert "page=checkout" in next(address for address in shop.asked if "companion.js" in address)
    page.evaluate("companion.push(['startedCheckout', { items: [] }])")
    assert told(page, "Started Checkout") == []


def test_nothing_of_the_customer_is_told_before_the_themes_yes(
    services: Services,
    new_store: Callable[..., Store],
    chromium: Browser,
) -> None:
    context = chromium.new_context()
    with visits(services, new_store(platform="neto"), context) as shop:
        put(shop, "tee", neto_pages.product(), **KIM)
        page = shop.open("tee")
        assert [address for address in shop.asked if not address.startswith((shop.shop, shop.service))] == []
        page.evaluate("companion.push(['consent', true])")
        page.wait_for_function("window.told?.length === 3")
    context.close()


def test_the_customer_is_known_where_consentmanager_has_answered_before(
    services: Services,
    new_store: Callable[..., Store],
    chromium: Browser,
) -> None:
    context = chromium.new_context()
    with visits(services, new_store(platform="neto"), context, consent="consentmanager", consent_name="s26") as shop:
        put(shop, "home", **KIM)
        answered = (
            "<script>window.__cmp = (asked) => asked === 'getCMPData' && { vendorConsents: { s26: true } };</script>"
        )
        shop.pages["home"] = shop.pages["home"].replace("<head>", f"<head>{answered}")
        page = shop.open("home")
        assert [name for name, *_ in told(page)] == ["identify"]
    context.close()
