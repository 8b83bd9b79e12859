"""Walks over many orders of a shop: which there are, page by page, without reading what is in them.

A walk by `placed` goes by the orders' own running number. One by `changed` does too, and then looks at the states
entered since: what they belong to is named as well. Cursors: `{"after": number}`, then `{"at": time, "seen": [entries
of that time], "named": [orders]}`; a quiet quarter of an hour is one page, so that no order is named twice.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from companion.errors import Bury, Retry
from companion.platforms.base import Access, Cursor, Page, Ref, Walk
from companion.platforms.shopware import criteria
from companion.platforms.shopware.client import api, read

FIRST: Final[Cursor] = {"after": 0}
ORDER: Final = "order"


def fetch_page(access: Access, walk: Walk, cursor: Cursor | None, limit: int) -> Page:
    """Name up to `limit` orders of a walk, from the cursor on. Raises Retry, Bury or Pause."""
    if walk.resource != ORDER:
        raise Bury(f"There is no walk over {walk.resource!r}.")
    cursor = cursor or FIRST
    limit = min(limit, criteria.MOST)
    if "at" in cursor:
        return _entered(access, cursor, limit)
    ask = criteria.placed if walk.by == "placed" else criteria.changed
    orders = read(access, ORDER, ask(walk, cursor["after"], limit))
    if len(orders) == limit:
        return Page(_refs(orders), {"after": _number(orders[-1])})
    states = {"at": criteria.since(walk), "seen": [], "named": [order["id"] for order in orders]}
    return Page(_refs(orders), states if walk.by == "changed" else None)


def count(access: Access, walk: Walk) -> int:
    """How many orders a walk by `placed` names. Raises Retry, Bury or Pause."""
    total = api.search(access, ORDER, criteria.counted(walk)).get("total")
    if not isinstance(total, int):
        raise Retry("The shop did not say how many orders there are.")
    return total


def _entered(access: Access, cursor: Cursor, limit: int) -> Page:
    """The orders of the next states entered. Entries are added at the end only, but many may have the same time."""
    entries = read(access, "state-machine-history", criteria.entered(cursor["at"], cursor["seen"], limit))
    subjects = [str(entry["referencedId"]) for entry in entries if entry.get("referencedId")]
    orders = read(access, ORDER, criteria.owners(subjects, limit)) if subjects else []
    refs = [ref for ref in _refs(orders) if ref.id not in cursor["named"]]
    return Page(refs, _behind(cursor, entries) if len(entries) == limit else None)


def _behind(cursor: Cursor, entries: Sequence[Mapping[str, Any]]) -> Cursor:
    """Where the next entries begin: at the time of the last, but for those of that time that were seen."""
    try:
        at = criteria.moment(datetime.fromisoformat(entries[-1]["createdAt"]))
    except (KeyError, TypeError, ValueError):
        raise Retry("The shop named states without the times they were entered.") from None
    seen = [entry["id"] for entry in entries if entry["createdAt"] == entries[-1]["createdAt"]]
    return {**cursor, "at": at, "seen": [*cursor["seen"], *seen] if at == cursor["at"] else seen}


def _refs(orders: Iterable[Mapping[str, Any]]) -> list[Ref]:
    return [Ref(ORDER, order["id"], str(order.get("orderNumber") or "")) for order in orders]


def _number(order: Mapping[str, Any]) -> int:
    number = order.get("autoIncrement")
    if not isinstance(number, int):
        raise Retry("The shop named orders without their running numbers.")
    return number
