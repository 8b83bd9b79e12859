"""A store's Klaviyo key, looked at: whose it is and what it may do. A pasted one comes into force only when it is good.

The account a store sends to is pinned: a key of another one is refused. No page calls this; a job does, and a command.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final, cast

from sqlalchemy import Table, select, update
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlalchemy.orm import Session

from companion import audit, store_settings, stores
from companion.bootstrap import Services
from companion.errors import Bury, CompanionError, Pause, Retry
from companion.klaviyo.client import Account
from companion.models import Store
from companion.set_up_models import KeyCheck

NEEDED: Final[Mapping[str, str]] = {
    "accounts:read": "whose key it is",
    "events:write": "to send events",
    "lists:read": "to choose the subscribers' list",
    "lists:write": "to put subscribers on the list",
    "profiles:read": "to see who has opted out",
    "profiles:write": "to write subscribers' profiles",
    "subscriptions:write": "to subscribe with consent",
    "forms:read": "to choose sign-up forms",
}
"""Every scope that is used, and what for."""

REQUIRED: Final = ("accounts:read", "events:write")
"""Without these nothing can be sent; without another, only what it is for."""

PATIENCE: Final = 8
"""How often Klaviyo is asked before the answer is that it cannot be."""

LONGEST_PAUSE_S: Final = 60.0

TABLE = cast("Table", KeyCheck.__table__)
ADD: Final = {
    "sqlite": insert_sqlite(TABLE).on_conflict_do_nothing(),
    "postgresql": insert_postgresql(TABLE).on_conflict_do_nothing(),
}


class Refused(CompanionError):
    """The key is not taken, and why."""


@dataclass(frozen=True, slots=True)
class Look:
    """What was found out about a key. `account` is None where it may not tell."""

    account: Account | None
    scopes: Mapping[str, bool | None]

    @property
    def problem(self) -> str | None:
        """Why the key is of no use, as a sentence."""
        missing = [scope for scope in REQUIRED if not self.scopes.get(scope)]
        if not missing:
            return None
        return (
            f"The key lacks {' and '.join(missing)}. Klaviyo fixes a key's scopes when it is created: create another "
            "one with all scopes named here."
        )


def of(session: Session, store_id: int) -> KeyCheck | None:
    """The last look at a store's key, or the one that is to come."""
    return session.get(KeyCheck, store_id)


def ask(
    services: Services, session: Session, store: Store, who: str, private_key: str | None = None, later_s: float = 0
) -> None:
    """Have a pasted key looked at, or without one the key in force. Wake "check" after the commit.

    A pasted key that still waits for its look is not forgotten for the sake of the one in force.
    """
    now = services.now()
    values = {
        "key": services.vault.seal(private_key.strip()) if private_key is not None else None,
        "state": "due",
        "reason": None,
        "asked_by": who,
        "asked_at": now,
        "attempts": 0,
        "due_at": now + timedelta(seconds=later_s),
    }
    connection = session.connection()
    connection.execute(ADD[connection.dialect.name], {"store_id": store.id, **values})
    again = update(TABLE).where(TABLE.c.store_id == store.id)
    if private_key is None:
        again = again.where((TABLE.c.state != "due") | TABLE.c.key.is_(None))
    session.execute(again.values(values))


def check_store(services: Services, store_id: int) -> float | None:
    """The job: look at a key that is due. Seconds until it is worth trying again, None when there is nothing more."""
    now = services.now()
    with services.database.write() as session:
        due = (KeyCheck.store_id == store_id, KeyCheck.state == "due", KeyCheck.due_at <= now)
        check = session.scalar(select(KeyCheck).where(*due).with_for_update(skip_locked=True))
        if check is None:
            return None
        check.due_at = now + timedelta(seconds=services.settings.lease_s)
        check.attempts += 1
    try:
        _look(services, check)
    except Retry as problem:
        return _put_off(services, check, problem)
    return None


def check_now(services: Services, key: str, who: str, private_key: str | None = None) -> KeyCheck:
    """Look at a pasted key, or at the one in force, and wait for the answer.

    Raises NoSuchStore, Refused; Retry where Klaviyo cannot be asked: the job goes on trying.
    """
    with services.database.write() as session:
        store = stores.by_key(session, key)
        ask(services, session, store, who, private_key, later_s=services.settings.lease_s)
    with services.database.read() as session:
        check = session.get_one(KeyCheck, store.id)
    _look(services, check)
    with services.database.read() as session:
        check = session.get_one(KeyCheck, store.id)
    if check.state != "good":
        raise Refused(check.reason or "The key was refused.")
    return check


def _look(services: Services, check: KeyCheck) -> None:
    """Ask Klaviyo and write down the answer. Raises Retry."""
    with services.database.read() as session:
        sealed = check.key or session.get_one(Store, check.store_id).klaviyo_key
    if sealed is None:
        _write(services, check, "There is no key yet.")
        return
    private_key = services.vault.open(sealed)
    try:
        look = _seen(services, private_key)
    except (Pause, Bury) as problem:
        _write(services, check, str(problem))
        return
    _write(services, check, look.problem, look)


def _seen(services: Services, private_key: str) -> Look:
    """The scopes come first: they tell a key that does not exist from one that may not name its account."""
    scopes = services.klaviyo.scopes(private_key)
    try:
        account = services.klaviyo.account(private_key)
    except Pause:
        account = None
    return Look(account, {"accounts:read": account is not None, **scopes})


def _write(services: Services, check: KeyCheck, problem: str | None, look: Look | None = None) -> None:
    """Write the answer down, unless another key was pasted meanwhile; a good pasted key comes into force."""
    now, is_new = services.now(), check.key is not None
    with services.database.write() as session:
        store = session.get_one(Store, check.store_id)
        if look is not None and look.account is not None and problem is None:
            try:
                stores.check_account(store, look.account)
            except stores.OtherAccount as error:
                problem = f"{error}."
        values: dict[str, Any] = {
            "key": None,
            "state": "refused" if problem else "good",
            "reason": problem and problem[:1].upper() + problem[1:],
            "scopes": dict(look.scopes) if look else None,
            "checked_at": now,
        }
        if look is not None and look.account is not None and problem is None:
            values["account"] = asdict(look.account)
        mine = update(TABLE).where(TABLE.c.store_id == store.id, TABLE.c.asked_at == check.asked_at)
        result: Any = session.execute(mine.values(values))
        taken = bool(result.rowcount) and problem is None and look is not None and look.account is not None
        if taken and look and look.account:
            _put_into_force(session, store, check, look.account, now)
    if taken and is_new:
        for job in ("deliver", "deliver-volume", "consent"):
            services.wake(job, check.store_id)


def _put_into_force(session: Session, store: Store, check: KeyCheck, account: Account, now: datetime) -> None:
    before = {"klaviyo_account": store.klaviyo_account}
    store.klaviyo_account, store.klaviyo_account_name = account.id, account.name
    if check.key is not None:
        store.klaviyo_key, store.paused = check.key, None
        with suppress(store_settings.InvalidSettings):  # the store's day is the account's until a merchant chooses
            stores.change_settings(store, {"time_zone": store.settings.get("time_zone", account.timezone)})
        after = {"klaviyo_account": account.id}
        audit.record(session, now, check.asked_by, "set the Klaviyo key", store.id, before, after)


def _put_off(services: Services, check: KeyCheck, problem: Retry) -> float | None:
    """Klaviyo cannot be asked now: later, or no more where it was asked often enough."""
    if check.attempts >= PATIENCE:
        _write(services, check, f"Klaviyo cannot be asked: {problem}.")
        return None
    pause = problem.after if problem.after is not None else min(LONGEST_PAUSE_S, 2.0**check.attempts)
    until = services.now() + timedelta(seconds=pause)
    with services.database.write() as session:
        mine = update(TABLE).where(TABLE.c.store_id == check.store_id, TABLE.c.asked_at == check.asked_at)
        session.execute(mine.values(due_at=until, reason=str(problem)))
    return pause
