"""What every command does besides its work."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import event
from sqlalchemy.pool import Pool

from companion import cli, migrations
from companion.db import Database
from tests.conftest import SECRET


@pytest.fixture
def opened() -> Iterator[list[Any]]:
    """Every connection made: held here, none is closed by merely being forgotten."""
    connections: list[Any] = []

    def hold(connection: Any, _record: Any) -> None:
        connections.append(connection)

    event.listen(Pool, "connect", hold)
    yield connections
    event.remove(Pool, "connect", hold)


@pytest.mark.parametrize(("words", "code"), [(("run", "list"), 0), (("run", "pause", "7"), 1), (("status",), 0)])
def test_a_command_closes_its_database_however_it_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, opened: list[Any], words: tuple[str, ...], code: int
) -> None:
    path = tmp_path / "companion.sqlite3"
    database = Database(f"sqlite:///{path}")
    migrations.upgrade(database.engine)
    database.dispose()
    before = len(opened)
    monkeypatch.setenv("COMPANION_DATABASE_URL", database.url)
    monkeypatch.setenv("COMPANION_SECRET_KEY", SECRET)
    monkeypatch.setenv("COMPANION_PUBLIC_URL", "https://companion.shop-owner.net")
    done = CliRunner().invoke(cli.main, words)
    assert done.exit_code == code, done.output
    assert len(opened) > before
    assert [one.name for one in tmp_path.iterdir()] == [path.name], "the last to close it takes the log with it"
