"""The house's own rules, checked: sizes, guards, documentation, and that the tables are what the migrations make."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import click
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from flask import Flask
from flask.testing import FlaskClient

from companion import cli, migrations
from companion.bootstrap import Services
from companion.config import PREFIX, Settings
from companion.models import Base
from scheduler.jobs import HOUSE_JOBS, STORE_JOBS

ROOT = Path(__file__).parent.parent.parent
ROOMS = ("companion", "mappings", "scheduler")
SOURCES = [path for room in ROOMS for path in (ROOT / room).rglob("*.py")]
MODULES = sorted([*SOURCES, ROOT / "wsgi.py", ROOT / "worker.py"])
DOCS = "\n".join(path.read_text() for path in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")] if path.exists())
LONGEST_MODULE = 300
LONGEST_FUNCTION = 50
PAGES = {"forms.page", "forms.seen", "carts.make_link", "carts.read_cart", "snippets.script", "snippets.part"}
WEBHOOKS = {"webhooks.receive_shopware", "webhooks.receive_neto", "webhooks.register", "webhooks.confirm"}
OPEN = {"health.alive", "health.ready", *WEBHOOKS, *PAGES}
"""Routes that need no credentials of ours: the door checks signatures itself, health tells nothing, and what a shop's
pages may ask is bounded by their origin, by size and by the minute."""


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def span(node: ast.AST) -> int:
    return (getattr(node, "end_lineno", 0) or 0) - getattr(node, "lineno", 0) + 1


def own_lines(one: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """A blueprint's functions are its routes: each is counted for itself."""
    inner = [node for node in one.body if isinstance(node, ast.FunctionDef)]
    return span(one) - sum(span(node) for node in inner)


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_modules_and_functions_stay_small(path: Path) -> None:
    lines = path.read_text().count("\n")
    long = [one.name for one in functions(path) if own_lines(one) > LONGEST_FUNCTION]
    versions = "migrations/versions" in name(path)
    assert lines <= LONGEST_MODULE, f"{lines} lines"
    assert versions or not long, f"over {LONGEST_FUNCTION} lines: {long}"


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_every_module_says_what_it_is_for(path: Path) -> None:
    text = path.read_text()
    assert not text.strip() or ast.get_docstring(ast.parse(text))


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_no_import_hides_in_a_function(path: Path) -> None:
    hidden = [
        inner.lineno
        for one in functions(path)
        for inner in ast.walk(one)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    ]
    assert not hidden


def test_anything_is_caught_in_one_place_only() -> None:
    places = [name(path) for path in MODULES if re.search(r"except (Base)?Exception\b|except:", path.read_text())]
    assert [place for place in places if "simulator" not in place] == ["scheduler/engine.py"]


def test_imports_keep_their_direction() -> None:
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout


def test_the_tables_are_what_the_migrations_make(services: Services) -> None:
    with services.database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
    assert migrations.is_current(services.database.engine)


def test_every_route_is_guarded(app: Flask, client: FlaskClient) -> None:
    unguarded = []
    for rule in app.url_map.iter_rules():
        if rule.endpoint in OPEN or rule.endpoint.endswith((".static", "static")) or rule.endpoint == "admin.sign_in":
            continue
        path = re.sub(r"<[^>]+>", "1", rule.rule)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            answer = client.open(path, method=method)
            if answer.status_code not in {302, 400, 401, 403}:
                unguarded.append(f"{method} {rule.rule} → {answer.status_code}")
    assert not unguarded


@pytest.mark.parametrize("endpoint", sorted(OPEN - {"health.alive", "health.ready"}))
def test_the_shops_routes_refuse_what_nobody_signed(app: Flask, client: FlaskClient, endpoint: str) -> None:
    (rule,) = app.url_map.iter_rules(endpoint)
    method = "POST" if "POST" in (rule.methods or set()) else "GET"
    assert client.open(re.sub(r"<[^>]+>", "1", rule.rule), method=method, data=b"{}").status_code in {400, 401, 404}


@pytest.mark.parametrize("spec", fields(Settings), ids=lambda spec: spec.name)
def test_every_setting_is_documented(spec: object) -> None:
    assert f"{PREFIX}{spec.name.upper()}" in DOCS  # type: ignore[attr-defined]


def commands(group: click.Group, prefix: str = "companion") -> Iterator[str]:
    for command_name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{prefix} {command_name}")
        else:
            yield f"{prefix} {command_name}"


@pytest.mark.parametrize("command", list(commands(cli.main)))
def test_every_command_is_documented(command: str) -> None:
    assert command in DOCS


@pytest.mark.parametrize("job", [*STORE_JOBS, *HOUSE_JOBS])
def test_every_job_is_documented(job: str) -> None:
    assert f"`{job}`" in DOCS
