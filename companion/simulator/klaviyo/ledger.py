"""What arrived, in order, with its verdict: stored, duplicate, or an address that Klaviyo drops.

An event is known by (profile, metric, unique_id); the first wins, for ever. Not locked: the account is.
"""

from collections import Counter
from typing import Any, Final

import msgspec

from companion.simulator.klaviyo.ids import short_id
from companion.simulator.klaviyo.profiles import Profile
from companion.simulator.klaviyo.timeline import Timeline

STORED: Final = "stored"
DUPLICATE: Final = "duplicate"
TEST_ADDRESS: Final = "test_address"
ERASED: Final = "erased"
EMPTY: Final = Timeline()


class Arrival(msgspec.Struct, gc=False):
    """One event as it came in. `order` counts arrivals; `time` is in whole seconds, as Klaviyo keeps it."""

    order: int
    received: float
    metric: str
    profile: int
    email: str
    unique_id: str
    time: int
    value: float | int | None
    currency: str | None
    backfill: bool
    verdict: str
    body: bytes | None


class Metric(msgspec.Struct):
    """A metric comes into being with its first event. The same name may exist once per integration."""

    id: str
    name: str
    integration: str
    created: float
    updated: float
    count: int = 0


class Ledger:
    """The events of one account."""

    def __init__(self, account_id: str) -> None:
        self._account_id = account_id
        self._first: dict[tuple[int, str, str], int] = {}
        self.arrivals: list[Arrival] = []
        self.metrics: dict[tuple[str, str], Metric] = {}
        self._timelines: dict[str, Timeline] = {}
        self._placed = 0
        self.verdicts: Counter[str] = Counter()

    def metric(self, name: str, now: float, integration: str = "api") -> Metric:
        """The metric of this name and integration, made on first use."""
        found = self.metrics.get((integration, name))
        if found is None:
            found = Metric(short_id(self._account_id, "metric", integration, name), name, integration, now, now)
            self.metrics[integration, name] = found
        return found

    def metric_by_id(self, metric_id: str) -> Metric | None:
        """A metric by Klaviyo's id."""
        return next((metric for metric in self.metrics.values() if metric.id == metric_id), None)

    def add(self, arrival: Arrival, profile: Profile) -> Arrival:
        """Judge an arrival and keep it."""
        arrival.order = len(self.arrivals)
        key = (arrival.profile, arrival.metric, arrival.unique_id)
        if self._first.setdefault(key, arrival.order) == arrival.order:
            self._count(arrival, profile)
        else:
            arrival.verdict = DUPLICATE
        self.arrivals.append(arrival)
        self.verdicts[arrival.verdict] += 1
        return arrival

    def first(self, arrival: Arrival) -> int:
        """The order of the arrival that came first with this one's profile, metric and unique_id."""
        return self._first[arrival.profile, arrival.metric, arrival.unique_id]

    def timeline(self, metric_name: str = "") -> Timeline:
        """The stored events of a metric, or of all, by their own time. Built when first asked for."""
        for order in range(self._placed, len(self.arrivals)):
            arrival = self.arrivals[order]
            if arrival.verdict == STORED:
                for name in ("", arrival.metric):
                    self._timelines.setdefault(name, Timeline()).add(arrival.time, order)
        self._placed = len(self.arrivals)
        return self._timelines.get(metric_name, EMPTY)

    def visible(self, order: int) -> Arrival | None:
        """An arrival that Klaviyo itself would show."""
        arrival = self.arrivals[order]
        return arrival if arrival.verdict == STORED else None

    def erase(self, profile: Profile) -> None:
        """Forget what is personal in the events of a person."""
        for arrival in self.arrivals:
            if arrival.profile == profile.number:
                arrival.email, arrival.body, arrival.verdict = "", None, ERASED

    def _count(self, arrival: Arrival, profile: Profile) -> None:
        metric = self.metric(arrival.metric, arrival.received)
        metric.count += 1
        metric.updated = arrival.received
        profile.last_event = max(profile.last_event or 0.0, float(arrival.time))
        arrival.verdict = TEST_ADDRESS if profile.is_test else STORED


def document(arrival: Arrival) -> dict[str, Any]:
    """An arrival without its payload, as the control API tells it."""
    return {
        "order": arrival.order,
        "metric": arrival.metric,
        "unique_id": arrival.unique_id,
        "email": arrival.email,
        "value": arrival.value,
        "currency": arrival.currency,
        "time": arrival.time,
        "backfill": arrival.backfill,
        "received": arrival.received,
        "verdict": arrival.verdict,
    }
