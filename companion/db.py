"""The database: one engine, two ways in. `read()` for looking, `write()` for changing; both are short.

No transaction may stay open across a network call. SQLite runs in WAL mode with full synchronisation, so that a
commit is on the disk; its writers queue here instead of polling the file's lock.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

from sqlalchemy import Connection, Engine, Row, create_engine, event
from sqlalchemy.orm import Session

AnyRow = Row[*tuple[Any, ...]]
"""A row of whatever columns were asked for."""


class Database:
    """The engine and its transactions."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = _engine(url)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        self._immediate = self.engine.execution_options(immediate=True)
        self._writers: Any = threading.Lock() if self.is_sqlite else nullcontext()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that sees one state of the database."""
        with Session(self.engine) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A transaction: committed at the end of the block, rolled back if it raises."""
        with self._writers, Session(self._immediate, expire_on_commit=False) as session, session.begin():
            yield session

    def dispose(self) -> None:
        """Close every connection."""
        self.engine.dispose()


PRAGMAS = (
    "page_size=8192",
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "cache_size=-4000",
    "wal_autocheckpoint=4000",
)
"""The cache is every connection's own, and what is in it the operating system has, too: a small one costs little."""


def _engine(url: str) -> Engine:
    if not url.startswith("sqlite"):
        url = url.replace("postgresql://", "postgresql+psycopg://", 1)
        return create_engine(url, pool_size=20, max_overflow=20, pool_pre_ping=True)
    engine = create_engine(url, connect_args={"timeout": 30}, pool_size=20, max_overflow=20)

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver's own BEGIN comes too late to be IMMEDIATE
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        immediate = connection.get_execution_options().get("immediate")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

    return engine
