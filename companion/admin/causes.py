"""What is stuck, grouped by why: each cause with whose it is and what to do about it.

The sentences of the machinery are read here and nowhere else; one that is not known is shown as it is.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from companion.models import Inbox, Outbox
from companion.status import BURIED, DUE_OUT, QUARANTINED

Kind = Literal["webhook", "buried", "failing"]
Owner = Literal["mapping", "key", "platform", "Klaviyo", "service", "operator"]

MOST: Final = 5_000
SHOWN: Final = 20
NUMBERS: Final = re.compile(r"\d+")
POINTER: Final = re.compile(r"\(at (\S+)\)")


@dataclass(frozen=True, slots=True)
class Remedy:
    """Who has to act, and how."""

    owner: Owner
    advice: str


@dataclass(frozen=True, slots=True)
class Stuck:
    """One row that does not go on by itself. `name` is what a person knows it by."""

    id: int
    kind: Kind
    name: str
    path: str
    reason: str
    can_replay: bool


@dataclass(frozen=True, slots=True)
class Cause:
    """Rows that are stuck for one reason. `mark` names the cause in a form."""

    mark: str
    kind: Kind
    path: str
    reason: str
    remedy: Remedy
    rows: list[Stuck] = field(default_factory=list)

    @property
    def ids(self) -> list[int]:
        return [row.id for row in self.rows]


RULES: Final[Sequence[tuple[Kind, str, Remedy]]] = (
    (
        "webhook",
        "the work on it broke off",
        Remedy("service", "Companion itself failed on it: look for “job broke off” in its log, then try again."),
    ),
    (
        "webhook",
        "is no e-mail address",
        Remedy("platform", "Enter the customer's e-mail address at the order in the shop, then try again."),
    ),
    (
        "webhook",
        "The shop refuses the request",
        Remedy("platform", "Look at the order in the shop: its Admin API cannot read it. Then try again."),
    ),
    ("webhook", "", Remedy("mapping", "The shop sent what Companion cannot read. Update Companion, then try again.")),
    (
        "buried",
        "profile",
        Remedy(
            "platform",
            "Klaviyo does not take this person's data, mostly an e-mail address that cannot exist. Correct it at the "
            "order in the shop: the change is noticed within minutes, and what was refused is told again by itself.",
        ),
    ),
    ("buried", "given up after", Remedy("Klaviyo", "Klaviyo kept failing. When it is well again, try again.")),
    (
        "buried",
        "Klaviyo answered",
        Remedy(
            "mapping",
            "Klaviyo refuses the event as it is. Update Companion, then run the history of those days: what it tells "
            "differently goes out again.",
        ),
    ),
    ("buried", "", Remedy("operator", "A person put it aside. Try again when what spoke against it is gone.")),
    ("failing", "", Remedy("Klaviyo", "Tried again by itself, ever less often. Bury what shall not be sent any more.")),
)
"""The first rule whose kind fits and whose words were said tells what to do."""


def causes(session: Session, store_id: int) -> list[Cause]:
    """Everything stuck of a store, the largest cause first."""
    found: dict[str, Cause] = {}
    for row in _stuck(session, store_id):
        mark = _mark(row)
        if mark not in found:
            found[mark] = Cause(mark, row.kind, row.path, row.reason, remedy(row.kind, f"{row.path} {row.reason}"))
        found[mark].rows.append(row)
    return sorted(found.values(), key=lambda cause: -len(cause.rows))


def remedy(kind: Kind, said: str) -> Remedy:
    """What to do about what was said: the path and the reason."""
    return next(told for of, words, told in RULES if of == kind and words in said)


def split(reason: str) -> tuple[str, str]:
    """Where Klaviyo blamed a message, and why: (path, reason). The path may be empty."""
    pointer = POINTER.search(reason)
    return (pointer[1] if pointer else ""), POINTER.sub("", reason).strip()


def _mark(row: Stuck) -> str:
    """Reasons that differ only in numbers (an index, an amount, a request's id) are one."""
    told = NUMBERS.sub("#", f"{row.kind} {row.path} {row.reason}")
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def _stuck(session: Session, store_id: int) -> list[Stuck]:
    webhooks = select(Inbox.id, Inbox.topic, Inbox.path, Inbox.reason, Inbox.body.is_not(None).label("kept"))
    webhooks = webhooks.where(Inbox.store_id == store_id, QUARANTINED).order_by(Inbox.id.desc()).limit(MOST)
    kept = Outbox.event.is_not(None).label("kept")
    messages = select(Outbox.id, Outbox.metric, Outbox.label, Outbox.reason, kept).where(Outbox.store_id == store_id)
    buried = messages.where(BURIED).order_by(Outbox.id.desc()).limit(MOST)
    failing = messages.where(DUE_OUT, Outbox.reason.is_not(None)).order_by(Outbox.id.desc()).limit(MOST)
    found = [
        Stuck(row.id, "webhook", row.topic, row.path or "", row.reason or "", row.kept)
        for row in session.execute(webhooks)
    ]
    kinds: tuple[tuple[Kind, Any], ...] = (("buried", buried), ("failing", failing))
    for kind, query in kinds:
        for row in session.execute(query):
            path, reason = split(row.reason or "")
            found.append(Stuck(row.id, kind, f"{row.metric} {row.label}".strip(), path, reason, row.kept))
    return found
