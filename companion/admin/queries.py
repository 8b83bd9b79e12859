"""What only the pages ask of the tables, always by an index: a page must not slow down with a store's history."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from companion import limits, runs, status, stores
from companion.admin.states import State, state
from companion.models import App, Inbox, Outbox, Run, Store
from companion.status import BURIED, DUE_IN, DUE_OUT, LIVE, QUARANTINED, count
from companion.sync import schedule
from mappings.dialects import DIALECTS

HOURS: Final = 24
LOOKED_AT: Final = 300
RUNS: Final = 3


@dataclass(frozen=True, slots=True)
class Line:
    """A store at a glance. `lag_s`: webhook to Klaviyo, 95 of 100 live messages; `events`: live ones of a day.

    `runs` are the newest, look-ups for the pages left out.
    """

    store: Store
    state: State
    due: int
    buried: int
    quarantined: int
    failing: int
    lag_s: float | None
    oldest_s: float | None
    last_webhook: datetime | None
    events: int
    runs: Sequence[Run]

    @property
    def stuck(self) -> int:
        return self.buried + self.quarantined + self.failing


@dataclass(frozen=True, slots=True)
class Hour:
    """Live events of one hour: how many were made, and how many of them are buried."""

    start: datetime
    made: int
    buried: int


def line(session: Session, store: Store, now: datetime) -> Line:
    """One store at a glance."""
    id_ = store.id
    oldest_s = _oldest_s(session, id_, now)
    shop, klaviyo = (limits.trouble(session, scope, now) for scope in (stores.shop_scope(id_), store.klaviyo_account))
    since = now - timedelta(hours=HOURS)
    return Line(
        store=store,
        state=state(store, shop, klaviyo, oldest_s),
        due=count(session, Inbox, id_, DUE_IN) + count(session, Outbox, id_, DUE_OUT),
        buried=count(session, Outbox, id_, BURIED),
        quarantined=count(session, Inbox, id_, QUARANTINED),
        failing=count(session, Outbox, id_, DUE_OUT, Outbox.reason.is_not(None)),
        lag_s=status.lag_p95_s(session, id_),
        oldest_s=oldest_s,
        last_webhook=session.scalar(select(func.max(Inbox.received_at)).where(Inbox.store_id == id_)),
        runs=runs.listed(session, id_, limit=RUNS, without=schedule.LOOKED_UP),
        events=count(session, Outbox, id_, LIVE, Outbox.created_at > since),
    )


def lines(session: Session, now: datetime) -> list[Line]:
    """Every store at a glance, those that need someone first."""
    urgency = {"bad": 0, "warn": 1, "good": 2, "quiet": 3}
    found = [line(session, store, now) for store in stores.listed(session)]
    return sorted(found, key=lambda one: (urgency[one.state.tone], one.store.key))


def day(session: Session, store_ids: Collection[int], now: datetime) -> list[Hour]:
    """The live events of the last 24 hours, by the hour they were made in."""
    last = now.replace(minute=0, second=0, microsecond=0)
    starts = [last - timedelta(hours=back) for back in reversed(range(HOURS))]
    made, buried = (_by_hour(session, store_ids, starts, *which) for which in ((LIVE,), (LIVE, BURIED)))
    return [Hour(start, made.get(place, 0), buried.get(place, 0)) for place, start in enumerate(starts)]


def _by_hour(session: Session, store_ids: Collection[int], starts: Sequence[datetime], *which: Any) -> dict[int, int]:
    places = [(Outbox.created_at < end, place) for place, end in enumerate(starts[1:])]
    place = case(*places, else_=len(starts) - 1)
    mine = (Outbox.store_id.in_(store_ids), Outbox.created_at >= starts[0])
    query = select(place, func.count()).where(*mine, *which).group_by(place)
    return {row[0]: row[1] for row in session.execute(query)}


def apps(session: Session) -> Sequence[App]:
    """The merchants' apps that were built so far."""
    return session.scalars(select(App).order_by(App.merchant)).all()


def channels(session: Session, store: Store) -> dict[str, str]:
    """Sales channels seen in the last live events or set already: name by id, the id where no name is known."""
    words = DIALECTS[store.platform].order
    name = words["channel_name"]
    newest = select(Outbox.event).where(Outbox.store_id == store.id, LIVE, Outbox.event.is_not(None))
    found: dict[str, str] = {}
    for event in session.scalars(newest.order_by(Outbox.created_at.desc()).limit(LOOKED_AT)):
        told = msgspec.json.decode(event or b"{}").get("properties", {})
        if id_ := told.get(words.get("channel_id", name)):  # where channels have no ids, their names are
            found.setdefault(str(id_), str(told.get(name) or id_))
    return {**{id_: id_ for id_ in store.settings.get("channels", {})}, **found}


def _oldest_s(session: Session, store_id: int, now: datetime) -> float | None:
    """Seconds that the first in line has waited: the oldest due, or nearly so, without looking at all that is due."""
    incoming = select(Inbox.received_at).where(Inbox.store_id == store_id, DUE_IN).order_by(Inbox.due_at).limit(1)
    waiting = select(Outbox.created_at).where(Outbox.store_id == store_id, DUE_OUT, LIVE)
    first = [session.scalar(incoming), session.scalar(waiting.order_by(Outbox.due_at).limit(1))]
    moments = [moment for moment in first if moment is not None]
    return (now - min(moments)).total_seconds() if moments else None
