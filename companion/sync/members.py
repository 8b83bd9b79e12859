"""Who is on the list, with what consent: read from Klaviyo completely now and then, else only what is new.

Whoever joined since the last reading is read, which also shows what became of our own subscriptions. If we then know as
many members as Klaviyo counts, nobody left unseen. If the numbers differ, all others are read, too; and all at once if
the last complete reading is long ago. An address that was changed in Klaviyo is seen by a complete reading only.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from sqlalchemy.orm import Session

from companion import consent
from companion.klaviyo.audience import Audience
from companion.sync.turn import Turn

COMPLETE: Final = timedelta(days=7)
OVERLAP: Final = timedelta(minutes=10)


def read(turn: Turn) -> None:
    """The phase `members`: one page."""
    place = turn.place or _first(turn)
    audience, now = turn.audience, turn.now()
    since, before = (datetime.fromisoformat(at) if (at := place.get(name)) else None for name in ("since", "before"))
    ask = partial(Audience.members, list_id=audience.list_id, since=since, before=before, following=place["following"])
    page = turn.klaviyo("members", ask)
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
    with turn.services.database.read() as session:
        known = consent.read_so_far(session, turn.store.id, turn.audience.list_id)
    is_recent = known is not None and known.read_at is not None and known.read_at > turn.now() - COMPLETE
    joined = known.joined_until if known and is_recent else None
    since = (joined - OVERLAP).isoformat() if joined else None
    return {"since": since, "before": None, "following": None, "began": turn.now().isoformat(), "nameless": 0}


def _read_all(turn: Turn, session: Session, place: Mapping[str, Any]) -> dict[str, Any] | None:
    """The last page was read: note how far, or go on with all others where the numbers differ."""
    list_id = turn.audience.list_id
    known = consent.mailing_list(session, turn.store.id, list_id, turn.now())
    began = datetime.fromisoformat(place["began"])
    if place["since"] is None:
        consent.left(session, turn.store.id, list_id, began)
        known.read_at, known.nameless = began, place["nameless"]
    elif consent.members(session, turn.store.id, list_id) + known.nameless != turn.cursor.get("on_list"):
        return {**place, "since": None, "before": place["since"], "following": None}
    known.joined_until = began
    return None
