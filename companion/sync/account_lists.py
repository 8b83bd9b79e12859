"""The kinds `lists` and `new-list`: an account's lists by name, kept so that no page waits for Klaviyo; and a new one.

The names are read once a day and when a person asks. Nothing is subscribed by them: every run of the kind `subscribers`
verifies its list itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from companion import runs
from companion.bootstrap import Services
from companion.errors import Bury, Pause
from companion.klaviyo.audience import MailingList
from companion.models import Run, Store
from companion.sync import lists
from companion.sync.lists import ListNotChosen

KIND: Final = "lists"
NEW: Final = "new-list"
FRESH: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Known:
    """The lists as they were read `at`; `asking` while Klaviyo is asked again, `problem` is what came of it last."""

    lists: Sequence[MailingList]
    at: datetime | None
    asking: bool
    problem: str


def known(session: Session, store_id: int) -> Known:
    """What pages know of the account's lists."""
    read = runs.listed(session, store_id, KIND, states=("finished",), limit=1)
    latest = [one for kind in (KIND, NEW) for one in runs.listed(session, store_id, kind, limit=1)]
    found = [MailingList(one["id"], one["name"]) for run in read for one in run.result["lists"]]
    return Known(
        lists=sorted(found, key=lambda one: (one.name.lower(), one.id)),
        at=read[0].finished_at if read else None,
        asking=any(one.state in runs.OPEN for one in latest),
        problem="; ".join(one.reason for one in latest if one.reason),
    )


def picked(session: Session, store_id: int, list_id: str, kept: Mapping[str, str]) -> MailingList | None:
    """The list with this id among those read last; None where none is named, or it is `kept` under its name already.

    Raises ListNotChosen.
    """
    found = next((one for one in known(session, store_id).lists if one.id == list_id), None)
    if not list_id or (list_id == kept.get("id") and (found is None or found.name == kept["name"])):
        return None
    if found is None:
        raise ListNotChosen("This list is not among those read last: have them read again.")
    return found


def is_due(services: Services, session: Session, store: Store) -> bool:
    """Whether the names are to be read again."""
    if store.state != "active" or store.klaviyo_key is None or store.paused is not None:
        return False
    newest = runs.listed(session, store.id, KIND, limit=1)
    return not newest or (newest[0].state not in runs.OPEN and newest[0].created_at <= services.now() - FRESH)


def read(services: Services, run: Run) -> None:
    """The kind `lists`, in one step."""
    store = _store(services, run)
    try:
        found = lists.listed(services, store.key)
    except ListNotChosen as problem:
        raise Bury(str(problem)) from problem
    with services.database.write() as session:
        runs.finish(session, run, services.now(), {"lists": [{"id": one.id, "name": one.name} for one in found]})
        earlier = select(Run.id).where(Run.store_id == store.id, Run.kind == KIND, Run.id < run.id)
        runs.forget(session, session.scalars(earlier).all())


def create(services: Services, run: Run) -> None:
    """The kind `new-list`: create the list named in the options; the store's subscribers go there from then on."""
    store = _store(services, run)
    try:
        lists.choose(services, store.key, run.options.get("name") or "", create=True)
    except ListNotChosen as problem:
        raise Bury(str(problem)) from problem
    with services.database.write() as session:
        runs.finish(session, run, services.now())
        runs.request(session, store.id, KIND, services.now(), who=run.requested_by)
    services.wake("advance", store.id)


def _store(services: Services, run: Run) -> Store:
    with services.database.read() as session:
        store = session.get_one(Store, run.store_id)
    if store.paused is not None:
        raise Pause(f"The store is paused: {store.paused}")
    return store
