"""The page of the storefront: what is kept, what a channel inherits, what is wrong, and that viewers only look."""

from collections.abc import Callable
from typing import Any

import pytest

from companion import stores
from companion.bootstrap import Services
from companion.forms import sightings
from companion.models import Store
from companion.store_settings import Onsite, onsite
from tests.admin import house
from tests.admin.conftest import Desk
from tests.fakes import Clock

CHANNEL = house.CHANNELS[0][0]
FORM = {
    "metric:Viewed Product": "on",
    "metric:Added to Cart": "on",
    "consent": "cookiebot",
    "consent_name": "marketing",
}


def in_force(services: Services, store: Store, channel: str = "") -> Onsite:
    with services.database.read() as session:
        return onsite(stores.by_key(session, store.key).settings, channel, store.platform)


def save(admin: Desk, store: Store, form: dict[str, Any], status: int = 303, channel: str = "") -> None:
    path = f"/admin/stores/{store.key}/storefront" + (f"?channel={channel}" if channel else "")
    admin.get(path)
    admin.post(path, status, form)


def test_what_is_chosen_is_in_force_and_shown_again(admin: Desk, store: Store, services: Services) -> None:
    save(admin, store, FORM | {"identified": "on", "untracked_forms": "on"})
    assert in_force(services, store) == Onsite(
        ["Viewed Product", "Added to Cart"], "cookiebot", "marketing", True, True
    )
    assert "Saved." in admin.page
    assert 'value="cookiebot" selected' in admin.page
    assert 'name="metric:Started Checkout">' in admin.page


def test_a_channel_chooses_for_itself_and_follows_again(admin: Desk, store: Store, services: Services) -> None:
    save(admin, store, {"metric:Viewed Product": "on", "consent": "none"}, channel=CHANNEL)
    assert in_force(services, store, CHANNEL).metrics == ["Viewed Product"]
    assert in_force(services, store).consent == "shopware"
    save(admin, store, {"inherit": "yes"}, channel=CHANNEL)
    assert in_force(services, store, CHANNEL) == in_force(services, store)
    with services.database.read() as session:
        assert stores.by_key(session, store.key).settings["channels"] == {}


def test_a_channels_other_choices_stay(admin: Desk, store: Store, services: Services) -> None:
    with services.database.write() as session:
        stores.by_key(session, store.key).settings = {"channels": {CHANNEL: {"order_identifier": "number"}}}
    save(admin, store, FORM, channel=CHANNEL)
    save(admin, store, {"inherit": "yes"}, channel=CHANNEL)
    with services.database.read() as session:
        assert stores.by_key(session, store.key).settings["channels"] == {CHANNEL: {"order_identifier": "number"}}


def test_what_cannot_be_is_not_saved(admin: Desk, store: Store, services: Services) -> None:
    save(admin, store, FORM | {"consent": "telepathy"}, 400)
    assert "Nothing was saved" in admin.page
    assert in_force(services, store).consent == "shopware"


@pytest.mark.parametrize(("typed", "meant"), [("companion-for-klaviyo", "marketing"), ("statistics", "statistics")])
def test_a_name_left_from_another_way_to_ask_is_not_taken(
    admin: Desk, store: Store, services: Services, typed: str, meant: str
) -> None:
    save(admin, store, FORM | {"consent_name": typed})
    assert in_force(services, store).consent_name == meant


def test_the_text_to_paste_is_shown(admin: Desk, store: Store) -> None:
    admin.get(f"/admin/stores/{store.key}/storefront")
    assert f"/snippets/v1/{store.key}/companion.js" in admin.page


@pytest.mark.parametrize("channel", ["x" * 65])
def test_an_id_that_no_channel_has_is_not_found(admin: Desk, store: Store, channel: str) -> None:
    admin.get(f"/admin/stores/{store.key}/storefront?channel={channel}", 404)


def test_whether_the_script_was_seen_in_the_shop_is_said(admin: Desk, store: Store, services: Services) -> None:
    path = f"/admin/stores/{store.key}/storefront"
    assert "not seen in the shop yet" in admin.read(path)
    with services.database.write() as session:
        sightings.note(session, store.id, sightings.SCRIPT, "c1", "", "hats.shop-owner.net", services.now())
    assert "on hats.shop-owner.net" in admin.read(path)
    assert "on hats.shop-owner.net" in admin.read(f"{path}?channel=c1")
    assert "not seen in the shop yet" in admin.read(f"{path}?channel=c2")


def test_of_each_block_it_is_said_whether_and_where_it_was_seen(
    admin: Desk, services: Services, new_store: Callable[..., Store], clock: Clock
) -> None:
    store = new_store(platform="neto")
    path = f"/admin/stores/{store.key}/storefront"
    assert admin.read(path).count("not seen in the shop yet") == 2
    with services.database.write() as session:
        host = "hats.shop-owner.net"
        sightings.note(session, store.id, sightings.SCRIPT, "", "checkout", host, clock())
        clock.advance(7200)
        sightings.note(session, store.id, sightings.SCRIPT, "", "shop", host, clock())
    page = admin.read(path)
    assert page.count("not seen in the shop yet") == 1
    assert f"tab Page Header Seen just now on {host}, on shop pages" in page
    assert f"2 h ago on {host}, in the checkout" in page
    assert "Seen once somebody who has given consent opens a product." in page
    with services.database.write() as session:
        sightings.note(session, store.id, sightings.place("item"), "", "en-au", host, clock())
    assert f"(Under Buying Options) Seen just now on {host}, on a page in en-au" in admin.read(path)


def test_what_only_another_platform_has_to_ask_for_consent_is_not_offered(
    admin: Desk, store: Store, new_store: Callable[..., Store]
) -> None:
    neto = new_store(platform="neto", shop_id="www.tees.net")
    admin.get(f"/admin/stores/{store.key}/storefront")
    assert ('value="shopware"' in admin.page, 'value="suitecommerce"' in admin.page) == (True, False)
    admin.get(f"/admin/stores/{neto.key}/storefront")
    assert ('value="shopware"' in admin.page, 'value="cookiebot"' in admin.page) == (False, True)
