"""`companion run`: what is listed unasked, and numbers that no table can hold."""

import pytest

from companion import runs
from companion.bootstrap import Services
from companion.models import Store
from tests.cli.conftest import Command

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

ABSURD = str(2**63)


def finished(services: Services, store: Store, kind: str, who: str = "the clock", state: str = "finished") -> None:
    with services.database.write() as session:
        run = runs.request(session, store.id, kind, services.now(), who=who)
        run.state = state


def listed(said: str) -> list[str]:
    return [line.split()[1] for line in said.splitlines()]


def test_what_the_clock_looks_up_is_listed_only_when_asked_for(
    command: Command, services: Services, store: Store
) -> None:
    for kind in ("history", "changes", "lists", "forms"):
        finished(services, store, kind)
    finished(services, store, "new-list", who="admin")
    assert listed(command("run", "list")) == ["new-list", "changes", "history"]
    assert listed(command("run", "list", "--all")) == ["new-list", "forms", "lists", "changes", "history"]
    assert listed(command("run", "list", "--kind", "forms")) == ["forms"]


@pytest.mark.parametrize(
    "words",
    [
        ("run", "show", ABSURD),
        ("run", "pause", ABSURD),
        ("run", "resume", ABSURD),
        ("run", "cancel", ABSURD),
        ("run", "throttle", ABSURD, "60"),
        ("run", "throttle", "1", ABSURD),
        ("run", "retry", ABSURD),
        ("run", "retry", "1", ABSURD),
        ("run", "show", "1", "--failures", ABSURD),
        ("run", "list", "--limit", ABSURD),
        ("run", "start", "history", "shop", "--orders-per-minute", ABSURD),
        ("messages", "replay", "shop", ABSURD),
        ("messages", "replay", "shop", "--webhooks", ABSURD),
        ("messages", "bury", "shop", ABSURD),
        ("messages", "list", "--limit", ABSURD),
        ("store", "changes", "shop", "--limit", ABSURD),
    ],
)
def test_a_number_that_no_table_holds_is_refused(command: Command, store: Store, words: tuple[str, ...]) -> None:
    typed = [store.key if word == "shop" else word for word in words]
    assert f"{ABSURD} is not in the range" in command(*typed, code=2)


def test_a_number_that_no_run_has_is_said(command: Command, store: Store) -> None:
    assert "there is no run 9223372036854775807" in command("run", "show", str(2**63 - 1), code=1)
