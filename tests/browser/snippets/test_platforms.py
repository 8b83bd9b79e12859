"""Neto's blocks and SuiteCommerce's extension in a real Chromium, on stand-ins for what their shops put around them."""

import json
import re
from html import escape

import pytest

from companion.models import Store
from companion.snippets import pasted
from companion.snippets.bundle import SOURCES
from tests.browser.snippets.windows import Window, until

pytestmark = pytest.mark.browser

MUG = {"sku": "MUG-1", "name": 'Mug "Alpine" <big>', "brand": "O'Neil & Co", "store_price": "12.50", "url": "/mug"}
VISITOR = {"user:username": "kim", "user:email": "kim@shop-customer.net", "config:defaultcurrency": "AUD"}
NETO = """
window.nAddItemCallbacks = []; window.nAddMultiItemsCallbacks = [];
const mug = {SKU: "MUG-1", model: "Mug", price: "$1,012.50", qty: 2};
window.$ = {getLastItemAdded: () => mug, getLastItemsAdded: () => [mug], getCartCache: () => [mug]};
"""
SUITE = """
window.heard = {};
const on = (name) => ({on: (event, act) => (heard[name + event] = act)});
const small = {internalid: 7, itemid: "TEE-S", displayname: "Tee", matrix_parent: {internalid: 6}};
const line = {quantity: 2, rate: 10, item: small};
const ada = {isloggedin: %s, email: "ada@shop-customer.net", firstname: "Ada", internalid: 11};
const parts = {
  Environment: {getConfig: () => %s, isPageGenerator: () => false, getSession: () => ({currency: {code: "GBP"}})},
  UserProfile: {getUserProfile: async () => ada},
  Layout: on("Layout"),
  PDP: {...on("PDP"), getItemInfo: () => ({item: {internalid: 6, itemid: "TEE", storedisplayname2: "Tee",
    urlcomponent: "tee", onlinecustomerprice_detail: {onlinecustomerprice: 10}}}), getSelectedMatrixChilds: () => []},
  Cart: {...on("Cart"), getLines: async () => [line], getSummary: async () => ({total: 20})},
};
window.define = (name, needs, make) => make().mountToApp({getComponent: (part) => parts[part] || null});
"""


def of_neto(block: str, words: dict[str, str]) -> str:
    """A block as Neto prints it, as far as these blocks use its language."""
    block = re.sub(r"\[%if.*?%\].*?\[%else%\](.*?)\[%/if%\]", r"\1", block)
    block = re.sub(r"\[%asset_url.*?/%\]", "/mug.png", block)
    block = re.sub(r"\[%CART.*?%\]", "$25.00", block)
    block = re.sub(r"\[%(cart_items|param \*body|/param|/cart_items)%\]", "", block)
    block = re.sub(r"\[@([\w:]+)@\]", lambda tag: words.get(tag[1], ""), block)
    return re.sub(r"\[%escape%\](.*?)\[%/escape%\]", lambda found: escape(found[1]), block, flags=re.S)


def neto_page(window: Window, **more: str) -> str:
    header, product, footer = (
        of_neto(text, {**MUG, **VISITOR, **more})
        for _, text in pasted.blocks("neto", window.site.service, window.site.store)
    )
    body = f"{product}{footer}<script>{NETO}</script>"
    return f"<!DOCTYPE html><html lang=en><head>{header}</head><body>{body}</body></html>"


@pytest.fixture
def neto(window: Window) -> Window:
    window.choose(consent="none")
    with window.services.database.write() as session:
        session.query(Store).one().platform = "neto"
    return window


def test_netos_blocks_tell_product_customer_and_cart(neto: Window) -> None:
    neto.site.pages["mug"] = neto_page(neto)
    page = neto.open("mug")
    viewed = neto.wait_for("Viewed Product", page)
    assert (viewed["ProductName"], viewed["Brand"], viewed["Price"]) == (MUG["name"], MUG["brand"], 12.5)
    assert neto.told()[0].args[0]["email"] == "kim@shop-customer.net"
    until(page, "nAddItemCallbacks.length == 1")
    page.evaluate("nAddItemCallbacks.forEach(act => act())")
    added = neto.wait_for("Added to Cart", page)
    assert (added["SKU"], added["Quantity"], added["Price"], added["$value"]) == ("MUG-1", 2, 1012.5, 2025)
    assert "Started Checkout" not in neto.metrics()


def test_netos_checkout_tells_of_the_printed_cart_and_a_guest_is_nobody(neto: Window) -> None:
    words = {
        "config:current_page_type": "checkout",
        "user:username": "noreg",
        "model": "Mug",
        "price": "$12.50",
        "qty": "2",
    }
    neto.site.pages["checkout"] = neto_page(neto, **words)
    started = neto.wait_for("Started Checkout", neto.open("checkout"))
    assert (started["$value"], started["Items"][0]["Quantity"]) == (25, 2)
    assert [one for one in neto.told() if one.method == "identify"] == []


@pytest.mark.parametrize("logged_in", [True, False])
def test_suitecommerces_extension_tells_of_logged_in_shoppers_only(window: Window, logged_in: bool) -> None:
    window.choose(consent="none")
    with window.services.database.write() as session:
        session.query(Store).one().platform = "netsuite"
    address = json.dumps(f"{window.site.service}/snippets/v1/{window.site.store}/companion.js")
    module = (SOURCES / "netsuite/Modules/Companion/JavaScript/Companion.Klaviyo.js").read_text()
    stub = SUITE % (json.dumps(logged_in), address)
    window.site.pages["tee"] = f"<!DOCTYPE html><body><script>{stub}</script><script>{module}</script></body>"
    page = window.open("tee")
    until(page, "Boolean(window.klaviyo)")
    page.evaluate("heard.LayoutafterShowContent?.()")
    page.evaluate("heard.CartafterAddLine?.({line})")
    if logged_in:
        assert window.wait_for("Viewed Product", page)["ProductID"] == "6"
        added = window.wait_for("Added to Cart", page)
        assert (added["ProductID"], added["VariantID"], added["SKU"], added["$value"]) == ("6", "7", "TEE-S", 20)
    page.wait_for_timeout(200)
    assert bool(window.told()) == logged_in


def test_the_extensions_manifest_names_files_that_exist() -> None:
    folder = SOURCES / "netsuite"
    manifest = json.loads((folder / "manifest.json").read_text())
    named = [*manifest["configuration"]["files"], *manifest["javascript"]["entry_points"].values()]
    assert all((folder / name).exists() for name in named)
    assert re.fullmatch(r"\d+\.\d+\.\d+", manifest["version"])
