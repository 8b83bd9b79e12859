"""Rate limits, kept in one table so that every process shares them.

Calls are paced to the steady window (a generic cell rate: `next_at` moves one interval a call, and may run ahead
by a burst), head-room is left to the account's other tools, and what the remote says (RateLimit-*, Retry-After)
overrules the arithmetic. A run of failures blocks the endpoint for growing, jittered pauses.
Windows and limits: https://developers.klaviyo.com/en/docs/rate_limits_and_error_handling
"""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, cast

from sqlalchemy import Table, or_, select, update
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlalchemy.orm import Session

from companion.models import Limit
from companion.quota import Pace, Quota

TABLE = cast("Table", Limit.__table__)
ADD: Final = {
    "sqlite": insert_sqlite(TABLE).on_conflict_do_nothing(),
    "postgresql": insert_postgresql(TABLE).on_conflict_do_nothing(),
}
LONGEST_PAUSE_S: Final = 60.0
SHORTEST_WAIT_S: Final = 0.001


@dataclass(frozen=True, slots=True)
class Grant:
    """`count` calls may be made now; when that is none, ask again after `wait_s`.

    `failures` is how many calls in a row have failed by now.
    """

    count: int
    wait_s: float = 0.0
    failures: int = 0


def take(session: Session, scope: str, endpoint: str, pace: Pace, share: float, now: datetime, want: int = 1) -> Grant:
    """Take up to `want` calls from the shared budget, using no more than `share` of it."""
    row = _row(session, scope, endpoint, now)
    if row.blocked_until > now:
        return Grant(0, max(SHORTEST_WAIT_S, (row.blocked_until - now).total_seconds()), row.failures)
    steady = row.steady or pace.steady
    interval = 60.0 / (steady * share)
    ahead = max(0.0, (row.next_at - now).total_seconds())
    count = min(want, int((_burst(pace, steady, share) * interval - ahead) / interval + 1e-6))
    if count <= 0:
        return Grant(0, max(SHORTEST_WAIT_S, ahead - (_burst(pace, steady, share) - 1) * interval), row.failures)
    next_at = now + timedelta(seconds=ahead + count * interval)
    _change(session, scope, endpoint, {"next_at": next_at})
    return Grant(count, failures=row.failures)


def obey(session: Session, scope: str, endpoint: str, quota: Quota, share: float, now: datetime) -> None:
    """A call was answered: forget failures, learn the limit, stop where the window's head-room begins.

    Nothing is written where all of that is known already: after most calls, and to write is to wait for the disk.
    """
    values: dict[str, Any] = {"failures": 0, "reason": None}
    if quota.limit:
        values["steady"] = quota.limit
    if quota.limit and quota.remaining is not None and quota.reset_s is not None:
        reserve = max(1.0, quota.limit * (1 - share))
        if quota.remaining < reserve:
            values["blocked_until"] = now + timedelta(seconds=quota.reset_s)
    news = or_(*(TABLE.c[name].is_distinct_from(value) for name, value in values.items()))
    which = (TABLE.c.scope == scope, TABLE.c.endpoint == endpoint, news)
    session.execute(update(TABLE).where(*which).values(values))


def back_off(session: Session, scope: str, endpoint: str, reason: str, now: datetime, after: float | None) -> float:
    """A call failed: block the endpoint as long as the remote asks, else longer with every failure; return seconds."""
    row = _row(session, scope, endpoint, now)
    pause = after if after is not None else backoff(row.failures)
    until = max(row.blocked_until, now + timedelta(seconds=pause))
    _change(session, scope, endpoint, {"failures": row.failures + 1, "blocked_until": until, "reason": reason})
    return pause


def recovered(session: Session, scope: str, endpoint: str) -> None:
    """The remote answered as it should: forget the failures."""
    which = (TABLE.c.scope == scope, TABLE.c.endpoint == endpoint, TABLE.c.failures > 0)
    session.execute(update(TABLE).where(*which).values(failures=0, reason=None))


def blocked(session: Session, scope: str, endpoint: str, now: datetime) -> float:
    """Seconds until the remote may be asked again; 0 when it may be now."""
    until = session.scalar(select(TABLE.c.blocked_until).where(TABLE.c.scope == scope, TABLE.c.endpoint == endpoint))
    return max(SHORTEST_WAIT_S, (until - now).total_seconds()) if until and until > now else 0.0


def trouble(session: Session, scope: str, now: datetime) -> str | None:
    """Why a scope is blocked right now, in the words of its last failure; None when it is not."""
    which = select(TABLE.c.reason).where(TABLE.c.scope == scope, TABLE.c.blocked_until > now)
    return session.scalar(which.where(TABLE.c.reason.is_not(None)).limit(1))


def unblock(session: Session, scope: str, now: datetime) -> None:
    """Lift what blocks a scope: a person has repaired it."""
    freed = {"blocked_until": now, "failures": 0, "reason": None}
    session.execute(update(TABLE).where(TABLE.c.scope == scope).values(freed))


def backoff(failures: int) -> float:
    """Half a second, doubled with each failure up to a minute, give or take a half."""
    longest: float = min(LONGEST_PAUSE_S, 0.5 * 2 ** min(failures, 10))
    return longest * random.uniform(0.5, 1.0)  # noqa: S311 jitter keeps no secret


def _burst(pace: Pace, steady: int, share: float) -> int:
    """Calls that may be made at once without the minute's sum ever exceeding the documented limit."""
    return max(1, int(min(pace.burst * share, steady * (1 - share))))


def _row(session: Session, scope: str, endpoint: str, now: datetime) -> Any:
    connection = session.connection()
    query = select(TABLE).where(TABLE.c.scope == scope, TABLE.c.endpoint == endpoint).with_for_update()
    row = connection.execute(query).one_or_none()
    if row is None:
        values = {"scope": scope, "endpoint": endpoint, "next_at": now, "blocked_until": now, "failures": 0}
        connection.execute(ADD[connection.dialect.name], values)
        row = connection.execute(query).one()
    return row


def _change(session: Session, scope: str, endpoint: str, values: dict[str, Any]) -> None:
    session.execute(update(TABLE).where(TABLE.c.scope == scope, TABLE.c.endpoint == endpoint).values(values))
