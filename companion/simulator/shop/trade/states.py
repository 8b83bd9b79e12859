"""Shopware's state machines of orders, payments and deliveries: states, names, and which transition leads where.

Pure. A state's display name is the merchant's to change; the technical names are what counts.
Source: the shop's own state machines and transitions (6.6.7.1), and transitions observed there.
"""

from dataclasses import dataclass
from typing import Final, Literal

from companion.simulator.shop.marks import fixed_id

Machine = Literal["order", "order_transaction", "order_delivery"]

NAMES: Final[dict[str, tuple[str, str]]] = {
    "open": ("Open", "Offen"),
    "in_progress": ("In Progress", "In Bearbeitung"),
    "completed": ("Done", "Abgeschlossen"),
    "cancelled": ("Cancelled", "Abgebrochen"),
    "shipped": ("Shipped", "Versandt"),
    "shipped_partially": ("Shipped (partially)", "Teilweise versandt"),
    "returned": ("Returned", "Retour"),
    "returned_partially": ("Returned (partially)", "Teilretour"),
    "authorized": ("Authorized", "Autorisiert"),
    "unconfirmed": ("Unconfirmed", "Unbestätigt"),
    "paid": ("Paid", "Bezahlt"),
    "paid_partially": ("Paid (partially)", "Teilweise bezahlt"),
    "refunded": ("Refunded", "Erstattet"),
    "refunded_partially": ("Refunded (partially)", "Teilweise erstattet"),
    "reminded": ("Reminded", "Erinnert"),
    "failed": ("Failed", "Fehlgeschlagen"),
    "chargeback": ("Chargeback", "Rückbuchung"),
    "pending": ("Pending", "Ausstehend"),
}
"""Technical name → English and German."""

MACHINES: Final[dict[str, tuple[str, str, tuple[str, ...]]]] = {
    "order": ("Order state", "Bestellstatus", ("open", "in_progress", "completed", "cancelled")),
    "order_transaction": (
        "Payment state",
        "Zahlungsstatus",
        (
            *("open", "in_progress", "authorized", "unconfirmed", "paid", "paid_partially", "reminded"),
            *("refunded", "refunded_partially", "failed", "cancelled", "chargeback"),
        ),
    ),
    "order_delivery": (
        "Delivery state",
        "Lieferstatus",
        ("open", "shipped", "shipped_partially", "returned", "returned_partially", "cancelled"),
    ),
    "order_transaction_capture": ("Capture state", "Einzugsstatus", ("pending", "completed", "failed")),
    "order_transaction_capture_refund": (
        "Refund state",
        "Erstattungsstatus",
        ("open", "in_progress", "completed", "failed", "cancelled"),
    ),
}

TRANSITIONS: Final[dict[Machine, dict[str, dict[str, str]]]] = {
    "order": {
        "open": {"process": "in_progress", "cancel": "cancelled"},
        "in_progress": {"complete": "completed", "cancel": "cancelled"},
        "completed": {"reopen": "open"},
        "cancelled": {"reopen": "open"},
    },
    "order_delivery": {
        "open": {"ship": "shipped", "ship_partially": "shipped_partially", "cancel": "cancelled"},
        "shipped": {
            "retour": "returned",
            "retour_partially": "returned_partially",
            "cancel": "cancelled",
            "reopen": "open",
        },
        "shipped_partially": {
            "ship": "shipped",
            "retour": "returned",
            "retour_partially": "returned_partially",
            "cancel": "cancelled",
            "reopen": "open",
        },
        "returned": {"reopen": "open"},
        "returned_partially": {"retour": "returned", "reopen": "open"},
        "cancelled": {"reopen": "open"},
    },
    "order_transaction": {
        "open": {
            "paid": "paid",
            "pay": "paid",
            "paid_partially": "paid_partially",
            "pay_partially": "paid_partially",
            "do_pay": "in_progress",
            "process": "in_progress",
            "process_unconfirmed": "unconfirmed",
            "authorize": "authorized",
            "remind": "reminded",
            "fail": "failed",
            "cancel": "cancelled",
        },
        "in_progress": {
            "paid": "paid",
            "paid_partially": "paid_partially",
            "pay_partially": "paid_partially",
            "authorize": "authorized",
            "fail": "failed",
            "cancel": "cancelled",
            "reopen": "open",
        },
        "authorized": {"paid": "paid", "paid_partially": "paid_partially", "fail": "failed", "cancel": "cancelled"},
        "unconfirmed": {
            "paid": "paid",
            "paid_partially": "paid_partially",
            "authorize": "authorized",
            "fail": "failed",
            "cancel": "cancelled",
            "reopen": "open",
        },
        "reminded": {
            "pay": "paid",
            "pay_partially": "paid_partially",
            "do_pay": "in_progress",
            "authorize": "authorized",
            "cancel": "cancelled",
            "reopen": "open",
        },
        "paid": {
            "refund": "refunded",
            "refund_partially": "refunded_partially",
            "chargeback": "chargeback",
            "cancel": "cancelled",
            "reopen": "open",
        },
        "paid_partially": {
            "pay": "paid",
            "do_pay": "in_progress",
            "refund": "refunded",
            "refund_partially": "refunded_partially",
            "remind": "reminded",
            "chargeback": "chargeback",
            "cancel": "cancelled",
            "reopen": "open",
        },
        "refunded_partially": {"refund": "refunded", "cancel": "cancelled", "reopen": "open"},
        "refunded": {},
        "failed": {
            "paid": "paid",
            "pay": "paid",
            "paid_partially": "paid_partially",
            "pay_partially": "paid_partially",
            "do_pay": "in_progress",
            "fail": "failed",
            "reopen": "open",
        },
        "cancelled": {
            "paid": "paid",
            "refund": "refunded",
            "refund_partially": "refunded_partially",
            "reopen": "open",
        },
        "chargeback": {"paid": "paid", "paid_partially": "paid_partially", "cancel": "cancelled"},
    },
}
"""Machine → state → transition → the state it leads to."""


class NotAllowed(Exception):
    """A transition that the state machine does not know from the present state."""


@dataclass(frozen=True, slots=True)
class Step:
    """An allowed transition."""

    machine: Machine
    action: str
    source: str
    target: str


def state_id(machine: str, state: str) -> str:
    return fixed_id(f"state/{machine}/{state}")


def machine_id(machine: str) -> str:
    return fixed_id(f"state-machine/{machine}")


STATES: Final[dict[str, str]] = {
    state_id(machine, state): state for machine, (_, _, states) in MACHINES.items() for state in states
}
"""The technical name of a state's id."""


def step(machine: Machine, state: str, action: str) -> Step:
    """Raises NotAllowed with a sentence that names what would be."""
    allowed = TRANSITIONS[machine][state]
    if action not in allowed:
        raise NotAllowed(f"{machine} is {state}: {action} is not allowed, only {', '.join(allowed) or 'nothing'}")
    return Step(machine, action, state, allowed[action])
