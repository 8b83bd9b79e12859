"""Time inside the simulator: epoch seconds, and the two ways Klaviyo writes an instant."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

SHORTEST: Final = len("2026-08-02T07:15")


class Clock:
    """A clock that a tester can move forward. Calling it gives epoch seconds."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._ahead = 0.0

    def __call__(self) -> float:
        return self._now().timestamp() + self._ahead

    def advance(self, seconds: float) -> None:
        """Move on by `seconds`; the rate windows and the jobs that wait follow."""
        self._ahead += seconds

    def restore(self) -> None:
        """Show the machine's time again."""
        self._ahead = 0.0


def moment(at: float) -> datetime:
    """Epoch seconds as an aware datetime."""
    return datetime.fromtimestamp(at, UTC)


def iso(at: float) -> str:
    """2026-08-02T07:15:27+00:00"""
    return moment(at).isoformat(timespec="seconds")


def read(text: str) -> float | None:
    """A date and time in ISO 8601 as epoch seconds; None where it is not one."""
    if len(text) < SHORTEST or text[10] not in "Tt ":
        return None
    try:
        return epoch(datetime.fromisoformat(text))
    except (ValueError, OverflowError):
        return None


def epoch(at: datetime) -> float:
    """An instant as epoch seconds. One without an offset is read as UTC; what Klaviyo does is not documented."""
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
