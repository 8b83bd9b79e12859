"""What happened to an order, when, and under which id: the same whenever it is asked."""

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.mappings import build
from tests.mappings.build import DELIVERY, ORDER, PAYMENT, entry

SECOND = "payment0000000000000000000000002"
LATER = "2026-03-15T08:00:00.000+00:00"


def at(minute: int) -> str:
    return (datetime(2026, 3, 16, tzinfo=UTC) + timedelta(minutes=minute)).isoformat(timespec="milliseconds")


def walk(subject: str, *states: str, first: int = 0, name: str = "") -> list[build.Json]:
    """History entries: from the first state through the others, a minute each."""
    steps = itertools.pairwise(states)
    return [
        entry(f"{name or subject[:3]}-{number}", subject, from_, to, at(first + number))
        for number, (from_, to) in enumerate(steps, start=1)
    ]


def identities(body: build.Json, metric: str, **choices: Any) -> list[tuple[str, str]]:
    return [(event.unique_id, event.at.strftime("%d.%m. %H:%M")) for event in build.told(body, metric, **choices)]


@pytest.mark.parametrize(
    ("metric", "subject", "state"),
    [
        ("Fulfilled Order", ORDER, "completed"),
        ("Cancelled Order", ORDER, "cancelled"),
        ("Refunded Order", PAYMENT, "refunded"),
        ("Paid Order", PAYMENT, "paid"),
        ("Shipped Order", DELIVERY, "shipped"),
    ],
)
def test_the_first_entry_into_a_state_is_the_order_s_own(metric: str, subject: str, state: str) -> None:
    body = build.record(history=walk(subject, "open", state))
    assert identities(body, metric) == [(ORDER, "16.03. 00:01")]


@pytest.mark.parametrize(
    ("metric", "subject", "state"),
    [
        ("Refunded Order", PAYMENT, "refunded_partially"),
        ("Partially Paid Order", PAYMENT, "paid_partially"),
        ("Partially Shipped Order", DELIVERY, "shipped_partially"),
    ],
)
def test_each_part_is_told_under_its_own_id(metric: str, subject: str, state: str) -> None:
    body = build.record(history=walk(subject, "open", state, "open", state))
    assert identities(body, metric) == [(f"{subject[:3]}-1", "16.03. 00:01"), (f"{subject[:3]}-3", "16.03. 00:03")]


def test_a_state_entered_again_is_told_only_where_the_merchant_asks_for_repeats() -> None:
    body = build.record(history=walk(ORDER, "open", "completed", "open", "completed"))
    once = [(ORDER, "16.03. 00:01")]
    assert identities(body, "Fulfilled Order") == once
    assert identities(body, "Fulfilled Order", repeats=frozenset({"Cancelled Order"})) == once
    twice = identities(body, "Fulfilled Order", repeats=frozenset({"Fulfilled Order"}))
    assert twice == [*once, ("0rd-3", "16.03. 00:03")]


def test_another_payment_refunded_is_another_fact() -> None:
    payments = [build.payment(10.0, "refunded"), build.payment(14.99, "refunded", id=SECOND)]
    history = walk(PAYMENT, "paid", "refunded") + walk(SECOND, "paid", "refunded", first=5, name="second")
    body = build.record(transactions=payments, history=history)
    assert identities(body, "Refunded Order") == [(ORDER, "16.03. 00:01"), ("second-1", "16.03. 00:06")]


def test_what_was_imported_in_its_final_state_happened_when_the_order_did() -> None:
    done = {"technicalName": "completed"}
    body = build.record(stateMachineState=done, transactions=[build.payment(24.99, "refunded")])
    assert identities(body, "Fulfilled Order") == [(ORDER, "14.03. 10:15")]
    assert identities(body, "Refunded Order") == [(ORDER, "14.03. 10:15")]


def test_an_imported_state_stays_the_first_when_history_begins_after_it() -> None:
    imported = build.record(stateMachineState={"technicalName": "completed"})
    again = {**imported, "history": walk(ORDER, "completed", "open", "completed")}
    assert identities(imported, "Fulfilled Order") == identities(again, "Fulfilled Order")


def test_two_payments_imported_as_refunded_are_told_apart() -> None:
    payments = [build.payment(10.0, "refunded"), build.payment(14.99, "refunded", id=SECOND)]
    body = build.record(transactions=payments)
    assert [unique_id for unique_id, _ in identities(body, "Refunded Order")] == [ORDER, SECOND]


def test_a_payment_that_joins_an_order_later_happened_later() -> None:
    known = build.record(history=walk(PAYMENT, "paid", "refunded"), transactions=[build.payment(24.99)])
    joined = build.payment(5.0, "refunded", id=SECOND, createdAt="2026-03-20T08:00:00.000+00:00")
    grown = build.record(history=known["history"], transactions=[build.payment(24.99), joined])
    assert identities(grown, "Refunded Order") == [*identities(known, "Refunded Order"), (SECOND, "20.03. 08:00")]


def test_a_state_of_which_only_the_order_knows_does_not_repeat_what_history_tells() -> None:
    """The order was read a moment before or after its history."""
    stale = build.record(stateMachineState={"technicalName": "open"}, history=walk(ORDER, "open", "completed"))
    fresh = build.record(stateMachineState={"technicalName": "completed"}, history=walk(ORDER, "open", "completed"))
    assert identities(stale, "Fulfilled Order") == identities(fresh, "Fulfilled Order") == [(ORDER, "16.03. 00:01")]


def test_a_discount_on_shipping_is_never_shipped() -> None:
    off = build.delivery(-4.99, "shipped", id="off")
    body = build.record(deliveries=[build.delivery(), off], history=walk("off", "open", "shipped"))
    assert identities(body, "Shipped Order") == []


def test_a_second_delivery_is_a_second_shipment() -> None:
    deliveries = [build.delivery(), build.delivery(0.0, id="second")]
    history = walk("second", "open", "shipped") + walk(DELIVERY, "open", "shipped", first=5)
    body = build.record(deliveries=deliveries, history=history)
    assert identities(body, "Shipped Order") == [(ORDER, "16.03. 00:01"), ("del-1", "16.03. 00:06")]


def test_payment_and_delivery_do_not_decide_whether_an_order_is_fulfilled() -> None:
    history = walk(PAYMENT, "open", "paid", "refunded") + walk(DELIVERY, "open", "shipped", "returned")
    assert identities(build.record(history=history), "Fulfilled Order") == []


def test_states_of_extensions_make_no_events() -> None:
    body = build.record(history=walk(ORDER, "open", "on_hold", "in_progress"))
    assert {event.metric for event in build.events(body)} == {"Placed Order", "Ordered Product"}


STATES = {
    ORDER: ("open", "in_progress", "completed", "cancelled"),
    PAYMENT: ("open", "paid", "paid_partially", "refunded", "refunded_partially"),
    SECOND: ("open", "paid", "refunded", "refunded_partially"),
    DELIVERY: ("open", "shipped", "shipped_partially", "returned"),
}
steps = st.sampled_from(list(STATES)).flatmap(lambda who: st.tuples(st.just(who), st.sampled_from(STATES[who])))


@settings(deadline=None)
@given(
    walked=st.lists(steps, max_size=14),
    seen=st.integers(0, 14),
    created=st.fixed_dictionaries({who: st.sampled_from(states) for who, states in STATES.items()}),
    repeats=st.sampled_from([frozenset[str](), frozenset({"Fulfilled Order", "Refunded Order", "Paid Order"})]),
)
def test_what_was_told_is_told_the_same_however_the_order_goes_on(
    walked: list[tuple[str, str]], seen: int, created: dict[str, str], repeats: frozenset[str]
) -> None:
    def told(count: int) -> list[Any]:
        states, history = dict(created), []
        for number, (who, state) in enumerate(walked[:count]):
            history.append(entry(f"h{number}", who, states[who], state, at(number // 2)))
            states[who] = state
        body = build.record(
            history=history,
            stateMachineState={"technicalName": states[ORDER]},
            transactions=[build.payment(10.0, states[PAYMENT]), build.payment(14.99, states[SECOND], id=SECOND)],
            deliveries=[build.delivery(state=states[DELIVERY])],
        )
        events = build.events(body, repeats=repeats)
        assert len({(event.metric, event.unique_id) for event in events}) == len(events)
        return [(event.metric, event.unique_id, event.at, event.value) for event in events]

    before, after = told(min(seen, len(walked))), told(len(walked))
    assert set(before) <= set(after)


def test_a_step_that_happened_while_the_order_was_read_waits_for_its_own_signal() -> None:
    torn = build.record(history=walk(PAYMENT, "open", "paid"))
    torn["history"] += walk(PAYMENT, "paid", "refunded_partially", first=5, name="late")
    assert identities(torn, "Paid Order") == [(ORDER, "16.03. 00:01")]
    assert identities(torn, "Refunded Order") == []


def test_a_first_step_that_happened_while_the_order_was_read_waits_too() -> None:
    torn = build.record()
    torn["history"] = walk(ORDER, "open", "completed")
    assert identities(torn, "Fulfilled Order") == []


def test_a_state_entered_twice_is_known_up_to_the_last_time() -> None:
    body = build.record(history=walk(ORDER, "open", "completed", "open", "completed"))
    assert len(identities(body, "Fulfilled Order", repeats=frozenset({"Fulfilled Order"}))) == 2
