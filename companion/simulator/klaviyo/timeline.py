"""Numbers in the order of a time, read page by page from any place.

Entries that come in order cost nothing; the first read after disorder sorts (quick on what is nearly sorted).
Nothing is ever taken out: a reader skips what is no longer true.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator

Row = tuple[float, int]


class Timeline:
    """Rows of (time, number). Not locked: its owner is."""

    def __init__(self) -> None:
        self._rows: list[Row] = []
        self._sorted = True

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, at: float, number: int) -> None:
        """Put `number` at a time; the same number may stand at several."""
        row = (at, number)
        if self._sorted and self._rows and row < self._rows[-1]:
            self._sorted = False
        self._rows.append(row)

    def ascending(self, after: Row | None = None) -> Iterator[Row]:
        """Rows from the oldest on, those behind `after`."""
        rows = self._ordered()
        start = bisect_right(rows, after) if after else 0
        return (rows[index] for index in range(start, len(rows)))

    def descending(self, before: Row | None = None) -> Iterator[Row]:
        """Rows from the newest back, those ahead of `before`."""
        rows = self._ordered()
        start = bisect_left(rows, before) if before else len(rows)
        return (rows[index] for index in range(start - 1, -1, -1))

    def between(self, since: float, until: float) -> Iterator[Row]:
        """Rows with since <= time < until."""
        rows = self._ordered()
        start, end = bisect_left(rows, (since, -1)), bisect_left(rows, (until, -1))
        return (rows[index] for index in range(start, end))

    def _ordered(self) -> list[Row]:
        if not self._sorted:
            self._rows.sort()
            self._sorted = True
        return self._rows
