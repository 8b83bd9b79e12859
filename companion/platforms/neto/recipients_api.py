"""Reads a shop's customers as newsletter recipients: those who want it and those who do not, page by page.

The pages follow the date a customer was added, which nothing changes. Guests have a record, too, and so have people
who only left their address.
Source: Neto, GetCustomer.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from companion.platforms.base import Access, Channels, Cursor, RecipientPage, Record, Ref
from companion.platforms.neto import about, spans
from companion.platforms.neto.api import api

RESOURCE: Final = "newsletter_recipient"
ACTION: Final = "GetCustomer"
PAGE: Final = 200
OUTPUTS: Final = (
    *("Username", "EmailAddress", "NewsletterSubscriber", "Active", "BillingAddress", "SalesChannel", "UserGroup"),
    *("RegistrationDate", "DateAddedUTC", "DateUpdatedUTC"),
)
EVERYBODY: Final = {"NewsletterSubscriber": ["True", "False"]}


def fetch_recipients(access: Access, channels: Channels, cursor: Cursor | None) -> RecipientPage:
    """The next page of all customers, whether they want the newsletter or not. Raises Retry or Pause.

    A cursor is a place of `companion.platforms.neto.spans`.
    """

    def ask(since: str, until: str, page: int) -> spans.Rows:
        filters = {**EVERYBODY, **spans.bounds(access, "DateAdded", since, until)}
        return api.get(access, ACTION, filters, OUTPUTS, page=page, limit=PAGE).rows

    place = dict(cursor) if cursor else spans.begin(spans.THE_FIRST, access.now() + spans.AHEAD)
    rows, place, full = spans.read(place, PAGE, ask)
    if rows is None:
        return RecipientPage([], 0, place)
    fresh = {row["Username"]: row for row in rows if row["Username"] not in place["seen"]}
    meant = [row for row in fresh.values() if _is_meant(row, channels)]
    records = [Record(RESOURCE, name, body) for name, body in _bodies(access, meant)]
    return RecipientPage(records, len(meant), spans.behind(place, fresh, PAGE, full=full))


def count_recipients(access: Access, channels: Channels) -> int:
    """How many customers there are. Raises Retry or Pause."""
    ends = (time.isoformat() for time in (spans.THE_FIRST, access.now() + spans.AHEAD))
    filters = {**EVERYBODY, **spans.bounds(access, "DateAdded", *ends)}

    def ask(page: int) -> spans.Rows:
        return api.get(access, ACTION, filters, ("Username", "SalesChannel"), page=page, limit=spans.COUNTED).rows

    return sum(_is_meant(row, channels) for row in spans.count(ask, "Username").values())


def fetch_records(access: Access, refs: Sequence[Ref]) -> Sequence[Record]:
    """These customers, each by itself: `{"recipients": [{"customer", "shop"}]}`. Raises Retry or Pause."""
    names = list(dict.fromkeys(ref.id for ref in refs if ref.resource == RESOURCE))
    found: list[Record] = []
    for start in range(0, len(names), PAGE):
        some = names[start : start + PAGE]
        rows = api.get(access, ACTION, {"Username": some}, OUTPUTS, limit=PAGE).rows
        known = {row["Username"]: row for row in rows if row["Username"] in some}
        found += [Record(RESOURCE, name, {"recipients": [body]}) for name, body in _bodies(access, known.values())]
    return found


def _bodies(access: Access, rows: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """A customer without an address is no recipient, and no failure either."""
    shop = about.shop(access)
    for row in rows:
        if "EmailAddress" in row:
            yield row["Username"], {"customer": row, "shop": shop}


def _is_meant(row: dict[str, Any], channels: Channels) -> bool:
    channel = row.get("SalesChannel", "")
    return (not channels.only or channel in channels.only) and channel not in channels.without
