"""Klaviyo's fixed windows: a second, a minute and sometimes a day, for each account and endpoint.

Facts: https://developers.klaviyo.com/en/docs/rate_limits_and_error_handling. That the windows begin on the clock's
own seconds and minutes, and that a refused call costs nothing, is our assumption.
"""

import math
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from companion.simulator.klaviyo.errors import throttled
from companion.simulator.klaviyo.operations import Limits

UNLIMITED: Final = 1_000_000
Bucket = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Standing:
    """What the RateLimit headers of an answer say about the minute."""

    limit: int
    remaining: int
    reset_s: int


@dataclass(slots=True)
class _Window:
    length: int
    limit: int
    index: int = -1
    used: int = 0
    peak: int = 0

    def turn(self, now: float) -> None:
        if (index := int(now // self.length)) != self.index:
            self.index, self.used = index, 0

    def left_s(self, now: float) -> int:
        return max(1, math.ceil((self.index + 1) * self.length - now))


@dataclass(slots=True)
class _Meter:
    burst: _Window
    steady: _Window
    daily: _Window | None
    refused: int = 0
    windows: list[_Window] = field(init=False)

    def __post_init__(self) -> None:
        self.windows = [window for window in (self.burst, self.steady, self.daily) if window]


@dataclass(frozen=True, slots=True)
class Gauge:
    """How full the minute of one endpoint is, and how many calls its busiest second had."""

    name: str
    busiest: int
    burst_limit: int
    steady: int
    steady_limit: int
    refused: int


class Windows:
    """All meters of all accounts."""

    def __init__(self, unlimited: bool) -> None:
        self._unlimited = unlimited
        self._lock = threading.Lock()
        self._meters: dict[Bucket, _Meter] = {}

    def take(self, account: str, buckets: Iterable[tuple[str, Limits]], now: float) -> Standing:
        """Charge one call to every bucket, the endpoint's own first. Raises Refusal 429, and then charges none."""
        with self._lock:
            meters = [self._meter((account, name), limits) for name, limits in buckets]
            for meter in meters:
                for window in meter.windows:
                    window.turn(now)
            full = [window for meter in meters for window in meter.windows if window.used >= window.limit]
            if full:
                meters[0].refused += 1
                raise throttled(max(window.left_s(now) for window in full))
            for meter in meters:
                for window in meter.windows:
                    window.used += 1
                    window.peak = max(window.peak, window.used)
            steady = meters[0].steady
            return Standing(steady.limit, steady.limit - steady.used, steady.left_s(now))

    def gauges(self, account: str, now: float) -> list[Gauge]:
        """The meters an account has used, by name."""
        with self._lock:
            meters = self._meters.items()
            found = sorted(
                ((name, meter) for (owner, name), meter in meters if owner == account), key=lambda one: one[0]
            )
            for _, meter in found:
                for window in meter.windows:
                    window.turn(now)
            return [
                Gauge(name, meter.burst.peak, meter.burst.limit, meter.steady.used, meter.steady.limit, meter.refused)
                for name, meter in found
            ]

    def forget(self) -> None:
        """Empty every window."""
        with self._lock:
            self._meters.clear()

    def _meter(self, bucket: Bucket, limits: Limits) -> _Meter:
        meter = self._meters.get(bucket)
        if meter is None:
            burst, steady = (UNLIMITED, UNLIMITED) if self._unlimited else (limits.burst, limits.steady)
            daily = _Window(86_400, limits.daily) if limits.daily and not self._unlimited else None
            meter = self._meters[bucket] = _Meter(_Window(1, burst), _Window(60, steady), daily)
        return meter
