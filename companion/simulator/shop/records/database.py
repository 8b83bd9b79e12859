"""Where the shop keeps its records: SQLite, a table per entity, each row an id and a JSON document.

Any thread may read; writers take turns. Knows documents and indexes, not what is in them.
"""
# ruff: noqa: S608 - the names in the SQL are those of our own entities, every value is bound

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson

Document = dict[str, Any]
Row = tuple[Any, ...]


class Database:
    """One shop's file. Safe to share between threads; `close` it when done."""

    def __init__(self, path: Path, indexes: Mapping[str, Iterable[str]]) -> None:
        """Open or create. `indexes` names the tables and the fields of each that are searched by."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._local = threading.local()
        self._writing = threading.RLock()
        self._connections: list[sqlite3.Connection] = []
        with self.write() as connection:
            for statement in _schema(indexes):
                connection.execute(statement)

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """A transaction: all or nothing. One inside another belongs to it."""
        with self._writing:
            connection = self._connection()
            if connection.in_transaction:
                yield connection
                return
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        return self._connection().execute(sql, parameters).fetchall()

    def find(self, table: str, id_: str | None) -> Document | None:
        found = self.rows(f'SELECT body FROM "{table}" WHERE id = ?', (id_,))
        return orjson.loads(found[0][0]) if found else None

    def get(self, table: str, id_: str) -> Document:
        """Raises LookupError for an unknown id."""
        found = self.find(table, id_)
        if found is None:
            raise LookupError(f"there is no {table} {id_}")
        return found

    def all(self, table: str) -> list[Document]:
        """Every document of a table, in the order they were made."""
        return [orjson.loads(body) for (body,) in self.rows(f'SELECT body FROM "{table}" ORDER BY rowid')]

    def of(self, table: str, field: str, value: str) -> list[Document]:
        """The documents whose `field` holds a value, in the order they were made."""
        sql = f'SELECT body FROM "{table}" WHERE {extract(table, field)} = ? ORDER BY rowid'
        return [orjson.loads(body) for (body,) in self.rows(sql, (value,))]

    def put(self, table: str, *documents: Document) -> None:
        """Insert, or replace what has the same id."""
        rows = [(document["id"], orjson.dumps(document).decode()) for document in documents]
        with self.write() as connection:
            connection.executemany(
                f'INSERT INTO "{table}" (id, body) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET body = excluded.body',
                rows,
            )

    def delete(self, table: str, id_: str) -> None:
        with self.write() as connection:
            connection.execute(f'DELETE FROM "{table}" WHERE id = ?', (id_,))

    def setting(self, name: str, default: Any = None) -> Any:
        """A value of the shop's own, such as its id."""
        found = self.rows("SELECT value FROM setting WHERE name = ?", (name,))
        return orjson.loads(found[0][0]) if found else default

    def set_setting(self, name: str, value: Any) -> None:
        with self.write() as connection:
            connection.execute(
                "INSERT INTO setting (name, value) VALUES (?, ?)"
                " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                (name, orjson.dumps(value).decode()),
            )

    def next_number(self, name: str, first: int) -> int:
        """Count up: `first`, then one more each time."""
        with self.write():
            number = int(self.setting(f"number/{name}", first))
            self.set_setting(f"number/{name}", number + 1)
        return number

    def close(self) -> None:
        for connection in self._connections:
            connection.close()

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = sqlite3.connect(self._path, timeout=30, isolation_level=None, check_same_thread=False)
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("PRAGMA cache_size = -32000")
            self._local.connection = connection
            self._connections.append(connection)
        return connection


def extract(table: str, field: str) -> str:
    """The SQL of a document's field, exactly as the indexes have it."""
    return f"json_extract(\"{table}\".body, '$.{field}')"


def _schema(indexes: Mapping[str, Iterable[str]]) -> Iterator[str]:
    yield "CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL)"
    yield "CREATE TABLE IF NOT EXISTS token (token TEXT PRIMARY KEY, client TEXT NOT NULL, expires REAL NOT NULL)"
    yield """CREATE TABLE IF NOT EXISTS webhook_log (id INTEGER PRIMARY KEY, at TEXT NOT NULL, order_id TEXT,
        event TEXT NOT NULL, event_id TEXT NOT NULL, attempt INTEGER NOT NULL, outcome TEXT NOT NULL,
        status INTEGER NOT NULL, ms INTEGER NOT NULL, bytes INTEGER NOT NULL)"""
    yield "CREATE INDEX IF NOT EXISTS webhook_log_order ON webhook_log (order_id)"
    yield """CREATE TABLE IF NOT EXISTS webhook_queue (id INTEGER PRIMARY KEY, due REAL NOT NULL,
        attempts INTEGER NOT NULL, signal TEXT NOT NULL)"""
    for table, fields in indexes.items():
        yield f'CREATE TABLE IF NOT EXISTS "{table}" (id TEXT PRIMARY KEY, body TEXT NOT NULL)'
        for field in sorted(fields):
            column = f"json_extract(body, '$.{field}')"
            yield f'CREATE INDEX IF NOT EXISTS "{table}_{field}" ON "{table}" ({column})'
