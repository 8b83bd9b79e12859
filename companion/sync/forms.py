"""The kind `forms`: reads the account's sign-up forms, then the type of each that is new or has changed.

Klaviyo allows about one such call a second, so nobody waits for it: pages show what was read last. By itself it runs
hourly, for stores whose themes or merchants use forms.
"""

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Any, Final

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from companion import runs
from companion.bootstrap import Services
from companion.errors import Bury
from companion.form_models import CachedForm, Slot, SlotSighting
from companion.forms import account
from companion.models import Run, Store
from companion.sync.paced import Caller

KIND: Final = "forms"
EVERY: Final = timedelta(hours=1)
ALL: Final[Mapping[str, Any]] = {"all": True}
"""The option of a person's press: every type is read again, not only those of forms that say they changed."""


def step(services: Services, run: Run) -> float | None:
    """One turn: a page of forms, or the type of one."""
    with services.database.read() as session:
        store = session.get_one(Store, run.store_id)
        waiting = account.stale(session, store.id)
    if store.klaviyo_key is None:
        raise Bury("There is no Klaviyo key. Set it in the set-up.")
    key = services.vault.open(store.klaviyo_key)
    caller = Caller(services, store, key, keep=partial(_renew, services, run))
    if run.cursor is None or run.cursor["next"]:
        _read_page(services, run, caller)
    elif waiting:
        _read_type(services, run, caller, waiting[0])
    else:
        _finish(services, run)
        return None
    return 0.0


def is_due(services: Services, session: Session, store: Store) -> bool:
    """Whether the forms are in use and were not asked for within the hour."""
    if store.state != "active" or store.klaviyo_key is None:
        return False
    newest = runs.listed(session, store.id, KIND, limit=1)
    if newest:
        return newest[0].state not in runs.OPEN and newest[0].created_at <= services.now() - EVERY
    used = (exists().where(table.store_id == store.id) for table in (Slot, SlotSighting, CachedForm))
    return any(session.scalar(select(one)) for one in used)


def _read_page(services: Services, run: Run, caller: Caller) -> None:
    following = run.cursor["next"] if run.cursor else None
    page = caller("forms", lambda _, key: services.klaviyo.forms.listed(key, following))
    now = services.now()
    with services.database.write() as session:
        account.keep(session, run.store_id, page.items, now, again=bool(run.options.get("all")))
        if page.next is None:
            account.forget_unseen(session, run.store_id, run.created_at)
            session.flush()
            runs.planned(session, run, {}, len(account.stale(session, run.store_id)), now)
        runs.checkpoint(session, run, now, cursor={"next": page.next})


def _read_type(services: Services, run: Run, caller: Caller, form_id: str) -> None:
    versions = caller("form-versions", lambda _, key: services.klaviyo.forms.versions(key, form_id)).items
    with services.database.write() as session:
        account.learn(session, run.store_id, form_id, versions)
        runs.checkpoint(session, run, services.now(), cursor=run.cursor, done=1)


def _finish(services: Services, run: Run) -> None:
    """The newest reading stands for all before it."""
    with services.database.write() as session:
        runs.finish(session, run, services.now())
        earlier = select(Run.id).where(Run.store_id == run.store_id, Run.kind == KIND, Run.id < run.id)
        runs.forget(session, session.scalars(earlier).all())


def _renew(services: Services, run: Run, session: Session) -> None:
    runs.renew(session, run, services.now(), services.settings.lease_s)
