"""Facts told as Klaviyo events: one function per metric, named after the fact.

Every known state of a record is told each time it is read; who was told before is the outbox's business. So each
function gives the same events for the same facts, whatever happened since. docs/events.md is the frozen table.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from mappings.model import Cart, Event, Fact, Machine, Order, Tracking, Transition
from mappings.story import Story, checkout

DEFAULTS: Final[Mapping[str, bool]] = {
    "Started Checkout": True,
    "Placed Order": True,
    "Ordered Product": True,
    "Fulfilled Order": True,
    "Partially Fulfilled Order": True,
    "Cancelled Order": True,
    "Refunded Order": True,
    "Paid Order": False,
    "Partially Paid Order": False,
    "Shipped Order": False,
    "Partially Shipped Order": False,
}
"""Every metric, and whether it is sent where the merchant chose nothing. A dialect names those its platform tells."""

BEGINNING: Final = ("Placed Order", "Ordered Product")


def events(fact: Fact, tracking: Tracking) -> list[Event]:
    """Everything the merchant wants to be told of a fact, in order of time."""
    if isinstance(fact, Order):
        return order_events(fact, tracking)
    return [checkout_started(fact, tracking)] if "Started Checkout" in tracking.names else []


def order_events(order: Order, tracking: Tracking) -> list[Event]:
    """Everything the merchant wants to be told of an order, in order of time."""
    story = Story.of(order, tracking)
    told = [event for metric, tell in TELLERS.items() if metric in tracking.names for event in tell(story)]
    return sorted(_conditioned(order, told), key=lambda event: event.at)


def checkout_started(cart: Cart, tracking: Tracking) -> Event:
    """Once a cart, however often it changes. Value: the cart's total."""
    return checkout("Started Checkout", cart, tracking)


def _conditioned(order: Order, told: list[Event]) -> list[Event]:
    """What depends on what was told before: only the outbox remembers that."""
    if not order.placed:
        known = (BEGINNING[0], order.id)
        return [replace(event, follows=known) for event in told if event.metric not in BEGINNING]
    if order.split_from:
        whole = (BEGINNING[0], order.split_from)
        return [replace(event, unless=whole) if event.metric in BEGINNING else event for event in told]
    return told


def order_placed(story: Story) -> Iterator[Event]:
    order = story.order
    yield story.event("Placed Order", order.id, order.placed_at, order.total)


def product_ordered(story: Story) -> Iterator[Event]:
    """One event a product line; its value is the line's total."""
    order = story.order
    for line in order.lines:
        if line.kind == "product":
            yield story.product_event("Ordered Product", f"{order.id}:{line.id}", order.placed_at, line)


def order_fulfilled(story: Story) -> Iterator[Event]:
    return _of_order(story, "Fulfilled Order", "order", "completed")


def order_partially_fulfilled(story: Story) -> Iterator[Event]:
    """A part of the order left; `lines` of the transition are that part."""
    for transition, unique_id in _each(story.order, "order", "completed_partially"):
        yield story.part("Partially Fulfilled Order", unique_id, transition, story.order.total)


def order_cancelled(story: Story) -> Iterator[Event]:
    return _of_order(story, "Cancelled Order", "order", "cancelled")


def order_refunded(story: Story) -> Iterator[Event]:
    """Value: what was given back. Where the shop does not know it, none, and `amount_unknown` says so."""
    for transition, unique_id in _first(story, "Refunded Order", "payment", "refunded"):
        yield _of_payment(story, "Refunded Order", transition, unique_id, refund="full", refunded=transition.amount)
    for transition, unique_id in _each(story.order, "payment", "refunded_partially"):
        yield _of_payment(story, "Refunded Order", transition, unique_id, refund="partial", refunded=transition.amount)


def order_paid(story: Story) -> Iterator[Event]:
    """Value: the payment's amount."""
    for transition, unique_id in _first(story, "Paid Order", "payment", "paid"):
        yield _of_payment(story, "Paid Order", transition, unique_id)


def order_partially_paid(story: Story) -> Iterator[Event]:
    for transition, unique_id in _each(story.order, "payment", "paid_partially"):
        yield _of_payment(story, "Partially Paid Order", transition, unique_id)


def order_shipped(story: Story) -> Iterator[Event]:
    return _of_order(story, "Shipped Order", "delivery", "shipped")


def order_partially_shipped(story: Story) -> Iterator[Event]:
    for transition, unique_id in _each(story.order, "delivery", "shipped_partially"):
        yield story.event("Partially Shipped Order", unique_id, transition.at, story.order.total)


TELLERS: Final[Mapping[str, Callable[[Story], Iterator[Event]]]] = {
    "Placed Order": order_placed,
    "Ordered Product": product_ordered,
    "Fulfilled Order": order_fulfilled,
    "Partially Fulfilled Order": order_partially_fulfilled,
    "Cancelled Order": order_cancelled,
    "Refunded Order": order_refunded,
    "Paid Order": order_paid,
    "Partially Paid Order": order_partially_paid,
    "Shipped Order": order_shipped,
    "Partially Shipped Order": order_partially_shipped,
}


def _of_order(story: Story, metric: str, machine: Machine, state: str) -> Iterator[Event]:
    """Events that speak of the order as a whole; their value is its total."""
    for transition, unique_id in _first(story, metric, machine, state):
        yield story.event(metric, unique_id, transition.at, story.order.total, reason=story.reason(metric, transition))


def _of_payment(story: Story, metric: str, transition: Transition, unique_id: str, **words: Any) -> Event:
    """Events that speak of money that moved; their value is how much."""
    amount = transition.amount
    reason = story.reason(metric, transition)
    unknown = amount is None
    return story.part(metric, unique_id, transition, amount, reason=reason, amount_unknown=unknown, **words)


def _first(story: Story, metric: str, machine: Machine, state: str) -> Iterator[tuple[Transition, str]]:
    """The first entry into a state is the order's own, so that Klaviyo can net the order by its id; that of another
    payment or delivery is known by its own id. An entry that repeats one is told where the merchant wants it.
    """
    seen: set[str] = set()
    for transition, own_id in _each(story.order, machine, state):
        if transition.subject_id not in seen or metric in story.tracking.repeats:
            yield transition, own_id if seen else story.order.id
        seen.add(transition.subject_id)


def _each(order: Order, machine: Machine, state: str) -> Iterator[tuple[Transition, str]]:
    """Every entry into a state, with its own id: the transition's, or its subject's where the platform kept none."""
    for transition in order.transitions:
        if transition.machine == machine and transition.state == state:
            yield transition, transition.id or transition.subject_id
