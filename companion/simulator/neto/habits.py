"""The real API's awkward habits, and the troubles that can be switched on: what every answer goes through."""

import json
import random
import time
from collections import deque
from datetime import datetime, timedelta
from typing import Any, Final

from companion.simulator.neto.books import TIME, Books, Json

DEFAULTS: Final[Json] = {
    "fail_share": 0.0,
    "duplicates": False,
    "clock_hours": 0.0,
    "addon": True,
    "notify": True,
    "deny": [],
    "single_objects": True,
    "calls_per_minute": 500,
}
"""`fail_share` of calls fail in one of four ways; `clock_hours` is how far the shop's own times are off UTC.

`duplicates`: a page begins with the last record of the one before it; `single_objects`: a list of one is that one.
"""

FAILURES: Final = ("500", "html", "error", "cut")
UTC_NAMES: Final = "UTC"


class Habits:
    """What is switched on, and how many calls were made when."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self.calls: deque[float] = deque(maxlen=200_000)

    def now(self) -> Json:
        return {**DEFAULTS, **self._books.note("habits", {})}

    def change(self, changes: Json) -> Json:
        """Raises ValueError for a habit that the shop does not have."""
        if unknown := changes.keys() - DEFAULTS.keys():
            raise ValueError(f"no such habits: {', '.join(sorted(unknown))}")
        self._books.set_note("habits", {**self.now(), **changes})
        return self.now()

    def spent(self) -> bool:
        """Count a call; whether it is one too many in this minute."""
        moment = time.monotonic()
        self.calls.append(moment)
        return sum(one > moment - 60 for one in list(self.calls)[-1000:]) > int(self.now()["calls_per_minute"])

    def busiest_minute(self) -> int:
        """The most calls there were in any minute."""
        calls, start, most = list(self.calls), 0, 0
        for end, moment in enumerate(calls):
            while calls[start] <= moment - 60:
                start += 1
            most = max(most, end - start + 1)
        return most

    def failure(self) -> str:
        """How this call fails, or empty."""
        return random.choice(FAILURES) if random.random() < self.now()["fail_share"] else ""

    def told(self, rows: list[Json]) -> Any:
        """The records of a page as Neto would write them."""
        habits = self.now()
        hours = float(habits["clock_hours"])
        rows = [_local(row, hours) for row in rows] if hours else rows
        return rows[0] if len(rows) == 1 and habits["single_objects"] else rows


def shifted(text: str, hours: float) -> str:
    """A time as told in another zone; what is no time stays."""
    try:
        return (datetime.strptime(text, TIME) + timedelta(hours=hours)).strftime(TIME)  # noqa: DTZ007 it has none
    except ValueError:
        return text


def _local(value: Any, hours: float) -> Any:
    if isinstance(value, list):
        return [_local(one, hours) for one in value]
    if isinstance(value, dict):
        return {name: inner if name.endswith(UTC_NAMES) else _local(inner, hours) for name, inner in value.items()}
    return shifted(value, hours) if isinstance(value, str) and value.startswith(("19", "20")) else value


def cut(body: Json) -> str:
    """An answer that broke off."""
    text = json.dumps(body)
    return text[: len(text) // 2]
