"""Walks over a Neto shop, which has neither totals nor an order: every record that stays is named, and once."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from companion.platforms import neto
from companion.platforms.base import Access, Channels, Ref, Walk
from tests.platforms.neto import NOW, Answer, Json, access, error, ok, shop

START = NOW - timedelta(days=400)
TIME = "%Y-%m-%d %H:%M:%S"


def moment(text: str) -> datetime:
    return datetime.strptime(text, TIME).replace(tzinfo=UTC)


def test_a_thing_that_changed_is_looked_up_again() -> None:
    asking, sold = access(), ok("Order", {"OrderID": "1", "OrderLine": [{"SKU": "HAT"}]})
    changed = Records("Item", "SKU", "DateUpdated", {"HAT": NOW})
    with shop(GetOrder=sold, GetItem=ok("Item", {"SKU": "HAT"})) as asked:
        neto.fetch_records(asking, [Ref("order", "1")])
        neto.fetch_records(asking, [Ref("order", "1")])
        assert len(asked.asked_of("GetItem")) == 1
    walked(CHANGED, asking, GetItem=changed)
    with shop(GetOrder=sold, GetItem=ok("Item", {"SKU": "HAT"})) as asked:
        neto.fetch_records(asking, [Ref("order", "1")])
        assert len(asked.asked_of("GetItem")) == 1


class Records:
    """Records of a kind with their times. Like Neto's, they come in no useful order, and a page may repeat one."""

    def __init__(self, entity: str, key: str, field: str, times: dict[str, datetime]) -> None:
        self.entity, self.key, self.field, self.times = entity, key, field, times
        self.asked: list[Json] = []
        self.repeats = False
        self.after_page: Callable[[], None] = lambda: None

    def __call__(self, filters: Json) -> Any:
        self.asked.append(filters)
        since, until = moment(filters[f"{self.field}From"]), moment(filters[f"{self.field}To"])
        within = sorted((id_ for id_, at in self.times.items() if since <= at <= until), key=lambda id_: id_[::-1])
        size = filters["Limit"]
        start = filters["Page"] * (size - 1 if self.repeats else size)
        page = within[start : start + size]
        self.after_page()
        return ok(self.entity, *({self.key: id_, "OrderID": id_} for id_ in page))


def orders(count: int, apart: timedelta, field: str = "DatePlaced") -> Records:
    return Records("Order", "OrderID", field, {f"N{number}": START + number * apart for number in range(count)})


def walked(walk: Walk, asking: Access, limit: int = 100, **answers: Answer) -> list[Ref]:
    with shop(**answers):
        page = neto.fetch_page(asking, walk, None, limit)
        named = list(page.refs)
        while page.cursor is not None:
            page = neto.fetch_page(asking, walk, page.cursor, limit)
            named += page.refs
    return named


PLACED = Walk("order", "placed", START, NOW)
CHANGED = Walk("order", "changed", NOW - timedelta(minutes=15))


@pytest.mark.parametrize("apart", [timedelta(minutes=7), timedelta(seconds=1), timedelta(0), timedelta(hours=9)])
@pytest.mark.parametrize("repeats", [False, True])
def test_every_order_is_named_once_however_they_lie(apart: timedelta, repeats: bool) -> None:
    shown = orders(1000, apart)
    shown.repeats = repeats
    named = walked(PLACED, access(), GetOrder=shown)
    assert sorted(ref.id for ref in named) == sorted(shown.times)


@pytest.mark.parametrize("before_s", [1, 2, 86_400])
def test_hundreds_of_orders_of_one_second_are_named_once_wherever_the_spans_meet(before_s: int) -> None:
    shown = orders(450, timedelta(0))
    named = walked(replace(PLACED, since=START - timedelta(seconds=before_s)), access(), GetOrder=shown)
    assert sorted(ref.id for ref in named) == sorted(shown.times)


def test_a_walk_asks_for_little_more_than_it_has_to() -> None:
    shown = orders(2000, timedelta(minutes=250))
    walked(PLACED, access(), GetOrder=shown)
    assert len(shown.asked) < 60
    assert all(one["Limit"] == 100 for one in shown.asked)


def test_a_record_that_leaves_the_window_meanwhile_takes_no_other_with_it() -> None:
    """Each page read changes an order that was named before, which moves it out of the frozen window."""
    shown = orders(500, timedelta(seconds=1), "DateUpdated")
    shown.times = {id_: NOW - timedelta(minutes=9) + (at - START) for id_, at in shown.times.items()}
    stay = set(shown.times)

    def change() -> None:
        moved = min(stay)
        stay.discard(moved)
        shown.times[moved] = NOW + timedelta(minutes=30)

    shown.after_page = change
    named = {ref.id for ref in walked(CHANGED, access(), GetOrder=shown)}
    assert named >= stay
    assert len(stay) > 450


def test_the_end_of_a_walk_is_not_included() -> None:
    shown = Records("Order", "OrderID", "DatePlaced", {"before": NOW - timedelta(seconds=1), "at": NOW})
    assert [ref.id for ref in walked(PLACED, access(), GetOrder=shown)] == ["before"]


def test_the_sales_channels_are_asked_for() -> None:
    shown = orders(1, timedelta(0))
    walked(replace(PLACED, channels=("Website",)), access(), GetOrder=shown)
    assert {tuple(one["SalesChannel"]) for one in shown.asked} == {("Website",)}


def test_a_sweep_names_orders_carts_the_orders_of_returns_and_customers() -> None:
    lately = {"1": NOW - timedelta(minutes=5)}
    answers: dict[str, Answer] = {
        "GetOrder": Records("Order", "OrderID", "DateUpdated", lately),
        "GetCart": Records("Cart", "CartID", "DateUpdated", {"88": NOW - timedelta(minutes=5)}),
        "GetRma": Records("Rma", "RmaID", "DateUpdated", {"7": NOW - timedelta(minutes=5)}),
        "GetCustomer": Records("Customer", "Username", "DateUpdated", {"kim": NOW}),
        "GetItem": Records("Item", "SKU", "DateUpdated", {"HAT": NOW}),
    }
    named = walked(CHANGED, access(), **answers)
    assert named == [Ref("order", "1"), Ref("cart", "88"), Ref("order", "7"), Ref("newsletter_recipient", "kim")]


def test_a_sweep_looks_back_long_enough_to_find_what_was_on_hold() -> None:
    shown = orders(0, timedelta(0), "DateUpdated")
    walked(CHANGED, access(hold_minutes=20), GetOrder=shown)
    assert moment(shown.asked[0]["DateUpdatedFrom"]) == NOW - timedelta(minutes=35)


def test_a_shop_without_the_add_on_and_a_key_without_returns_are_swept_all_the_same() -> None:
    refused = error("The add-on is not installed")
    shown = Records("Order", "OrderID", "DateUpdated", {"1": NOW})
    assert walked(CHANGED, access(), GetOrder=shown, GetCart=refused, GetRma=refused) == [Ref("order", "1")]


def test_a_shop_that_tells_local_times_is_asked_in_them() -> None:
    shown = orders(0, timedelta(0), "DateUpdated")
    asking = access(shop_times="local", time_zone="Australia/Brisbane")
    walked(CHANGED, asking, GetOrder=shown)
    assert moment(shown.asked[0]["DateUpdatedFrom"]) == NOW - timedelta(minutes=25) + timedelta(hours=10)


def test_orders_are_counted_by_turning_pages_until_one_shows_nothing_new() -> None:
    shown = orders(2500, timedelta(minutes=1))
    with shop(GetOrder=shown):
        assert neto.count(access(), PLACED) == 2500
    assert len(shown.asked) == 4


def test_a_shop_that_ignores_the_page_is_counted_once() -> None:
    same = ok("Order", {"OrderID": "1"}, {"OrderID": "2"})
    with shop(GetOrder=same):
        assert neto.count(access(), PLACED) == 2


def customers(count: int) -> Records:
    return Records("Customer", "Username", "DateAdded", {f"c{number}": START for number in range(count)})


def test_all_customers_are_recipients_and_counted() -> None:
    shown = customers(450)
    asking, cursor, found, counted = access(), None, set[str](), 0
    with shop(GetCustomer=shown):
        while True:
            page = neto.fetch_recipients(asking, Channels(), cursor)
            found |= {record.id for record in page.records}
            counted += page.counted
            cursor = page.cursor
            if cursor is None:
                break
        assert (counted, neto.count_recipients(asking, Channels())) == (450, 450)
    assert not found  # nobody of them has an address
