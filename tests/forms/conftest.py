"""A store between the simulated Klaviyo, called through its real client, and its forms."""

from collections.abc import Iterator

import pytest

from companion.config import Settings
from tests.fakes import Clock, FakeShop
from tests.subscribers.world import World, build


@pytest.fixture
def world(settings: Settings, clock: Clock, shop: FakeShop) -> Iterator[World]:
    built = build(settings, clock, shop, unlimited=False)
    yield built
    built.services.database.dispose()
