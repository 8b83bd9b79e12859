"""Every order that was recorded in two real shops, mapped and told."""

from decimal import Decimal
from typing import Any

import pytest

from mappings.metrics import order_events
from mappings.model import Event
from tests.mappings import build, recorded
from tests.mappings.sums import assert_adds_up


@pytest.mark.parametrize("body", recorded.bodies())
def test_every_recorded_order_adds_up_to_the_cent(body: Any) -> None:
    recorded.needed()
    order = build.order(body)
    events = order_events(order, build.tracking())
    assert_adds_up(order, events)
    assert order.rounding == 0
    assert order.total == Decimal(str(body["order"]["amountTotal"]))


@pytest.mark.parametrize("body", recorded.bodies())
def test_every_recorded_order_is_placed_once_and_has_one_event_a_product_line(body: Any) -> None:
    recorded.needed()
    events = build.events(body)
    products = [item for item in body["order"]["lineItems"] if item["type"] == "product"]
    assert [event.unique_id for event in events if event.metric == "Placed Order"] == [body["order"]["id"]]
    assert [event.metric for event in events].count("Ordered Product") == len(products)
    assert len({(event.metric, event.unique_id) for event in events}) == len(events)


@pytest.mark.parametrize("version", recorded.VERSIONS)
def test_the_states_of_the_records_are_where_their_history_ends(version: str) -> None:
    """Guards the recordings: a history put together wrongly would prove nothing."""
    recorded.needed()
    for body in recorded.records(version).values():
        order = body["order"]
        now = {one["id"]: one["stateMachineState"]["technicalName"] for one in (order, *order["transactions"])}
        ends = {one["referencedId"]: one["toStateMachineState"]["technicalName"] for one in body["history"]}
        assert now.items() >= {id_: state for id_, state in ends.items() if id_ in now}.items()


@pytest.mark.parametrize("version", recorded.VERSIONS)
def test_an_order_that_was_paid_shipped_completed_and_refunded_is_told_whole(version: str) -> None:
    recorded.needed()
    body = recorded.records(version)["10000"]
    id_ = body["order"]["id"]
    entered = {(one["referencedId"], one["toStateMachineState"]["technicalName"]): one["id"] for one in body["history"]}
    payment, delivery = body["order"]["transactions"][0]["id"], body["order"]["deliveries"][0]["id"]
    told = [(event.metric, event.unique_id, event.value) for event in build.events(body)][4:]
    assert told == [
        ("Partially Paid Order", entered[payment, "paid_partially"], None),
        ("Partially Shipped Order", entered[delivery, "shipped_partially"], Decimal("107.77")),
        ("Shipped Order", id_, Decimal("107.77")),
        ("Fulfilled Order", id_, Decimal("107.77")),
        ("Refunded Order", entered[payment, "refunded_partially"], None),
        ("Refunded Order", id_, Decimal("107.77")),
    ]


@pytest.mark.parametrize("version", recorded.VERSIONS)
def test_a_guest_in_another_language_is_told_with_the_storefront_of_that_language(version: str) -> None:
    recorded.needed()
    body = recorded.records(version)["10001"]
    placed, product, cancelled = build.events(body)
    domains = {one["languageId"]: one["url"] for one in body["order"]["salesChannel"]["domains"]}
    url = f"{domains[body['order']['languageId']]}/Espresso-Crema-1-kg/EX-40001"
    assert (placed.profile["locale"], "external_id" in placed.profile) == ("de-DE", False)
    assert product.properties["ProductURL"] == url
    assert placed.properties["DiscountCode"] == "Klaviyo Einzelcodes"
    assert placed.properties["DiscountCodes"] == ("KLV-A1B2C",)
    assert (cancelled.metric, cancelled.unique_id) == ("Cancelled Order", body["order"]["id"])


@pytest.mark.parametrize("version", recorded.VERSIONS)
def test_an_order_from_the_administration_keeps_its_line_that_is_no_product_in_the_sum(version: str) -> None:
    recorded.needed()
    placed = build.told(recorded.records(version)["10002"], "Placed Order")[0]
    assert placed.properties["OtherCosts"] == Decimal("23.8")
    assert placed.properties["ItemNames"] == ("Wollsocken (2 Paar)", "Trinkflasche Trail 0,75 l")


@pytest.mark.parametrize("version", recorded.VERSIONS)
def test_an_imported_order_is_told_from_its_own_date(version: str) -> None:
    recorded.needed()
    body = recorded.records(version)["MP-900001"]
    placed, _, fulfilled = build.events(body)
    assert placed.at.isoformat() == "2026-11-20T09:30:00+00:00"
    assert (fulfilled.metric, fulfilled.unique_id) == ("Fulfilled Order", body["order"]["id"])
    assert fulfilled.at > placed.at
    (unknown,) = [event for event in build.events({**body, "history": []}) if event.metric == "Fulfilled Order"]
    assert (unknown.unique_id, unknown.at) == (fulfilled.unique_id, placed.at)


@pytest.mark.parametrize("version", recorded.VERSIONS)
def test_a_variant_is_known_by_its_parent_and_keeps_what_it_inherits(version: str) -> None:
    recorded.needed()
    told = build.told(recorded.records(version)["10000"], "Ordered Product")
    (shirt,) = [event.properties for event in told if event.properties["SKU"] == "EX-10001-M"]
    assert shirt["ProductID"] == "eeca476825c058c2aa08ab922cf8606d"
    assert shirt["VariantID"] == "2152adfb74f25dda827e649466e7feef"
    assert shirt["ProductBrand"] == "Nordwind Sports"
    assert shirt["Categories"] == ("Shirts & Tops",)
    assert shirt["Options"] == {"Size": "M"}


def test_every_order_in_a_recorded_webhook_adds_up_as_it_was_then() -> None:
    recorded.needed()
    count = 0
    for _, order in recorded.webhook_orders():
        fact = build.order(recorded.record(order))
        assert_adds_up(fact, order_events(fact, build.tracking()))
        assert fact.rounding == 0
        count += 1
    assert count > 40


def test_the_composed_reference_order_adds_up() -> None:
    """The shape that a search with our includes answers with."""
    reference = recorded.needed().parent.parent / "reference" / "shopware"
    order = _first_of(reference / "order-search-response.json")
    history = _all_of(reference / "state-machine-history-search-response.json")
    order["stateMachineState"]["technicalName"] = "completed"
    order["transactions"][0]["stateMachineState"]["technicalName"] = "paid"
    fact = build.order({"order": order, "history": history, "products": {}})
    events: list[Event] = order_events(fact, build.tracking())
    assert_adds_up(fact, events)
    assert {event.metric for event in events} >= {"Placed Order", "Paid Order", "Fulfilled Order"}


def _all_of(path: Any) -> list[Any]:
    return list(recorded.read(path)["data"])


def _first_of(path: Any) -> Any:
    return _all_of(path)[0]
