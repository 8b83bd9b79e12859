"""Settings are refused at the start, all at once, each by name with the fix."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion import config
from companion.errors import ConfigurationError

GOOD = {"COMPANION_SECRET_KEY": "x" * 40, "COMPANION_PUBLIC_URL": "https://companion.shop-owner.net"}


def problems(**changes: str) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        config.load({**GOOD, **{f"COMPANION_{name}": value for name, value in changes.items()}})
    return caught.value.problems


def test_the_defaults_need_only_a_key_and_an_address() -> None:
    assert config.load(GOOD).database.startswith("sqlite:////")


def test_an_empty_environment_names_both() -> None:
    with pytest.raises(ConfigurationError, match=r"COMPANION_SECRET_KEY: needs 32.*\n.*COMPANION_PUBLIC_URL: needs"):
        config.load({})


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("PORT", "eighty", "is not a whole number"),
        ("PORT", "70000", "needs a port"),
        ("ENGINE", "cloud", "is none of embedded, distributed"),
        ("ENGINE", "distributed", "needs PostgreSQL"),
        ("KLAVIYO_SHARE", "1.5", "needs a share above 0"),
        ("KLAVIYO_URL", "http://a.klaviyo.com", "needs to start with https://"),
        ("PUBLIC_URL", "http://companion.shop-owner.net", "needs the https:// address"),
        ("SECRET_KEY", "short", "needs 32 characters"),
        ("WEBHOOK_MAX_BYTES", "1000", "needs at least 100000"),
        ("TICK_S", "0", "needs a number of seconds above 0"),
        ("SECRET_KEY_FILE", "/nowhere/at/all", "name a readable file"),
        ("DATABSE_URL", "x", "no such setting"),
    ],
)
def test_a_wrong_value_is_named_with_its_fix(name: str, value: str, told: str) -> None:
    if name == "SECRET_KEY_FILE":
        with pytest.raises(ConfigurationError, match="SECRET_KEY_FILE"):
            config.load({"COMPANION_PUBLIC_URL": GOOD["COMPANION_PUBLIC_URL"], "COMPANION_SECRET_KEY_FILE": value})
        return
    found = problems(**{name: value})
    assert any(problem.startswith(f"COMPANION_{name}") and told in problem for problem in found), found


def test_every_problem_is_told_at_once() -> None:
    assert len(problems(PORT="x", KLAVIYO_SHARE="y", ENGINE="z")) == 3


def test_a_secret_may_lie_in_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("s" * 40 + "\n")
    settings = config.load(
        {"COMPANION_SECRET_KEY_FILE": str(secret), "COMPANION_PUBLIC_URL": GOOD["COMPANION_PUBLIC_URL"]}
    )
    assert settings.secret_key == "s" * 40


@given(st.dictionaries(st.sampled_from(["PORT", "TICK_S", "THREADS", "LEASE_S"]), st.text(max_size=8)))
def test_no_value_is_answered_with_anything_but_a_named_problem(changes: dict[str, str]) -> None:
    found: list[str] = []
    try:
        config.load({**GOOD, **{f"COMPANION_{name}": value for name, value in changes.items()}})
    except ConfigurationError as error:
        found = error.problems
    assert all(problem.startswith("COMPANION_") for problem in found)
