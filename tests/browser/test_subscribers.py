"""The page of subscribers in a real Chromium: a desk, a phone, without scripts; list, held run, explanation."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from companion.bootstrap import Services
from companion.models import Store
from tests.admin import house
from tests.admin import test_subscribers as made
from tests.admin.windows import Desk
from tests.fakes import Clock

pytestmark = pytest.mark.browser


@pytest.fixture
def hats(services: Services, clock: Clock) -> Store:
    """A store whose run waits for a yes, with an address to explain."""
    found = house.add_store(services, "Hutmacherei Lindqvist", "hats.shop-owner.net")
    made.change(services, found, subscriber_list=made.LIST, time_zone="Europe/Berlin")
    made.ended(services, found, "lists", lists=made.LISTS)
    made.meet(services, found, clock)
    made.held(services, found)
    return found


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", ["desk", "phone"])
def test_the_page_is_accessible_and_fits(window: Callable[..., Desk], hats: Store, size: str, scheme: str) -> None:
    page = window(size, color_scheme=scheme).sign_in().open(made.path(hats, f"?email={made.KIM}"))
    page.locator("summary", has_text="Create a list").click()
    found = Axe().run(page).response["violations"]
    assert [(one["id"], node["html"][:150]) for one in found for node in one["nodes"]] == []
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


@pytest.mark.parametrize("scripts", [True, False])
def test_a_list_is_chosen_a_run_answered_and_an_address_explained(
    window: Callable[..., Desk], hats: Store, scripts: bool
) -> None:
    page = window("phone", java_script_enabled=scripts).sign_in().open(made.path(hats))
    page.get_by_role("button", name="Yes, remove them").click()
    expect(page.get_by_role("status").filter(has_text="The run goes on.")).to_be_visible()
    expect(page.get_by_text("synchronizing")).to_be_visible()
    page.get_by_label("List in Klaviyo").select_option("Zz2222")
    page.get_by_label("Hour of the day").select_option("05:00")
    page.get_by_label("Time zone").fill("Europe/Nowhere")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_label("Time zone")).to_have_accessible_description(
        "'Europe/Nowhere' is no time zone; write one like Europe/Berlin"
    )
    page.get_by_label("Time zone").fill("Europe/Vienna")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status").filter(has_text="Saved.")).to_be_visible()
    expect(page.get_by_label("List in Klaviyo").locator("option:checked")).to_have_text("Twice (Zz2222)")
    page.locator("summary", has_text="Create a list").click()
    page.get_by_label("Name of the new list").fill("Stammkunden")
    page.get_by_role("button", name="Create and choose").click()
    expect(page.get_by_role("status").filter(has_text="“Stammkunden” is being created.")).to_be_visible()
    page.get_by_label("E-mail address").fill(made.KIM)
    page.get_by_role("button", name="Explain").click()
    expect(page.locator(".explained").first).to_contain_text("UNSUBSCRIBE everywhere")


@pytest.mark.parametrize(("size", "scheme"), [("desk", "light"), ("phone", "dark")])
def test_a_channels_page_is_accessible_and_fits(
    window: Callable[..., Desk], hats: Store, size: str, scheme: str
) -> None:
    page = window(size, color_scheme=scheme).sign_in().open(made.channel_path(hats))
    found = Axe().run(page).response["violations"]
    assert [(one["id"], node["html"][:150]) for one in found for node in one["nodes"]] == []
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


@pytest.mark.parametrize("scripts", [True, False])
def test_opt_outs_and_fields_are_chosen_and_a_channel_takes_another_list(
    window: Callable[..., Desk], hats: Store, scripts: bool
) -> None:
    page = window("phone", java_script_enabled=scripts).sign_in().open(made.path(hats))
    page.get_by_label("Suppressed by hand").check()
    page.get_by_label("Opt-outs from any list count.").check()
    page.get_by_label("Custom field, row 1").fill("custom_size")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_label("Property in Klaviyo, row 1")).to_have_accessible_description(
        "The property needs a name of at most 127 characters."
    )
    page.get_by_label("Property in Klaviyo, row 1").fill("Size")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status").filter(has_text="Saved.")).to_be_visible()
    page.get_by_label("Another sales channel").fill(made.CHANNEL)
    page.get_by_role("button", name="Open").click()
    expect(page.get_by_text("the store: custom_size as Size")).to_be_visible()
    expect(page.get_by_text("undoes: unsubscribed, suppressed by hand; opt-outs from any list count")).to_be_visible()
    expect(page.get_by_label("List in Klaviyo").locator("option:checked")).to_have_text("As the store: Newsletter")
    page.get_by_label("List in Klaviyo").select_option("Zz1111")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_label("List in Klaviyo").locator("option:checked")).to_have_text("Twice (Zz1111)")
    page.get_by_role("link", name="Subscribers of the whole store").click()
    expect(page.get_by_role("link", name=made.CHANNEL)).to_contain_text("“Twice”")
