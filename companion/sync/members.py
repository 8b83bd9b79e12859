"""Who is on the list, with what consent: read from Klaviyo completely now and then, else only what is new.

Whoever joined since the last reading is read, which also shows what became of our own subscriptions. If we then know as
many members as Klaviyo counts, nobody left unseen. If the numbers differ, or the last complete reading is long ago, all
are read again: at once where that is certain to come, since Klaviyo counts fewer than we know, or costs hardly more,
since nearly all have joined since. An address that was changed in Klaviyo is seen by a complete reading only.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy.orm import Session

from companion import consent
from companion.sync.turn import Turn

COMPLETE: Final = timedelta(days=7)
OVERLAP: Final = timedelta(minutes=10)
NEARLY_ALL: Final = 0.96


def read(turn: Turn) -> None:
    """The phase `members`: one page."""
    place = turn.place or _first(turn)
    audience, now = turn.audience, turn.now()
    since = datetime.fromisoformat(place["since"]) if place["since"] else None
    following = place["following"]
    page = turn.klaviyo("members", lambda klaviyo, key: klaviyo.members(key, audience.list_id, since, following))
    named = [one for one in page.items if one.email]
    place = {**place, "nameless": place["nameless"] + len(page.items) - len(named)}
    with turn.services.database.write() as session:
        consent.seen_in_klaviyo(session, turn.store.id, audience.list_id, named, now, member=True)
        if page.next is not None:
            turn.moved(session, {**place, "following": page.next})
        else:
            turn.moved(session, _read_all(turn, session, place))


def _first(turn: Turn) -> dict[str, Any]:
    """Begin with those who joined lately, where all the others were read not long ago."""
    list_id, on_list = turn.audience.list_id, turn.cursor.get("on_list") or 0
    with turn.services.database.read() as session:
        known = consent.read_so_far(session, turn.store.id, list_id)
        if known is None or known.read_at is None or known.joined_until is None:
            return _beginning(turn, None)
        since = known.joined_until - OVERLAP
        members = consent.members(session, turn.store.id, list_id) + known.nameless
        new = consent.members(session, turn.store.id, list_id, since)
    if known.read_at <= turn.now() - COMPLETE or members > on_list or new > NEARLY_ALL * on_list:
        return _beginning(turn, None)
    return _beginning(turn, since.isoformat())


def _beginning(turn: Turn, since: str | None) -> dict[str, Any]:
    return {"since": since, "following": None, "began": turn.now().isoformat(), "nameless": 0}


def _read_all(turn: Turn, session: Session, place: Mapping[str, Any]) -> dict[str, Any] | None:
    """The last page was read: note how far, or begin a complete reading where the numbers differ."""
    list_id = turn.audience.list_id
    known = consent.mailing_list(session, turn.store.id, list_id, turn.now())
    began = datetime.fromisoformat(place["began"])
    if place["since"] is None:
        consent.left(session, turn.store.id, list_id, began)
        known.read_at, known.nameless = began, place["nameless"]
    elif consent.members(session, turn.store.id, list_id) + known.nameless != turn.cursor.get("on_list"):
        return _beginning(turn, None)
    known.joined_until = began
    return None
