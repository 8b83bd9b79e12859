"""The demo shop as a shopper walks through it: log in, agree, look, choose a variant, buy, begin the checkout."""

from pathlib import Path

import pytest

from companion.models import Store
from companion.simulator.shop.app import EXTENSION
from companion.simulator.shop.app import create_app as create_shop
from companion.simulator.shop.config import Config
from tests.admin.house import serving
from tests.browser.snippets.windows import Window, until

pytestmark = pytest.mark.browser


def test_a_shopper_walks_through_the_demo_shop(window: Window, tmp_path: Path) -> None:
    site = window.site
    snippet = f"{site.service}/snippets/v1/{site.store}/companion.js?channel=x"
    shop = create_shop(Config(data=tmp_path / "shop", snippet=snippet, allowed=(site.service, site.klaviyo)))
    try:
        with serving(lambda: shop) as address:
            with window.services.database.write() as session:
                session.query(Store).one().shop_url = address
            people = shop.extensions[EXTENSION].database.all("customer")
            walk(window, address, next(one["email"] for one in people if not one["guest"]))
    finally:
        shop.extensions[EXTENSION].close()


def walk(window: Window, address: str, email: str) -> None:
    window.address = address
    page = window.open("shop")
    page.get_by_label("Customer’s e-mail").fill(email)
    page.get_by_role("button", name="Log in").click()
    page.get_by_text("Logged in as").wait_for()
    assert window.told() == []
    page.get_by_role("button", name="Accept").click()
    until(page, "Boolean(window.klaviyo)")
    page.get_by_role("link", name="Fjord Rain Jacket").click()
    jacket = window.wait_for("Viewed Product", page)
    page.get_by_role("link", name="L", exact=True).click()
    large = window.wait_for("Viewed Product", page, times=2)
    assert (large["ProductID"], large["SKU"]) == (jacket["ProductID"], "NL-1001-L")
    page.get_by_role("button", name="Add to cart").click()
    added = window.wait_for("Added to Cart", page)
    assert (added["SKU"], added["Price"], added["$value"]) == ("NL-1001-L", 149.9, 149.9)
    page.goto(f"{address}/checkout/confirm")
    started = window.wait_for("Started Checkout", page)
    assert started["CheckoutURL"].startswith(f"{address}/?companion-cart=")
    assert {call.person for call in window.told()} == {email}
