"""An order with everything its states hang on, and how it moves from state to state. Pure but for the ids it draws.

Payment methods of extensions keep captures and refunds, with amounts; the others leave no trace of an amount.
Source: Shopware's state machine registry; OrderTransactionCapture and its refunds.
"""

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from companion.simulator.shop.marks import LIVE_VERSION, new_id, read_stamp, stamp
from companion.simulator.shop.records.database import Document
from companion.simulator.shop.trade.pricing import amount, number
from companion.simulator.shop.trade.states import STATES, Machine, Step, machine_id, state_id, step
from companion.simulator.shop.world.made import Made

TICK = timedelta(milliseconds=1)
TAKEN = {"paid", "paid_partially"}
GIVEN_BACK = {"refunded", "refunded_partially"}


class UnknownAmount(Exception):
    """An amount that cannot have been paid or refunded."""


@dataclass(slots=True)
class Purchase:
    """`transaction` and `delivery` are the order's newest; imports may have no delivery."""

    order: Document
    transaction: Document | None
    delivery: Document | None
    keeps_captures: bool
    captures: list[Document] = field(default_factory=list)
    refunds: list[Document] = field(default_factory=list)
    changed: list[Made] = field(default_factory=list)
    """What the last steps made or changed, to be kept."""

    def subject(self, machine: Machine) -> Document | None:
        return {"order": self.order, "order_transaction": self.transaction, "order_delivery": self.delivery}[machine]

    def state(self, machine: Machine) -> str:
        """Technical name, empty where there is nothing that has a state."""
        subject = self.subject(machine)
        return STATES[subject["stateId"]] if subject else ""

    @property
    def captured(self) -> Decimal:
        return sum((amount(one["amount"]) for one in self.captures), Decimal(0))

    @property
    def refunded(self) -> Decimal:
        return sum((amount(one["amount"]) for one in self.refunds), Decimal(0))

    def advance(
        self,
        machine: Machine,
        action: str,
        at: datetime,
        chance: random.Random,
        *,
        money: Decimal | None = None,
        user: str | None = None,
    ) -> Step:
        """Take a transition. Raises NotAllowed, UnknownAmount, or LookupError where there is nothing to move."""
        subject = self.subject(machine)
        if subject is None:
            raise LookupError(f"order {self.order['orderNumber']} has no {machine}")
        taken = step(machine, self.state(machine), action)
        at = max(at, self._latest() + TICK)
        if machine == "order_transaction" and self.keeps_captures:
            self._book(taken.target, at, chance, money)
        subject["stateId"] = state_id(machine, taken.target)
        subject["updatedAt"] = stamp(at)
        if machine == "order":
            subject["updatedById"] = user
        self.changed += [(machine, subject), ("state_machine_history", _entry(taken, subject, at, chance, user))]
        return taken

    def _latest(self) -> datetime:
        """When something happened last; no two things happen in the same millisecond."""
        parts = [self.order, self.transaction, self.delivery]
        return max(read_stamp(one.get("updatedAt") or one["createdAt"]) for one in parts if one)

    def _book(self, target: str, at: datetime, chance: random.Random, money: Decimal | None) -> None:
        """Write down what was taken or given back; all that is left, unless an amount is given for a part."""
        if target in TAKEN:
            left = amount(self.order["price"]) - self.captured
        elif target in GIVEN_BACK and self.captures:
            left = self.captured - self.refunded
        else:
            return
        if not target.endswith("partially"):
            money = left
        elif money is None:
            money = _part(left, chance)
        if not 0 <= money <= left:
            raise UnknownAmount(f"{money} is not between 0 and {left}")
        if money == 0:
            return
        if target in TAKEN:
            self._keep("order_transaction_capture", self.captures, money, at, chance)
        else:
            self._keep("order_transaction_capture_refund", self.refunds, money, at, chance)

    def _keep(self, entity: str, kept: list[Document], money: Decimal, at: datetime, chance: random.Random) -> None:
        assert self.transaction is not None
        is_refund = entity.endswith("refund")
        owner = (
            {"captureId": self.captures[-1]["id"], "reason": "returned goods"}
            if is_refund
            else {"orderTransactionId": self.transaction["id"]}
        )
        document = {
            "id": new_id(at, chance),
            "createdAt": stamp(at),
            **owner,
            "externalReference": f"demopay-{chance.getrandbits(40):010x}",
            "stateId": state_id(entity, "completed"),
            "amount": {
                "unitPrice": number(money),
                "quantity": 1,
                "totalPrice": number(money),
                "calculatedTaxes": [],
                "taxRules": [],
            },
        }
        kept.append(document)
        self.changed.append((entity, document))


def _part(left: Decimal, chance: random.Random) -> Decimal:
    """Some of it, to the cent, and never all."""
    return (left * chance.randrange(10, 80) / 100).quantize(Decimal("0.01"))


def _entry(taken: Step, subject: Document, at: datetime, chance: random.Random, user: str | None) -> dict[str, Any]:
    return {
        "id": new_id(at, chance),
        "createdAt": stamp(at),
        "stateMachineId": machine_id(taken.machine),
        "entityName": taken.machine,
        "referencedId": subject["id"],
        "referencedVersionId": LIVE_VERSION,
        "fromStateId": state_id(taken.machine, taken.source),
        "toStateId": state_id(taken.machine, taken.target),
        "transitionActionName": taken.action,
        "userId": user,
    }
