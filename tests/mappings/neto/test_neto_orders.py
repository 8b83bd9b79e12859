"""When a Neto order is placed, what becomes of it, and what it is worth."""

from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.errors import InvalidRecord
from mappings.neto.records import facts
from tests.mappings.neto import build

PLACED = ["Placed Order", "Ordered Product"]


@pytest.mark.parametrize(
    "status",
    ["New", "New Backorder", "Backorder Approved", "Pick", "Pack", "Pending Pickup", "Pending Dispatch", "new"],
)
def test_these_states_are_placed(status: str) -> None:
    assert build.told(build.record(OrderStatus=status)) == PLACED


@pytest.mark.parametrize("status", ["Uncommitted", "Declined", "Pending", "Quote", "", "Something new"])
def test_these_are_not(status: str) -> None:
    assert build.told(build.record(OrderStatus=status)) == []


@pytest.mark.parametrize("type_", ["dropshipping", "quote", "Quote"])
def test_orders_to_suppliers_and_quotes_are_no_sales(type_: str) -> None:
    assert build.told(build.record(OrderType=type_)) == []


def test_an_order_seen_first_when_it_is_dispatched_tells_everything() -> None:
    body = build.record(OrderStatus="Dispatched", DateCompletedUTC="2026-03-14 09:20:00")
    assert build.told(body) == [*PLACED, "Fulfilled Order"]


@pytest.mark.parametrize(
    ("age", "changes", "placed"),
    [
        (timedelta(minutes=9), {}, False),
        (timedelta(minutes=10), {}, True),
        (timedelta(0), {"OrderPayment": [{"Amount": "20.00"}]}, True),
        (timedelta(0), {"OrderPayment": [{"Amount": "5"}, {"Amount": "15"}]}, True),
        (timedelta(0), {"OrderPayment": [{"Amount": "19.99"}]}, False),
        (timedelta(0), {"RealtimeConfirmation": "Fully paid"}, True),
        (timedelta(0), {"DatePaid": "2026-03-14 09:00:01"}, True),
        (timedelta(0), {"GrandTotal": "0.00"}, True),
        (timedelta(0), {"CompleteStatus": "Approved"}, False),
    ],
)
def test_on_hold_is_placed_once_it_is_paid_or_has_waited(age: timedelta, changes: Any, placed: bool) -> None:
    now = build.READ_AT - timedelta(hours=1) + age
    body = build.record(OrderStatus="On Hold", shop=build.shop(read_at=now), **changes)
    assert (build.told(body) == PLACED) is placed


def test_a_cancelled_order_that_was_paid_was_placed_and_one_that_was_not_follows() -> None:
    paid = build.events(build.record(OrderStatus="Cancelled", OrderPayment=[{"Amount": "20"}]))
    assert [(event.metric, event.follows) for event in paid] == [
        *((metric, None) for metric in (*PLACED, "Cancelled Order")),
    ]
    (unpaid,) = build.events(build.record(OrderStatus="Cancelled"))
    assert (unpaid.metric, unpaid.follows) == ("Cancelled Order", ("Placed Order", "N1"))


def test_a_split_order_is_placed_unless_the_whole_was_told_but_fulfilled_all_the_same() -> None:
    body = build.record(OrderStatus="Dispatched", RelatedOrderID="N0")
    assert [(event.metric, event.unless) for event in build.events(body)] == [
        *((metric, ("Placed Order", "N0")) for metric in PLACED),
        ("Fulfilled Order", None),
    ]
    counted = {**body, "shop": build.shop(splits_count=True)}
    assert all(event.unless is None for event in build.events(counted))
    assert all(event.unless is None for event in build.events(build.record(RelatedOrderID="N1")))


def test_a_part_that_left_is_told_with_what_left_and_known_by_how_much() -> None:
    lines = [build.line(0, Quantity="3", QuantityShipped="2"), build.line(1, QuantityShipped="0")]
    (part,) = [
        event
        for event in build.events(build.record(*lines, OrderStatus="Pending Dispatch"))
        if event.metric == "Partially Fulfilled Order"
    ]
    assert (part.unique_id, part.properties["Item Count"]) == ("N1:shipped:2", 2)
    assert [item["SKU"] for item in part.properties["Items"]] == ["SKU-0"]


@pytest.mark.parametrize("shipped", ["0", "1", None])
def test_nothing_or_everything_is_no_part(shipped: str | None) -> None:
    lines = [{**build.line(number), **({"QuantityShipped": shipped} if shipped else {})} for number in range(2)]
    assert build.told(build.record(*lines, OrderStatus="Pending Dispatch")) == [*PLACED, "Ordered Product"]


def test_refunds_are_known_by_their_own_numbers_and_one_of_everything_by_the_order_s() -> None:
    parts = build.record(OrderStatus="Dispatched", rmas=[build.rma("7", "5.00"), build.rma("8", "15.00")])
    refunds = [event for event in build.events(parts) if event.metric == "Refunded Order"]
    assert [(event.unique_id, event.value) for event in refunds] == [
        ("N1:refund:7", Decimal("5.00")),
        ("N1:refund:8", Decimal("15.00")),
    ]
    (whole,) = [
        event
        for event in build.events(build.record(OrderStatus="Dispatched", rmas=[build.rma("7", "20.00")]))
        if event.metric == "Refunded Order"
    ]
    assert (whole.unique_id, whole.properties["Refund Type"]) == ("N1", "full")


@pytest.mark.parametrize("changes", [{"RefundStatus": "Pending"}, {"RefundStatus": "declined"}])
def test_a_refund_that_gave_nothing_back_is_not_told(changes: Any) -> None:
    body = build.record(OrderStatus="Dispatched", rmas=[build.rma("7", "5.00", **changes)])
    assert "Refunded Order" not in build.told(body)
    nothing = build.record(OrderStatus="Dispatched", rmas=[build.rma("7", "0.00")])
    assert "Refunded Order" not in build.told(nothing)


DISCOUNTS: list[tuple[dict[str, str], str | None, str]] = [
    ({"PercentDiscount": "10"}, None, "54.00"),
    ({"ProductDiscount": "6.00"}, "54.00", "54.00"),  # for all of them
    ({"ProductDiscount": "2.00"}, "54.00", "54.00"),  # for each
    ({"ProductDiscount": "2.00"}, None, "58.00"),  # nobody says
    ({"ProductDiscount": "2.00"}, "1.00", "58.00"),  # neither reading gives it
]


@pytest.mark.parametrize(("discount", "subtotal", "total"), DISCOUNTS)
def test_a_line_s_discount_is_read_as_the_order_s_subtotal_has_it(
    discount: dict[str, str], subtotal: str | None, total: str
) -> None:
    body = build.record(build.line(0, Quantity="3", **discount), ProductSubtotal=subtotal, GrandTotal=total)
    order = build.order(body)
    assert order.lines[0].total == Decimal(total)
    assert order.lines[0].unit_price == Decimal("20.00")


def test_the_sum_is_explained_to_the_cent() -> None:
    body = build.record(
        build.line(Quantity="2", UnitPrice="39.95000000"),
        GrandTotal="84.86",
        CouponCode="SPRING10, VIP; ",
        CouponDiscount="7.99",
        ShippingTotal="9.95",
        ShippingDiscount="2.00",
        SurchargeTotal="5.00",
    )
    order = build.order(body)
    assert order.rounding == 0
    assert sum((line.total for line in order.lines), order.shipping) == order.total
    placed = build.events(body)[0].properties
    assert (placed["Discount Codes"], placed["Total Discounts"]) == (("SPRING10", "VIP"), Decimal("7.99"))
    assert placed["Shipping Discount"] == Decimal("2.00")


def test_codes_may_stand_with_the_lines_only() -> None:
    body = build.record(build.line(CouponDiscount="1.50"), CouponCode="A|B", CouponDiscount="0.00")
    assert build.events(body)[0].properties["Total Discounts"] == Decimal("1.50")


def test_parts_of_a_kit_are_not_bought_besides_it() -> None:
    body = build.record(build.line(), build.line(1, ComponentOfKit="SKU-0"))
    assert build.told(body) == PLACED


def test_half_a_metre_is_half_and_a_whole_number_is_whole() -> None:
    body = build.record(build.line(Quantity="2.50"), build.line(1, Quantity="2.00"))
    items = build.events(body)[0].properties["Items"]
    assert [repr(item["Quantity"]) for item in items] == ["Decimal('2.5')", "2"]


@pytest.mark.parametrize("email", [None, "", "no address", "a@b"])
def test_an_order_of_nobody_is_told_to_nobody(email: str | None) -> None:
    assert build.told(build.record(Email=email)) == []


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"GrandTotal": "12,50"}, "$.order.GrandTotal"),
        ({"GrandTotal": None}, "$.order"),
        ({"DatePlaced": "yesterday"}, "$.order.DatePlaced"),
        ({"OrderLine": [build.line(UnitPrice="NaN")]}, "$.order.OrderLine[0].UnitPrice"),
        ({"OrderLine": [build.line(Quantity="1e9")]}, "$.order.OrderLine[0].Quantity"),
    ],
)
def test_what_cannot_be_told_says_where(changes: Any, path: str) -> None:
    with pytest.raises(InvalidRecord) as problem:
        facts("order", build.record(**changes))
    assert problem.value.path == path


def test_other_records_are_not_mapped() -> None:
    with pytest.raises(InvalidRecord):
        facts("invoice", {})


@given(st.recursive(st.none() | st.text(max_size=5) | st.integers(), lambda inner: st.lists(inner, max_size=3)))
def test_whatever_stands_in_a_field_is_a_fact_or_a_refusal(value: Any) -> None:
    for name in ("OrderStatus", "DateUpdated", "CouponCode", "TaxInclusive", "BillPhone", "OrderPayment"):
        body = build.record()
        body["order"][name] = value
        with suppress(InvalidRecord):
            build.events(body)
