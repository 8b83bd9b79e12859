"""Opt-outs, read from Klaviyo before anything is written: every reason, everywhere and on lists.

They are read by the time they happened, from where the last reading ended, with an overlap. One that was lifted leaves
no trace there, so those that keep somebody out are asked for again once in a while.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from companion import consent, consent_work, runs
from companion.audiences import Audience
from companion.db import AnyRow
from companion.klaviyo.audience import NAMED, Page, named
from companion.sync.turn import Place, Turn
from mappings.model import Standing

OVERLAP: Final = timedelta(minutes=10)
EVER: Final = datetime(1990, 1, 1, tzinfo=UTC)
RECHECKED: Final = timedelta(days=7)
FRESH_S: Final = 10.0
"""Nobody is subscribed by what was known longer ago than this."""

KINDS: Final = {"suppressed_until": False, "list_suppressed_until": True}
"""The watermark of each kind, and whether it is about lists."""


def read(turn: Turn) -> None:
    """The phase `exclusions`: one page of what is new, then of what is to be asked for again."""
    place = turn.place or {"kind": "suppressed_until", "following": None, "began": None}
    if place["kind"] == "again":
        _ask_again(turn, place)
        return
    kind, audience, now = place["kind"], turn.audience, turn.now()
    page = _page(turn, audience, kind, place["following"])
    with turn.services.database.write() as session:
        _write_down(turn, session, audience, page, now)
        began = place["began"] or now.isoformat()
        if page.next is not None:
            turn.moved(session, {"kind": kind, "following": page.next, "began": began})
            return
        _read_until(turn, session, audience, kind, datetime.fromisoformat(began))
        following = "list_suppressed_until" if kind == "suppressed_until" else "again"
        turn.moved(session, {"kind": following, "following": None, "began": None})


def refresh(turn: Turn) -> None:
    """Read what was opted out of since, right before anybody is subscribed."""
    now, audience = turn.now(), turn.audience
    checked = turn.cursor.get("checked")
    if checked and (now - datetime.fromisoformat(checked)).total_seconds() < FRESH_S:
        return
    for kind in KINDS:
        following: str | None = None
        while True:
            asked_at = turn.now()
            page = _page(turn, audience, kind, following)
            following = page.next
            with turn.services.database.write() as session:
                _write_down(turn, session, audience, page, asked_at)
                if following is None:
                    _read_until(turn, session, audience, kind, now)
            if following is None:
                break
    with turn.services.database.write() as session:
        cursor = {**turn.cursor, "checked": now.isoformat()}
        runs.checkpoint(session, turn.run, turn.now(), cursor=cursor)


def ask(turn: Turn, audience: Audience, rows: Sequence[AnyRow]) -> list[Standing]:
    """What Klaviyo says right now of up to NAMED addresses; those it does not know are missing."""
    emails = [row.address for row in rows]
    return list(turn.klaviyo("profiles", lambda klaviyo, key: klaviyo.profiles(key, emails)).items)


def _ask_again(turn: Turn, place: Place) -> None:
    """Whoever is kept out by what may have been lifted long ago; whom Klaviyo has forgotten stays out."""
    audience, now, after = turn.audience, turn.now(), place.get("after", 0)
    with turn.services.database.read() as session:
        rows = consent_work.excluded(session, turn.store.id, audience.list_id, now - RECHECKED, after, NAMED)
    rows = rows[: named(row.address for row in rows)]
    found = ask(turn, audience, rows) if rows else []
    with turn.services.database.write() as session:
        consent_work.looked(session, [row.id for row in rows], now)
        consent.seen_in_klaviyo(session, turn.store.id, audience.list_id, found, now)
        turn.moved(session, {**place, "after": rows[-1].id} if rows else None)


def _page(turn: Turn, audience: Audience, kind: str, following: str | None) -> Page[Standing]:
    with turn.services.database.read() as session:
        known = consent.read_so_far(session, turn.store.id, audience.list_id)
        until: datetime | None = getattr(known, kind, None)
    since = until - OVERLAP if until else EVER
    return turn.klaviyo(
        "profiles",
        lambda klaviyo, key: klaviyo.suppressed(key, since, of_lists=KINDS[kind], following=following),
    )


def _write_down(turn: Turn, session: Session, audience: Audience, page: Page[Standing], read_at: datetime) -> None:
    named = [one for one in page.items if one.email]
    consent.seen_in_klaviyo(session, turn.store.id, audience.list_id, named, read_at)


def _read_until(turn: Turn, session: Session, audience: Audience, kind: str, began: datetime) -> None:
    known = consent.mailing_list(session, turn.store.id, audience.list_id, began)
    setattr(known, kind, began)
