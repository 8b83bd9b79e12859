"""An order's life: every state that it, its payments and its deliveries entered, oldest first.

The state history says when; the current state says nothing but where an entry is missing. What a transition is
told as depends on nothing that comes later, so a record read again tells the old transitions as before.
Source: Shopware, state machines; state_machine_history has no entry for the state something was created in.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from mappings import fields
from mappings.model import Machine, Transition
from mappings.shopware import refunds, schemas

INITIAL: Final = "open"
TOGETHER: Final = timedelta(minutes=1)
"""What was written within this time of the order came with it; an import writes its parts one by one."""

History = Mapping[str, Sequence[schemas.HistoryEntry]]


def transitions(record: schemas.OrderRecord) -> tuple[Transition, ...]:
    """Everything that is known to have happened, in order of time."""
    order = record.order
    entries: defaultdict[str, list[schemas.HistoryEntry]] = defaultdict(list)
    for entry in sorted(record.history, key=lambda entry: (entry.created_at, entry.id)):
        entries[entry.referenced_id].append(entry)
    placed_at = fields.moment(order.order_date_time)
    told = list(_entered("order", order.id, order.state_machine_state, placed_at, entries))
    for payment in order.transactions or ():
        told += _payment(payment, _began(order, payment.created_at), entries)
    for delivery in order.deliveries or ():
        if delivery.shipping_costs.total_price >= 0:
            began = _began(order, delivery.created_at)
            told += _entered("delivery", delivery.id, delivery.state_machine_state, began, entries)
    return tuple(sorted(told, key=lambda one: (one.at, one.id, one.subject_id)))


def _entered(
    machine: Machine, subject_id: str, current: schemas.State | None, began: datetime, history: History
) -> Iterator[Transition]:
    """The states of one subject. What was created in another state than the initial one was imported in it."""
    entries = _as_old_as(current, history.get(subject_id, ()))
    first = entries[0].from_state_machine_state if entries else current
    if first is not None and first.technical_name != INITIAL:
        yield Transition("", machine, subject_id, first.technical_name, began)
    for entry in entries:
        at = fields.moment(entry.created_at)
        yield Transition(entry.id, machine, subject_id, entry.to_state_machine_state.technical_name, at)


def _as_old_as(
    current: schemas.State | None, entries: Sequence[schemas.HistoryEntry]
) -> Sequence[schemas.HistoryEntry]:
    """The entries up to the state that the subject was read in.

    The history is read after the order, so it may tell of a step whose refund or tracking code is not in hand. Such
    a step is left to its own signal: told now, it would be told without its amount for ever.
    """
    if current is None or not entries:
        return entries
    reached = [entry.to_state_machine_state.technical_name for entry in entries]
    if current.technical_name in reached:
        return entries[: len(reached) - reached[::-1].index(current.technical_name)]
    began = entries[0].from_state_machine_state
    return () if began is not None and began.technical_name == current.technical_name else entries


def _payment(payment: schemas.Transaction, began: datetime, history: History) -> list[Transition]:
    """A payment's states, with the amounts that moved."""
    amount = fields.money(payment.amount.total_price)
    told = [
        replace(entered, amount=amount) if entered.state == "paid" else entered
        for entered in _entered("payment", payment.id, payment.state_machine_state, began, history)
    ]
    return refunds.with_amounts(told, refunds.completed(payment, history), amount)


def _began(order: schemas.Order, created_at: datetime | None) -> datetime:
    """The order's own time; for what joined the order later, the time it did."""
    if created_at and order.created_at and created_at - order.created_at > TOGETHER:
        return fields.moment(created_at)
    return fields.moment(order.order_date_time)
