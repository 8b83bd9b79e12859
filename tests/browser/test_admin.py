"""The admin in a real Chromium: every page and its main action, at a desk, on a phone, in a shop, without scripts.

The page's own policy is in force, so whatever it forbids shows up as an error on the console.
"""

import re
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from companion import key_checks, outbox
from companion.bootstrap import Services
from companion.forms import sightings
from companion.models import Outbox, Store
from companion.platforms.shopware import signature
from tests.admin import house
from tests.admin.windows import Desk, administration
from tests.build import put
from tests.fakes import Clock

pytestmark = pytest.mark.browser


@pytest.fixture
def stores(services: Services) -> dict[str, Store]:
    return house.a_house(services)


@pytest.fixture
def tees(services: Services) -> Store:
    """A Neto shop whose header was seen, and whose product block was not."""
    found = house.add_store(services, "Tees of Fremantle", "www.tees-of-fremantle.com.au", platform="neto")
    with services.database.write() as session:
        for page, back in (("shop", 1), ("checkout", 3)):
            seen = services.now() - timedelta(hours=back)
            sightings.note(session, found.id, sightings.SCRIPT, "", page, "www.tees-of-fremantle.com.au", seen)
    return found


def signed_in(window: Callable[..., Desk], path: str, size: str = "desk") -> Page:
    return window(size).sign_in().open(path)


def pages(stores: dict[str, Store]) -> list[str]:
    keys = {name: f"/admin/stores/{store.key}" for name, store in stores.items()}
    hats = keys["hats"]
    return [
        "/admin/",
        "/admin/connect",
        "/admin/changes",
        f"{hats}/",
        *(f"{key}/setup" for key in keys.values()),
        f"{hats}/settings",
        f"{hats}/settings/channels/{house.CHANNELS[1][0]}",
        f"{hats}/messages",
        f"{hats}/messages?q=10003",
        f"{hats}/storefront",
        f"{hats}/messages?q=nothing",
        f"{hats}/messages/161",
        f"{hats}/webhooks/161",
        f"{hats}/stuck",
        f"{keys['paused']}/stuck",
        f"{keys['calm']}/stuck",
        f"{hats}/changes",
        f"{hats}/messages/99999",
    ]


@pytest.mark.parametrize(("size", "scheme"), [("desk", "light"), ("phone", "dark")])
def test_every_page_is_accessible_and_fits(
    window: Callable[..., Desk], stores: dict[str, Store], tees: Store, size: str, scheme: str
) -> None:
    desk, axe = window(size, color_scheme=scheme), Axe()
    desk.open("/admin/sign-in")
    faults = {"sign-in": axe.run(desk.page).response["violations"]}
    desk.sign_in()
    of_neto = [f"/admin/stores/{tees.key}/{page}" for page in ("settings", "settings/channels/Website", "storefront")]
    for path in [*pages(stores), *of_neto]:
        desk.open(path)
        for details in desk.page.locator("summary").all():
            details.click()
        faults[path] = axe.run(desk.page).response["violations"]
        wide = desk.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{path} is {wide} pixels too wide"
    told = {
        path: [(one["id"], node["html"][:150]) for one in found for node in one["nodes"]]
        for path, found in faults.items()
        if found
    }
    assert told == {}


def test_the_keyboard_is_enough_to_sign_in_and_reach_a_store(
    window: Callable[..., Desk], stores: dict[str, Store]
) -> None:
    desk = window()
    page = desk.open("/admin/")
    page.keyboard.type(house.PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Stores")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name=stores["paused"].name, exact=True)).to_be_focused()


def test_a_wrong_password_is_said_at_its_field(window: Callable[..., Desk]) -> None:
    page = window().sign_in("wrong").page
    expect(page.get_by_label("Password")).to_have_accessible_description("This is not the password.")
    expect(page.get_by_label("Password")).to_be_focused()


def test_the_app_is_downloaded(window: Callable[..., Desk], tmp_path: Path) -> None:
    page = signed_in(window, "/admin/connect")
    page.get_by_label("Merchant").fill("Hutmacherei")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the app").click()
    download.value.save_as(tmp_path / "app.zip")
    assert "CompanionForKlaviyo/manifest.xml" in zipfile.ZipFile(tmp_path / "app.zip").namelist()


def test_a_key_is_connected_and_a_test_event_followed(
    window: Callable[..., Desk], stores: dict[str, Store], services: Services
) -> None:
    page = signed_in(window, f"/admin/stores/{stores['new'].key}/setup", "phone")
    page.get_by_label("Private API key").fill("nonsense")
    page.get_by_role("button", name="Check and connect").click()
    expect(page.get_by_label("Private API key")).to_have_attribute("aria-invalid", "true")
    page.get_by_label("Private API key").fill("pk_good")
    page.get_by_role("button", name="Check and connect").click()
    expect(page.get_by_role("status")).to_contain_text("Klaviyo is asked about the key you pasted.")
    key_checks.check_store(services, stores["new"].id)
    expect(page.get_by_role("status")).to_contain_text("Klaviyo knows this key.", timeout=4000)
    expect(page.get_by_text("Good Shop")).to_be_visible()
    page.reload()
    page.get_by_label("Your e-mail address").fill("kim@shop-owner.net")
    page.get_by_role("button", name="Send a test event").click()
    expect(page.get_by_text("Waits to be sent")).to_be_visible()
    with services.database.write() as session:
        outbox.settle(session, [int(page.url.rpartition("/")[2])], services.now())
    expect(page.get_by_text("Sent and accepted by Klaviyo")).to_be_visible(timeout=8000)


def test_a_registration_is_approved(window: Callable[..., Desk], stores: dict[str, Store]) -> None:
    page = signed_in(window, f"/admin/stores/{stores['moved'].key}/setup")
    expect(page.get_by_text("https://www.velo-duarte.net/shop")).to_be_visible()
    page.get_by_role("button", name="Yes, it is this shop").click()
    expect(page.get_by_role("status")).to_have_text("You approved a registration.")
    expect(page.get_by_text("waits for your yes")).to_have_count(0)


def test_sending_is_paused_and_resumed(window: Callable[..., Desk], stores: dict[str, Store]) -> None:
    page = signed_in(window, f"/admin/stores/{stores['calm'].key}/setup")
    page.locator("summary", has_text="Pause sending").click()
    page.get_by_label("Why").fill("Stocktaking")
    page.get_by_role("button", name="Pause sending").click()
    expect(page.get_by_text("Stocktaking")).to_be_visible()
    page.get_by_role("button", name="Resume sending").click()
    expect(page.get_by_text("You resumed sending.")).to_be_visible()


def test_settings_are_chosen_for_the_store_and_a_channel(window: Callable[..., Desk], stores: dict[str, Store]) -> None:
    page = signed_in(window, f"/admin/stores/{stores['hats'].key}/settings", "phone")
    page.get_by_label("Send Paid Order").check()
    page.get_by_label("Name of Paid Order in Klaviyo").fill("Money came")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_contain_text("Saved.")
    page.get_by_role("main").get_by_role("link", name="Storefront").click()
    choice = page.get_by_label("Send Paid Order")
    expect(choice.locator("option:checked")).to_have_text("As the store: yes")
    expect(page.get_by_label("Name of Paid Order in Klaviyo")).to_have_attribute("placeholder", "Money came")
    choice.select_option("No")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_label("Send Paid Order").locator("option:checked")).to_have_text("No")


def test_how_the_shop_is_read_is_set_and_what_is_wrong_is_said_at_its_field(
    window: Callable[..., Desk], tees: Store
) -> None:
    page = signed_in(window, f"/admin/stores/{tees.key}/settings", "phone")
    hold = page.get_by_label("An unpaid order on hold is an order after (minutes)")
    hold.fill("soon")
    page.get_by_role("button", name="Save").click()
    expect(hold).to_have_accessible_description(re.compile("Write a number from 0 to 1,440."))
    assert Axe().run(page).response["violations"] == []
    hold.fill("15")
    page.get_by_label("Sales channels to leave out").fill("eBay\nTrade Me")
    page.get_by_label("Count what is taken out").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_contain_text("Saved.")
    expect(hold).to_have_value("15")
    expect(page.get_by_label("Sales channels to leave out")).to_have_value("eBay\nTrade Me")


def test_custom_fields_are_tried_on_a_real_order_and_saved(
    window: Callable[..., Desk], stores: dict[str, Store]
) -> None:
    page = signed_in(window, f"/admin/stores/{stores['hats'].key}/settings", "phone")
    row = "Properties of an order's events, row 1"
    page.get_by_label(f"Path: {row}").fill("delivery wish")
    page.get_by_label(f"Property in Klaviyo: {row}").fill("DeliveryWish")
    page.get_by_role("button", name="Preview the custom fields").click()
    expect(page.get_by_label(f"Path: {row}")).to_have_accessible_description(re.compile("is no path"))
    page.get_by_label(f"Path: {row}").fill("order.delivery_wish")
    page.get_by_label(f"Told as: {row}").select_option("text")
    page.get_by_role("button", name="Preview the custom fields").click()
    expect(page.get_by_role("cell", name="Vormittags").first).to_be_visible()
    page.get_by_label(f"Path: {row}").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Saved.")
    expect(page.get_by_label(f"Property in Klaviyo: {row}")).to_have_value("DeliveryWish")


def test_an_order_is_found_and_followed(window: Callable[..., Desk], stores: dict[str, Store]) -> None:
    page = signed_in(window, f"/admin/stores/{stores['hats'].key}/messages")
    page.get_by_label("Order number, e-mail address or id").fill("10003")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Placed Order").click()
    expect(page.get_by_text("Webhook received and stored")).to_be_visible()
    expect(page.locator(".way time").first).to_have_text("14 Mar 2026, 09:17:10")
    page.get_by_text("What Klaviyo gets").click()
    expect(page.locator("pre").first).to_contain_text('"OrderNumber": "10003"')


def test_what_is_stuck_is_tried_again(
    window: Callable[..., Desk], stores: dict[str, Store], services: Services
) -> None:
    page = signed_in(window, f"/admin/stores/{stores['hats'].key}/stuck")
    page.get_by_role("button", name="Try all again").first.click()
    expect(page.get_by_role("status")).to_have_text("You tried 3 messages again.")
    with services.database.read() as session:
        assert {session.get_one(Outbox, id_).state for id_ in (161, 162, 163)} == {"due"}


def test_the_overview_keeps_itself_current(window: Callable[..., Desk], services: Services) -> None:
    store = house.add_store(services, "Hats", "hats.shop-owner.net")
    page = signed_in(window, "/admin/")
    put(services, store, 7)
    expect(page.locator(".figures").get_by_text("7", exact=True)).to_have_count(2, timeout=8000)


def test_without_scripts_everything_works(window: Callable[..., Desk], stores: dict[str, Store]) -> None:
    page = window(java_script_enabled=False).sign_in().page
    expect(page.get_by_text("flowing")).to_be_visible()
    page.get_by_role("link", name="Hutmacherei Lindqvist", exact=True).click()
    page.get_by_role("link", name="Messages", exact=True).click()
    expect(page.locator("time").first).to_contain_text("UTC")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("status")).to_have_text("You are signed out.")


def test_inside_a_shop_the_pages_open_and_work(
    window: Callable[..., Desk], services: Services, clock: Clock, address: str
) -> None:
    store = house.add_store(services, "Hats", "hats.shop-owner.net")

    def signed(shop_url: str) -> str:
        query = f"shop-id={store.shop_id}&shop-url={shop_url}&timestamp={int(clock().timestamp())}"
        claimed = signature.sign(query.encode(), house.SECRET)
        return f"{address.replace('127.0.0.1', 'localhost')}/admin/?{query}&shopware-shop-signature={claimed}"

    with house.serving(lambda: administration(signed)) as shop:
        with services.database.write() as session:
            session.get_one(Store, store.id).shop_url = shop
        page = window().page
        page.goto(f"{shop}/admin")
        inside = page.frame_locator("iframe")
        expect(inside.get_by_text("Live events, last 24 hours")).to_be_visible()
        assert page.title() == "sw-app-loaded"
        inside.get_by_role("link", name="Settings").click()
        inside.get_by_label("Send Paid Order").check()
        inside.get_by_role("button", name="Save").click()
        expect(inside.get_by_role("status")).to_contain_text("Saved.")
        expect(inside.get_by_role("link", name="Connect a shop")).to_have_count(0)


def test_no_other_site_can_frame_the_pages(window: Callable[..., Desk], address: str) -> None:
    with house.serving(lambda: administration(lambda _shop: f"{address}/admin/sign-in")) as shop:
        desk = window()
        desk.page.goto(f"{shop}/admin")
        expect(desk.page.frame_locator("iframe").get_by_label("Password")).to_have_count(0)
        assert any("frame-ancestors" in said for said in desk.complaints)
        desk.complaints.clear()
