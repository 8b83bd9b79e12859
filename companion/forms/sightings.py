"""Where a slot, a pasted block or the script itself was last seen alive: once a day for each channel and language.

The host is kept, and nothing of the visitor. Pages tell it, so nobody is believed much: a store has a limited number of
places, and a place seen today is not written again.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Final, cast

from sqlalchemy import ColumnElement, Table, delete, func, select
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlalchemy.orm import Session

from companion.form_models import SlotSighting

TABLE = cast("Table", SlotSighting.__table__)
PLACE: Final = ["store_id", "slot", "channel_id", "language"]
SQLITE: Final = insert_sqlite(TABLE)
POSTGRESQL: Final = insert_postgresql(TABLE)
LATEST: Final = ("host", "seen_at")
PUT: Final = {
    "sqlite": SQLITE.on_conflict_do_update(index_elements=PLACE, set_={name: SQLITE.excluded[name] for name in LATEST}),
    "postgresql": POSTGRESQL.on_conflict_do_update(
        index_elements=PLACE, set_={name: POSTGRESQL.excluded[name] for name in LATEST}
    ),
}
AGAIN_AFTER: Final = timedelta(days=1)
MOST: Final = 200
"""Places of one store. Whoever invents more is not heard."""

SCRIPT: Final = ""
"""The place of the script itself; no slot has this name, so no page can tell of it. Its language is a kind of page."""

BLOCK: Final = ":"
"""Before a pasted block's sign; no slot has this in its name."""

OF_SLOTS: Final = (SlotSighting.slot != SCRIPT, ~SlotSighting.slot.startswith(BLOCK))
KEPT: Final = timedelta(days=90)
"""A place that nobody met for so long is forgotten, and makes room."""


def is_news(session: Session, store_id: int, slot: str, channel: str, language: str, now: datetime) -> bool:
    """Whether a sighting is worth a write: a place not seen for a day, or a new one while there is room."""
    known = session.get(SlotSighting, (store_id, slot, channel, language))
    if known is not None:
        return known.seen_at <= now - AGAIN_AFTER
    lately = select(func.count()).where(SlotSighting.store_id == store_id, SlotSighting.seen_at > now - KEPT)
    return (session.scalar(lately) or 0) < MOST


def note(session: Session, store_id: int, slot: str, channel: str, language: str, host: str, now: datetime) -> None:
    """Keep that a slot was seen, and forget places of long ago; two at the same moment are one."""
    session.execute(delete(TABLE).where(TABLE.c.store_id == store_id, TABLE.c.seen_at <= now - KEPT))
    place = {"store_id": store_id, "slot": slot, "channel_id": channel, "language": language}
    connection = session.connection()
    connection.execute(PUT[connection.dialect.name], {**place, "host": host[:255], "seen_at": now})


def listed(session: Session, store_id: int) -> Sequence[SlotSighting]:
    """All slots' places of a store, the latest first."""
    return _listed(session, SlotSighting.store_id == store_id, *OF_SLOTS)


def of_block(session: Session, store_id: int, sign: str, channel: str = "") -> Sequence[SlotSighting]:
    """Where a pasted block was seen, of one sales channel or of all, the latest first; the script for no sign."""
    ours = SlotSighting.store_id == store_id, SlotSighting.slot == place(sign)
    return _listed(session, *ours, *([SlotSighting.channel_id == channel] if channel else []))


def place(sign: str) -> str:
    """The place of a pasted block: that of the script where nothing but the script shows it."""
    return BLOCK + sign if sign else SCRIPT


def unseen(session: Session, store_id: int, channel: str, signs: Collection[str], now: datetime) -> list[str]:
    """The blocks that pages of a sales channel have still to tell of today."""
    query = select(SlotSighting.slot).where(SlotSighting.store_id == store_id, SlotSighting.channel_id == channel)
    told = set(session.scalars(query.where(SlotSighting.seen_at > now - AGAIN_AFTER))) if signs else set()
    return sorted(sign for sign in signs if place(sign) not in told)


def _listed(session: Session, *which: ColumnElement[bool]) -> Sequence[SlotSighting]:
    query = select(SlotSighting).where(*which)
    return session.scalars(query.order_by(SlotSighting.seen_at.desc(), SlotSighting.slot)).all()


def seen_today(session: Session, store_id: int, channel: str, now: datetime) -> list[str]:
    """Places of a channel that need no telling now, for the snippet's settings: `["footer de-de", …]`."""
    query = select(SlotSighting).where(SlotSighting.store_id == store_id, SlotSighting.channel_id == channel)
    found = session.scalars(query.where(*OF_SLOTS, SlotSighting.seen_at > now - AGAIN_AFTER))
    return sorted(f"{one.slot} {one.language}" for one in found)
