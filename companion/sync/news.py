"""A webhook's news about subscribers, acted upon within seconds by the same rules and the same calls as the daily run.

Klaviyo is asked about exactly these addresses right before anything is decided, so nobody is subscribed by what was
known earlier. What was asked of Klaviyo a moment ago may still be on its way: such an address is looked at again.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from companion import audiences, consent, consent_work
from companion.audiences import Audience
from companion.bootstrap import Services
from companion.db import AnyRow
from companion.errors import Bury, Pause, Retry
from companion.klaviyo.audience import NAMED, named
from companion.models import Store
from companion.sync import decisions, writing
from companion.sync.paced import PAUSE_S, Caller
from mappings.model import Standing

log = logging.getLogger(__name__)

LOOK_AGAIN: Final = timedelta(seconds=30)


def act(services: Services, store_id: int) -> float | None:
    """Act upon some news; return 0 to be called again, None when none is due (the tick finds what will be).

    What has to wait is no reason to keep other news waiting, so no pause is ever asked for.
    """
    with services.database.read() as session:
        store = session.get_one(Store, store_id)
    if store.klaviyo_key is None or store.paused is not None:
        return None
    klaviyo = Caller(services, store, services.vault.open(store.klaviyo_key))
    found = audiences.audiences(store.settings)
    with services.database.write() as session:
        consent_work.forget_news(session, store_id, [one.list_id for one in found])
    for audience in found:
        with services.database.write() as session:
            args = (store_id, audience.list_id, services.now(), services.settings.lease_s, NAMED)
            rows = consent_work.claim(session, *args)
        while rows:
            some = rows[: named(row.address or "" for row in rows)]
            _act(klaviyo, audience, some)
            rows = rows[len(some) :]
    with services.database.read() as session:
        return 0.0 if consent_work.is_due(session, store_id, services.now()) else None


def _act(klaviyo: Caller, audience: Audience, rows: Sequence[AnyRow]) -> None:
    services = klaviyo.services
    try:
        coming = _asked(klaviyo, audience, rows)
        with services.database.write() as session:
            current = consent_work.these(session, [row.id for row in rows if row.id not in coming])
            decisions.decide(session, audience, current, services.now())
            decided = consent_work.these(session, [row.id for row in current])
        _write(klaviyo, audience, decided)
    except (Retry, Pause, Bury) as problem:
        after = (problem.after if isinstance(problem, Retry) else None) or PAUSE_S
        with services.database.write() as session:
            consent_work.settle(session, rows, services.now() + timedelta(seconds=after))
        log.warning("news of subscribers waits", extra={"store": klaviyo.store.key, "reason": str(problem)})
        return
    with services.database.write() as session:
        consent_work.settle(session, [row for row in rows if row.id not in coming])
        consent_work.settle(session, [row for row in rows if row.id in coming], services.now() + LOOK_AGAIN)
    log.info("news of subscribers", extra={"store": klaviyo.store.key, "addresses": len(rows), "later": len(coming)})


def _asked(klaviyo: Caller, audience: Audience, rows: Sequence[AnyRow]) -> set[int]:
    """Write down what Klaviyo says of these right now; return the ids of those that are still on their way there."""
    rows = [row for row in rows if row.address]
    if not rows:
        return set()
    emails, now = [row.address for row in rows], klaviyo.services.now()
    profiles = klaviyo("profiles", lambda client, key: client.profiles(key, emails)).items
    members = klaviyo("members", lambda client, key: client.members_named(key, audience.list_id, emails)).items
    on_list = {consent.digest(one.email) for one in members}
    told = {consent.digest(one.email): one for one in profiles}
    absent = [row for row in rows if row.digest not in on_list]
    coming = {row.id for row in absent if _is_new(row, now) and not _has_left(row, told.get(row.digest))}
    held_back = {row.digest for row in rows if row.id in coming}
    others = _without(profiles, on_list | held_back)
    known = on_list | held_back | {consent.digest(one.email) for one in others}
    with klaviyo.services.database.write() as session:
        args = (session, klaviyo.store.id, audience.list_id)
        consent.seen_in_klaviyo(*args, members, now, member=True)
        consent.seen_in_klaviyo(*args, others, now, member=False)
        consent_work.unknown(session, [row.id for row in rows if row.digest not in known], now)
    return coming


def _without(found: Sequence[Standing], digests: set[bytes]) -> list[Standing]:
    return [one for one in found if consent.digest(one.email) not in digests]


def _is_new(row: AnyRow, now: datetime) -> bool:
    """Whether we had them subscribed so lately that the list may not show them yet: nobody has seen them leave it."""
    return row.member and row.subscribed_at is not None and row.subscribed_at > now - consent.ON_ITS_WAY


def _has_left(row: AnyRow, standing: Standing | None) -> bool:
    """Whether they are missing on the list because they unsubscribed from it after we had them subscribed."""
    found = standing.suppressions if standing else ()
    own = [one for one in found if one.list_id == row.list_id and one.at is not None]
    return any(one.at >= row.subscribed_at.replace(microsecond=0) for one in own if one.at)


def _write(klaviyo: Caller, audience: Audience, rows: Sequence[AnyRow]) -> None:
    """Profiles first, so that a subscriber has a name from the start."""
    services, now = klaviyo.services, klaviyo.services.now()
    profiles = [row for row in rows if row.todo in ("subscribe", "update") and row.profile is not None]
    if profiles:
        sent = writing.write(klaviyo, profiles)
        with services.database.write() as session:
            consent_work.written(session, [row.id for row in sent.taken], now)
    for todo, send, done in (
        ("remove", writing.remove, consent_work.removed),
        ("subscribe", writing.subscribe, consent_work.subscribed),
    ):
        some = [row for row in rows if row.todo == todo]
        if some:
            sent = send(klaviyo, audience, some)
            with services.database.write() as session:
                done(session, [row.id for row in sent.taken], services.now())
                for row, reason in sent.refused:
                    consent_work.refused(session, row.id, reason)
