"""The merchant's choices: what is sent, under which names, as news or as history."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

import mappings
from mappings.dialects import NETO, SHOPWARE
from mappings.metrics import DEFAULTS, TELLERS
from tests.mappings import build

PLACED_AT = datetime(2026, 3, 14, 10, 15, 30, 101_000, tzinfo=UTC)


def test_every_metric_has_a_teller_and_a_default() -> None:
    assert {"Started Checkout", *TELLERS} == DEFAULTS.keys()


def test_a_metric_that_is_switched_off_is_not_told() -> None:
    events = build.events(build.record(), names={"Ordered Product": "Ordered Product"})
    assert [event.metric for event in events] == ["Ordered Product"]


def test_a_metric_goes_by_the_name_the_merchant_gave_it() -> None:
    (event,) = build.events(build.record(), names={"Placed Order": "Bestellung"})
    assert (event.metric, event.metric_name) == ("Placed Order", "Bestellung")


@pytest.mark.parametrize(("identifier", "order_id"), [("id", build.ORDER), ("number", "10042")])
def test_order_id_is_the_id_or_the_number_and_never_changes_the_unique_id(identifier: str, order_id: str) -> None:
    placed, product = build.events(build.record(), order_identifier=identifier)
    assert placed.properties["OrderId"] == product.properties["OrderId"] == order_id
    assert placed.properties["OrderNumber"] == placed.label == "10042"
    assert (placed.unique_id, product.unique_id) == (build.ORDER, f"{build.ORDER}:{build.line()['id']}")


@pytest.mark.parametrize(
    ("before", "backfill"), [(None, False), (PLACED_AT, False), (PLACED_AT.replace(second=31), True)]
)
def test_what_is_older_than_the_flow_window_starts_no_flows(before: datetime | None, backfill: bool) -> None:
    assert {event.backfill for event in build.events(build.record(), backfill_before=before)} == {backfill}


def test_an_order_s_events_are_news_or_history_each_by_its_own_time() -> None:
    history = [build.entry("h", build.ORDER, "open", "completed", "2026-05-01T00:00:00.000+00:00")]
    events = build.events(build.record(history=history), backfill_before=datetime(2026, 4, 1, tzinfo=UTC))
    assert [(event.metric, event.backfill) for event in events] == [
        ("Placed Order", True),
        ("Ordered Product", True),
        ("Fulfilled Order", False),
    ]


def test_the_choices_are_those_of_the_order_s_sales_channel() -> None:
    asked = []

    def choices(channel_id: str) -> mappings.model.Tracking:
        asked.append(channel_id)
        return build.tracking()

    assert mappings.messages(mappings.facts("shopware", "order", build.record()), choices)
    assert asked == [build.CHANNEL]


def test_an_event_names_things_as_the_earlier_plugin_did() -> None:
    placed, product = build.events(build.record())
    assert placed.properties.keys() >= {
        *("OrderId", "Categories", "ItemNames", "Brands", "DiscountValue", "ShippingCosts", "Items"),
        *("BillingAddress", "ShippingAddress"),
    }
    assert placed.properties["Items"][0].keys() >= {
        *("ProductID", "SKU", "ProductName", "Quantity", "ItemPrice", "RowTotal", "ProductURL", "ImageURL"),
        *("Categories", "Brand"),
    }
    assert placed.properties["BillingAddress"].keys() >= {
        *("FirstName", "LastName", "Address1", "City", "Region", "RegionCode", "Country", "CountryCode", "Zip"),
        "Phone",
    }
    assert product.properties.keys() >= {
        *("ProductName", "OrderId", "ProductID", "SKU", "Quantity", "ProductURL", "ImageURL", "Categories"),
        "ProductBrand",
    }


def test_every_name_that_is_sent_is_documented() -> None:
    documented = set(re.findall(r"\w+", (Path(__file__).parents[2] / "docs" / "events.md").read_text("utf-8")))
    tables = (SHOPWARE.order, SHOPWARE.item, SHOPWARE.product, SHOPWARE.address, SHOPWARE.profile)
    assert {name for table in tables for name in table.values()} <= documented
    assert {word for metric in DEFAULTS for word in metric.split()} <= documented


def test_every_name_that_is_sent_of_neto_is_documented() -> None:
    documented = set(re.findall(r"`([^`]+)`", (Path(__file__).parents[2] / "docs" / "events.md").read_text("utf-8")))
    tables = (NETO.order, NETO.item, NETO.product, NETO.cart, NETO.profile)
    assert {name for table in tables for name in table.values()} <= documented


def test_lists_are_lists_so_that_segments_can_look_into_them() -> None:
    placed, product = build.events(build.record())
    assert placed.properties["Categories"] == product.properties["Categories"] == ("Hüte",)
    assert placed.properties["Brands"] == ("Nordwind",)


def test_the_payment_in_force_is_the_newest_that_did_not_fail() -> None:
    def attempt(name: str, state: str, minute: int) -> build.Json:
        created = f"2026-03-14T10:{minute}:00.000+00:00"
        method = {"name": name, "translated": {"name": name}}
        return build.payment(24.99, state, id=name, paymentMethod=method, createdAt=created)

    attempts = [attempt("Card", "failed", 18), attempt("Invoice", "open", 17), attempt("PayPal", "cancelled", 19)]
    placed = build.told(build.record(transactions=attempts), "Placed Order")[0]
    assert placed.properties["PaymentMethod"] == "Invoice"


def test_a_payment_is_worth_its_own_amount_and_a_part_of_it_no_one_knows_how_much() -> None:
    history = [
        build.entry("one", build.PAYMENT, "open", "paid_partially", "2026-03-15T08:00:00.000+00:00"),
        build.entry("two", build.PAYMENT, "paid_partially", "paid", "2026-03-16T08:00:00.000+00:00"),
    ]
    body = build.record(transactions=[build.payment(19.99)], history=history)
    (part,), (whole,) = build.told(body, "Partially Paid Order"), build.told(body, "Paid Order")
    assert (part.value, part.properties["AmountUnknown"]) == (None, True)
    assert whole.value == Decimal("19.99")
    assert "AmountUnknown" not in whole.properties


def test_tracking_numbers_and_campaigns_are_told() -> None:
    body = build.record(deliveries=[build.delivery(trackingCodes=["00340434", "", None])], affiliateCode="spring")
    said = build.told(body, "Placed Order")[0].properties
    assert (said["TrackingNumbers"], said["AffiliateCode"]) == (("00340434",), "spring")
    assert "CampaignCode" not in said
