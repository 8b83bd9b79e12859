"""The Admin API over HTTP: tokens, privileges, headers, and what it answers to those who may not."""

import json
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from companion.simulator.shop.app import EXTENSION
from companion.simulator.shop.apps import app as apps
from companion.simulator.shop.apps import lifecycle
from companion.simulator.shop.apps.app import App
from companion.simulator.shop.apps.manifest import parse
from companion.simulator.shop.shop import Shop
from companion.simulator.shop.trade import checkout
from companion.simulator.shop.trade.spec import OrderSpec
from companion.simulator.shop.world.made import GERMAN
from tests.simulator.shop.app_server import AppServer, manifest
from tests.simulator.shop.conftest import Browser
from tests.simulator.shop.recorded import exchange

ORDER_READS = ("order", "order_customer", "order_line_item", "state_machine_state", "product", "newsletter_recipient")


@pytest.fixture
def opened(web: Flask) -> Shop:
    shop: Shop = web.extensions[EXTENSION]
    return shop


@pytest.fixture
def app(opened: Shop, server: AppServer) -> App:
    return lifecycle.install(opened, parse(manifest(server, reads=ORDER_READS)))


class Api:
    """The API with an app's keys."""

    def __init__(self, browser: Browser, app: App) -> None:
        self._browser = browser
        given = {"grant_type": "client_credentials", "client_id": app.client_id, "client_secret": app.client_secret}
        self.granted = browser.post("/api/oauth/token", json=given)
        self.headers = {"Authorization": f"Bearer {self.granted.json['access_token']}", "Accept": "application/json"}

    def search(self, entity: str, criteria: dict[str, Any] | None = None, **headers: str) -> Any:
        return self._browser.post(f"/api/search/{entity}", json=criteria or {}, headers=self.headers | headers)


@pytest.fixture
def api(browser: Browser, app: App) -> Api:
    return Api(browser, app)


def test_keys_buy_a_token_for_ten_minutes(api: Api) -> None:
    assert {**api.granted.json, "access_token": ""} == {"token_type": "Bearer", "expires_in": 600, "access_token": ""}
    assert api.granted.json["access_token"].count(".") == 2


def test_wrong_keys_buy_nothing(browser: Browser, app: App, recordings: Path) -> None:
    given = {"grant_type": "client_credentials", "client_id": app.client_id, "client_secret": "wrong"}
    answer = browser.post("/api/oauth/token", json=given)
    assert (answer.status_code, answer.json) == (401, exchange(recordings, "oauth-token.wrong-secret")[1])


@pytest.mark.parametrize(
    ("header", "name"), [({}, "error.no-token-401"), ({"Authorization": "Bearer x"}, "error.invalid-token-401")]
)
def test_nobody_searches_without_a_token(
    browser: Browser, app: App, recordings: Path, header: dict[str, str], name: str
) -> None:
    answer = browser.post("/api/search/order", json={}, headers=header | {"Accept": "application/json"})
    assert (answer.status_code, answer.json) == (401, exchange(recordings, name)[1])


def test_a_token_ends_with_the_registration(api: Api, opened: Shop) -> None:
    assert api.search("order").status_code == 200
    lifecycle.reregister(opened)
    assert api.search("order").status_code == 401


def test_what_the_app_may_not_read_is_named(api: Api) -> None:
    criteria = {
        "associations": {"lineItems": {"associations": {"cover": {}}}, "currency": {}},
        "filter": [{"type": "equals", "field": "salesChannel.name", "value": "x"}],
    }
    answer = api.search("order", criteria)
    assert answer.status_code == 403
    told = json.loads(answer.json["errors"][0]["detail"])
    assert told["message"] == "Missing privilege"
    assert set(told["missingPrivileges"]) == {"sales_channel:read", "media:read", "currency:read"}
    assert answer.json["errors"][0]["code"] == "FRAMEWORK__MISSING_PRIVILEGE_ERROR"


def test_an_association_that_was_not_asked_for_is_null(api: Api, opened: Shop) -> None:
    checkout.place(opened, OrderSpec())
    plain = api.search("order").json["data"][0]
    asked = api.search("order", {"associations": {"lineItems": {}}}).json["data"][0]
    assert (plain["lineItems"], plain["currency"], plain["deliveries"]) == (None, None, None)
    assert plain["orderCustomer"]["email"]
    assert asked["lineItems"][0]["product"] is None


def test_unknown_entities_and_paths_have_no_route(api: Api, browser: Browser) -> None:
    assert api.search("does-not-exist").status_code == 404
    assert browser.delete("/api/order/1").status_code == 404
    assert "No route found" in api.search("does-not-exist").json["errors"][0]["detail"]


def test_includes_trim_the_answer_and_its_structures(api: Api, opened: Shop) -> None:
    checkout.place(opened, OrderSpec())
    includes = {
        "order": ["id", "price"],
        "cart_price": ["totalPrice", "calculatedTaxes"],
        "cart_tax_calculated": ["tax"],
    }
    told = api.search("order", {"includes": includes}).json["data"][0]
    assert list(told) == ["price", "id", "apiAlias"]
    assert list(told["price"]) == ["totalPrice", "calculatedTaxes", "apiAlias"]
    assert all(list(one) == ["tax", "apiAlias"] for one in told["price"]["calculatedTaxes"])


def test_slashes_are_escaped_in_answers_too(api: Api, opened: Shop) -> None:
    opened.database.put("newsletter_recipient", opened.database.all("newsletter_recipient")[0] | {"title": "a/ü"})
    assert b'"title":"a\\/\\u00fc"' in api.search("newsletter-recipient").data


def test_a_variant_has_its_parents_name_only_with_inheritance_and_in_the_asked_language(api: Api) -> None:
    wanted = {"filter": [{"type": "equals", "field": "productNumber", "value": "NL-1001-M"}]}
    alone = api.search("product", wanted).json["data"][0]
    assert (alone["translated"]["name"], alone["taxId"], alone["coverId"]) == (None, None, None)
    whole = api.search("product", wanted, **{"sw-inheritance": "1"}).json["data"][0]
    assert (whole["name"], whole["translated"]["name"]) == (None, "Fjord Rain Jacket")
    assert whole["price"][0]["gross"] == 149.9
    german = api.search("product", wanted, **{"sw-inheritance": "1", "sw-language-id": GERMAN})
    assert german.json["data"][0]["translated"]["name"] == "Regenjacke Fjord"
    assert german.headers["sw-language-id"] == GERMAN
    assert api.search("product", wanted, **{"sw-language-id": "f" * 32}).status_code == 400


def test_only_plain_json_is_spoken(api: Api) -> None:
    assert api.search("order", Accept="*/*").status_code == 400


def test_the_version_and_the_health_are_told(api: Api, browser: Browser) -> None:
    assert browser.get("/api/_info/version", headers=api.headers).json == {"version": "6.6.7.1"}
    assert browser.get("/api/_info/version").status_code == 401
    assert browser.get("/api/_info/health-check").status_code == 200


def test_opting_out_takes_the_privilege_to_update(api: Api, browser: Browser, opened: Shop, app: App) -> None:
    recipient = opened.database.all("newsletter_recipient")[0]
    path = f"/api/newsletter-recipient/{recipient['id']}"
    assert browser.patch(path, json={"status": "optOut"}, headers=api.headers).status_code == 403
    app.permissions.append("newsletter_recipient:update")
    apps.keep(opened.database, app)
    assert browser.patch(path, json={"status": "optOut"}, headers=api.headers).status_code == 204
    assert opened.database.get("newsletter_recipient", recipient["id"])["status"] == "optOut"
    assert browser.patch("/api/newsletter-recipient/x", json={}, headers=api.headers).status_code == 404
    assert browser.patch(path, json={"status": "maybe"}, headers=api.headers).status_code == 400


def test_ids_are_searched_without_their_records(api: Api, browser: Browser, opened: Shop) -> None:
    ids = checkout.place_any(opened, 3)
    answer = browser.post("/api/search-ids/order", json={"sort": "createdAt,id", "limit": 2}, headers=api.headers)
    assert answer.json == {"total": 2, "data": ids[:2]}


@pytest.mark.parametrize("body", [b"", b"[1]", b'{"limit":', b"\xff", b'{"a":' * 2000])
def test_a_body_that_is_no_criteria_is_refused_or_empty(api: Api, browser: Browser, body: bytes) -> None:
    headers = api.headers | {"Content-Type": "application/json"}
    assert browser.post("/api/search/order", data=body, headers=headers).status_code == (400 if body else 200)


def test_faults_strike_for_as_long_as_they_were_asked_to(api: Api, browser: Browser) -> None:
    browser.post("/_shop/faults", json={"kind": "status", "status": 503, "times": 2})
    browser.post("/_shop/faults", json={"kind": "html", "status": 502, "times": 1})
    answers = [api.search("order") for _ in range(4)]
    assert [one.status_code for one in answers] == [503, 503, 502, 200]
    assert answers[2].mimetype == "text/html"
    browser.post("/_shop/faults", json={"kind": "status", "status": 500, "path": "/api/oauth"})
    assert api.search("order").status_code == 200
    assert browser.post("/api/oauth/token", json={}).status_code == 500
    assert browser.delete("/_shop/faults").json == {"faults": []}
    assert browser.post("/_shop/faults", json={"kind": "earthquake"}).status_code == 400


def test_a_fault_can_end_by_itself(api: Api, browser: Browser) -> None:
    browser.post("/_shop/faults", json={"kind": "status", "for_s": 0.0})
    assert api.search("order").status_code == 200
    browser.post("/_shop/faults", json={"kind": "hang", "seconds": 0.05, "times": 1})
    assert api.search("order").status_code == 200
