"""Where the shop keeps its records: one table for all kinds, found by id and by the times that Neto filters by."""

import json
import sqlite3
import threading
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

TIME: Final = "%Y-%m-%d %H:%M:%S"
SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS records (
    kind TEXT, id TEXT, made TEXT, updated TEXT, body TEXT, PRIMARY KEY (kind, id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS made ON records (kind, made);
CREATE INDEX IF NOT EXISTS updated ON records (kind, updated);
CREATE TABLE IF NOT EXISTS notes (name TEXT PRIMARY KEY, value TEXT);
"""

Json = dict[str, Any]


def stamp(at: datetime | None = None) -> str:
    """A time as the shop keeps it, in UTC."""
    return (at or datetime.now(UTC)).astimezone(UTC).strftime(TIME)


class Books:
    """Safe to share between threads: one at a time writes or reads."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(folder / "neto.sqlite3", check_same_thread=False, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.executescript(SCHEMA)
        self._turn = threading.RLock()

    def put(self, kind: str, rows: Iterable[tuple[str, str, str, Json]]) -> None:
        """Keep records: (id, made, updated, body)."""
        with self._turn, self._connection:
            self._connection.execute("BEGIN")
            self._connection.executemany(
                "INSERT OR REPLACE INTO records VALUES (?, ?, ?, ?, ?)",
                ((kind, id_, made, updated, json.dumps(body)) for id_, made, updated, body in rows),
            )

    def get(self, kind: str, id_: str) -> Json | None:
        found = self._rows("kind = ? AND id = ?", [kind, id_], 1, 0)
        return found[0] if found else None

    def find(
        self,
        kind: str,
        *,
        ids: Sequence[str] = (),
        times: Mapping[str, str] | None = None,
        values: Mapping[str, Sequence[str]] | None = None,
        limit: int = 100,
        offset: int = 0,
    ) -> list[Json]:
        """Records of a kind by id, by `times` (`made_from`, `made_to`, `updated_from`, `updated_to`) and by `values`.

        Their order is of no use, as Neto's.
        """
        where, given = ["kind = ?"], [kind]
        if ids:
            where.append(f"id IN ({_marks(ids)})")
            given += ids
        for name, value in (times or {}).items():
            column, side = name.split("_")
            where.append(f"{column} {'>=' if side == 'from' else '<='} ?")
            given.append(value)
        for name, wanted in (values or {}).items():
            where.append(f"json_extract(body, '$.' || ?) IN ({_marks(wanted)})")
            given += [name, *wanted]
        return self._rows(f"{' AND '.join(where)} ORDER BY substr(id, -1), id", given, limit, offset)

    def newest(self, kind: str, limit: int = 20) -> list[Json]:
        return self._rows("kind = ? ORDER BY made DESC, id DESC", [kind], limit, 0)

    def count(self, kind: str) -> int:
        with (
            self._turn,
            closing(self._connection.execute("SELECT count(*) FROM records WHERE kind = ?", [kind])) as row,
        ):
            return int(row.fetchone()[0])

    def note(self, name: str, default: Any = None) -> Any:
        with self._turn, closing(self._connection.execute("SELECT value FROM notes WHERE name = ?", [name])) as row:
            found = row.fetchone()
        return json.loads(found[0]) if found else default

    def set_note(self, name: str, value: Any) -> None:
        with self._turn:
            self._connection.execute("INSERT OR REPLACE INTO notes VALUES (?, ?)", [name, json.dumps(value)])

    def next_number(self, name: str, first: int) -> int:
        with self._turn:
            number = int(self.note(name, first - 1)) + 1
            self.set_note(name, number)
            return number

    def _rows(self, where: str, values: Sequence[str], limit: int, offset: int) -> list[Json]:
        query = f"SELECT body FROM records WHERE {where} LIMIT ? OFFSET ?"  # noqa: S608 made of names above
        with self._turn, closing(self._connection.execute(query, [*values, limit, offset])) as rows:
            return [json.loads(row[0]) for row in rows]


def _marks(values: Sequence[str]) -> str:
    return ", ".join("?" * len(values))
