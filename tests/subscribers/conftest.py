"""A world in which subscribers are synchronised, on SQLite and on PostgreSQL."""

from collections.abc import Iterator

import pytest

from companion.config import Settings
from tests.fakes import Clock, FakeShop
from tests.subscribers.world import World, build


@pytest.fixture
def world(settings: Settings, clock: Clock, shop: FakeShop) -> Iterator[World]:
    built = build(settings, clock, shop)
    yield built
    built.services.database.dispose()
