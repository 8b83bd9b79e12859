"""One turn of one run: claim it, let its kind do a step, give it back. What a step does, the kinds know.

A step returns seconds until the run's next turn, or None when it has ended the run itself. What it raises is its
remedy: Retry puts the run off, Pause does so for minutes (a person has to act; it heals by itself), Bury ends it with
the reason; runs.Interrupted means that somebody else decided what becomes of it.
"""

import logging
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any, Final

from companion import limits, resolve, runs, stores
from companion.bootstrap import Services
from companion.errors import Bury, Pause, Retry
from companion.models import Run
from companion.sync import account_lists, changes, forms, history, subscribers

log = logging.getLogger(__name__)

Step = Callable[[Services, Run], float | None]

STEPS: Final[Mapping[str, Step]] = {
    "history": history.step,
    "changes": changes.step,
    subscribers.KIND: subscribers.step,
    account_lists.KIND: account_lists.read,
    account_lists.NEW: account_lists.create,
    forms.KIND: forms.step,
}
"""Every kind of run there is."""

AT_ONCE: Final = 3
"""Runs that one process advances at a time, so that live work of all stores finds a thread."""

BUSY_S: Final = 0.2

_turns = threading.BoundedSemaphore(AT_ONCE)


def start(services: Services, key: str, kind: str, options: Mapping[str, Any] | None = None, who: str = "") -> Run:
    """Request a run of a store and wake the work on it; a second call finds the same run. Raises stores.NoSuchStore."""
    with services.database.write() as session:
        store_id = stores.by_key(session, key).id
        run = runs.request(session, store_id, kind, services.now(), options, who)
    services.wake("advance", store_id)
    return run


def advance_store(services: Services, store_id: int) -> float | None:
    """Give one of a store's runs a turn; 0 to be called again, None when none is due (the tick finds what will be)."""
    if not _turns.acquire(blocking=False):
        return BUSY_S
    try:
        with services.database.write() as session:
            run = runs.claim(session, store_id, services.now(), services.settings.lease_s)
        if run is None:
            return None
        _step(services, run)
        return 0.0
    finally:
        _turns.release()


def _step(services: Services, run: Run) -> None:
    reason = None
    try:
        wait_s = STEPS[run.kind](services, run)
    except runs.Interrupted:
        return
    except Retry as problem:
        wait_s, reason = problem.after if problem.after is not None else limits.backoff(run.attempts), str(problem)
    except Pause as problem:
        wait_s, reason = resolve.LOOK_AGAIN_S, str(problem)
    except Bury as problem:
        _give_up(services, run, str(problem))
        return
    if wait_s is not None:
        with services.database.write() as session:
            runs.release(session, run, services.now() + timedelta(seconds=wait_s), reason)
    if reason is not None:
        log.info("run waits", extra={"run": run.id, "kind": run.kind, "reason": reason})


def _give_up(services: Services, run: Run, reason: str) -> None:
    with suppress(runs.Interrupted), services.database.write() as session:
        runs.fail(session, run, reason, services.now())
    log.error("run failed", extra={"run": run.id, "kind": run.kind, "reason": reason})
