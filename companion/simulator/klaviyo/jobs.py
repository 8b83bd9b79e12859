"""Work that is accepted now and done later: imports, consent, suppressions, deletions."""

from collections.abc import Callable
from typing import Any

import msgspec

from companion.simulator.klaviyo.ids import long_id


class Job(msgspec.Struct):
    """One accepted job. It runs at `due`; `errors` are import errors as the API shows them."""

    id: str
    kind: str
    created: float
    due: float
    total: int
    run: Callable[["Job"], None]
    completed: int = 0
    failed: int = 0
    skipped: int = 0
    errors: list[dict[str, Any]] = []
    done: bool = False

    def status(self, now: float) -> str:
        """queued, processing or complete."""
        if self.done:
            return "complete"
        return "queued" if now < (self.created + self.due) / 2 else "processing"


class Jobs:
    """The jobs of one account. Not locked: the account is."""

    def __init__(self, account_id: str, lag_s: float) -> None:
        self._account_id = account_id
        self._lag_s = lag_s
        self._waiting: list[Job] = []
        self._jobs: dict[str, Job] = {}

    def submit(self, kind: str, total: int, run: Callable[[Job], None], now: float) -> Job:
        """Accept a job; without a lag it is done when this returns."""
        job = Job(long_id(self._account_id, kind, str(len(self._jobs))), kind, now, now + self._lag_s, total, run)
        self._jobs[job.id] = job
        self._waiting.append(job)
        self.settle(now)
        return job

    def settle(self, now: float) -> None:
        """Run what is due, in the order of acceptance."""
        while self._waiting and self._waiting[0].due <= now:
            job = self._waiting.pop(0)
            job.run(job)
            job.done = True

    def find(self, kind: str, job_id: str) -> Job | None:
        """A job of this kind."""
        job = self._jobs.get(job_id)
        return job if job and job.kind == kind else None

    @property
    def waiting(self) -> int:
        """How many have not run yet."""
        return len(self._waiting)
