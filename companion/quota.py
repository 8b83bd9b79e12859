"""The words in which clients and limits speak of rate limits. Nothing here counts or waits."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pace:
    """A documented limit: calls a second (`burst`) and a minute (`steady`)."""

    burst: int
    steady: int


@dataclass(frozen=True, slots=True)
class Quota:
    """What a reply says of the steady window: its limit, what remains, seconds to its end. None: not said."""

    limit: int | None = None
    remaining: int | None = None
    reset_s: float | None = None
