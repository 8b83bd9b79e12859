"""A test event: one that a person sends to themselves and follows on its way, like any other."""

import secrets
from typing import Final

from sqlalchemy import select

from companion import audit, outbox, resolve
from companion.bootstrap import Services
from companion.models import Outbox, Store
from mappings.model import Event

METRIC: Final = "Companion Test"


def send(services: Services, store: Store, email: str, who: str) -> int:
    """Put a test event into the outbox; return its message's id."""
    now, unique_id = services.now(), f"test-{secrets.token_hex(8)}"
    told = Event(
        metric=METRIC,
        metric_name=METRIC,
        unique_id=unique_id,
        at=now,
        profile={"email": email},
        properties={"Store": store.name, "SentBy": who},
    )
    with services.database.write() as session:
        outbox.add(session, store.id, [resolve.outbox_row(told)], now, now)
        added = select(Outbox.id).where(Outbox.store_id == store.id, Outbox.metric == METRIC)
        id_ = session.scalars(added.where(Outbox.unique_id == unique_id)).one()
        audit.record(session, now, who, "sent a test event", store.id)
    services.wake("deliver", store.id)
    services.wake("deliver-volume", store.id)
    return id_
