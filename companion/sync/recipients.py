"""The platform's newsletter recipients, all of them, page by page: the shop keeps changes of address silent.

Nothing is concluded from a reading that is not whole: whoever was not met is taken as gone only after the shop has
counted as many recipients as it has shown. A shop that shows none at all is not believed. Whoever was shown in a form
that cannot be read stays what they were.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

import mappings
from companion import consent, consent_work, limits, resolve, signups, stores
from companion.errors import Bury, Retry
from companion.platforms.base import Record
from companion.run_failures import Failure
from companion.sync.turn import Place, Turn
from mappings.errors import InvalidRecord
from mappings.model import Recipient

AGAIN_S: Final = 10.0
TRIES: Final = 5
"""Times the last page is read again before all are."""


def read(turn: Turn) -> None:
    """The phase `recipients`: one page, or the count after the last."""
    place = turn.place or _beginning(turn)
    if place["last"]:
        _conclude(turn, place)
        return
    audience, now = turn.audience, turn.now()
    page = turn.shop.asked(
        lambda access: turn.shop.platform.fetch_recipients(access, audience.channels, place["cursor"])
    )
    found, failures = mapped(turn.store.platform, page.records)
    seen = signups.shown(audience, turn.store.platform, found)
    since = datetime.fromisoformat(place["began"])
    following = {**place, "counted": place["counted"] + page.counted}
    if page.cursor is None:
        following["last"] = {"counted": place["counted"]}
    else:
        following["cursor"] = page.cursor
    with turn.services.database.write() as session:
        limits.recovered(session, stores.shop_scope(turn.store.id), resolve.API)
        consent.seen_on_platform(session, turn.store.id, audience.list_id, seen, now, "run", since)
        unread = [failure.record_id for failure in failures]
        consent_work.still_there(session, turn.store.id, audience.list_id, unread, now)
        turn.moved(session, following, failures=failures)


def mapped(platform: str, records: Iterable[Record]) -> tuple[list[Recipient], list[Failure]]:
    """Records as recipients, and those that are none."""
    found, failures = [], []
    for record in records:
        try:
            found.append(mappings.recipient(platform, record.body))
        except InvalidRecord as error:
            failures.append(Failure(record.resource, record.id, error.path, error.reason))
    return found, failures


def _beginning(turn: Turn) -> dict[str, Any]:
    """`last` is set when the last page was read: what was counted before it."""
    return {"cursor": None, "began": turn.now().isoformat(), "counted": 0, "last": None, "tries": 0}


def _conclude(turn: Turn, place: Place) -> None:
    """The shop's own count says whether it has shown everybody. Raises Retry, or Bury for a shop that shows nobody."""
    audience, counted = turn.audience, place["counted"]
    total = turn.shop.asked(lambda access: turn.shop.platform.count_recipients(access, audience.channels))
    if counted < total:
        _read_again(turn, place)
        raise Retry(
            f"The shop showed {counted:,} of {total:,} newsletter recipients; it is asked again.", after=AGAIN_S
        )
    with turn.services.database.write() as session:
        on_list = consent.members(session, turn.store.id, audience.list_id)
        if not counted and on_list:
            raise Bury(
                f"The shop shows no newsletter recipients at all, though {on_list:,} people are on the list "
                f"“{audience.list_name}”. Nothing was changed: see whether the shop is well."
            )
        consent.gone(session, turn.store.id, audience.list_id, datetime.fromisoformat(place["began"]))
        turn.moved(session, None)


def _read_again(turn: Turn, place: Place) -> None:
    """Someone may have come since, or the last page was cut short: read it again; all, where that does not help."""
    last = {**place, "counted": place["last"]["counted"], "last": None, "tries": place["tries"] + 1}
    with turn.services.database.write() as session:
        turn.moved(session, last if place["tries"] < TRIES else _beginning(turn))
