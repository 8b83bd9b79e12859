"""The trail of who changed what: from a page, by a command, by a job. Written in the transaction of the change."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from companion.db import AnyRow
from companion.models import Audit, Store


def record(
    session: Session,
    at: datetime,
    who: str,
    what: str,
    store_id: int | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Note a change. `before` and `after` are what a person would compare; never put a secret in."""
    values = {name: dict(value) for name, value in (("before", before), ("after", after)) if value is not None}
    session.add(Audit(at=at, who=who, what=what, store_id=store_id, **values))


def listed(session: Session, store_id: int | None = None, limit: int = 200) -> Sequence[AnyRow]:
    """Changes newest first, of one store or of all: rows of (Audit, the store's key or None)."""
    query = select(Audit, Store.key).outerjoin(Store, Store.id == Audit.store_id)
    if store_id is not None:
        query = query.where(Audit.store_id == store_id)
    return session.execute(query.order_by(Audit.id.desc()).limit(limit)).all()
