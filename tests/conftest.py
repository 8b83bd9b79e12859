"""Fixtures of the whole suite. Whatever touches a database runs on SQLite and on a real PostgreSQL."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2.bccache import Bucket, BytecodeCache
from playwright.sync_api import Browser, sync_playwright
from sqlalchemy import text

from companion import bootstrap, migrations, stores
from companion.app import create_app
from companion.bootstrap import Services
from companion.config import Settings
from companion.db import Database
from companion.klaviyo.client import Client
from companion.models import Base, Store
from tests.fakes import Clock, FakeKlaviyo, FakeShop, Wakes

SECRET = "a secret key that only the tests know"
CHROMIUM = Path("/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
SHARED = Path(__file__).parent.parent.parent / "shared"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The slow ones first, so that no worker is left alone with one in the end."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


def missing(what: str) -> None:
    """What a test needs is not here: that is all right at home, and a failure in CI."""
    if os.environ.get("CI"):
        pytest.fail(f"{what} is missing, and in CI nothing may be", pytrace=False)
    pytest.skip(f"{what} is missing")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The recorded data that lies beside the repository."""
    if not SHARED.exists():
        missing("the recorded data")
    return SHARED


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for all tests of a process; each opens windows of its own."""
    if not CHROMIUM.exists():
        missing("Chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A PostgreSQL server of this test process, with the newest schema."""
    pgserver = pytest.importorskip("pgserver") if not os.environ.get("CI") else __import__("pgserver")
    with tempfile.TemporaryDirectory(prefix="companion-pg-") as folder:
        server = pgserver.get_server(folder, cleanup_mode="stop")
        server.psql("ALTER SYSTEM SET fsync = off; SELECT pg_reload_conf();")  # nobody pulls the plug of this one
        database = Database(server.get_uri())
        migrations.upgrade(database.engine)
        database.dispose()
        yield server.get_uri()
        server.cleanup()


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite database with the newest schema, to be copied: migrating takes longer than most tests."""
    path = tmp_path_factory.mktemp("migrated") / "companion.sqlite3"
    database = Database(f"sqlite:///{path}")
    migrations.upgrade(database.engine)
    database.dispose()
    return path


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database with the newest schema."""
    if request.param == "sqlite":
        path = shutil.copy(request.getfixturevalue("migrated"), tmp_path / "companion.sqlite3")
        return f"sqlite:///{path}"
    return str(request.getfixturevalue("empty_postgres"))


@pytest.fixture
def empty_postgres(postgres_url: str) -> str:
    """The PostgreSQL database without a row. Deleting a few is far quicker than truncating all tables."""
    database = Database(postgres_url)
    with database.write() as session:
        for table in reversed(Base.metadata.sorted_tables):
            session.execute(table.delete())
        session.execute(text("SELECT setval(seqrelid::regclass, 1, false) FROM pg_sequence"))
    database.dispose()
    return postgres_url


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def klaviyo() -> FakeKlaviyo:
    return FakeKlaviyo()


@pytest.fixture
def shop() -> FakeShop:
    return FakeShop()


@pytest.fixture
def wakes() -> Wakes:
    return Wakes()


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return Settings(
        database_url=database_url,
        data_dir=str(tmp_path),
        secret_key=SECRET,
        public_url="https://companion.shop-owner.net",
        admin_password="correct horse battery staple",
    )


@pytest.fixture
def services(settings: Settings, klaviyo: FakeKlaviyo, clock: Clock, wakes: Wakes) -> Iterator[Services]:
    built = bootstrap.build(settings, wake=wakes, klaviyo=cast("Client", klaviyo), now=clock, sleep=clock.advance)
    yield built
    built.database.dispose()


class Compiled(BytecodeCache):
    """Templates compiled once a process: most of a page's time goes there, and every test has its own application."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key + bucket.checksum in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key + bucket.checksum])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key + bucket.checksum] = bucket.bytecode_to_string()


COMPILED = Compiled()


@pytest.fixture
def app(services: Services) -> Flask:
    application = create_app(services)
    application.testing = True
    application.jinja_env.bytecode_cache = COMPILED
    return application


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def store(services: Services, new_store: Callable[..., Store]) -> Store:
    """A connected Shopware store with a Klaviyo key."""
    return new_store()


@pytest.fixture
def new_store(services: Services) -> Callable[..., Store]:
    """Add a connected store: `new_store(shop_id=..., secret=...)`."""

    def add(shop_id: str = "Sh0pIdOfTheTests", secret: str = "shop-secret" * 6, **columns: Any) -> Store:
        with services.database.write() as session:
            added = stores.add(
                session,
                services.vault,
                platform="shopware",
                shop_id=shop_id,
                shop_url="https://shop.shop-owner.net",
                now=services.now(),
                credentials={"secret": secret, "client_id": "SWIATESTS", "client_secret": "client-secret"},
            )
            added.klaviyo_key = services.vault.seal("pk_good")
            added.klaviyo_account, added.klaviyo_account_name = "ACC123", "Good Shop"
            for name, value in columns.items():
                setattr(added, name, value)
        return added

    return add
