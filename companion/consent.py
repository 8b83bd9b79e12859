"""The ledger of consent: what the platform and Klaviyo say of an address, what was decided, what is forgotten.

What waits to be done is handled in `companion.consent_work`; who may be subscribed is decided in `mappings.consent`.
Whoever read a fact hands in when the reading began: a fact read later is never overwritten by one read earlier.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal, cast

from sqlalchemy import Table, and_, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlalchemy.orm import Session

from companion.consent_models import MailingList, Subscriber
from companion.db import AnyRow
from mappings.consent import Decision, Status
from mappings.model import Standing, Suppression

Source = Literal["run", "webhook"]

TABLE = cast("Table", Subscriber.__table__)
INSERT: Final[Mapping[str, Any]] = {"sqlite": insert_sqlite, "postgresql": insert_postgresql}
BLANK: Final[Mapping[str, Any]] = {
    **dict.fromkeys(("recipient_id", "channel_id", "platform_source", "profile_id", "consent", "todo", "reason"), ""),
    "status": "absent",
    "member": False,
}
ON_ITS_WAY: Final = timedelta(minutes=30)
"""A subscription that Klaviyo accepted shows up on the list within this time."""

SOME: Final = 500
"""Values in one IN (...)."""


@dataclass(frozen=True, slots=True)
class Seen:
    """An address as the platform shows it: all its subscriptions in one. `profile` is JSON of Klaviyo's attributes.

    `changed_at` is when the platform last wrote it, where it keeps no time of a second opt-in.
    """

    address: str
    status: Status
    recipient_id: str
    channel_id: str
    opted_in_at: datetime
    profile: bytes
    changed_at: datetime | None = None


def digest(address: str) -> bytes:
    """What an address is found by, also after the address itself is forgotten."""
    return hashlib.sha256(address.strip().lower().encode()).digest()


def mailing_list(session: Session, store_id: int, list_id: str, now: datetime) -> MailingList:
    """How far a list was read; it begins when it is first asked for."""
    found = session.get(MailingList, (store_id, list_id))
    if found is None:
        found = MailingList(store_id=store_id, list_id=list_id, chosen_at=now, nameless=0)
        session.add(found)
        session.flush()
    return found


def read_so_far(session: Session, store_id: int, list_id: str) -> MailingList | None:
    """How far a list was read, where it ever was."""
    return session.get(MailingList, (store_id, list_id))


def seen_on_platform(
    session: Session,
    store_id: int,
    list_id: str,
    found: Iterable[Seen],
    read_at: datetime,
    source: Source,
    since: datetime | None = None,
) -> list[bytes]:
    """Write down what the platform shows; return the digests that are new or changed.

    In a walk that began at `since`, an address met again is one person's other subscription: the better one counts.
    """
    shown = {digest(one.address): one for one in found}
    before = _rows(session, store_id, list_id, shown)
    changes = {key: _merged(before.get(key), one, read_at, since) for key, one in shown.items()}
    same = [before[key].id for key, change in changes.items() if change == {}]
    for some in chunks(same):
        session.execute(update(TABLE).where(TABLE.c.id.in_(some)).values(platform_at=read_at))
    told = {"platform_at": read_at, "platform_source": source}
    values = [{"digest": key, **change, **told} for key, change in changes.items() if change]
    _upsert(session, store_id, list_id, values)
    return [value["digest"] for value in values]


def _merged(before: AnyRow | None, seen: Seen, read_at: datetime, since: datetime | None) -> dict[str, Any] | None:
    """The columns that change: none where everything is known, None where something better or newer is."""
    if before is not None and before.platform_at is not None:
        met = since is not None and before.platform_at >= since and before.status != "absent"
        better = (before.status == "active", before.opted_in_at, before.recipient_id) > (
            seen.status == "active",
            seen.opted_in_at,
            seen.recipient_id,
        )
        other = before.recipient_id != seen.recipient_id
        if before.platform_at > read_at or (met and other and better):
            return None
    fingerprint = hashlib.md5(seen.profile, usedforsecurity=False).digest()
    written = before.written if before is not None else None
    values: dict[str, Any] = {
        "address": seen.address,
        "status": seen.status,
        "recipient_id": seen.recipient_id,
        "channel_id": seen.channel_id,
        "opted_in_at": _opted_in(before, seen),
        "fingerprint": fingerprint,
        "profile": seen.profile if seen.status == "active" and fingerprint != written else None,
    }
    if before is not None and all(getattr(before, name) == value for name, value in values.items()):
        return {}
    fresh = before is None or before.fingerprint != fingerprint or before.opted_in_at != values["opted_in_at"]
    return {**values, "refused": None if fresh else getattr(before, "refused", None)}


def _opted_in(before: AnyRow | None, seen: Seen) -> datetime:
    """A platform may not record a second opt-in: whoever we saw inactive opted in after that, at the earliest.

    Only what the platform wrote after that counts: a shop that was set back to an older state has told nothing new.
    """
    if before is None or before.recipient_id != seen.recipient_id or seen.status != "active":
        return seen.opted_in_at
    known: datetime | None = {"inactive": before.platform_at, "active": before.opted_in_at}.get(before.status)
    if known is None or (before.status == "inactive" and (seen.changed_at is None or seen.changed_at < known)):
        return seen.opted_in_at
    return max(seen.opted_in_at, known)


def gone(session: Session, store_id: int, list_id: str, since: datetime) -> None:
    """Whoever a complete walk of the platform, begun at `since`, did not meet is there no more."""
    unmet = [TABLE.c.status != "absent", TABLE.c.platform_at < since]
    absent = {
        **dict.fromkeys(("address", "profile", "fingerprint"), None),
        "status": "absent",
        "todo": "",
        "reason": "",
    }
    which = (TABLE.c.store_id == store_id, TABLE.c.list_id == list_id, *unmet)
    session.execute(update(TABLE).where(*which).values(**absent, platform_at=since, platform_source="run"))


def seen_in_klaviyo(
    session: Session,
    store_id: int,
    list_id: str,
    found: Iterable[Standing],
    read_at: datetime,
    *,
    member: bool | None = None,
) -> None:
    """Write down what Klaviyo says. `member`: whether these are on the list; None where that was not the question.

    Then whoever unsubscribed from the list has left it.
    """
    values = []
    for one in found:
        left = any(each.list_id == list_id and each.reason == "UNSUBSCRIBE" for each in one.suppressions)
        on_list = {"member": member} if member is not None else {"member": False} if left else {}
        told = {"profile_id": one.profile_id, "consent": one.consent, "klaviyo_at": read_at, **on_list}
        values.append({"digest": digest(one.email), "suppressions": packed(one.suppressions), **told})
    for alike in (True, False):  # one statement has one set of columns
        _upsert(session, store_id, list_id, [one for one in values if ("member" in one) is alike], read_at)


def left(session: Session, store_id: int, list_id: str, since: datetime) -> None:
    """Whoever a complete walk of the list, begun at `since`, did not meet is no member: but give new ones time."""
    stayed = or_(TABLE.c.removed_at.is_(None), TABLE.c.removed_at < TABLE.c.subscribed_at)
    arriving = and_(TABLE.c.subscribed_at.is_not(None), TABLE.c.subscribed_at >= since - ON_ITS_WAY, stayed)
    which = (TABLE.c.store_id == store_id, TABLE.c.list_id == list_id, TABLE.c.member, TABLE.c.klaviyo_at < since)
    session.execute(update(TABLE).where(*which, ~arriving).values(member=False))


def members(session: Session, store_id: int, list_id: str) -> int:
    """How many addresses are on the list, as far as we know."""
    which = (TABLE.c.store_id == store_id, TABLE.c.list_id == list_id, TABLE.c.member)
    return session.scalar(select(func.count()).select_from(TABLE).where(*which)) or 0


def active(session: Session, store_id: int, list_id: str) -> int:
    """How many addresses are active on the platform."""
    which = (TABLE.c.store_id == store_id, TABLE.c.list_id == list_id, TABLE.c.status == "active")
    return session.scalar(select(func.count()).select_from(TABLE).where(*which)) or 0


def undecided(session: Session, store_id: int, list_id: str, after: int, limit: int) -> Sequence[AnyRow]:
    """The next addresses that the platform has or that are on the list, by id."""
    concerned = or_(TABLE.c.status != "absent", TABLE.c.member)
    which = (TABLE.c.store_id == store_id, TABLE.c.list_id == list_id, TABLE.c.id > after, concerned)
    return session.execute(select(TABLE).where(*which).order_by(TABLE.c.id).limit(limit)).all()


def decided(session: Session, decisions: Iterable[tuple[AnyRow, Decision]], now: datetime) -> None:
    """Write down what was decided, where it differs from before."""
    alike: dict[tuple[str, str], list[int]] = {}
    for row, decision in decisions:
        todo: str = "" if decision.act == "none" else decision.act
        reason = because(decision)
        if (row.todo, row.reason) != (todo, reason):
            alike.setdefault((todo, reason), []).append(row.id)
    for (todo, reason), ids in alike.items():
        for some in chunks(ids):
            changed = update(TABLE).where(TABLE.c.id.in_(some))
            session.execute(changed.values(todo=todo, reason=reason, decided_at=now))


def because(decision: Decision) -> str:
    """Why, in a word; followed by Klaviyo's own reason where an opt-out is concerned."""
    return f"{decision.reason}:{decision.opt_out.reason}"[:40] if decision.opt_out else decision.reason


def counts(session: Session, store_id: int, list_id: str) -> list[tuple[str, str, int]]:
    """(what is to be done or empty, why, how many addresses)."""
    concerned = or_(TABLE.c.status != "absent", TABLE.c.member)
    which = (TABLE.c.store_id == store_id, TABLE.c.list_id == list_id, concerned)
    grouped = select(TABLE.c.todo, TABLE.c.reason, func.count()).where(*which).group_by(TABLE.c.todo, TABLE.c.reason)
    return [(row[0], row[1], row[2]) for row in session.execute(grouped)]


def recipients(session: Session, store_id: int, list_id: str, addresses: Iterable[str]) -> dict[str, str]:
    """The platform's ids of these addresses, by address."""
    found: dict[str, str] = {}
    wanted = list(addresses)
    for start in range(0, len(wanted), SOME):
        rows = _rows(session, store_id, list_id, [digest(one) for one in wanted[start : start + SOME]])
        found |= {str(row.address): row.recipient_id for row in rows.values() if row.address}
    return found


def of_address(session: Session, address: str, store_id: int | None = None) -> Sequence[Subscriber]:
    """What is known of an address, on every list, or on one store's."""
    query = select(Subscriber).where(Subscriber.digest == digest(address))
    if store_id is not None:
        query = query.where(Subscriber.store_id == store_id)
    return session.scalars(query.order_by(Subscriber.store_id, Subscriber.id)).all()


def erase(session: Session, address: str) -> int:
    """Forget who it was and what was known of them; that they opted out stays known by the digest. Returns rows."""
    person = dict.fromkeys(("address", "profile", "fingerprint", "written", "due_at"), None)
    empty = {"recipient_id": "", "channel_id": "", "profile_id": "", "status": "absent", "todo": "", "reason": ""}
    result: Any = session.execute(
        update(TABLE).where(TABLE.c.digest == digest(address)).values(**person, **empty, member=False)
    )
    return int(result.rowcount)


def packed(suppressions: Iterable[Suppression]) -> list[list[str | None]] | None:
    """Suppressions as they are kept: [[reason, time, list]]; None for none."""
    rows = [[one.reason, one.at.isoformat() if one.at else None, one.list_id] for one in suppressions]
    return rows or None


def unpacked(kept: Sequence[Sequence[str | None]] | None) -> tuple[Suppression, ...]:
    """Suppressions as they are understood."""
    return tuple(
        Suppression(str(reason), datetime.fromisoformat(at) if at else None, str(list_id))
        for reason, at, list_id in kept or ()
    )


def chunks(ids: Sequence[int], size: int = SOME) -> Iterable[Sequence[int]]:
    return (ids[start : start + size] for start in range(0, len(ids), size))


def _rows(session: Session, store_id: int, list_id: str, digests: Collection[bytes]) -> dict[bytes, AnyRow]:
    which = (TABLE.c.store_id == store_id, TABLE.c.list_id == list_id, TABLE.c.digest.in_(digests))
    return {row.digest: row for row in session.execute(select(TABLE).where(*which).with_for_update())}


def _upsert(
    session: Session, store_id: int, list_id: str, values: Sequence[dict[str, Any]], read_at: datetime | None = None
) -> None:
    """Insert or change; with `read_at`, nothing that Klaviyo's side was told of later."""
    if not values:
        return
    connection = session.connection()
    statement = INSERT[connection.dialect.name](TABLE)
    changed = {name: statement.excluded[name] for name in values[0] if name != "digest"}
    older = None if read_at is None else or_(TABLE.c.klaviyo_at.is_(None), TABLE.c.klaviyo_at <= read_at)
    statement = statement.on_conflict_do_update(
        index_elements=["store_id", "list_id", "digest"], set_=changed, where=older
    )
    rows = [{"store_id": store_id, "list_id": list_id, **BLANK, **value} for value in values]
    connection.execute(statement, rows)
