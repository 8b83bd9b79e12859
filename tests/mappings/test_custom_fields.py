"""A merchant's own fields: told under names of their own, and never able to hold an order back."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings import custom_fields, metrics
from mappings.custom_fields import Custom, CustomField
from mappings.model import Tracking
from mappings.shopware import records
from tests.build import order_body

OPTIONS = {
    "wish": {"am": {"en-GB": "In the morning", "de-DE": "Vormittags"}, "pm": {"en-GB": "In the evening"}},
    "tier": {"1": {"fr-FR": "Or"}},
}
FOUND = {"order": {"wish": "am", "many": ["am", "pm", "x"], "note": "Hi", "n": 2.5, "deep": {"a": 1}}}
CUSTOM = custom_fields.documents(FOUND, OPTIONS | {"many": OPTIONS["wish"]}, "de-DE")


def said(source: str, form: Any = "id", custom: Custom = CUSTOM) -> Any:
    return custom_fields.value(CustomField(source, "P", form), custom)


@pytest.mark.parametrize(
    ("source", "form", "value"),
    [
        ("order.wish", "id", "am"),
        ("order.wish", "text", "Vormittags"),
        ("order.many", "text", ["Vormittags", "In the evening", "x"]),
        ("order.many[0]", "id", "am"),
        ("order.many[:2]", "id", ["am", "pm"]),
        ("order.note", "text", "Hi"),
        ("order.n", "id", 2.5),
        ("order.deep.a", "id", 1),
        ("join(' + ', order.many)", "text", "Vormittags + In the evening + x"),
        ("order.absent || order.note", "id", "Hi"),
        ("order.absent", "id", None),
        ("customer.anything", "id", None),
        ("order.deep", "id", None),
        ("order", "id", None),
        ("abs(order.note)", "id", None),
        ("sum(order.many)", "id", None),
        ("no_such(order.note)", "id", None),
        ("order..", "id", None),
    ],
)
def test_a_path_finds_plain_values_and_nothing_else(source: str, form: str, value: Any) -> None:
    assert said(source, form) == value


def test_a_selection_is_told_in_the_orders_language_in_english_or_in_any() -> None:
    for locale, text in (("de-DE", "Vormittags"), ("nl-NL", "In the morning"), ("", "In the morning")):
        custom = custom_fields.documents({"order": {"wish": "am"}, "customer": {"tier": "1"}}, OPTIONS, locale)
        assert said("order.wish", "text", custom) == text
        assert said("customer.tier", "text", custom) == "Or"


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("order.note", None),
        ("customer.tier", None),
        ("order.many[1:]", None),
        ('order."odd-name"', None),
        ("join(', ', order.many)", None),
        ("", "is no path"),
        ("order.", "is no path"),
        ("order. note x", "It breaks off at character"),
        ("note", "begins with order. or customer."),
        ("`1`", "begins with order. or customer."),
        ("order." + "a" * 200, "longer than 200"),
        ("order.many | [@,@][] | [@,@][] | [@,@][] | [@,@][]", "more than 3 lists"),
    ],
)
def test_a_path_is_refused_with_the_reason(source: str, problem: str | None) -> None:
    found = custom_fields.problem(source)
    assert found is None if problem is None else problem in (found or "")


def body(**custom: Any) -> dict[str, Any]:
    record = order_body(1)
    record["order"]["customFields"] = custom.get("order")
    record["order"]["orderCustomer"]["customFields"] = custom.get("copy")
    record["order"]["orderCustomer"]["customer"] = {"id": "a" * 32, "customFields": custom.get("account")}
    return record


def test_they_become_properties_of_the_orders_events_and_of_the_profile() -> None:
    record = body(order={"note": "Hi"}, copy={"tier": "old", "only": "copy"}, account={"tier": "new"})
    tracking = Tracking(
        dialect="shopware",
        names={"Placed Order": "Placed Order"},
        order_fields=(CustomField("order.note", "Note"), CustomField("order.note", "OrderId")),
        profile_fields=(CustomField("customer.tier", "Tier"), CustomField("customer.only", "Only")),
    )
    (event,) = metrics.order_events(records.facts("order", record)[0], tracking)
    assert event.properties["Note"] == "Hi"
    assert event.properties["OrderId"] == record["order"]["id"]
    assert {"Tier": "new", "Only": "copy"}.items() <= event.profile["properties"].items()


@pytest.mark.parametrize("nothing", [None, [], {}, "", 3])
def test_a_shop_that_has_none_says_so_in_several_ways(nothing: Any) -> None:
    (order,) = records.facts("order", body(order=nothing, copy=nothing, account=nothing))
    assert not order.custom


@given(
    st.text(max_size=40) | st.from_regex(r"(order|customer)[.\[\]*|&@?a-z0-9(),:`'\" -]{0,40}", fullmatch=True),
    st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5), lambda of: st.lists(of, max_size=3)),
)
def test_no_path_and_no_value_can_hold_an_order_back(source: str, kept: Any) -> None:
    (order,) = records.facts("order", body(order={"a": kept, "b": "x"}))
    chosen = (CustomField(source, "P"), CustomField(source, "Q", "text"))
    tracking = Tracking("shopware", {"Placed Order": "Placed Order"}, order_fields=chosen)
    (event,) = metrics.order_events(order, tracking)
    (plain,) = metrics.order_events(order, replace(tracking, order_fields=()))
    assert event.properties.keys() - plain.properties.keys() <= {"P", "Q"}
    assert custom_fields.problem(source) is None or isinstance(custom_fields.problem(source), str)
