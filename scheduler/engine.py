"""What calls the stores' jobs in one process: a few threads, woken by commits, by waits that ended and by the tick.

Wakes for the same job and store coalesce; one that comes while the job runs makes it run once more. Knows no job by
meaning. Two engines on one database do no harm: every claim is leased.
"""

import logging
import math
import threading
import time
from collections import Counter, deque
from collections.abc import Mapping
from typing import Final

from companion.bootstrap import JobName, Services
from scheduler.jobs import StoreJob

log = logging.getLogger(__name__)

Key = tuple[JobName, int]
AFTER_A_CRASH_S: Final = 5.0
STOP_WITHIN_S: Final = 25.0


class Engine:
    """Runs store jobs. `wake` may be called before `start` and from any thread."""

    def __init__(self, jobs: Mapping[JobName, StoreJob], threads: int = 8) -> None:
        self._jobs = jobs
        self._count = threads
        self._threads: list[threading.Thread] = []
        self._turn = threading.Condition()
        self._ready: deque[Key] = deque()
        self._later: dict[Key, float] = {}
        self._running: Counter[Key] = Counter()
        self._stopped = False

    def wake(self, job: JobName, store_id: int) -> None:
        """Run a job now, or once more when every run allowed is under way.

        One that has asked for a pause has a reason (a quota, a shop that is down): it is left to it.
        """
        key = (job, store_id)
        with self._turn:
            if key not in self._later:
                self._enqueue(key)
                self._turn.notify()

    def start(self, services: Services) -> None:
        """Start the threads."""
        for number in range(self._count):
            thread = threading.Thread(target=self._work, args=(services,), name=f"engine-{number}", daemon=True)
            thread.start()
            self._threads.append(thread)

    def stop(self) -> None:
        """Finish what is under way; what is not finished in time is left to its lease."""
        with self._turn:
            self._stopped = True
            self._turn.notify_all()
        deadline = time.monotonic() + STOP_WITHIN_S
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    def _work(self, services: Services) -> None:
        while (key := self._next()) is not None:
            wait_s = self._run(services, key)
            with self._turn:
                self._running[key] -= 1
                if wait_s == 0:
                    self._enqueue(key)
                elif wait_s is not None:
                    self._later[key] = min(time.monotonic() + wait_s, self._later.get(key, math.inf))
                self._turn.notify()

    def _run(self, services: Services, key: Key) -> float | None:
        job, store_id = key
        try:
            return self._jobs[job].run(services, store_id)
        except Exception:  # the one place where anything may be caught: the work is leased and comes back
            log.exception("job broke off", extra={"job": job, "store_id": store_id})
            return AFTER_A_CRASH_S

    def _enqueue(self, key: Key) -> None:
        if key not in self._ready:
            self._ready.append(key)

    def _next(self) -> Key | None:
        """The next job that may run, waiting for one; None when the engine stops."""
        with self._turn:
            while not self._stopped:
                now = time.monotonic()
                for key in [key for key, at in self._later.items() if at <= now]:
                    del self._later[key]
                    self._enqueue(key)
                found = self._startable()
                if found is not None:
                    return found
                self._turn.wait(max(0.0, min(self._later.values()) - now) if self._later else None)
            return None

    def _startable(self) -> Key | None:
        """Take the first job in line that has a run left; where it may have more, it stays in line."""
        for _ in range(len(self._ready)):
            key = self._ready.popleft()
            width = self._jobs[key[0]].width
            if self._running[key] < width:
                self._running[key] += 1
                if self._running[key] < width:
                    self._enqueue(key)
                    self._turn.notify()
                return key
            self._ready.append(key)
        return None
