"""Pages: an opaque cursor, `links.next`, page sizes and sparse fieldsets.

Conventions: https://developers.klaviyo.com/en/docs/pagination_ and /sparse_fieldsets_.
"""

import base64
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Generic, TypeVar

import msgspec

from companion.simulator.klaviyo.errors import bad_parameter
from companion.simulator.klaviyo.timeline import Row, Timeline

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """The items of one page, and the cursor of the next one where there is one."""

    items: Sequence[Item]
    cursor: str | None


def size(query: Mapping[str, str], default: int, largest: int) -> int:
    """How many items a page holds, `page[size]`. Raises Refusal 400 outside 1..largest."""
    raw = query.get("page[size]", str(default))
    if not raw.isdigit() or not 1 <= int(raw) <= largest:
        raise bad_parameter("page[size]", f"Page size must be an integer between 1 and {largest}.")
    return int(raw)


def walk(timeline: Timeline, query: Mapping[str, str], *, descending: bool) -> Iterator[Row]:
    """The rows behind the cursor of this request."""
    place: Row | None = None
    if raw := query.get("page[cursor]"):
        place = _decoded(raw, tuple[float, int])
    return timeline.descending(place) if descending else timeline.ascending(place)


def page(rows: Iterable[tuple[Row, Item]], limit: int) -> Page[Item]:
    """The first `limit` of the rows; reads one further to know whether there is more."""
    found = list(islice(rows, limit + 1))
    cursor = _encoded(found[limit - 1][0]) if len(found) > limit else None
    return Page([item for _, item in found[:limit]], cursor)


def slice_of(items: Sequence[Item], query: Mapping[str, str], limit: int) -> Page[Item]:
    """A page of a short collection that is already in order."""
    start = 0
    if raw := query.get("page[cursor]"):
        start = _decoded(raw, int)
    end = start + limit
    return Page(items[start:end], _encoded(end) if end < len(items) else None)


def sparse(resources: Sequence[dict[str, Any]], query: Mapping[str, str], kind: str) -> list[dict[str, Any]]:
    """Leave only the attributes named in `fields[kind]`, where it is given."""
    wanted = query.get(f"fields[{kind}]")
    if wanted is None:
        return list(resources)
    names = {name.strip() for name in wanted.split(",")}
    return [
        {**resource, "attributes": {key: value for key, value in resource["attributes"].items() if key in names}}
        for resource in resources
    ]


def _encoded(place: Any) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(place)).decode().rstrip("=")


def _decoded(raw: str, kind: type[Item]) -> Item:
    try:
        return msgspec.json.decode(base64.urlsafe_b64decode(raw + "=" * (-len(raw) % 4)), type=kind)
    except (ValueError, msgspec.DecodeError):
        raise bad_parameter("page[cursor]", "Invalid cursor provided.") from None
