"""When a cart is told, and that its link leads back to the shop and nowhere else."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from mappings.model import Event
from mappings.neto.recipients import recipient
from tests.mappings.neto import build
from tests.mappings.neto.build import LINK, READ_AT


def told(**changes: Any) -> list[Event]:
    return build.events(build.cart(**changes), "cart")


def test_a_cart_left_by_somebody_known_is_told_under_its_own_number() -> None:
    (event,) = told()
    assert (event.metric, event.unique_id, event.value) == ("Started Checkout", "88", Decimal("20.00"))
    assert event.profile["email"] == "kim@shop-customer.net"
    item = event.properties["Items"][0]
    assert (item["ProductName"], item["Quantity"], item["ItemPrice"]) == ("Felt hat", 2, Decimal("10.00"))


@pytest.mark.parametrize(
    "changes",
    [
        {"CustomerEmail": None},
        {"CustomerEmail": "kim@"},
        {"OrderLines": []},
        {"CheckoutStatus": "Closed"},
        {"OrderID": "N1"},
        {"DateUpdatedUTC": f"{READ_AT - timedelta(seconds=170):%Y-%m-%d %H:%M:%S}"},
        {"DateUpdatedUTC": None},
    ],
)
def test_a_cart_that_moves_is_an_order_or_belongs_to_nobody_is_not(changes: Any) -> None:
    assert told(**changes) == []


@pytest.mark.parametrize(
    ("link", "shown"),
    [
        (LINK, LINK),
        ("/restore?token=x", LINK),
        ("https://shop-owner.com.au/restore?token=x", "https://shop-owner.com.au/restore?token=x"),
        ("http://www.shop-owner.com.au/restore", None),
        ("https://www.shop-owner.com.au.evil.net/", None),
        ("//evil.net/restore", None),
        ("javascript:alert(1)", None),
        (None, None),
    ],
)
def test_the_link_leads_back_to_the_shop_or_is_left_out(link: str | None, shown: str | None) -> None:
    assert told(RestoreCartUrl=link)[0].properties.get("Checkout URL") == shown


def way_back(*lines: tuple[str, str], link: str | None = None, items: Any = (), wanted: bool = True) -> str | None:
    """The link told of a cart of these SKUs and quantities."""
    found = build.cart(RestoreCartUrl=link, OrderLines=[{"SKU": sku, "Quantity": some} for sku, some in lines])
    body = {**found, "items": dict(items), "shop": build.shop(refills_carts=wanted)}
    told: str | None = build.events(body, "cart")[0].properties.get("Checkout URL")
    return told


HAT = ("HAT & CO", "2")
SCARF = ("SCARF", "1")
ADD = "https://www.shop-owner.com.au/_mycart?"


@pytest.mark.parametrize(
    ("lines", "link", "shown"),
    [
        ([HAT], None, f"{ADD}sku=HAT+%26+CO&qty=2"),
        ([HAT, SCARF], None, f"{ADD}multi=2&sku0=HAT+%26+CO&qty0=2&sku1=SCARF&qty1=1"),
        ([HAT, SCARF], "https://evil.net/restore", f"{ADD}multi=2&sku0=HAT+%26+CO&qty0=2&sku1=SCARF&qty1=1"),
        ([HAT, SCARF], LINK, LINK),
        ([HAT, ("CLOTH", "1.5")], None, None),
        ([HAT, ("VOID", "0")], None, None),
        ([(f"A-RATHER-LONG-SKU-{number:04}", "1") for number in range(90)], None, None),
    ],
)
def test_a_cart_without_a_link_of_the_shops_can_be_given_one_that_adds_its_things(
    lines: Any, link: str | None, shown: str | None
) -> None:
    assert way_back(*lines, link=link) == shown
    assert way_back(*lines, link=link, wanted=False) == (LINK if link == LINK else None)


def test_freight_is_not_added_by_a_link() -> None:
    freight = {"FREIGHT": {"SKU": "FREIGHT", "IsNetoUtility": "True"}}
    assert way_back(SCARF, ("FREIGHT", "1"), items=freight) == f"{ADD}sku=SCARF&qty=1"
    assert way_back(("FREIGHT", "1"), items=freight) is None


def test_a_total_that_is_missing_is_the_sum_of_the_lines() -> None:
    assert told(CartTotal=None)[0].value == Decimal("20.00")


@pytest.mark.parametrize(
    ("changes", "active"),
    [
        ({}, True),
        ({"NewsletterSubscriber": "False"}, False),
        ({"NewsletterSubscriber": "y"}, True),
        ({"NewsletterSubscriber": ""}, False),
        ({"Active": "False"}, False),
    ],
)
def test_a_customer_wants_the_newsletter_where_the_flag_says_so(changes: dict[str, str], active: bool) -> None:
    customer = {
        **{"Username": "kim", "EmailAddress": "Kim@shop-customer.net", "NewsletterSubscriber": "True"},
        **{"DateAddedUTC": "2025-01-02 03:04:05", "BillingAddress": {"BillFirstName": "Kim"}, **changes},
    }
    found = recipient({"customer": customer, "shop": build.shop()})
    assert (found.email, found.first_name, found.active) == ("kim@shop-customer.net", "Kim", active)
    assert found.opted_in_at.isoformat() == "2025-01-02T03:04:05+00:00"
