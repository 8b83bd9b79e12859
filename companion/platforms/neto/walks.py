"""Walks over many records of a shop: which there are, without reading what is in them.

A walk by `changed` goes over orders, carts, returns, customers and things, up to the moment it began. It looks back
further than it was asked to, so that orders on hold and carts left lying are read again once they have waited long
enough.
Cursor: a place of `companion.platforms.neto.spans`, with `of`, the resource it is in, and `since`.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from companion.errors import Bury
from companion.platforms.base import Access, Cursor, Page, Ref, Walk
from companion.platforms.neto import about, recipients_api, spans
from companion.platforms.neto.api import api
from companion.platforms.neto.items import items
from companion.platforms.neto.replies import Refused

MOST: Final = 100


@dataclass(frozen=True, slots=True)
class Source:
    """Where records of a resource come from, and by which field each is known.

    `names`: the resource that they name, and the field that does. `optional`: a shop, or a key, may have none of them.
    """

    action: str
    key: str
    outputs: tuple[str, ...]
    names: tuple[str, str] | None
    filters: Mapping[str, Any]
    optional: bool = False


ORDERS: Final = Source("GetOrder", "OrderID", ("ID",), ("order", "OrderID"), {"OrderType": ["sales"]})
LEFT: Final = {"CheckoutStatus": ["Open", "Abandoned"]}
SOURCES: Final[Mapping[str, Source]] = {
    "order": ORDERS,
    "cart": Source("GetCart", "CartID", ("CartID",), ("cart", "CartID"), LEFT, optional=True),
    "rma": Source("GetRma", "RmaID", ("RmaID", "OrderID"), ("order", "OrderID"), {}, optional=True),
    "customer": Source(
        *("GetCustomer", "Username", ("Username",), (recipients_api.RESOURCE, "Username"), recipients_api.EVERYBODY),
        optional=True,
    ),
    "item": Source("GetItem", "SKU", ("ParentSKU",), None, {}),
}
STAGES: Final = {"placed": ("order",), "changed": tuple(SOURCES)}
FIELDS: Final = {"placed": "DatePlaced", "changed": "DateUpdated"}


def fetch_page(access: Access, walk: Walk, cursor: Cursor | None, limit: int) -> Page:
    """Name the records of one span of time. Raises Retry or Pause."""
    if walk.resource != "order":
        raise Bury(f"There is no walk over {walk.resource!r}.")
    place = dict(cursor) if cursor else _beginning(access, walk)
    source, most = SOURCES[place["of"]], min(limit, MOST)

    def ask(since: str, until: str, page: int) -> spans.Rows:
        filters = _filters(access, walk, source, since, until)
        return api.get(access, source.action, filters, source.outputs, page=page, limit=most).rows

    try:
        rows, place, full = spans.read(place, most, ask)
    except Refused:
        if not source.optional:
            raise
        return Page([], _next_stage(walk, place))
    if rows is None:
        return Page([], place)
    fresh = {row[source.key]: row for row in rows if row[source.key] not in place["seen"]}
    following = spans.behind(place, fresh, most, full=full)
    return Page(_refs(access, source, fresh), following or _next_stage(walk, place))


def count(access: Access, walk: Walk) -> int:
    """How many orders a walk names. Raises Retry or Pause."""
    place = _beginning(access, walk)
    filters = _filters(access, walk, ORDERS, place["at"], place["until"])

    def ask(page: int) -> spans.Rows:
        return api.get(access, ORDERS.action, filters, ORDERS.outputs, page=page, limit=spans.COUNTED).rows

    return len(spans.count(ask, ORDERS.key))


def _beginning(access: Access, walk: Walk) -> dict[str, Any]:
    since, until = walk.since or spans.THE_FIRST, access.now() + spans.AHEAD
    if walk.by == "changed":
        settings = access.settings
        waits = (settings.get("hold_minutes", about.HOLD_MINUTES), settings.get("idle_minutes", about.IDLE_MINUTES))
        since -= timedelta(minutes=max(waits))
    if walk.until:  # which is not included: the last second before it is
        until = datetime.fromtimestamp(math.ceil(walk.until.timestamp()) - 1, UTC)
    return _stage(STAGES[walk.by][0], since, until)


def _next_stage(walk: Walk, place: Mapping[str, Any]) -> Cursor | None:
    stages = STAGES[walk.by]
    following = stages[stages.index(place["of"]) + 1 :]
    since, until = (datetime.fromisoformat(place[name]) for name in ("since", "until"))
    return _stage(following[0], since, until) if following else None


def _stage(resource: str, since: datetime, until: datetime) -> dict[str, Any]:
    return {"of": resource, "since": since.isoformat(), **spans.begin(since, until)}


def _filters(access: Access, walk: Walk, source: Source, since: str, until: str) -> dict[str, Any]:
    channels = {"SalesChannel": list(walk.channels)} if walk.channels and source is ORDERS else {}
    return {**source.filters, **channels, **spans.bounds(access, FIELDS[walk.by], since, until)}


def _refs(access: Access, source: Source, fresh: Mapping[str, Mapping[str, Any]]) -> list[Ref]:
    """What the records name. Things name nothing: what is remembered of them is out of date."""
    if source.names is None:
        items.forget(access.store_key, fresh)
        return []
    resource, key = source.names
    return [Ref(resource, id_, id_) for id_ in dict.fromkeys(row[key] for row in fresh.values() if key in row)]
