"""Finding messages by what a person has at hand: an order number, an e-mail address, any id."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from companion.models import Inbox, Outbox
from companion.status import LIVE
from mappings.metrics import DEFAULTS

MOST: Final = 100
SCANNED: Final = 20_000
"""How many of a store's newest live messages are looked through for an address: it has no index."""

LATEST: Final = timedelta(days=7)
"""How long after a webhook its messages are looked for: the shop may have been down."""


def newest(session: Session, store_id: int, limit: int = 50) -> Sequence[Outbox]:
    """The newest live messages."""
    query = select(Outbox).where(Outbox.store_id == store_id, LIVE)
    return session.scalars(query.order_by(Outbox.created_at.desc(), Outbox.id.desc()).limit(limit)).all()


def messages(session: Session, store_id: int, words: str) -> Sequence[Outbox]:
    """Messages that the words name, newest first, at most MOST. An id finds everything of its order."""
    mine = select(Outbox).where(Outbox.store_id == store_id)
    if "@" in words:
        mine = mine.where(Outbox.id.in_(_by_person(session, store_id, words)))
    else:
        mine = mine.where(Outbox.label.in_({words, *_labels(session, store_id, words)} - {""}))
    return session.scalars(mine.order_by(Outbox.id.desc()).limit(MOST)).all()


def webhook(session: Session, store_id: int, words: str) -> Inbox | None:
    """The webhook that the words are the shop's id of."""
    return session.scalar(select(Inbox).where(Inbox.store_id == store_id, Inbox.webhook_id == words))


def cause(session: Session, message: Outbox) -> Inbox | None:
    """The webhook that a message came of; a sweep's or a history's has none."""
    mine = (Inbox.store_id == message.store_id, Inbox.received_at == message.signalled_at)
    return session.scalar(select(Inbox).where(*mine).order_by(Inbox.id).limit(1))


def caused(session: Session, heard: Inbox) -> Sequence[Outbox]:
    """The messages that a webhook led to."""
    soon = Outbox.created_at.between(heard.received_at, heard.received_at + LATEST)
    mine = select(Outbox).where(Outbox.store_id == heard.store_id, LIVE, soon)
    return session.scalars(mine.where(Outbox.signalled_at == heard.received_at).order_by(Outbox.id).limit(MOST)).all()


def _labels(session: Session, store_id: int, words: str) -> list[str]:
    """The orders of a message's or webhook's id."""
    labels = select(Outbox.label).where(Outbox.store_id == store_id)
    told = labels.where(Outbox.metric.in_(list(DEFAULTS)), Outbox.unique_id == words)
    numbered = [labels.where(Outbox.id == int(words))] if words.isdecimal() and len(words) < 16 else []
    found = [label for query in (told, *numbered) for label in session.scalars(query.limit(MOST))]
    heard = webhook(session, store_id, words)
    return found + ([message.label for message in caused(session, heard)] if heard else [])


def _by_person(session: Session, store_id: int, words: str) -> list[int]:
    wanted = words.lower().encode()
    newest = select(Outbox.id, Outbox.profile).where(Outbox.store_id == store_id, LIVE, Outbox.profile.is_not(None))
    found: list[int] = []
    rows = session.execute(newest.order_by(Outbox.created_at.desc()).limit(SCANNED).execution_options(yield_per=1000))
    for id_, profile in rows:
        if wanted in (profile or b"").lower():
            found.append(id_)
        if len(found) == MOST:
            break
    return found
