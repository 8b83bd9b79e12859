"""What waits to be done in the ledger of consent: select, claim, settle. Its facts are in `companion.consent`.

A call to Klaviyo is settled after it was accepted. Whose situation on the platform changed while the call was under
way is made due again, so that a webhook's news is never lost behind a slow call.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, exists, literal_column, select, update
from sqlalchemy.orm import Session

from companion.consent import SOME, TABLE, chunks
from companion.db import AnyRow
from mappings.consent import SUBSCRIBED

Todo = Literal["subscribe", "update", "remove"]


def waiting(session: Session, store_id: int, list_id: str, todo: Todo, limit: int) -> Sequence[AnyRow]:
    """Addresses to which this has to be done, by id; what is done leaves the selection.

    That something has to be done is said in so many words: only then may the database use the index of such rows.
    """
    some = TABLE.c.todo != literal_column("''")
    which = (TABLE.c.store_id == store_id, TABLE.c.list_id == list_id, TABLE.c.todo == todo, some)
    return session.execute(select(TABLE).where(*which).order_by(TABLE.c.id).limit(limit)).all()


def unwritten(session: Session, store_id: int, list_id: str, after: int, limit: int) -> Sequence[AnyRow]:
    """Subscribers, or about to be, whose profile has to be written, by id from `after` on."""
    which = (TABLE.c.store_id == store_id, TABLE.c.list_id == list_id, TABLE.c.todo.in_(("subscribe", "update")))
    columns = (TABLE.c.id, TABLE.c.recipient_id, TABLE.c.todo, TABLE.c.profile)
    pending = select(*columns).where(*which, TABLE.c.id > after, TABLE.c.profile.is_not(None))
    return session.execute(pending.order_by(TABLE.c.id).limit(limit)).all()


def excluded(
    session: Session, store_id: int, list_id: str, unseen_since: datetime, after: int, limit: int
) -> Sequence[AnyRow]:
    """Active subscribers kept out by an opt-out that was last seen before then, by id from `after` on."""
    kept_out = (TABLE.c.status == "active", TABLE.c.suppressions.is_not(None), TABLE.c.klaviyo_at < unseen_since)
    which = (TABLE.c.store_id == store_id, TABLE.c.list_id == list_id, TABLE.c.id > after, *kept_out)
    return session.execute(select(TABLE).where(*which).order_by(TABLE.c.id).limit(limit)).all()


def looked(session: Session, ids: Collection[int], now: datetime) -> None:
    """Klaviyo was asked about these and knew nothing new."""
    for some in chunks(list(ids)):
        session.execute(update(TABLE).where(TABLE.c.id.in_(some)).values(klaviyo_at=now))


def forgive(session: Session, store_id: int, recipient_ids: Collection[str]) -> None:
    """Try these again, though Klaviyo refused them or their profiles."""
    which = (TABLE.c.store_id == store_id, TABLE.c.recipient_id.in_(recipient_ids))
    session.execute(update(TABLE).where(*which).values(refused=None, written=None))


def still_there(session: Session, store_id: int, list_id: str, recipient_ids: Collection[str], now: datetime) -> None:
    """The platform has these, though what it says of them cannot be read: what was known of them holds."""
    for start in range(0, len(ids := list(recipient_ids)), SOME):
        some = TABLE.c.recipient_id.in_(ids[start : start + SOME])
        which = (TABLE.c.store_id == store_id, TABLE.c.list_id == list_id, some)
        session.execute(update(TABLE).where(*which).values(platform_at=now))


def written(session: Session, ids: Collection[int], since: datetime) -> None:
    """Klaviyo accepted these profiles, selected at `since`; what changed meanwhile is still to be written."""
    for some in chunks(list(ids)):
        as_sent = (TABLE.c.id.in_(some), TABLE.c.platform_at <= since)
        session.execute(update(TABLE).where(*as_sent).values(written=TABLE.c.fingerprint, profile=None))
        done = update(TABLE).where(*as_sent, TABLE.c.todo == "update")
        session.execute(done.values(todo="", reason="subscribed"))


def subscribed(session: Session, ids: Collection[int], now: datetime) -> None:
    """Klaviyo accepted these subscriptions, and with that lifted what opt-outs there were."""
    values = {"member": True, "consent": SUBSCRIBED, "suppressions": None, "klaviyo_at": now, "subscribed_at": now}
    for some in chunks(list(ids)):
        session.execute(update(TABLE).where(TABLE.c.id.in_(some)).values(**values, todo="", reason="subscribed"))
        _again(session, some, TABLE.c.status != "active", now)


def removed(session: Session, ids: Collection[int], now: datetime) -> None:
    """Klaviyo took these off the list."""
    values = {"member": False, "klaviyo_at": now, "removed_at": now, "todo": "", "reason": "inactive"}
    for some in chunks(list(ids)):
        session.execute(update(TABLE).where(TABLE.c.id.in_(some)).values(values))
        _again(session, some, TABLE.c.status == "active", now)


def these(session: Session, ids: Collection[int]) -> Sequence[AnyRow]:
    """The ledger's rows with these ids, as they are now."""
    return session.execute(select(TABLE).where(TABLE.c.id.in_(ids)).order_by(TABLE.c.id)).all()


def unknown(session: Session, ids: Collection[int], now: datetime) -> None:
    """Klaviyo does not know these, so they are on no list; what they once opted out of stays known."""
    session.execute(update(TABLE).where(TABLE.c.id.in_(ids)).values(member=False, klaviyo_at=now))


def strangers(session: Session, ids: Collection[int], now: datetime) -> None:
    """Klaviyo does not have these on the list."""
    values = {"member": False, "klaviyo_at": now, "todo": "", "reason": "inactive"}
    session.execute(update(TABLE).where(TABLE.c.id.in_(ids), TABLE.c.todo == "remove").values(values))


def refused(session: Session, row_id: int, reason: str) -> None:
    """Klaviyo will not take this address; that stands until the platform says something new of it."""
    values = {"refused": reason, "profile": None, "todo": "", "reason": "refused"}
    session.execute(update(TABLE).where(TABLE.c.id == row_id).values(values))


def news(session: Session, store_id: int, list_id: str, digests: Collection[bytes], now: datetime) -> int:
    """Have these addresses looked at now; return how many."""
    which = (TABLE.c.store_id == store_id, TABLE.c.list_id == list_id, TABLE.c.digest.in_(digests))
    result: Any = session.execute(update(TABLE).where(*which).values(due_at=now))
    return int(result.rowcount)


def claim(session: Session, store_id: int, list_id: str, now: datetime, lease_s: float, limit: int) -> Sequence[AnyRow]:
    """Lease addresses with news, the oldest first; the rows' `due_at` is the end of the lease."""
    leased_until = now + timedelta(seconds=lease_s)
    which = (TABLE.c.store_id == store_id, TABLE.c.list_id == list_id, TABLE.c.due_at <= now)
    due = select(TABLE.c.id).where(*which).order_by(TABLE.c.due_at, TABLE.c.id).limit(limit)
    ids = session.scalars(due.with_for_update(skip_locked=True)).all()
    session.execute(update(TABLE).where(TABLE.c.id.in_(ids)).values(due_at=leased_until))
    return session.execute(select(TABLE).where(TABLE.c.id.in_(ids)).order_by(TABLE.c.id)).all()


def settle(session: Session, rows: Sequence[AnyRow], until: datetime | None = None) -> None:
    """The news was acted upon, or has to wait `until`; newer news that came meanwhile stays due."""
    for row in rows[:1]:
        ours = (TABLE.c.id.in_([one.id for one in rows]), TABLE.c.due_at == row.due_at)
        session.execute(update(TABLE).where(*ours).values(due_at=until))


def forget_news(session: Session, store_id: int, lists: Collection[str]) -> None:
    """Drop what waits for lists other than these: the store has given them up."""
    others = (TABLE.c.store_id == store_id, TABLE.c.due_at.is_not(None), TABLE.c.list_id.not_in(lists))
    session.execute(update(TABLE).where(*others).values(due_at=None))


def is_due(session: Session, store_id: int, now: datetime) -> bool:
    """Whether there is news to act upon."""
    waiting = exists().where(TABLE.c.store_id == store_id, TABLE.c.due_at <= now)
    return bool(session.scalar(select(waiting)))


def _again(session: Session, ids: Sequence[int], changed: ColumnElement[bool], now: datetime) -> None:
    session.execute(update(TABLE).where(TABLE.c.id.in_(ids), changed).values(due_at=now))
