"""Fixtures of the webhook door."""

import pytest
from flask.testing import FlaskClient

from companion.bootstrap import Services
from tests.fakes import Clock
from tests.webhooks.shop import Shop, an_app


@pytest.fixture
def storefront(services: Services, client: FlaskClient, clock: Clock) -> Shop:
    """A shop that holds a merchant's app and has not registered yet."""
    return Shop(client, clock, an_app(services))
