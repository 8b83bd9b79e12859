"""One turn of a subscribers run: whose it is, how far it has come, and the ways to the shop and to Klaviyo.

A run is a list of tasks, each a phase for one list. A phase works in pages: what a page gave and where the next one
begins are committed together, so that a kill costs one page. All reading comes before the plan, all writing after it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from companion import runs
from companion.audiences import Audience
from companion.bootstrap import Services
from companion.models import Run, Store
from companion.run_failures import Failure
from companion.sync.paced import Caller
from companion.sync.reading import Reader

READING: Final = ("list", "exclusions", "members", "recipients", "decide")
WRITING: Final = ("remove", "write", "subscribe", "report")

Place = Mapping[str, Any]
"""Where a phase is, as JSON; None before its first page, and after its last."""


@dataclass(slots=True)
class Turn:
    """What a phase works with."""

    services: Services
    run: Run
    store: Store
    klaviyo: Caller
    shop: Reader
    audiences: Mapping[str, Audience]

    @property
    def cursor(self) -> dict[str, Any]:
        """`{"began", "lists", "at", "place", "approved", "jobs"}`; `checked` is when opt-outs were last read anew."""
        assert self.run.cursor is not None
        return self.run.cursor

    @property
    def task(self) -> tuple[str, str] | None:
        """The phase that is at work and its list (empty for the plan, which is about all); None after the last."""
        found = tasks(self.cursor["lists"])
        return found[self.cursor["at"]] if self.cursor["at"] < len(found) else None

    @property
    def audience(self) -> Audience:
        """The audience that the task is about."""
        assert self.task is not None
        return self.audiences[self.task[1]]

    @property
    def place(self) -> Place | None:
        """Where the phase is."""
        place: Place | None = self.cursor["place"]
        return place

    def now(self) -> datetime:
        return self.services.now()

    def moved(
        self,
        session: Session,
        place: Place | None,
        *,
        done: int = 0,
        told: int = 0,
        failures: Sequence[Failure] = (),
        counted: Mapping[str, int] | None = None,
        **notes: Any,
    ) -> None:
        """Commit with the session: the phase is at `place`, or is over where that is None.

        `counted` adds to the run's result, `notes` go to the cursor. Raises runs.Interrupted.
        """
        step = (
            {"at": self.cursor["at"] + 1, "place": None, "checked": None} if place is None else {"place": dict(place)}
        )
        result = {name: self.run.result.get(name, 0) + count for name, count in (counted or {}).items()}
        cursor = {**self.cursor, **step, **notes}
        runs.checkpoint(
            session, self.run, self.now(), cursor=cursor, done=done, told=told, failures=failures, result=result
        )

    def again(self, session: Session) -> None:
        """Begin anew: what was read is too old. A yes stands for as many removals as it was given for."""
        approved = self.run.cursor["approved"] if self.run.cursor else {}
        cursor = beginning(list(self.audiences), self.now(), approved)
        runs.checkpoint(session, self.run, self.now(), cursor=cursor)


def beginning(lists: Sequence[str], now: datetime, approved: Mapping[str, int] | None = None) -> dict[str, Any]:
    """The cursor of a run that has done nothing yet."""
    start = {"began": now.isoformat(), "lists": list(lists), "at": 0, "place": None}
    return {**start, "approved": dict(approved or {}), "jobs": []}


def tasks(lists: Sequence[str]) -> list[tuple[str, str]]:
    """Everything a run over these lists does, in order."""
    reading = [(phase, list_id) for list_id in lists for phase in READING]
    return [*reading, ("plan", ""), *((phase, list_id) for list_id in lists for phase in WRITING)]
