"""Forget bodies and delivered messages after KEEP_DAYS; keep what identifies them, so that nothing is told twice.

Quarantined webhooks and buried messages keep their bytes until someone has replayed them or they are three times
as old: a person may still repair them.
"""

from datetime import datetime, timedelta
from typing import Any, Final, cast

from sqlalchemy import ColumnElement, Table, and_, or_, select, update

from companion import samples
from companion.bootstrap import Services
from companion.models import Inbox, Outbox

BATCH: Final = 500
PATIENCE: Final = 3

INBOX = cast("Table", Inbox.__table__)
OUTBOX = cast("Table", Outbox.__table__)


def forget(services: Services) -> None:
    """Empty old rows, a few hundred a transaction, so that nobody waits for it."""
    settled = services.now() - timedelta(days=services.settings.keep_days)
    broken = services.now() - timedelta(days=PATIENCE * services.settings.keep_days)
    old_webhook = _old(INBOX, INBOX.c.outcome == "quarantined", settled, broken)
    old_message = _old(OUTBOX, OUTBOX.c.state == "buried", settled, broken)
    with services.database.write() as session:
        samples.forget(session, settled)
    while _emptied(services, INBOX, and_(old_webhook, INBOX.c.body.is_not(None)), {"body": None}):
        pass
    while _emptied(services, OUTBOX, and_(old_message, OUTBOX.c.event.is_not(None)), {"profile": None, "event": None}):
        pass


def _old(table: Table, kept_longer: ColumnElement[bool], settled: datetime, broken: datetime) -> ColumnElement[bool]:
    return or_(and_(~kept_longer, table.c.settled_at < settled), and_(kept_longer, table.c.settled_at < broken))


def _emptied(services: Services, table: Table, which: ColumnElement[bool], values: dict[str, Any]) -> bool:
    with services.database.write() as session:
        ids = session.scalars(select(table.c.id).where(which).limit(BATCH)).all()
        session.execute(update(table).where(table.c.id.in_(ids)).values(values))
    return len(ids) == BATCH
