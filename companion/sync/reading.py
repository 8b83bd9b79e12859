"""A run reads its shop: page by page, in the gaps that live reading leaves, one page ahead of the writing.

Knows records and remedies, not what a run is for.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, TypeVar

from companion import limits, resolve, runs, store_settings, stores
from companion.bootstrap import Services
from companion.errors import Bury, Pause, Retry
from companion.models import Limit, Run, RunFailure, Store
from companion.platforms.base import Access, Cursor, Page, Platform, Record, Ref, Walk
from companion.quota import Pace
from companion.run_failures import Failure

log = logging.getLogger(__name__)

ENDED: Final[Cursor] = {"ended": True}
"""The cursor of a run that has read its last page; failures may still be tried again."""

MODEST: Final = 50
"""Orders a call that any shop allows."""

Answer = TypeVar("Answer")
Prepared = TypeVar("Prepared")

_readers = ThreadPoolExecutor(thread_name_prefix="reading")


class Spent(Retry):
    """The budget of calls is spent, by ourselves: no fault of the shop."""


@dataclass(frozen=True, slots=True)
class Read:
    """What was named and what became of it: `cursor` is where the next page begins, None after the last."""

    refs: Sequence[Ref]
    records: Sequence[Record]
    refused: Sequence[Failure] = ()
    cursor: Cursor | None = None

    @property
    def end(self) -> Cursor:
        """The run's cursor behind this page."""
        return ENDED if self.cursor is None else {"page": self.cursor}


@dataclass(slots=True)
class Reader:
    """One run's eyes. Raises Retry or Bury, and runs.Interrupted as soon as the run is no longer ours.

    `calls` is how many it has made.
    """

    services: Services
    run: Run
    store: Store
    calls: int = 0

    @property
    def platform(self) -> Platform:
        return self.services.platforms[self.store.platform]

    @property
    def limit(self) -> int:
        """Records a page: two calls' worth, half as many after every call that failed, in case it was too much."""
        with self.services.database.read() as session:
            shop = session.get(Limit, (stores.shop_scope(self.store.id), resolve.API))
        full = 2 * self.services.settings.shop_page
        return max(1, full >> min(shop.failures, 10)) if shop else full

    def count(self, walk: Walk) -> int:
        """How many records there are to read."""
        return self.asked(lambda access: self.platform.count(access, walk))

    def named(self, walk: Walk, cursor: Cursor | None, limit: int) -> Page:
        """Name the records of a page; a shop that allows fewer rows a call is asked for fewer."""
        try:
            return self.asked(lambda access: self.platform.fetch_page(access, walk, cursor, limit))
        except Bury:
            if limit <= MODEST:
                raise
            return self.named(walk, cursor, MODEST)

    def page(self, walk: Walk, cursor: Cursor | None, limit: int) -> Read:
        """Read the page of a walk that begins at a cursor."""
        named = self.named(walk, cursor, limit)
        return replace(self.records(named.refs), cursor=named.cursor)

    def records(self, refs: Sequence[Ref]) -> Read:
        """Read records; what the shop refuses to give is found by halving."""
        if not refs:
            return Read(refs, [])
        records, refused = self.asked(lambda access: _records(self.platform, access, refs))
        return Read(refs, records, refused)

    def again(self, failures: Sequence[RunFailure]) -> Read:
        """Read what failed once more."""
        return self.records([Ref(one.resource, one.record_id, one.label) for one in failures])

    def ahead(
        self, walk: Walk, limit: int, until: datetime, prepare: Callable[[Read], Prepared]
    ) -> Iterator[tuple[Read, Prepared]]:
        """Page after page from the run's cursor on, the next one read and prepared while this one is written.

        Ends with the last page, or at a time.
        """

        def ready(cursor: Cursor | None) -> tuple[Read, Prepared]:
            read = self.page(walk, cursor, limit)
            return read, prepare(read)

        coming = _readers.submit(ready, self.run.cursor["page"] if self.run.cursor else None)
        try:
            while True:
                read, prepared = coming.result()
                if read.cursor is None or self.services.now() >= until:
                    yield read, prepared
                    return
                coming = _readers.submit(ready, read.cursor)
                yield read, prepared
        finally:
            wait([coming])  # whoever gives the run back must not hold it any more

    def asked(self, question: Callable[[Access], Answer]) -> Answer:
        """Ask the shop; where it cannot answer, leave it alone for a while, as everybody else will."""
        try:
            return question(self._access())
        except Spent:
            raise
        except (Retry, Pause) as problem:
            after = problem.after if isinstance(problem, Retry) else resolve.LOOK_AGAIN_S
            now, scope = self.services.now(), stores.shop_scope(self.store.id)
            with self.services.database.write() as session:
                pause = limits.back_off(session, scope, resolve.API, str(problem), now, after)
            extra = {"store": self.store.key, "reason": str(problem), "again_in_s": round(pause, 1)}
            log.warning("shop not read", extra=extra)
            raise Retry(str(problem), after=pause) from problem

    def _access(self) -> Access:
        access = resolve.access(self.services, self.store)
        return replace(access, take=self._take, page=self.services.settings.shop_page)

    def _take(self) -> None:
        """Ask the budget for a call, and go on holding the run.

        A run's calls are evenly spaced and never ahead of the clock: what may be spent at once is left to live reading.
        Whoever touches both tables in one transaction takes the limit first and the run last.
        """
        settings, scope = self.services.settings, stores.shop_scope(self.store.id)
        self.calls += 1
        calls = store_settings.calls_per_minute(self.store.settings, settings.shop_calls_per_minute)
        pace = Pace(burst=1, steady=round(calls / resolve.SHARE))
        while True:
            now = self.services.now()
            with self.services.database.write() as session:
                grant = limits.take(session, scope, resolve.API, pace, resolve.SHARE, now)
                runs.renew(session, self.run, now, settings.lease_s)
            if grant.count:
                return
            if grant.wait_s > resolve.PATIENCE_S:
                raise Spent("The shop's budget of calls is needed elsewhere.", after=grant.wait_s)
            self.services.sleep(grant.wait_s)


def _records(platform: Platform, access: Access, refs: Sequence[Ref]) -> tuple[list[Record], list[Failure]]:
    try:
        return list(platform.fetch_records(access, refs)), []
    except Bury as error:
        if access.page > MODEST:
            return _records(platform, replace(access, page=MODEST), refs)
        if len(refs) == 1:
            (ref,) = refs
            return [], [Failure(ref.resource, ref.id, error.pointer or "$", error.reason, ref.label)]
        middle = len(refs) // 2
        halves = [_records(platform, access, half) for half in (refs[:middle], refs[middle:])]
        return [record for found, _ in halves for record in found], [one for _, bad in halves for one in bad]
