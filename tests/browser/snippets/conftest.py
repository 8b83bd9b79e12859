"""Fixtures of the storefront's browser tests."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from companion import migrations
from companion.bootstrap import Services
from companion.config import Settings
from companion.db import Database
from companion.models import Store
from tests.browser.snippets.windows import Window, a_window
from tests.conftest import missing

CHROMIUM = Path("/usr/bin/chromium")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        missing("Chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    database = Database(f"sqlite:///{tmp_path / 'companion.sqlite3'}")
    migrations.upgrade(database.engine)
    database.dispose()
    return database.url


@pytest.fixture
def window(
    chromium: Browser, services: Services, new_store: Callable[..., Store], settings: Settings
) -> Iterator[Window]:
    with a_window(chromium, services, new_store, settings) as found:
        yield found


@pytest.fixture
def recorded(shared: Path) -> Path:
    return shared / "fixtures" / "shopware" / "6.6.7.1" / "storefront"
