"""Reads newsletter recipients from a shop's Admin API: page by page, counted, and those an event speaks of.

The pages follow the time of creation and the id, which nothing changes, so what is added, changed or deleted meanwhile
upsets no page. The events of the newsletter hold an id and nothing else, and one address may have a subscription in
each sales channel: all of an address are read together. The `hash`, which confirms and unsubscribes, is never read.
Source: Shopware, NewsletterRecipientDefinition; search limits observed on 6.5.8.14 and 6.6.7.1.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from companion.errors import Bury, Retry
from companion.platforms.base import Access, Channels, Cursor, RecipientPage, Record, Ref
from companion.platforms.shopware.client import api

RESOURCE: Final = "newsletter_recipient"
ENTITY: Final = "newsletter-recipient"
PAGE: Final = 500
SMALL_PAGE: Final = 100
"""What every shop allows, where one is set to allow less than the usual PAGE."""

INCLUDES: Final = {
    RESOURCE: [
        *("id", "email", "status", "createdAt", "updatedAt", "confirmedAt", "title", "firstName", "lastName"),
        *("salesChannelId", "customFields", "salutation", "language", "salesChannel", "tags"),
    ],
    "salutation": ["salutationKey", "displayName"],
    "language": ["locale"],
    "locale": ["code"],
    "sales_channel": ["id", "name"],
    "tag": ["name"],
}
WHOLE: Final[dict[str, Any]] = {
    "includes": INCLUDES,
    "associations": {
        "salutation": {},
        "language": {"associations": {"locale": {}}},
        "salesChannel": {},
        "tags": {},
    },
    "sort": [{"field": "createdAt", "order": "ASC"}, {"field": "id", "order": "ASC"}],
}


def fetch_recipients(access: Access, channels: Channels, cursor: Cursor | None) -> RecipientPage:
    """The next page of all recipients, whatever their status. Raises Retry, Bury or Pause.

    A cursor is `{"at": creation time, "page": n, "limit": n}`: the n-th page of what was created at that time or later.
    """
    at, page, limit = _place(cursor)
    since = [{"type": "range", "field": "createdAt", "parameters": {"gte": at}}] if at else []
    asked = {**WHOLE, "page": page, "limit": limit, "filter": [*_within(channels), *since]}
    try:
        rows = _rows(_search(access, asked))
    except Bury:
        if cursor is not None or limit == SMALL_PAGE:
            raise
        return fetch_recipients(access, channels, {"at": None, "page": 1, "limit": SMALL_PAGE})
    records = [Record(RESOURCE, str(row["id"]), row) for row in rows]
    if len(rows) < limit:
        return RecipientPage(records, len(rows), None)
    last = _created(rows[-1])
    if last == at:  # more were created at one moment than fit a page
        return RecipientPage(records, len(rows), {"at": at, "page": page + 1, "limit": limit})
    fresh = sum(_created(row) != last for row in rows)
    return RecipientPage(records, fresh, {"at": last, "page": 1, "limit": limit})


def count_recipients(access: Access, channels: Channels) -> int:
    """How many recipients there are, whatever their status. Raises Retry, Bury or Pause."""
    asked = {"limit": 1, "total-count-mode": 1, "filter": _within(channels), "includes": {RESOURCE: ["id"]}}
    total = _search(access, asked).get("total")
    if not isinstance(total, int):
        raise Retry("The shop answered a count of its newsletter recipients without a number.")
    return total


def fetch_records(access: Access, refs: Sequence[Ref]) -> Sequence[Record]:
    """The recipients of these events, each with all recipients of its address: `{"recipients": [...]}`.

    Those the shop no longer has are left out. Raises Retry, Bury or Pause.
    """
    ids = list(dict.fromkeys(ref.id for ref in refs if ref.resource == RESOURCE))
    found: list[Record] = []
    for start in range(0, len(ids), SMALL_PAGE):
        some = ids[start : start + SMALL_PAGE]
        named = _rows(_search(access, {"ids": some, "limit": len(some), "includes": {RESOURCE: ["id", "email"]}}))
        addresses = _by_address(access, sorted({str(row.get("email")).lower() for row in named}))
        bodies = {str(row["id"]): {"recipients": addresses[str(row.get("email")).lower()]} for row in named}
        found += [Record(RESOURCE, id_, body) for id_, body in bodies.items() if body["recipients"]]
    return found


def _by_address(access: Access, emails: Sequence[str]) -> Mapping[str, list[dict[str, Any]]]:
    """All recipients of these addresses, whatever their sales channel. A shop compares addresses without case."""
    found: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    page, more = 0, bool(emails)
    while more:
        page += 1
        wanted = {"type": "equalsAny", "field": "email", "value": list(emails)}
        rows = _rows(_search(access, {**WHOLE, "filter": [wanted], "page": page, "limit": SMALL_PAGE}))
        for row in rows:
            found[str(row.get("email")).lower()].append(row)
        more = len(rows) == SMALL_PAGE
    return found


def _search(access: Access, criteria: Mapping[str, Any]) -> dict[str, Any]:
    return api.search(access, ENTITY, criteria)


def _rows(answer: Mapping[str, Any]) -> list[dict[str, Any]]:
    rows = answer.get("data")
    if not isinstance(rows, list) or not all(isinstance(row, dict) and isinstance(row.get("id"), str) for row in rows):
        raise Retry("The shop answered a search for newsletter recipients without records.")
    return rows


def _place(cursor: Cursor | None) -> tuple[str | None, int, int]:
    return (cursor["at"], cursor["page"], cursor["limit"]) if cursor else (None, 1, PAGE)


def _created(row: Mapping[str, Any]) -> str:
    """A row's creation time as the shop's database compares it: UTC without an offset, to the millisecond."""
    try:
        moment = datetime.fromisoformat(str(row.get("createdAt"))).astimezone(UTC)
    except ValueError:
        raise Retry("The shop answered a search for newsletter recipients without their creation times.") from None
    return moment.strftime("%Y-%m-%d %H:%M:%S.") + f"{moment.microsecond // 1000:03}"


def _within(channels: Channels) -> list[dict[str, Any]]:
    """Filters for the sales channels that are meant."""
    field = "salesChannelId"
    only = [{"type": "equalsAny", "field": field, "value": list(channels.only)}] if channels.only else []
    named = {"type": "equalsAny", "field": field, "value": list(channels.without)}
    return only + ([{"type": "not", "operator": "or", "queries": [named]}] if channels.without else [])
