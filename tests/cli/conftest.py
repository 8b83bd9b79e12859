"""Commands, called as a shell calls them, on a database of the tests."""

from collections.abc import Callable

import pytest
from click.testing import CliRunner

from companion import cli
from companion.bootstrap import Services

Command = Callable[..., str]


@pytest.fixture
def command(services: Services, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Run `companion …` on this service's database and return what it prints."""
    for name in ("database_url", "secret_key", "public_url"):
        monkeypatch.setenv(f"COMPANION_{name.upper()}", getattr(services.settings, name))

    def call(*words: str, code: int = 0, given: str | None = None) -> str:
        done = CliRunner().invoke(cli.main, list(words), input=given)
        assert done.exit_code == code, done.output
        return done.output

    return call
