"""Whom an order belongs to, and what becomes of their profile."""

from typing import Any

import pytest

from mappings.errors import InvalidRecord
from mappings.shopware.records import facts
from tests.mappings import build


def profile(**changes: Any) -> dict[str, Any]:
    return dict(build.told(build.record(**changes), "Placed Order")[0].profile)


def test_a_customer_with_an_account_is_told_whole() -> None:
    assert profile() == {
        "email": "kim@shop-customer.net",
        "external_id": "account0000000000000000000000001",
        "phone_number": "+492285550100",
        "first_name": "Kim",
        "last_name": "Berg",
        "title": "Mrs.",
        "locale": "en-GB",
        "location": {
            "address1": "Hauptstr. 5",
            "city": "Bonn",
            "region": "North Rhine-Westphalia",
            "zip": "53111",
            "country": "Germany",
        },
        "properties": {
            "Birthday": "1988-05-21",
            "salesChannelId": build.CHANNEL,
            "salesChannelName": "Storefront",
            "language": "en-GB",
            "customerGroup": "Standard",
        },
    }


def test_a_guest_is_known_by_email_only() -> None:
    account = {**build.customer()["customer"], "guest": True}
    assert "external_id" not in profile(orderCustomer=build.customer(customer=account))


def test_a_deleted_account_leaves_the_channel_of_the_order() -> None:
    told = profile(orderCustomer=build.customer(customer=None))
    assert "external_id" not in told
    assert told["properties"]["salesChannelName"] == "Storefront"


def test_an_account_keeps_its_own_channel_and_the_one_it_is_bound_to() -> None:
    channel = {"id": "bound", "name": "Partners"}
    account = {**build.customer()["customer"], "salesChannel": channel, "boundSalesChannel": channel}
    properties = profile(orderCustomer=build.customer(customer=account))["properties"]
    assert properties["salesChannelId"] == properties["boundedSalesChannelId"] == "bound"
    assert properties["salesChannelName"] == properties["boundedSalesChannelName"] == "Partners"


@pytest.mark.parametrize(
    ("customer", "title"),
    [
        ({"title": "Dr."}, "Dr."),
        ({"salutation": {"salutationKey": "not_specified", "displayName": "Not specified"}}, None),
        ({"salutation": None}, None),
    ],
)
def test_a_title_is_the_person_s_else_the_salutation(customer: build.Json, title: str | None) -> None:
    assert profile(orderCustomer=build.customer(**customer)).get("title") == title


def test_a_phone_number_is_read_as_dialled_in_its_address_country() -> None:
    austria = build.address(phoneNumber="0664 1234567", country={"iso": "AT", "name": "Austria"})
    assert profile(billingAddress=austria)["phone_number"] == "+436641234567"


@pytest.mark.parametrize("number", ["12345", "call me", "", None])
def test_a_phone_number_that_cannot_exist_is_left_out_everywhere(number: str | None) -> None:
    placed = build.told(build.record(billingAddress=build.address(phoneNumber=number)), "Placed Order")[0]
    assert "phone_number" not in placed.profile
    assert "Phone" not in placed.properties["BillingAddress"]


def test_an_order_without_any_address_is_mapped() -> None:
    placed = build.told(build.record(billingAddress=None, deliveries=[]), "Placed Order")[0]
    assert not placed.properties.keys() & {"BillingAddress", "ShippingAddress"}
    assert not placed.profile.keys() & {"location", "phone_number"}


def test_an_address_without_country_or_state_is_mapped() -> None:
    placed = build.told(build.record(billingAddress={"city": "Bonn"}), "Placed Order")[0]
    assert placed.properties["BillingAddress"] == {"City": "Bonn"}


@pytest.mark.parametrize("email", [None, "", "no address", "a@b"])
def test_without_an_email_the_account_identifies_the_person(email: str | None) -> None:
    told = profile(orderCustomer=build.customer(email=email))
    assert "email" not in told
    assert told["external_id"] == "account0000000000000000000000001"


def test_without_email_and_account_the_phone_number_identifies_the_person() -> None:
    told = profile(orderCustomer=build.customer(email="", customer=None))
    assert told["phone_number"] == "+492285550100"
    assert not told.keys() & {"email", "external_id"}


@pytest.mark.parametrize("customer", [None, build.customer(email="", customer=None)])
def test_an_order_of_nobody_is_refused_with_the_path(customer: build.Json | None) -> None:
    body = build.record(orderCustomer=customer, billingAddress=None)
    with pytest.raises(InvalidRecord) as refused:
        build.order(body)
    assert refused.value.path == "$.order.orderCustomer.email"


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"amountTotal": None}, "$.order.amountTotal"),
        ({"orderDateTime": "yesterday"}, "$.order.orderDateTime"),
        ({"orderDateTime": "2026-03-14T10:15:30"}, "$.order.orderDateTime"),
        ({"currency": None}, "$.order.currency"),
        (
            {"lineItems": [build.line(), build.line(2, quantity=1) | {"quantity": "two"}]},
            "$.order.lineItems[1].quantity",
        ),
    ],
)
def test_a_record_of_another_shape_is_refused_with_path_and_reason(change: build.Json, path: str) -> None:
    body = build.record()
    body["order"] |= change
    with pytest.raises(InvalidRecord) as refused:
        build.order(body)
    assert refused.value.path == path
    assert refused.value.reason


def test_a_record_that_is_no_order_is_refused() -> None:
    for resource, body in (("order", {}), ("order", []), ("order", None), ("basket", build.record())):
        with pytest.raises(InvalidRecord):
            facts(resource, body)
