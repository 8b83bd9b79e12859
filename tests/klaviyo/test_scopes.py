"""What a key may do: asked of the simulator, and every other way the asking can end."""

from collections.abc import Iterator

import pytest
import responses

from companion import key_checks
from companion.errors import Pause, Retry
from companion.klaviyo import scopes
from companion.klaviyo.client import Client
from companion.klaviyo.scopes import PROBES, Outcome, judged
from companion.simulator.klaviyo import Config, create_app
from companion.simulator.klaviyo.accounts import DEFAULT_ID, DEFAULT_KEY
from companion.simulator.klaviyo.operations import ALL_SCOPES
from tests.admin.house import serving

BASE = "https://klaviyo.shop-owner.net"
PROBED = frozenset(scope for probe in PROBES for scope in probe.scopes)


@pytest.fixture
def http() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


@pytest.fixture(scope="module")
def simulator() -> Iterator[Client]:
    with serving(lambda: create_app(Config(unlimited=True))) as address:
        yield Client(address, 5.0)


def give(simulator: Client, granted: frozenset[str]) -> None:
    body = {"id": DEFAULT_ID, "key": "pk_some", "scopes": sorted(granted)}
    simulator.transport.session.post(f"{simulator.transport.base_url}/_sim/accounts", json=body)


@pytest.mark.parametrize("missing", sorted(PROBED))
def test_each_missing_scope_is_named_and_no_other(simulator: Client, missing: str) -> None:
    give(simulator, ALL_SCOPES - {missing})
    found = simulator.scopes("pk_some")
    assert found[missing] is False
    hidden = {"subscriptions:write"} if missing in {"lists:write", "profiles:write"} else set()
    assert {scope for scope, has in found.items() if has is None} == hidden
    assert {scope for scope, has in found.items() if has} == PROBED - {missing} - hidden


def test_asking_leaves_nothing_behind_in_klaviyo(simulator: Client) -> None:
    def held() -> str:
        base, session = simulator.transport.base_url, simulator.transport.session
        ledger, lists = session.get(f"{base}/_sim/ledger").text, simulator.audience.lists(DEFAULT_KEY).items
        return f"{ledger} {lists} {simulator.audience.profiles(DEFAULT_KEY, ['kim@shop-customer.net']).items}"

    give(simulator, ALL_SCOPES)
    before = held()
    assert set(simulator.scopes("pk_some").values()) == {True}
    assert held() == before


def test_every_scope_that_is_needed_is_asked_for() -> None:
    assert {"accounts:read", *PROBED} == set(key_checks.NEEDED)
    assert set(key_checks.REQUIRED) <= set(key_checks.NEEDED)


def test_a_scope_is_blamed_only_where_it_alone_can_be_to_blame() -> None:
    both, first = frozenset({"a", "b"}), frozenset({"a"})
    assert judged([Outcome(first, may=True), Outcome(both, may=False)]) == {"a": True, "b": False}
    assert judged([Outcome(first, may=False), Outcome(both, may=False)]) == {"a": False, "b": None}
    assert judged([Outcome(both, may=True)]) == {"a": True, "b": True}
    assert judged([Outcome(both, may=False)]) == {"a": None, "b": None}


@pytest.mark.parametrize(
    ("status", "json", "remedy"),
    [
        (401, {"errors": [{"detail": "Incorrect authentication credentials."}]}, Pause),
        (400, {"errors": [{"detail": "The API key is malformed."}]}, Pause),
        (429, {}, Retry),
        (503, {}, Retry),
    ],
)
def test_a_wrong_key_is_no_missing_scope_and_an_unwell_klaviyo_neither(
    http: responses.RequestsMock, status: int, json: object, remedy: type[Exception]
) -> None:
    http.get(f"{BASE}/api/lists", status=status, json=json)
    with pytest.raises(remedy):
        Client(BASE, 5.0).scopes("pk_wrong")


def test_what_is_written_names_nobody(http: responses.RequestsMock) -> None:
    for probe in PROBES:
        http.add(probe.method, BASE + probe.path, status=200 if probe.method == "GET" else 400, json={})
    scopes.asked(Client(BASE, 5.0).transport, "pk_good")
    assert {call.request.body for call in http.calls if call.request.method == "POST"} == {b"{}"}
