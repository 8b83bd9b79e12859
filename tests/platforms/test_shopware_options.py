"""The texts of selections: read where orders have custom fields, remembered, and never in an order's way."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import responses

from companion.errors import Retry
from companion.platforms.base import Access
from companion.platforms.shopware.admin_api import AdminApi
from companion.platforms.shopware.options import PATIENCE, Memory
from tests.fakes import Clock

SHOP = "https://shop.shop-owner.net"
ORDER = {"id": "1", "customFields": {"wish": "am"}}
WISH = {"id": "f", "name": "wish", "config": {"options": [{"value": "am", "label": {"en-GB": "Morning", "de-DE": ""}}]}}
FOUND = {"wish": {"am": {"en-GB": "Morning"}}}


@pytest.fixture
def http() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        mock.post(f"{SHOP}/api/oauth/token", json={"access_token": "token", "expires_in": 600})
        yield mock


@pytest.fixture
def access(request: pytest.FixtureRequest, clock: Clock) -> Access:
    credentials = {"secret": "s" * 64, "client_id": "SWIATESTS", "client_secret": "client-secret"}
    return Access(request.node.name, SHOP, credentials, clock, lambda: None)


def answer(http: responses.RequestsMock, json: Any = None, status: int = 200) -> None:
    http.remove("POST", f"{SHOP}/api/search/custom-field")
    http.post(f"{SHOP}/api/search/custom-field", json={"data": [WISH]} if json is None else json, status=status)


def searches(http: responses.RequestsMock) -> int:
    return sum("custom-field" in (call.request.url or "") for call in http.calls)


@pytest.mark.parametrize(
    "order", [{}, {"customFields": None}, {"customFields": []}, {"orderCustomer": {"customer": None}}]
)
def test_orders_without_custom_fields_cost_no_call(http: responses.RequestsMock, access: Access, order: Any) -> None:
    assert Memory(AdminApi()).of(access, [order]) == {}
    assert searches(http) == 0


@pytest.mark.parametrize(
    "order", [ORDER, {"orderCustomer": ORDER}, {"orderCustomer": {"customer": ORDER}}], ids=["order", "copy", "account"]
)
def test_a_shop_is_asked_once_in_ten_minutes(
    http: responses.RequestsMock, access: Access, clock: Clock, order: Any
) -> None:
    memory = Memory(AdminApi())
    answer(http)
    for _ in range(3):
        assert memory.of(access, [{}, order]) == FOUND
        clock.advance(299)
    assert searches(http) == 1
    assert memory.of(access, [order]) == memory.of(replace(access, store_key="another"), [order]) == FOUND
    assert searches(http) == 3


@pytest.mark.parametrize("status", [400, 403])
def test_an_app_that_may_not_read_them_tells_ids_instead(
    http: responses.RequestsMock, access: Access, status: int
) -> None:
    memory = Memory(AdminApi())
    answer(http, {"errors": []}, status)
    assert memory.of(access, [ORDER]) == memory.of(access, [ORDER]) == {}
    assert searches(http) == 1


def test_a_shop_that_cannot_answer_holds_orders_for_a_few_tries_only(
    http: responses.RequestsMock, access: Access
) -> None:
    memory = Memory(AdminApi())
    answer(http, {}, 500)
    for _ in range(PATIENCE):
        with pytest.raises(Retry):
            memory.of(access, [ORDER])
    assert memory.of(access, [ORDER]) == {}


def test_what_was_known_is_used_while_a_shop_cannot_answer(
    http: responses.RequestsMock, access: Access, clock: Clock
) -> None:
    memory = Memory(AdminApi())
    answer(http)
    memory.of(access, [ORDER])
    clock.time += timedelta(hours=1)
    answer(http, {}, 500)
    assert memory.of(access, [ORDER]) == FOUND


@pytest.mark.parametrize(
    "row",
    [
        1,
        {},
        {"name": "wish", "config": None},
        {"name": "wish", "config": {"options": {}}},
        {"name": "wish", "config": {"options": [1, {"value": "am"}, {"value": "am", "label": []}]}},
    ],
)
def test_definitions_of_another_shape_offer_nothing(http: responses.RequestsMock, access: Access, row: Any) -> None:
    answer(http, {"data": [row]})
    assert Memory(AdminApi()).of(access, [ORDER]).get("wish", {}) == {}
