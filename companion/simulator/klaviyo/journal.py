"""What was asked and answered: the last requests, counts by endpoint, and how late events arrive."""

import threading
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

REMEMBERED: Final = 1_000
SAMPLES: Final = 50_000
MINUTE: Final = 60.0


@dataclass(frozen=True, slots=True)
class Visit:
    """One request. `said` is the error's sentence and pointer, `fault` the fault that struck it."""

    number: int
    at: float
    account: str
    operation: str
    method: str
    path: str
    status: str
    took_s: float
    size: int
    said: str
    fault: str


class Journal:
    """Shared by all threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._count = 0
        self._statuses: dict[str, Counter[str]] = defaultdict(Counter)
        self._visits: deque[Visit] = deque(maxlen=REMEMBERED)
        self._delays: deque[tuple[float, float]] = deque(maxlen=SAMPLES)

    def visit(self, **facts: Any) -> None:
        """Remember a request; the facts are those of Visit but for its number."""
        with self._lock:
            self._count += 1
            visit = Visit(number=self._count, **facts)
            self._visits.append(visit)
            self._statuses[visit.operation][visit.status] += 1

    def delays(self, now: float, seconds: Iterable[float]) -> None:
        """Remember how long after their own time live events arrived."""
        with self._lock:
            self._delays.extend((now, second) for second in seconds)

    def visits(self) -> Sequence[Visit]:
        """The last requests, newest first."""
        with self._lock:
            return list(reversed(self._visits))

    def statuses(self) -> dict[str, dict[str, int]]:
        """Answers by endpoint and status; a cut connection counts under the fault's name."""
        with self._lock:
            return {name: dict(counter) for name, counter in sorted(self._statuses.items())}

    def arrival(self, now: float) -> dict[str, Any]:
        """Percentiles, in seconds, of the delays of the last minute."""
        with self._lock:
            recent = sorted(delay for at, delay in self._delays if at > now - MINUTE)
        return {"count": len(recent), **{f"p{share}_s": _percentile(recent, share) for share in (50, 95, 99)}}

    def answering(self, now: float) -> dict[str, Any]:
        """Percentiles, in seconds, of the time answers took in the last minute."""
        with self._lock:
            recent = sorted(visit.took_s for visit in self._visits if visit.at > now - MINUTE)
        return {"count": len(recent), **{f"p{share}_s": _percentile(recent, share) for share in (50, 95, 99)}}

    def forget(self) -> None:
        """Begin anew; numbers go on, so that a page that polls sees what is new."""
        with self._lock:
            self._statuses.clear()
            self._visits.clear()
            self._delays.clear()


def _percentile(ordered: Sequence[float], share: int) -> float | None:
    if not ordered:
        return None
    return round(ordered[min(len(ordered) - 1, len(ordered) * share // 100)], 4)
