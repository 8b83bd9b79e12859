"""The pages inside a shop's administration: opened by the shop's signature, for that one store, and framed by it."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from companion import audit, stores
from companion.admin import in_shop
from companion.bootstrap import Services
from companion.models import Store
from companion.platforms.shopware import signature
from tests.admin import house
from tests.admin.conftest import Desk
from tests.build import put
from tests.fakes import Clock

NewDesk = Callable[[], Desk]
URL = "https://hats.shop-owner.net"


@pytest.fixture
def hats(services: Services) -> Store:
    return house.add_store(services, "Hats", "hats.shop-owner.net")


def module_url(store: Store, clock: Clock, secret: str = house.SECRET, age_s: int = 0, url: str = URL) -> str:
    """The address as a shop's administration opens it."""
    sent = int(clock().timestamp()) - age_s
    query = f"shop-id={store.shop_id}&shop-url={url}&timestamp={sent}&sw-version=6.6.7.1&sw-user-language=en-GB"
    return f"/admin/?{query}&shopware-shop-signature={signature.sign(query.encode(), secret)}"


def opened(desk: NewDesk, store: Store, clock: Clock) -> Desk:
    browser = desk()
    browser.get(module_url(store, clock), 303)
    return browser


def test_the_shops_signature_opens_its_store(desk: NewDesk, hats: Store, clock: Clock) -> None:
    reply = desk().get(module_url(hats, clock), 303)
    assert reply.location == f"/admin/in-shop/stores/{hats.key}/"
    cookie = reply.headers["Set-Cookie"].split("; ")
    assert cookie[0].startswith("companion_in_shop=")
    assert {"Secure", "HttpOnly", "SameSite=None", "Partitioned", "Path=/admin/in-shop"} <= set(cookie)


def test_the_shop_may_frame_the_pages_and_nobody_else(desk: NewDesk, hats: Store, clock: Clock) -> None:
    browser = opened(desk, hats, clock)
    reply = browser.get(f"/admin/in-shop/stores/{hats.key}/")
    assert reply.headers["Content-Security-Policy"].endswith(f"frame-ancestors {URL}")
    assert "X-Frame-Options" not in reply.headers
    assert "in_shop.js" in browser.page


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ({"secret": "another"}, "signature is not right"),
        ({"age_s": 601}, "out of date"),
        ({"age_s": -601}, "out of date"),
        ({"url": "https://staging.shop-owner.net"}, "another address"),
        ({"url": "nonsense"}, "another address"),
    ],
)
def test_an_address_that_proves_nothing_opens_nothing(
    desk: NewDesk, hats: Store, clock: Clock, address: dict[str, Any], said: str
) -> None:
    browser = desk()
    browser.get(module_url(hats, clock, **address), 401)
    assert said in browser.page
    browser.get(f"/admin/in-shop/stores/{hats.key}/", 401)


def test_one_altered_character_of_the_address_is_noticed(desk: NewDesk, hats: Store, clock: Clock) -> None:
    desk().get(module_url(hats, clock).replace("en-GB", "de-DE"), 401)
    desk().get(module_url(hats, clock).replace(hats.shop_id, "An0ther"), 401)
    desk().get(module_url(hats, clock) + "&more=yes", 401)


def test_a_shop_without_keys_cannot_be_signed_for(desk: NewDesk, services: Services, clock: Clock) -> None:
    fresh = house.add_store(services, "Fresh", "hats.shop-owner.net", credentials={})
    desk().get(module_url(fresh, clock, secret=""), 401)


def test_only_that_one_store_is_there(desk: NewDesk, hats: Store, services: Services, clock: Clock) -> None:
    other = house.add_store(services, "Shoes", "shoes.shop-owner.net")
    put(services, other, 1)
    browser = opened(desk, hats, clock)
    for page in ("", "setup", "settings", "messages", "messages/1", "stuck", "changes"):
        browser.get(f"/admin/in-shop/stores/{other.key}/{page}", 404)
    browser.get(f"/admin/in-shop/stores/{hats.key}/messages/1", 404)


def test_the_shops_session_does_not_open_the_house(desk: NewDesk, app: Flask, hats: Store, clock: Clock) -> None:
    browser = opened(desk, hats, clock)
    browser.get("/admin/", 302)
    cookie = browser.client.get_cookie("companion_in_shop", path="/admin/in-shop")
    assert cookie is not None
    browser.client.set_cookie("companion_admin", cookie.value, path="/admin")
    browser.get("/admin/", 302)


def test_the_houses_session_does_not_open_the_door_in_the_shop(admin: Desk, hats: Store) -> None:
    cookie = admin.client.get_cookie("companion_admin", path="/admin")
    assert cookie is not None
    admin.client.set_cookie("companion_in_shop", cookie.value, path="/admin/in-shop")
    admin.get(f"/admin/in-shop/stores/{hats.key}/", 401)


def test_what_concerns_the_shops_identity_is_not_offered_in_the_shop(
    desk: NewDesk, services: Services, clock: Clock
) -> None:
    wants = house.moved(services, "https://velo.net", "https://evil.net")
    store = house.add_store(services, "Velo", "hats.shop-owner.net", approval="reregistration", credentials=wants)
    browser = opened(desk, store, clock)
    assert "Only the service's own admin can decide this." in browser.read(f"/admin/in-shop/stores/{store.key}/setup")
    assert "Yes, it is this shop" not in browser.page
    browser.post(f"/admin/in-shop/stores/{store.key}/approve", 404)
    browser.get("/admin/in-shop/connect", 404)


def test_a_change_made_in_the_shop_is_in_the_trail(
    desk: NewDesk, hats: Store, services: Services, clock: Clock
) -> None:
    browser = opened(desk, hats, clock)
    browser.get(f"/admin/in-shop/stores/{hats.key}/setup")
    reply = browser.post(f"/admin/in-shop/stores/{hats.key}/pause", reason="Stocktaking")
    assert reply.location == f"/admin/in-shop/stores/{hats.key}/setup"
    with services.database.read() as session:
        assert stores.by_key(session, hats.key).paused == "Stocktaking"
        assert [(change.who, change.what) for change, _ in audit.listed(session)] == [("shop user", "paused sending")]


def test_a_change_in_the_shop_needs_its_token(desk: NewDesk, hats: Store, clock: Clock) -> None:
    browser = opened(desk, hats, clock)
    browser.page = ""
    browser.post(f"/admin/in-shop/stores/{hats.key}/pause", 403, reason="Forged")


@pytest.mark.parametrize("column", [{"state": "removed"}, {"credentials": b""}])
def test_an_uninstalled_shop_and_one_with_new_keys_are_shown_out(
    desk: NewDesk, hats: Store, services: Services, clock: Clock, column: dict[str, Any]
) -> None:
    browser = opened(desk, hats, clock)
    with services.database.write() as session:
        store = stores.by_key(session, hats.key)
        for name, value in column.items():
            setattr(store, name, value)
    browser.get(f"/admin/in-shop/stores/{hats.key}/", 401)


def test_the_shops_session_ends_after_twelve_hours(desk: NewDesk, hats: Store, clock: Clock) -> None:
    browser = opened(desk, hats, clock)
    clock.advance(12 * 3600 + 1)
    browser.get(f"/admin/in-shop/stores/{hats.key}/", 401)
    assert "Open the app" in browser.page


@pytest.mark.parametrize("host", ["hats.net *", "hats.net;script-src *", "hats.net,*", "kim@hats.net", ""])
def test_an_address_that_would_say_more_than_one_host_may_frame_nothing(services: Services, host: str) -> None:
    store = house.add_store(services, "Hats", host)
    assert in_shop.origin(store) == "'none'"
    assert in_shop.origin(house.add_store(services, "Shoes", "shoes.net:8443/de")) == "https://shoes.net:8443"
