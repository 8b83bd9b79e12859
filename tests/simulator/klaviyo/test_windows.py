"""Two fixed windows an endpoint and account, and the headers that speak of them."""

import pytest

from companion.simulator.klaviyo import Config, create_app
from tests.simulator.klaviyo.conftest import Caller, StillClock, bulk, entry, event


def test_an_answer_tells_limit_remainder_and_reset_of_the_minute(sim: Caller, time: StillClock) -> None:
    time.move(42)
    reply = sim.post("/api/events", event())
    told = [reply.headers[f"RateLimit-{name}"] for name in ("Limit", "Remaining", "Reset")]
    assert told == ["3500", "3499", "18"]
    assert "Retry-After" not in reply.headers


def test_an_eleventh_bulk_call_in_one_second_waits_for_the_next(sim: Caller, time: StillClock) -> None:
    for number in range(10):
        assert sim.post("/api/event-bulk-create-jobs", bulk(entry(f"SO-{number}"))).status_code == 202
    refused = sim.post("/api/event-bulk-create-jobs", bulk(entry("SO-10")))
    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == "1"
    assert not [name for name in refused.headers if name[0].startswith("RateLimit")]
    assert len(sim.ledger()) == 10
    time.move(1)
    assert sim.post("/api/event-bulk-create-jobs", bulk(entry("SO-10"))).status_code == 202


def test_a_spent_minute_blocks_until_it_ends(sim: Caller, time: StillClock) -> None:
    for _ in range(15):
        assert sim.call("GET", "/api/accounts").status_code == 200
        time.move(1)
    refused = sim.call("GET", "/api/accounts")
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "45")
    time.move(44.9)
    assert sim.call("GET", "/api/accounts").status_code == 429
    time.move(0.1)
    assert sim.call("GET", "/api/accounts").status_code == 200


def test_every_endpoint_and_every_account_has_its_own_windows(sim: Caller) -> None:
    sim.control("POST", "accounts", {"id": "OTHER9", "key": "pk_other"})
    assert sim.call("GET", "/api/accounts").status_code == 200
    assert sim.call("GET", "/api/accounts").status_code == 429
    assert sim.call("GET", "/api/metrics").status_code == 200
    assert sim.call("GET", "/api/accounts", key="pk_other").status_code == 200


def test_keys_of_one_account_share_its_windows(sim: Caller) -> None:
    sim.control("POST", "accounts", {"id": "DEMO42", "key": "pk_second"})
    assert sim.call("GET", "/api/accounts").status_code == 200
    assert sim.call("GET", "/api/accounts", key="pk_second").status_code == 429


def test_counting_members_has_a_price_of_its_own(sim: Caller, time: StillClock) -> None:
    path = f"/api/lists/{sim.get('/api/lists')['data'][0]['id']}"
    assert sim.call("GET", f"{path}?additional-fields[list]=profile_count").status_code == 200
    assert sim.call("GET", f"{path}?additional-fields[list]=profile_count").status_code == 429
    assert sim.call("GET", path).status_code == 200
    time.move(1)
    assert sim.call("GET", f"{path}?additional-fields[list]=profile_count").status_code == 200


def test_a_day_allows_150_new_lists(sim: Caller, time: StillClock) -> None:
    document = {"data": {"type": "list", "attributes": {"name": "One of many"}}}
    for _ in range(150):
        time.move(0.4)
        assert sim.post("/api/lists", document).status_code == 201
    time.move(120)
    refused = sim.post("/api/lists", document)
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 3600


def test_a_stranger_spends_nobodys_window(sim: Caller) -> None:
    for _ in range(3):
        assert sim.call("GET", "/api/accounts", key="pk_of_nobody").status_code == 401
    assert sim.call("GET", "/api/accounts").status_code == 200


@pytest.mark.parametrize("config", [Config(unlimited=True)])
def test_lifted_windows_say_so_in_the_headers(config: Config) -> None:
    sim = Caller(create_app(config))
    for _ in range(20):
        reply = sim.call("GET", "/api/accounts")
        assert reply.status_code == 200
    assert int(reply.headers["RateLimit-Limit"]) > 100_000
