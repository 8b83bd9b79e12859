"""How much a refund gave back. Shopware itself knows only that a payment was refunded, in part or whole; payment
extensions may write the amounts beside it, each as a refund of a capture.

One refund is told once: by the payment's transition where there is one, else by itself. The amounts of a payment
that was refunded whole add up to what was paid, as far as the parts are known.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from mappings import fields
from mappings.model import Transition
from mappings.shopware import schemas

WHOLE: Final = "refunded"
PART: Final = "refunded_partially"
DONE: Final = "completed"
NEAR: Final = timedelta(minutes=1)
"""An extension moves the payment's state just after it settled the refund, or just before."""


def completed(payment: schemas.Transaction, history: Mapping[str, Sequence[schemas.HistoryEntry]]) -> list[Transition]:
    """The refunds an extension has carried out, each at the time it was completed."""
    found = [refund for capture in payment.captures or () for refund in capture.refunds or ()]
    return [
        Transition(
            id=refund.id,
            machine="payment",
            subject_id=payment.id,
            state=PART,
            at=_completed_at(refund, history.get(refund.id, ())),
            amount=fields.money(refund.amount.total_price),
            reason=fields.text(refund.reason),
        )
        for refund in found
        if refund.state_machine_state and refund.state_machine_state.technical_name == DONE
    ]


def with_amounts(told: Sequence[Transition], refunds: Sequence[Transition], paid: Decimal) -> list[Transition]:
    """A payment's transitions with the amounts given back, and the refunds that moved no state.

    A refund without a transition is told only where the payment has one: before its first, one is to come.
    """
    left = sorted(refunds, key=lambda refund: (refund.at, refund.id))
    moved = [_with_refund(transition, left) for transition in told]
    if any(transition.state in (WHOLE, PART) for transition in told):
        moved += left
    return list(_with_rest(sorted(moved, key=lambda transition: transition.at), paid))


def _with_refund(transition: Transition, left: list[Transition]) -> Transition:
    """Take the refund that caused a transition from those `left`: the last one before it, else the first after."""
    near = [refund for refund in left if abs(refund.at - transition.at) <= NEAR]
    if transition.state not in (WHOLE, PART) or not near:
        return transition
    cause = min(near, key=lambda refund: (refund.at > transition.at, abs(refund.at - transition.at)))
    left.remove(cause)
    return replace(transition, amount=cause.amount, reason=cause.reason)


def _with_rest(moved: Iterable[Transition], paid: Decimal) -> Iterator[Transition]:
    """A whole refund of unknown amount gives back what is left of the payment.

    A payment that was given back and is used again is whole again.
    """
    given = Decimal()
    for transition in moved:
        if transition.state == WHOLE and transition.amount is None:
            transition = replace(transition, amount=max(paid - given, Decimal()))
        if transition.state in (WHOLE, PART):
            given += transition.amount or Decimal()
        elif given >= paid:
            given = Decimal()
        yield transition


def _completed_at(refund: schemas.Refund, entries: Sequence[schemas.HistoryEntry]) -> datetime:
    at = (entry.created_at for entry in entries if entry.to_state_machine_state.technical_name == DONE)
    return fields.moment(next(at, refund.created_at))
