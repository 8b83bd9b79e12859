"""Fixtures of the demo shop's tests: an open shop, its application, and an app server to talk to."""

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from companion.simulator.shop.app import EXTENSION, create_app
from companion.simulator.shop.apps import lifecycle
from companion.simulator.shop.apps.app import App
from companion.simulator.shop.apps.manifest import parse
from companion.simulator.shop.config import Config
from companion.simulator.shop.shop import Shop, open_shop
from tests.simulator.shop.app_server import AppServer, manifest

Browser = Any
"""A Flask test client; what its answers' JSON is, the tests know better than the types."""


@pytest.fixture(scope="session")
def recordings(shared: Path) -> Path:
    """What was recorded of Shopware 6.6.7.1, the model of the demo shop."""
    return shared / "fixtures" / "shopware" / "6.6.7.1"


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Shop]:
    """A shop that was founded just now; the same things are chosen in every run."""
    opened = replace(open_shop(Config(data=tmp_path)), chance=random.Random(7))
    yield opened
    opened.close()


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Flask]:
    """The demo shop as an application."""
    built = create_app(Config(data=tmp_path))
    built.testing = True
    yield built
    built.extensions[EXTENSION].close()


@pytest.fixture
def browser(web: Flask) -> Browser:
    return web.test_client()


@pytest.fixture
def server() -> Iterator[AppServer]:
    with AppServer() as running:
        yield running


@pytest.fixture
def install(demo: Shop, server: AppServer) -> Callable[..., App]:
    """Install an app that subscribes to events, and forget what was sent meanwhile."""

    def installed(*events: str, reads: tuple[str, ...] = ("order",)) -> App:
        app = lifecycle.install(demo, parse(manifest(server, *events, reads=reads)))
        server.forget()
        return app

    return installed
