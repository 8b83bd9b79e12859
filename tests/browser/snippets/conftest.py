"""Fixtures of the storefront's browser tests."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from companion.bootstrap import Services
from companion.config import Settings
from companion.models import Store
from tests.browser.snippets.windows import Window, a_window


@pytest.fixture
def window(
    chromium: Browser, services: Services, new_store: Callable[..., Store], settings: Settings
) -> Iterator[Window]:
    with a_window(chromium, services, new_store, settings) as found:
        yield found


@pytest.fixture
def recorded(shared: Path) -> Path:
    return shared / "fixtures" / "shopware" / "6.6.7.1" / "storefront"
