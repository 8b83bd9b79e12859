"""What an operator wants to know of every store, in one look: the shape of `companion status --json`.

`lag_p95_s` is the time from a webhook's arrival to Klaviyo's acceptance, over the last live messages;
`oldest_due_s` how long the oldest waiting work has waited. Both are None where there is nothing to measure. `note` is
what a person should look into though everything flows, `runs` the newest runs.
"""

import math
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, func, literal_column, select
from sqlalchemy.orm import Session

from companion import limits, runs, stores, watchdog
from companion.bootstrap import Services
from companion.models import Inbox, Outbox, Store

MEASURED: Final = 500
SHOWN: Final = 10

DUE_IN: Final = Inbox.state == literal_column("'due'")
DUE_OUT: Final = Outbox.state == literal_column("'due'")
QUARANTINED: Final = Inbox.outcome == literal_column("'quarantined'")
BURIED: Final = Outbox.state == literal_column("'buried'")
LIVE: Final = Outbox.priority == literal_column("0")
"""Written out, so that the database sees in them the condition of its partial index."""


def status(services: Services) -> dict[str, Any]:
    """`{"stores": {key: {...}}}`, see `docs/operating.md`."""
    now = services.now()
    with services.database.read() as session:
        return {"stores": {store.key: _of(services, session, store, now) for store in stores.listed(session)}}


def trouble(session: Session, store: Store, now: datetime) -> str | None:
    """Why a store's messages do not flow, as a sentence, or None."""
    if store.paused is not None:
        return store.paused
    if store.approval:
        return "A registration of the shop waits for a yes: `companion store approve`."
    if store.klaviyo_key is None:
        return "No Klaviyo key is set: `companion store key`."
    return limits.trouble(session, stores.shop_scope(store.id), now)


def _of(services: Services, session: Session, store: Store, now: datetime) -> dict[str, Any]:
    return {
        "platform": store.platform,
        "paused": trouble(session, store, now),
        "inbox": {
            "due": count(session, Inbox, store.id, DUE_IN),
            "quarantined": count(session, Inbox, store.id, QUARANTINED),
        },
        "outbox": _outgoing(session, store.id),
        "oldest_due_s": _oldest_due_s(session, store.id, now),
        "lag_p95_s": lag_p95_s(session, store.id),
        "note": watchdog.note(session, store, services.platforms[store.platform].signals),
        "runs": [runs.progress(run) for run in runs.listed(session, store.id, limit=SHOWN)],
    }


def count(session: Session, table: type[Inbox] | type[Outbox], store_id: int, *which: ColumnElement[bool]) -> int:
    """How many of a store's rows these conditions hold for."""
    return session.scalar(select(func.count()).where(table.store_id == store_id, *which)) or 0


def _outgoing(session: Session, store_id: int) -> dict[str, int]:
    """What is delivered is the rest: counting it by its state would read every message ever told.

    Messages are never held; webhooks are.
    """
    due, buried = (count(session, Outbox, store_id, which) for which in (DUE_OUT, BURIED))
    return {"due": due, "delivered": count(session, Outbox, store_id) - due - buried, "buried": buried, "held": 0}


def _oldest_due_s(session: Session, store_id: int, now: datetime) -> float | None:
    first: list[datetime | None] = [
        session.scalar(select(func.min(Inbox.received_at)).where(Inbox.store_id == store_id, DUE_IN)),
        session.scalar(select(func.min(Outbox.created_at)).where(Outbox.store_id == store_id, DUE_OUT)),
    ]
    waiting = [moment for moment in first if moment is not None]
    return round((now - min(waiting)).total_seconds(), 3) if waiting else None


def lag_p95_s(session: Session, store_id: int) -> float | None:
    """Seconds from webhook to acceptance that 95 % of the last live messages did not exceed."""
    query = (
        select(Outbox.signalled_at, Outbox.settled_at)
        .where(Outbox.store_id == store_id, Outbox.state == "delivered", LIVE)
        .order_by(Outbox.created_at.desc())
        .limit(MEASURED)
    )
    lags = [(row.settled_at - row.signalled_at).total_seconds() for row in session.execute(query)]
    return _percentile(sorted(lags), 0.95)


def _percentile(ordered: Sequence[float], share: float) -> float | None:
    return round(ordered[max(0, math.ceil(len(ordered) * share) - 1)], 3) if ordered else None
