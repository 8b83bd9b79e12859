"""How much was given back: each refund once, and all of a payment's together what was paid."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.mappings import build
from tests.mappings.build import ORDER, PAYMENT, entry, refund

PAID = 100.0


def at(minute: float) -> str:
    return (datetime(2026, 3, 16, tzinfo=UTC) + timedelta(minutes=minute)).isoformat(timespec="milliseconds")


def refunded(*refunds: build.Json, states: dict[float, str], **changes: Any) -> list[tuple[str, Any]]:
    """(unique_id, value) of the refunds of one payment; `states` are those it entered, by minute."""
    history, before = [], "paid"
    for minute, state in states.items():
        history.append(entry(f"at-{minute}", PAYMENT, before, state, at(minute)))
        before = state
    history += changes.pop("history", [])
    payment = build.payment(PAID, before, captures=[{"refunds": list(refunds)}, {"refunds": None}])
    body = build.record(build.line(total=PAID), deliveries=[], transactions=[payment], history=history, **changes)
    return [(event.unique_id, event.value) for event in build.told(body, "Refunded Order")]


def test_a_whole_refund_gives_back_what_was_paid() -> None:
    assert refunded(states={5: "refunded"}) == [(ORDER, 100)]


def test_a_part_of_unknown_amount_has_no_value_and_says_so() -> None:
    history = [entry("h", PAYMENT, "paid", "refunded_partially", at(5))]
    (event,) = build.told(build.record(history=history), "Refunded Order")
    assert event.value is None
    assert event.properties["AmountUnknown"] is True
    assert event.properties["RefundType"] == "partial"


def test_an_unknown_part_and_the_whole_are_worth_the_payment() -> None:
    assert refunded(states={5: "refunded_partially", 9: "refunded"}) == [("at-5", None), (ORDER, 100)]


def test_a_part_whose_amount_an_extension_wrote_is_told_with_it() -> None:
    assert refunded(refund("r1", 30.0, at(5)), states={5.01: "refunded_partially"}) == [("at-5.01", 30)]


def test_the_amount_may_be_written_just_after_the_state_moved() -> None:
    assert refunded(refund("r1", 30.0, at(5.2)), states={5: "refunded_partially"}) == [("at-5", 30)]


def test_parts_and_the_whole_add_up_to_the_payment() -> None:
    told = refunded(
        refund("r1", 30.0, at(5)),
        refund("r2", 20.55, at(60)),
        refund("r3", 49.45, at(90)),
        states={5.01: "refunded_partially", 90.01: "refunded"},
    )
    assert told == [("at-5.01", 30), ("r2", Decimal("20.55")), (ORDER, Decimal("49.45"))]
    assert sum(value for _, value in told) == 100


def test_the_whole_gives_back_what_the_known_parts_left() -> None:
    told = refunded(refund("r1", 30.0, at(5)), states={5.01: "refunded_partially", 90: "refunded"})
    assert told == [("at-5.01", 30), (ORDER, 70)]


def test_a_refund_that_moved_no_state_is_told_by_itself_and_does_not_become_the_whole() -> None:
    told = refunded(
        refund("r1", 30.0, at(5)), refund("r2", 20.55, at(60)), states={5.01: "refunded_partially", 90: "refunded"}
    )
    assert told == [("at-5.01", 30), ("r2", Decimal("20.55")), (ORDER, Decimal("49.45"))]


def test_a_state_belongs_to_the_refund_before_it_rather_than_to_the_next_one() -> None:
    told = refunded(refund("r1", 30.0, at(4.5)), refund("r2", 5.0, at(5.1)), states={5: "refunded_partially"})
    assert told == [("at-5", 30), ("r2", 5)]


def test_two_captures_refunded_at_once_are_worth_both() -> None:
    told = refunded(refund("r1", 60.0, at(5)), refund("r2", 40.0, at(5.005)), states={5.01: "refunded"})
    assert told == [("r1", 60), (ORDER, 40)]


@pytest.mark.parametrize("state", ["open", "in_progress", "failed", "cancelled"])
def test_a_refund_that_was_not_carried_out_gives_nothing_back(state: str) -> None:
    told = refunded(refund("r1", 30.0, at(5), state), states={5.01: "refunded_partially"})
    assert told == [("at-5.01", None)]


def test_a_refund_is_not_told_before_the_payment_s_state_moved() -> None:
    """Its transition is to come; both would be one refund told twice."""
    assert refunded(refund("r1", 30.0, at(5)), states={}) == []


def test_a_refund_counts_from_when_it_was_completed_not_from_when_it_was_asked_for() -> None:
    done = entry("done", "r1", "open", "completed", at(1500))
    told = refunded(refund("r1", 30.0, at(5)), states={1500.01: "refunded_partially"}, history=[done])
    assert told == [("at-1500.01", 30)]


def test_a_payment_refunded_and_used_again_is_whole_again() -> None:
    states = {5.0: "refunded", 6.0: "open", 7.0: "paid", 8.0: "refunded"}
    history, before = [], "paid"
    for minute, state in states.items():
        history.append(entry(f"at-{minute}", PAYMENT, before, state, at(minute)))
        before = state
    payment = build.payment(PAID, before)
    body = build.record(build.line(total=PAID), deliveries=[], transactions=[payment], history=history)
    once, again = build.told(body, "Refunded Order", repeats=frozenset({"Refunded Order"}))
    assert (once.unique_id, again.unique_id) == (ORDER, "at-8.0")
    assert once.value == again.value == 100


def test_more_given_back_than_was_paid_leaves_nothing_for_the_whole() -> None:
    told = refunded(refund("r1", 130.0, at(5)), states={5.01: "refunded_partially", 90: "refunded"})
    assert told == [("at-5.01", 130), (ORDER, 0)]


def test_the_extension_s_reason_is_told_else_the_dialect_s() -> None:
    history = [
        entry("one", PAYMENT, "paid", "refunded_partially", at(5.01)),
        entry("two", PAYMENT, "refunded_partially", "refunded", at(90)),
    ]
    payment = build.payment(PAID, captures=[{"refunds": [refund("r1", 30.0, at(5), reason="Damaged")]}])
    body = build.record(transactions=[payment], history=history)
    reasons = [event.properties["Reason"] for event in build.told(body, "Refunded Order")]
    assert reasons == ["Damaged", "Refunded in the shop"]
