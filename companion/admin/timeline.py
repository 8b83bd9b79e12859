"""The way of one message, step by step, as the tables remember it. Pure.

Reading the shop, mapping and queueing are one transaction and have one time; of several attempts only the last is
known.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from companion.admin.shown import Message, counted
from companion.models import Inbox, Store

Standing = Literal["done", "open", "failed"]


@dataclass(frozen=True, slots=True)
class Step:
    """One step: done, open (not yet) or failed. `after_s` is the time since the step before."""

    name: str
    standing: Standing
    at: datetime | None = None
    said: str = ""
    after_s: float | None = None


def steps(message: Message, heard: Inbox | None, store: Store) -> list[Step]:
    """webhook → stored → read → mapped → queued → sent → accepted."""
    found: list[Step] = []
    last: datetime | None = None
    for step in _steps(message, heard, store):
        after_s = (step.at - last).total_seconds() if step.at and last and found[-1].name != HAPPENED else None
        found.append(Step(step.name, step.standing, step.at, step.said, after_s))
        last = step.at or last
    return found


HAPPENED = "Happened in the shop"


def _steps(message: Message, heard: Inbox | None, store: Store) -> Iterator[Step]:
    row = message.row
    if message.at is not None:
        yield Step(HAPPENED, "done", message.at)
    if heard is not None:
        said = f"{heard.topic}, on disk before the shop got its 202"
        yield Step("Webhook received and stored", "done", heard.received_at, said)
    order = f"Order {row.label}" if row.label else "The event"
    yield Step("Read, mapped and queued", "done", row.created_at, f"{order} became {message.name}, message {row.id}")
    yield from _sending(message, store)


def _sending(message: Message, store: Store) -> Iterator[Step]:
    row = message.row
    tries = counted(max(1, row.attempts), "attempt")
    account = store.klaviyo_account_name or "Klaviyo"
    if row.state == "delivered":
        yield Step("Sent and accepted by Klaviyo", "done", row.settled_at, f"{account}, {tries}")
    elif row.state == "buried":
        yield Step("Buried", "failed", row.settled_at, f"after {tries}")
    elif row.reason:
        yield Step(
            "Sent, not accepted yet", "open", row.due_at, f"{tries}; next one at this time. Last answer: {row.reason}"
        )
    else:
        waits = store.paused or ("" if store.klaviyo_key else "There is no Klaviyo key yet.")
        yield Step("Waits to be sent", "open", None, waits)
