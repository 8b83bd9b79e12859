"""The demo shop that speaks Neto: the documented request and answer, and each habit that can be switched on."""

from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from companion.simulator.neto import KEY, create_app
from companion.simulator.neto.config import Config

EVER = {"DateUpdatedFrom": "2000-01-01 00:00:00"}


@pytest.fixture
def shop(tmp_path: Path) -> FlaskClient:
    return create_app(Config(data=tmp_path)).test_client()


def call(shop: FlaskClient, action: str, key: str = KEY, **filters: Any) -> Any:
    body = {"Filter": {"OutputSelector": ["ID"], **filters}}
    return shop.post("/do/WS/NetoAPI", json=body, environ_overrides=headers(action, key))


def headers(action: str, key: str = KEY) -> dict[str, str]:
    return {"HTTP_NETOAPI_ACTION": action, "HTTP_NETOAPI_KEY": key}


def place(shop: FlaskClient, **spec: Any) -> str:
    order: dict[str, Any] = shop.post("/_shop/orders", json={"skus": ["STOVE"], **spec}).get_json()
    return str(order["OrderID"])


def habits(shop: FlaskClient, **changes: Any) -> None:
    assert shop.post("/_shop/habits", json=changes).status_code == 200


def test_an_order_is_found_by_number_and_a_list_of_one_is_that_one(shop: FlaskClient) -> None:
    number = place(shop)
    answer = call(shop, "GetOrder", OrderID=[number]).get_json()
    assert (answer["Ack"], answer["Order"]["OrderID"]) == ("Success", number)
    habits(shop, single_objects=False)
    assert call(shop, "GetOrder", OrderID=number).get_json()["Order"][0]["GrandTotal"] == "99.85"


@pytest.mark.parametrize(
    ("action", "filters", "key", "said"),
    [
        ("GetOrder", EVER, "wrong", "Invalid API key"),
        ("GetNothing", EVER, KEY, "Unknown action"),
        ("GetOrder", {**EVER, "OutputSelector": []}, KEY, "OutputSelector"),
    ],
)
def test_errors_come_with_status_200(shop: FlaskClient, action: str, filters: Any, key: str, said: str) -> None:
    answer = call(shop, action, key, **filters)
    assert (answer.status_code, answer.get_json()["Ack"]) == (200, "Error")
    assert said in answer.get_json()["Messages"][0]["Error"]["Message"]


def test_a_call_without_a_filter_comes_back_empty(shop: FlaskClient) -> None:
    place(shop)
    assert call(shop, "GetOrder", Page=0, Limit=10).get_json()["Order"] == []


def test_pages_follow_each_other_and_may_repeat_a_record(shop: FlaskClient) -> None:
    for _ in range(5):
        place(shop)

    def page(number: int) -> list[str]:
        rows = call(shop, "GetOrder", **EVER, Page=number, Limit=2).get_json()["Order"]
        return [row["OrderID"] for row in (rows if isinstance(rows, list) else [rows])]

    assert len({*page(0), *page(1), *page(2)}) == 5
    habits(shop, duplicates=True)
    assert page(0)[1] == page(1)[0]


def test_a_part_missing_is_refused_and_calls_are_counted(shop: FlaskClient) -> None:
    habits(shop, addon=False, deny=["GetRma"])
    for action, said in (("GetCart", "add-on"), ("GetRma", "permission")):
        assert said in call(shop, action, **EVER).get_json()["Messages"][0]["Error"]["Message"]
    habits(shop, calls_per_minute=1)
    assert call(shop, "GetOrder", **EVER).status_code == 429
    assert shop.get("/_shop/calls").get_json() == {"total": 3, "busiest_minute": 3}


def test_local_times_are_told_and_understood(shop: FlaskClient) -> None:
    number = place(shop)
    utc = call(shop, "GetOrder", OrderID=number).get_json()["Order"]["DatePlaced"]
    habits(shop, clock_hours=10)
    local = call(shop, "GetOrder", OrderID=number).get_json()["Order"]["DatePlaced"]
    assert local != utc
    assert call(shop, "GetOrder", DatePlacedFrom=local).get_json()["Order"]["OrderID"] == number


@pytest.mark.parametrize("share", [1.0])
def test_every_failure_is_none_that_could_be_taken_for_an_answer(shop: FlaskClient, share: float) -> None:
    habits(shop, fail_share=share)
    for _ in range(20):
        answer = call(shop, "GetOrder", **EVER)
        body = answer.get_json(silent=True)
        assert answer.status_code == 500 or body is None or body["Ack"] == "Error"


def test_a_link_brings_the_cart_back_and_a_wrong_one_does_not(shop: FlaskClient) -> None:
    cart = shop.post("/_shop/carts", json={"skus": ["STOVE", "JACKET"], "email": "kim@shop-customer.net"}).get_json()
    path = cart["RestoreCartUrl"].removeprefix("http://127.0.0.1:8082")
    assert "Waxed jacket" in shop.get(path).text
    assert shop.get(path + "x").status_code == 404


@pytest.mark.parametrize("path", ["/", "/customers", "/habits", "/pictures/pack.svg", "/pictures/unknown.svg"])
def test_the_pages_show(shop: FlaskClient, path: str) -> None:
    place(shop)
    shop.post("/orders", data={"sku": "STOVE", "do": "cart"})
    shop.post("/customers", data={"email": "kim@shop-customer.net", "newsletter": "yes"})
    assert shop.get(path).status_code == 200


def test_an_order_goes_its_way_on_the_page(shop: FlaskClient) -> None:
    shop.post("/orders", data={"sku": "STOVE", "do": "hold"})
    for step in ("pay", "pick", "pack", "dispatch", "refund"):
        assert shop.post(f"/orders/N1001/{step}").status_code == 303
    assert call(shop, "GetRma", OrderID="N1001").get_json()["Rma"]["Refunds"][0]["Refund"][0]["RefundAmount"] == "99.85"
    assert shop.post("/orders/N1001/fly").status_code == 404
