"""The kind `subscribers`: what the platform's newsletter says of everybody, brought to Klaviyo's list; one way only.

It reads (the list, opt-outs, members, recipients), decides address by address, shows the plan, and then writes:
removals, profiles, subscriptions. It may be killed anywhere: a call whose end it did not see is made again.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from sqlalchemy.orm import Session

from companion import audiences, consent, consent_work, run_failures, runs, signups
from companion.bootstrap import Services
from companion.consent_work import Todo
from companion.db import AnyRow
from companion.errors import Bury, Pause
from companion.klaviyo.audience import IMPORTS, REMOVALS, SUBSCRIPTIONS, Audience, named
from companion.models import Run, Store
from companion.run_failures import Failure
from companion.sync import decisions, exclusions, lists, members, planning, recipients, turn, writing
from companion.sync.paced import Caller
from companion.sync.reading import Reader
from companion.sync.turn import Place, Turn
from companion.sync.writing import Sent

log = logging.getLogger(__name__)

KIND: Final = "subscribers"
STEP_S: Final = 5.0
RETRIED: Final = 500
WAIT_FOR_IMPORT_S: Final = 5.0
STALE_IN: Final = ("plan", "remove", "write", "subscribe")
UNFINISHED: Final = ("queued", "processing")

Done = Callable[[Session, Sequence[int], datetime], None]


def step(services: Services, run: Run) -> float | None:
    """One turn: some seconds of work on the phase that is next."""
    with services.database.read() as session:
        store = session.get_one(Store, run.store_id)
        again = run_failures.due(session, run.id, RETRIED)
    here = _turn(services, run, store)
    if again:
        _forgive(here, [one.record_id for one in again], [one.id for one in again])
    if run.cursor is None or set(here.cursor["lists"]) != set(here.audiences) or _is_too_old(here):
        with services.database.write() as session:
            here.again(session)
    until = services.now() + timedelta(seconds=STEP_S)
    while here.task is not None:
        wait_s = PHASES[here.task[0]](here) or 0.0
        if wait_s or run.state != "running" or services.now() >= until:
            return wait_s if run.state == "running" else None
    with services.database.read() as session:
        found = {
            "members": sum(consent.members(session, store.id, list_id) for list_id in here.audiences),
            "active": sum(consent.active(session, store.id, list_id) for list_id in here.audiences),
        }
    with services.database.write() as session:
        runs.finish(session, run, services.now(), found)
    log.info("subscribers synchronised", extra={"store": store.key, "run": run.id, **run.result})
    return None


def _turn(services: Services, run: Run, store: Store) -> Turn:
    """Raises Pause where a person has to connect or resume something first, Bury where nothing is to be done."""
    if store.klaviyo_key is None:
        raise Pause("No Klaviyo key is set: `companion store key`.")
    if store.paused is not None:
        raise Pause(f"The store is paused: {store.paused}")
    found = {one.list_id: one for one in audiences.audiences(store.settings)}
    if not found:
        raise Bury(f"No list is chosen for subscribers: `companion subscribers choose {store.key}`.")
    klaviyo = Caller(
        services,
        store,
        services.vault.open(store.klaviyo_key),
        lambda session: runs.renew(session, run, services.now(), services.settings.lease_s),
    )
    return Turn(services, run, store, klaviyo, Reader(services, run, store), found)


def _is_too_old(here: Turn) -> bool:
    """A run that was held or paused for hours begins anew before it writes."""
    return here.task is not None and here.task[0] in STALE_IN and planning.is_stale(here)


def _forgive(here: Turn, recipient_ids: Sequence[str], failures: Sequence[int]) -> None:
    with here.services.database.write() as session:
        consent_work.forgive(session, here.store.id, recipient_ids)
        cursor = turn.beginning(list(here.audiences), here.now())
        runs.checkpoint(session, here.run, here.now(), cursor=cursor, retried=failures)


def _remove(here: Turn) -> None:
    """Whoever is no active subscriber is taken off the list; whose profile we do not know is looked up first."""
    rows = _waiting(here, "remove", REMOVALS)
    strangers = [row for row in rows if not row.profile_id]
    if strangers:
        some = strangers[: named(row.address or "" for row in strangers)]
        writing.look_up(here.klaviyo, here.audience, some)
        return
    sent = writing.remove(here.klaviyo, here.audience, rows)
    _settle(here, sent, consent_work.removed, "removed")


def _subscribe(here: Turn) -> None:
    """Nobody is subscribed by what was known a while ago: opt-outs are read anew before every batch that needs it.

    And everybody in it is decided about once more.
    """
    if _waiting(here, "subscribe", 1):
        exclusions.refresh(here)
    with here.services.database.write() as session:
        rows = consent_work.waiting(session, here.store.id, here.audience.list_id, "subscribe", SUBSCRIPTIONS)
        still = decisions.decide(session, here.audience, rows, here.now())
    agreed = [row for row, decision in still if decision.act == "subscribe"]
    if agreed or not rows:
        sent = writing.subscribe(here.klaviyo, here.audience, agreed)
        _settle(here, sent, consent_work.subscribed, "subscribed")


def _write(here: Turn) -> None:
    """Profiles that are new or changed, of those who are subscribers or about to be."""
    after, now = (here.place or {"after": 0})["after"], here.now()
    with here.services.database.read() as session:
        rows = consent_work.unwritten(session, here.store.id, here.audience.list_id, after, IMPORTS)
    sent = writing.write(here.klaviyo, rows)
    following = {"after": sent.upto} if rows else None
    done = sum(row.todo == "update" for row in sent.taken)
    with here.services.database.write() as session:
        consent_work.written(session, [row.id for row in sent.taken], now)
        counted, failures = {"written": len(sent.taken)}, _failures(sent)
        jobs = [*here.cursor["jobs"], *sent.jobs]
        here.moved(session, following, done=done, counted=counted, failures=failures, jobs=jobs)


def _report(here: Turn) -> float | None:
    """What became of the imports: one job after the other, as soon as it is complete."""
    if not here.cursor["jobs"]:
        with here.services.database.write() as session:
            here.moved(session, None)
        return None
    job_id, *others = here.cursor["jobs"]
    found = here.klaviyo("import-jobs", lambda klaviyo, key: klaviyo.import_job(key, job_id)).items
    if found and found[0].status in UNFINISHED and not planning.is_stale(here):
        return WAIT_FOR_IMPORT_S
    problems = _problems(here, job_id) if found and found[0].failed else []
    with here.services.database.write() as session:
        here.moved(session, {}, counted={"failed_profiles": len(problems)}, failures=problems, jobs=others)
    return None


def _problems(here: Turn, job_id: str) -> list[Failure]:
    """The profiles that an import could not write."""
    page = here.klaviyo("import-errors", lambda klaviyo, key: klaviyo.import_problems(key, job_id))
    found = list(page.items)
    while (following := page.next) is not None:
        again = partial(Audience.import_problems, job_id=job_id, following=following)
        page = here.klaviyo("import-errors", again)
        found += page.items
    with here.services.database.read() as session:
        ids = consent.recipients(session, here.store.id, here.audience.list_id, [one.email for one in found])
    return [Failure(signups.RESOURCE, ids.get(one.email, ""), "$", one.reason) for one in found]


def _waiting(here: Turn, todo: Todo, limit: int) -> Sequence[AnyRow]:
    with here.services.database.read() as session:
        return consent_work.waiting(session, here.store.id, here.audience.list_id, todo, limit)


def _settle(here: Turn, sent: Sent, done: Done, word: str) -> None:
    """Write down how a batch ended; the phase is over with an empty one."""
    now, handled = here.now(), len(sent.taken) + len(sent.refused)
    with here.services.database.write() as session:
        done(session, [row.id for row in sent.taken], now)
        for row, reason in sent.refused:
            consent_work.refused(session, row.id, reason)
        counted, failures = {word: len(sent.taken), "refused": len(sent.refused)}, _failures(sent)
        place: Place | None = {} if handled else None
        here.moved(session, place, done=handled, told=len(sent.taken), counted=counted, failures=failures)
    if sent.taken:
        extra = {"store": here.store.key, "run": here.run.id, "list": here.audience.list_id, word: len(sent.taken)}
        log.info("subscribers written", extra=extra)


def _failures(sent: Sent) -> list[Failure]:
    return [Failure(signups.RESOURCE, row.recipient_id, "$.email", reason) for row, reason in sent.refused]


PHASES: Final[Mapping[str, Callable[[Turn], float | None]]] = {
    "list": lists.verify,
    "exclusions": exclusions.read,
    "members": members.read,
    "recipients": recipients.read,
    "decide": planning.decide,
    "plan": planning.plan,
    "remove": _remove,
    "write": _write,
    "subscribe": _subscribe,
    "report": _report,
}
