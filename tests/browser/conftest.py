"""What the tests in a real Chromium share: the browser, one database, a served application, windows that complain."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext

from companion.app import create_app
from companion.bootstrap import Services
from companion.config import Settings
from tests.admin import house
from tests.admin.windows import Desk

SIZES = {"desk": {"width": 1280, "height": 860}, "phone": {"width": 360, "height": 740}}
EXPECTED = "the server responded with a status of 4"
"""Chromium calls a page that answers 400 to a wrong form an error, too."""


@pytest.fixture
def database_url(migrated: Path, tmp_path: Path) -> str:
    """One database is enough here: the pages' queries are tested on both elsewhere."""
    return f"sqlite:///{shutil.copy(migrated, tmp_path / 'companion.sqlite3')}"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    local = replace(settings, public_url="http://127.0.0.1:1")
    return replace(local, admin_password=house.PASSWORD, viewer_password=house.VIEWER_PASSWORD)


@pytest.fixture
def address(services: Services) -> Iterator[str]:
    with house.serving(lambda: create_app(services)) as found:
        yield found


@pytest.fixture
def window(chromium: Browser, address: str) -> Iterator[Callable[..., Desk]]:
    """Open a window: `window("phone", color_scheme="dark")`. At the end nothing may have complained."""
    opened: list[tuple[BrowserContext, Desk]] = []

    def new(size: str = "desk", **options: object) -> Desk:
        context = chromium.new_context(viewport=SIZES[size], timezone_id="Europe/Berlin", **options)  # type: ignore[arg-type]
        desk = Desk(context.new_page(), address)
        desk.page.on("console", lambda said: desk.complaints.append(said.text) if said.type == "error" else None)
        desk.page.on("pageerror", lambda error: desk.complaints.append(str(error)))
        opened.append((context, desk))
        return desk

    yield new
    for context, desk in opened:
        context.close()
        assert [said for said in desk.complaints if EXPECTED not in said] == []
