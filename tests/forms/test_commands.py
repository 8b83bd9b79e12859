"""`companion forms`: what the admin's page does, from the command line."""

from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result

from companion import cli
from companion.bootstrap import Services
from companion.forms import slots_for
from companion.models import Store
from tests.forms.build import ACCOUNT, DRAFT, FOOTER, with_forms

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

Run = Callable[..., Result]


@pytest.fixture
def store(services: Services, store: Store) -> Store:
    return with_forms(services, store)


@pytest.fixture
def run(services: Services, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command line on the database of the test."""
    for name in ("database_url", "secret_key", "public_url"):
        monkeypatch.setenv(f"COMPANION_{name.upper()}", getattr(services.settings, name))
    return lambda *words: CliRunner().invoke(cli.main, ["forms", *words])


def test_forms_and_slots_are_listed(run: Run, store: Store) -> None:
    run("assign", store.key, "footer", FOOTER, "--language", "de")
    said = run("list", store.key).output
    assert f"{FOOTER}  embed     live  fills slots Footer sign-up" in said
    assert f"{DRAFT}  embed     draft             Spring sign-up" in said
    assert f"slot footer (all channels, de): {FOOTER}" in said


def test_a_form_is_assigned_emptied_and_cleared(run: Run, services: Services, store: Store) -> None:
    def chosen() -> dict[str, dict[str, str]]:
        with services.database.read() as session:
            return slots_for(session, store, "0189aa")

    assert run("assign", store.key, "footer", ACCOUNT).exit_code == 0
    assert chosen() == {"footer": {"": ACCOUNT}}
    assert run("assign", store.key, "footer", "none", "--channel", "0189aa").exit_code == 0
    assert chosen() == {"footer": {"": ""}}
    assert "the choice is gone" in run("clear", store.key, "footer", "--channel", "0189aa").output
    assert chosen() == {"footer": {"": ACCOUNT}}
    assert "there was no choice" in run("clear", store.key, "sidebar").output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("assign", "footer", DRAFT), "is a draft"),
        (("assign", "Foot er", FOOTER), "is not a slot"),
        (("assign", "footer", "Gone99"), "companion forms list"),
    ],
)
def test_what_cannot_be_is_said_with_exit_code_1(run: Run, store: Store, words: tuple[str, ...], said: str) -> None:
    result = run(words[0], store.key, *words[1:])
    assert (result.exit_code, said in result.output) == (1, True)


def test_an_unknown_store_is_said(run: Run) -> None:
    assert "there is no store 'nobody'" in run("list", "nobody").output
