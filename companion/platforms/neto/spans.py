"""Records by time, where a shop gives neither a total nor an order nor a cursor: one span of time after another.

A span is so short that one call shows all that is in it, so nothing that changes meanwhile upsets another span. One
that is too full is halved; only within a second pages are turned, and what was shown is not shown again.
A place is `{"at": time, "until": time, "width": seconds, "page": n, "seen": [ids]}`, times ISO 8601.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from companion.errors import Retry
from companion.platforms.base import Access
from companion.platforms.neto import about
from mappings.neto import values

THE_FIRST: Final = datetime(2005, 1, 1, tzinfo=UTC)
"""No shop is older than the platform."""

AHEAD: Final = timedelta(minutes=2)
"""How far the shop's clock may be ahead of ours."""

FIRST_WIDTH_S: Final = 86_400
GROWTH: Final = 4
COUNTED: Final = 1000
"""Records a page where nothing but their names is asked."""

MOST_PAGES: Final = 100_000
TIME: Final = "%Y-%m-%d %H:%M:%S"

Rows = list[dict[str, Any]]
Place = dict[str, Any]


def begin(since: datetime, until: datetime) -> Place:
    """The first place of a walk over the times from `since` to `until`, both included."""
    until = max(since, until)
    return {"at": since.isoformat(), "until": until.isoformat(), "width": FIRST_WIDTH_S, "page": 0, "seen": []}


def read(place: Place, most: int, ask: Callable[[str, str, int], Rows]) -> tuple[Rows | None, Place, bool]:
    """Ask for (from, to, page), and again for less until one call shows all of it; and whether there is more of it.

    No rows at all: a call failed after others had made the span shorter, which is worth keeping. Ask again from there.
    """
    width = place["width"]
    while True:
        try:
            rows = ask(place["at"], _end(place), place["page"])
        except Retry:
            if place["width"] == width:
                raise
            return None, place, True
        full = len(rows) >= most
        if not full or place["width"] <= 1:
            return rows, place, full
        place = {**place, "width": max(1, place["width"] // 2)}


def behind(place: Place, fresh: Collection[str], most: int, *, full: bool) -> Place | None:
    """The next place: at the end of this span, whose last second both show. None after the last."""
    if full and fresh:
        return {**place, "page": place["page"] + 1, "seen": [*place["seen"], *fresh]}
    end = _end(place)
    if end == place["until"]:
        return None
    width = place["width"] * GROWTH if len(fresh) * GROWTH < most else place["width"]
    turned = place["seen"] if place["page"] else []
    return {**place, "at": end, "width": width, "page": 0, "seen": [*turned, *fresh]}


def count(ask: Callable[[int], Rows], key: str) -> Mapping[str, dict[str, Any]]:
    """All records by their id: page after page, until one shows nothing new."""
    seen: dict[str, dict[str, Any]] = {}
    for page in range(MOST_PAGES):
        before = len(seen)
        seen |= {row[key]: row for row in ask(page)}
        if len(seen) == before:
            break
    return seen


def bounds(access: Access, name: str, since: str, until: str) -> dict[str, str]:
    """A filter by time, in the zone that the shop's own times are in. Raises Retry or Pause."""
    zone = values.zone(about.zone(access))
    since, until = (datetime.fromisoformat(time).astimezone(zone).strftime(TIME) for time in (since, until))
    return {f"{name}From": since, f"{name}To": until}


def _end(place: Place) -> str:
    end = datetime.fromisoformat(place["at"]) + timedelta(seconds=place["width"])
    return min(end, datetime.fromisoformat(place["until"])).isoformat()
