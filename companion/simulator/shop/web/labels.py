"""How states, transitions and amounts are worded for people."""

from dataclasses import dataclass
from decimal import Decimal

from companion.simulator.shop.trade.office import allowed
from companion.simulator.shop.trade.purchase import Purchase
from companion.simulator.shop.trade.states import NAMES, Machine

MACHINE_LABELS = {"order": "Order", "order_transaction": "Payment", "order_delivery": "Delivery"}
ACTIONS = {
    "process": "Start processing",
    "complete": "Mark as Done",
    "cancel": "Cancel",
    "reopen": "Reopen",
    "paid": "Pay",
    "pay": "Pay",
    "paid_partially": "Pay partly",
    "pay_partially": "Pay partly",
    "refund": "Refund",
    "refund_partially": "Refund partly",
    "ship": "Ship",
    "ship_partially": "Ship partly",
    "retour": "Return",
    "retour_partially": "Return partly",
    "do_pay": "Payment begins",
    "authorize": "Authorize",
    "process_unconfirmed": "Leave unconfirmed",
    "remind": "Remind",
    "fail": "Fail",
    "chargeback": "Charge back",
}
MINOR = frozenset(("do_pay", "authorize", "process_unconfirmed", "remind", "fail", "chargeback"))
TONES = {
    "good": ("completed", "paid", "shipped"),
    "part": ("in_progress", "paid_partially", "shipped_partially", "authorized", "reminded", "unconfirmed"),
    "bad": ("cancelled", "refunded", "refunded_partially", "returned", "returned_partially", "failed", "chargeback"),
}
SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£"}


@dataclass(frozen=True, slots=True)
class State:
    """A state of one machine; `tone` is good, part, bad or open."""

    machine: str
    name: str
    label: str
    tone: str


@dataclass(frozen=True, slots=True)
class Offer:
    """A button. `takes_money`: an amount may go with it, which the shop writes down."""

    machine: str
    action: str
    label: str
    is_minor: bool
    takes_money: bool = False

    @property
    def step(self) -> str:
        return f"{self.machine}:{self.action}"


def state(machine: str, name: str) -> State:
    tone = next((tone for tone, names in TONES.items() if name in names), "open")
    return State(MACHINE_LABELS[machine], name, NAMES[name][0] if name else "None", tone)


def states(purchase: Purchase) -> list[State]:
    machines: tuple[Machine, ...] = ("order", "order_transaction", "order_delivery")
    return [state(machine, purchase.state(machine)) for machine in machines if purchase.state(machine)]


def offers(purchase: Purchase) -> list[Offer]:
    """The buttons of an order: what its states allow, and Done at once for one that is still open."""
    found = [
        Offer(
            machine,
            action,
            ACTIONS[action],
            action in MINOR,
            action.endswith("partially") and machine == "order_transaction" and purchase.keeps_captures,
        )
        for machine, action in allowed(purchase)
    ]
    if purchase.state("order") == "open":
        found.insert(0, Offer("order", "complete", ACTIONS["complete"], is_minor=False))
    return found


def money(amount: Decimal | float | int | str, currency: str) -> str:
    """`€1,234.50`; negative amounts with a real minus sign."""
    value = Decimal(str(amount))
    return f"{'−' if value < 0 else ''}{SYMBOLS[currency]}{abs(value):,.2f}"
