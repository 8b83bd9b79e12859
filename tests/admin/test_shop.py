"""Connecting a shop by its keys, and the page of the connection: the same for every platform that asks for keys."""

import pytest
import responses

from companion import outbox, resolve, stores
from companion.bootstrap import Services
from companion.models import Store
from companion.platforms import neto
from mappings.model import Event
from tests.admin.conftest import Desk
from tests.platforms.neto import SHOP, error, ok, shop

KEY = "a key that nobody may read again"


def connect(admin: Desk, status: int = 303, **typed: str) -> None:
    admin.get("/admin/connect/neto")
    admin.post("/admin/connect/neto", status, **{"address": SHOP, "api_key": KEY, **typed})


def only(services: Services) -> Store:
    with services.database.read() as session:
        (store,) = stores.listed(session)
    return store


def test_a_shop_is_connected_by_its_address_and_keys(admin: Desk, services: Services) -> None:
    admin.get("/admin/connect")
    assert neto.title in admin.page
    connect(admin)
    store = only(services)
    assert (store.platform, store.shop_url, store.settings) == ("neto", SHOP, neto.defaults)
    assert services.vault.open_json(store.credentials)["api_key"] == KEY
    token = services.vault.open_json(store.credentials)["token"]
    assert f"https://companion.shop-owner.net/neto/www.example-store.com.au/{token}" in admin.page
    assert KEY not in admin.page


@pytest.mark.parametrize(
    ("typed", "said"), [({"address": "nowhere at all"}, "write the shop"), ({"api_key": " "}, "API key: is missing")]
)
def test_what_is_wrong_is_said_and_nothing_is_connected(
    admin: Desk, services: Services, typed: dict[str, str], said: str
) -> None:
    connect(admin, 400, **typed)
    assert said in admin.page
    with services.database.read() as session:
        assert stores.listed(session) == []


def test_a_look_at_the_connection_says_what_to_mend(admin: Desk, services: Services) -> None:
    connect(admin)
    page = f"/admin/stores/{only(services).key}/shop"
    now = f"{services.now():%Y-%m-%d %H:%M:%S}"
    money = {**ok("CurrencySettings", {"DEFAULTCURRENCY": "AUD"}), "CurrentTime": now}
    with shop(GetCurrencySettings=money, GetRma=error("no permission")):
        admin.post(f"{page}/check", 200)
    assert "Amounts are in AUD." in admin.page
    assert "Refunded Order is told from returns" in admin.page
    with shop(GetCurrencySettings=(500, "")):
        admin.post(f"{page}/check", 200)
    assert "failed with status 500" in admin.page


def test_keys_are_replaced_and_the_address_stays(admin: Desk, services: Services) -> None:
    connect(admin)
    before = services.vault.open_json(only(services).credentials)
    page = f"/admin/stores/{only(services).key}/shop"
    admin.get(page)
    admin.post(f"{page}/keys", 400, api_key="")
    admin.post(f"{page}/keys", api_key="another")
    after = services.vault.open_json(only(services).credentials)
    assert (after["api_key"], after["token"]) == ("another", before["token"])


def test_who_only_looks_is_shown_no_secret(admin: Desk, viewer: Desk, services: Services) -> None:
    connect(admin)
    store = only(services)
    viewer.get(f"/admin/stores/{store.key}/shop")
    assert services.vault.open_json(store.credentials)["token"] not in viewer.page
    viewer.post(f"/admin/stores/{store.key}/shop/keys", 403, api_key="x")


def test_a_platform_without_keys_asks_for_none_and_is_looked_at_all_the_same(admin: Desk, store: Store) -> None:
    admin.get("/admin/connect/shopware", 404)
    admin.get("/admin/connect/nothing", 404)
    page = f"/admin/stores/{store.key}/shop"
    assert "Replace the keys" not in admin.read(page)
    admin.post(f"{page}/keys", 404, api_key="x")
    admin.get(page)
    with responses.RequestsMock(assert_all_requests_are_fired=False) as http:  # a token may be at hand already
        http.post(f"{store.shop_url}/api/oauth/token", json={"access_token": "t", "expires_in": 600})
        http.post(f"{store.shop_url}/api/search/order", json={"total": 1234, "data": []})
        admin.post(f"{page}/check", 200)
    assert "there are 1,234" in admin.page


def test_sales_channels_without_ids_are_known_by_their_names(admin: Desk, services: Services) -> None:
    connect(admin)
    store = only(services)
    told = Event(
        *("Placed Order", "Placed Order", "N1", services.now(), {"email": "kim@shop-customer.net"}),
        properties={"Source Name": "Website", "OrderID": "N1"},
    )
    with services.database.write() as session:
        outbox.add(session, store.id, [resolve.outbox_row(told)], services.now(), services.now())
    assert "Website" in admin.read(f"/admin/stores/{store.key}/settings")
    assert "Placed Order" in admin.read(f"/admin/stores/{store.key}/messages")


def test_the_settings_show_what_the_platform_can_tell_and_keep_nothing_else(admin: Desk, services: Services) -> None:
    connect(admin)
    key = only(services).key
    admin.get(f"/admin/stores/{key}/settings")
    assert "Started Checkout" in admin.page
    assert "Partially Shipped Order" not in admin.page
    admin.post(f"/admin/stores/{key}/settings", fields={"event:Placed Order": "on"})
    assert "Partially Shipped Order" not in only(services).settings["events"]
    assert only(services).settings["events"]["Started Checkout"] is False
    assert only(services).settings["sweep_minutes"] == neto.defaults["sweep_minutes"]
