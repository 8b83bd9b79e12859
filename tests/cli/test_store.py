"""`companion store`: a key set, looked at and tried from the command line, against a simulated Klaviyo."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace

import pytest

from companion import bootstrap, delivery, stores
from companion.bootstrap import Services
from companion.klaviyo.client import Client
from companion.models import Store
from companion.simulator.klaviyo import Config, create_app
from companion.simulator.klaviyo.accounts import DEFAULT_ID, DEFAULT_KEY
from tests.admin.house import serving
from tests.cli.conftest import Command

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def address(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A simulated Klaviyo, which the commands speak to."""
    with serving(lambda: create_app(Config(unlimited=True))) as found:
        monkeypatch.setenv("COMPANION_KLAVIYO_URL", found)
        yield found


@pytest.fixture
def fresh(store: Store, services: Services) -> Store:
    with services.database.write() as session:
        found = stores.by_key(session, store.key)
        found.klaviyo_key, found.klaviyo_account = None, ""
    return found


def weaken(address: str, key: str, *scopes: str) -> None:
    client = Client(address, 5.0)
    client.transport.session.post(f"{address}/_sim/accounts", json={"id": DEFAULT_ID, "key": key, "scopes": scopes})


def test_a_key_is_set_and_looked_at_again(command: Command, services: Services, fresh: Store, address: str) -> None:
    said = command("store", "key", fresh.key, given=f"{DEFAULT_KEY}\n")
    assert f"({DEFAULT_ID}) is in force." in said
    assert "Europe/Berlin" in said
    weaken(address, DEFAULT_KEY, "accounts:read", "events:write")
    said = command("store", "check", fresh.key)
    assert "events:write           present" in said
    assert "forms:read             MISSING    to choose sign-up forms" in said


def test_a_key_that_is_refused_ends_with_the_reason(command: Command, fresh: Store, address: str) -> None:
    assert "Incorrect authentication credentials" in command("store", "key", fresh.key, given="pk_no\n", code=1)
    weaken(address, "pk_weak", "accounts:read")
    assert "The key lacks events:write." in command("store", "key", fresh.key, given="pk_weak\n", code=1)
    assert "There is no key yet." in command("store", "check", fresh.key, code=1)


def test_a_test_event_is_followed_to_its_arrival(command: Command, services: Services, store: Store) -> None:
    now = replace(services, now=bootstrap.clock)  # as commands have it
    with ThreadPoolExecutor(1) as waiting:
        said = waiting.submit(command, "store", "test", store.key, "kim@shop-owner.net", "--wait")
        for _ in range(100):
            delivery.deliver_live(now, store.id)
            if wait([said], timeout=0.1).done:
                break
        else:
            command("messages", "bury", store.key, "1")
    assert said.result().endswith("delivered\n")
    assert "is no e-mail address" in command("store", "test", store.key, "kim@@nowhere", code=2)


def test_a_setting_is_changed_and_taken_back_by_null(command: Command, services: Services, store: Store) -> None:
    def kept() -> dict[str, object]:
        with services.database.read() as session:
            return stores.by_key(session, store.key).settings

    command("store", "set", store.key, "sweep_minutes=2", 'currency="EUR"')
    assert kept() == {"sweep_minutes": 2.0, "currency": "EUR"}
    assert "sweep_minutes: write a number from 0 to 1,440" in command(
        "store", "set", store.key, 'sweep_minutes="often"', code=1
    )
    command("store", "set", store.key, "sweep_minutes=null")
    assert kept() == {"currency": "EUR"}
