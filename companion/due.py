"""Which jobs have something to do right now: the question every tick asks, answered from the indexes alone."""

from sqlalchemy import exists, select

from companion.bootstrap import JobName, Services
from companion.consent_models import Subscriber
from companion.models import Inbox, Outbox, Run, Store
from companion.set_up_models import KeyCheck


def jobs(services: Services) -> list[tuple[JobName, int]]:
    """(job, store id) for every store with due work."""
    now = services.now()
    incoming = exists().where(Inbox.store_id == Store.id, Inbox.state == "due", Inbox.due_at <= now)
    outgoing = [
        exists().where(
            Outbox.store_id == Store.id, Outbox.priority == priority, Outbox.state == "due", Outbox.due_at <= now
        )
        for priority in (0, 1)
    ]
    walking = exists().where(Run.store_id == Store.id, Run.state == "running", Run.due_at <= now)
    signed = exists().where(Subscriber.store_id == Store.id, Subscriber.due_at <= now)
    unchecked = exists().where(KeyCheck.store_id == Store.id, KeyCheck.state == "due", KeyCheck.due_at <= now)
    found: list[tuple[JobName, int]] = []
    with services.database.read() as session:
        found += [("resolve", id_) for id_ in session.scalars(select(Store.id).where(incoming))]
        sending = Store.paused.is_(None) & Store.klaviyo_key.is_not(None)
        for id_ in session.scalars(select(Store.id).where(sending, outgoing[0] | outgoing[1])):
            found += [("deliver", id_), ("deliver-volume", id_)]
        found += [("consent", id_) for id_ in session.scalars(select(Store.id).where(sending, signed))]
        found += [("check", id_) for id_ in session.scalars(select(Store.id).where(unchecked))]
        found += [("advance", id_) for id_ in session.scalars(select(Store.id).where(walking))]
    return found
