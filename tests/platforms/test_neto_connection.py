"""The look at the connection: currency, clock, permissions and add-on, each in words."""

from datetime import timedelta
from typing import Any

import pytest

from companion.platforms import neto
from tests.platforms.neto import NOW, Answer, access, error, ok, shop

CURRENCY = {"DEFAULTCURRENCY": "AUD"}


def found(settings: dict[str, Any] | None = None, clock: str = "", **answers: Answer) -> dict[str, tuple[str, str]]:
    carts = {"GetCart": ok("Cart", {"CartID": "1"}), **answers}
    if clock:
        carts["GetCurrencySettings"] = {**ok("CurrencySettings", CURRENCY), "CurrentTime": clock}
    with shop(**carts):
        return {one.about: (one.tone, one.said) for one in neto.check(access(**(settings or {})))}


def test_a_shop_in_order_is_told_so() -> None:
    said = found()
    assert {tone for tone, _ in said.values()} == {"good"}
    assert said["Currency"][1] == "Amounts are in AUD."
    assert "UTC" in said["Clock"][1]
    assert set(said) == {"Currency", "Clock", "Orders", "Products", "Customers", "Returns", "Carts"}


def test_a_missing_permission_is_named_with_what_it_costs() -> None:
    denied = error("The user does not have permission")
    said = found(GetOrder=denied, GetRma=denied)
    assert said["Orders"][0] == "bad"
    assert "permission group may use GetOrder" in said["Orders"][1]
    assert said["Returns"][0] == "warn"
    assert "Refunded Order" in said["Returns"][1]


@pytest.mark.parametrize("answer", [error("add-on not installed"), ok("Cart")], ids=["refused", "empty"])
def test_a_missing_add_on_is_named_and_no_fault(answer: Any) -> None:
    tone, said = found(GetCart=answer)["Carts"]
    assert tone == "warn"
    assert "Abandoned Cart Saver" in said


def test_a_clock_of_another_zone_is_told_with_how_it_is_read() -> None:
    tone, said = found(clock="2025-10-21 13:20:11")["Clock"]
    assert tone == "warn"
    assert "11.0 hours ahead of UTC" in said
    assert "+11:00" in said


def test_a_currency_that_differs_from_the_store_s_is_told() -> None:
    tone, said = found({"currency": "NZD"})["Currency"]
    assert (tone, "NZD" in said, "AUD" in said) == ("warn", True, True)
    assert found(GetCurrencySettings=error("no permission"))["Currency"][0] == "bad"


def test_orders_from_the_future_show_that_times_are_local() -> None:
    later = f"{NOW + timedelta(hours=10):%Y-%m-%d %H:%M:%S}"
    tone, said = found(GetOrder=ok("Order", {"OrderID": "1", "DatePlaced": later}))["Times of orders"]
    assert tone == "bad"
    assert "shop_times" in said


@pytest.mark.parametrize("refusal", [(401, ""), error("Invalid API key")])
def test_a_wrong_key_is_one_trouble(refusal: Any) -> None:
    actions = ("GetCurrencySettings", "GetOrder", "GetItem", "GetCustomer", "GetRma", "GetCart")
    answers: dict[str, Any] = dict.fromkeys(actions, refusal)
    with shop(**answers):
        (only,) = neto.check(access())
    assert (only.about, only.tone) == ("API key", "bad")
    assert ("Invalid API key" in only.said) is (refusal != (401, ""))
