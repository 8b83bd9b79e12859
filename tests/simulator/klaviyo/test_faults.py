"""Faults on a real socket, under both servers: what the caller sees, and what was stored meanwhile."""

import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from companion.simulator.klaviyo import DEFAULT_KEY, Config, create_app
from tests.simulator.klaviyo.conftest import JSON_API, Caller, StillClock, event
from tests.simulator.klaviyo.serving import by_gunicorn, by_werkzeug

HEADERS = {"Authorization": f"Klaviyo-API-Key {DEFAULT_KEY}", "revision": "2026-07-15", "Content-Type": JSON_API}


class Remote:
    """A simulator at the other end of a connection."""

    def __init__(self, address: str) -> None:
        self.address = address
        requests.post(f"{address}/_sim/reset", timeout=5)

    def send(self, unique_id: str = "A", timeout: float = 5) -> requests.Response:
        body = json.dumps(event(unique_id))
        return requests.post(f"{self.address}/api/events", data=body, headers=HEADERS, timeout=timeout)

    def fault(self, **plan: Any) -> None:
        reply = requests.post(f"{self.address}/_sim/faults", json=plan, timeout=5)
        assert reply.status_code == 201, reply.text

    def stored(self) -> list[str]:
        lines = requests.get(f"{self.address}/_sim/ledger", timeout=5).text.splitlines()
        return [json.loads(line)["unique_id"] for line in lines]


@pytest.fixture(scope="module", params=["werkzeug", "gunicorn"])
def address(request: pytest.FixtureRequest) -> Iterator[str]:
    with by_werkzeug(create_app(Config())) if request.param == "werkzeug" else by_gunicorn() as found:
        yield found


@pytest.fixture
def remote(address: str) -> Remote:
    return Remote(address)


@pytest.mark.parametrize(("when", "stored"), [("before", []), ("after", ["A"])])
def test_a_reset_connection_gives_no_answer(remote: Remote, when: str, stored: list[str]) -> None:
    remote.fault(kind="reset", when=when, operation="create_event", count=1)
    with pytest.raises(requests.ConnectionError):
        remote.send()
    assert remote.stored() == stored
    assert remote.send().status_code == 202
    assert remote.stored() == ["A"]


@pytest.mark.parametrize(("when", "stored"), [("before", []), ("after", ["A"])])
def test_a_hanging_call_outlasts_the_callers_patience(remote: Remote, when: str, stored: list[str]) -> None:
    remote.fault(kind="hang", when=when, seconds=2, count=1)
    with pytest.raises(requests.Timeout):
        remote.send(timeout=0.5)
    assert remote.stored() == stored


def test_a_hanging_call_ends_without_an_answer(remote: Remote) -> None:
    remote.fault(kind="hang", seconds=0.2, count=1)
    with pytest.raises(requests.ConnectionError):
        remote.send()


def test_lifting_a_fault_lets_go_who_hangs_in_it(remote: Remote) -> None:
    remote.fault(kind="hang", seconds=30, count=1)
    outcomes: list[str] = []

    def hang() -> None:
        try:
            remote.send(timeout=20)
        except requests.RequestException as error:
            outcomes.append(type(error).__name__)

    caller = threading.Thread(target=hang)
    started = time.monotonic()
    caller.start()
    while not [one for one in requests.get(f"{remote.address}/_sim/faults", timeout=5).json() if one["waiting"]]:
        assert time.monotonic() - started < 10
    requests.delete(f"{remote.address}/_sim/faults", timeout=5)
    caller.join()
    assert outcomes == ["ConnectionError"]
    assert time.monotonic() - started < 10


def test_half_an_answer_is_noticed_by_the_caller(remote: Remote) -> None:
    remote.fault(kind="truncate", when="after", count=1)
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        remote.send()
    assert remote.stored() == ["A"]


def test_an_html_page_comes_from_the_edge(remote: Remote) -> None:
    remote.fault(kind="html", status=502, count=1)
    reply = remote.send()
    assert (reply.status_code, reply.headers["Content-Type"]) == (502, "text/html; charset=utf-8")
    assert remote.stored() == []


def test_a_slow_answer_is_late_and_right(remote: Remote) -> None:
    remote.fault(kind="slow", seconds=0.5, count=1)
    started = time.monotonic()
    assert remote.send().status_code == 202
    assert time.monotonic() - started >= 0.5


def test_a_keep_alive_connection_serves_many_calls_around_a_reset(remote: Remote) -> None:
    remote.fault(kind="reset", when="after", probability=0.3)
    with requests.Session() as session:
        for number in range(60):
            body = json.dumps(event(f"SO-{number}"))
            for _ in range(30):
                try:
                    session.post(f"{remote.address}/api/events", data=body, headers=HEADERS, timeout=5)
                    break
                except requests.ConnectionError:
                    continue
    assert sorted(remote.stored()) == sorted(f"SO-{n}" for n in range(60))


def test_a_storm_answers_429_with_retry_after_until_it_passes(sim: Caller, time: StillClock) -> None:
    sim.control("POST", "faults", {"kind": "throttle", "retry_after": 7, "duration_s": 20})
    reply = sim.post("/api/events", event())
    assert (reply.status_code, reply.headers["Retry-After"]) == (429, "7")
    assert "RateLimit-Limit" not in reply.headers
    time.move(20)
    assert sim.post("/api/events", event()).status_code == 202


def test_a_fault_strikes_its_endpoint_only_and_as_often_as_told(sim: Caller) -> None:
    sim.control("POST", "faults", {"kind": "status", "status": 503, "operation": "create_event", "count": 2})
    assert sim.call("GET", "/api/metrics").status_code == 200
    assert [sim.post("/api/events", event()).status_code for _ in range(3)] == [503, 503, 202]
    assert sim.control("GET", "faults") == []
    assert sim.control("GET", "stats")["requests"]["create_event"] == {"503": 2, "202": 1}


def test_an_error_after_accepting_has_stored_the_event(sim: Caller) -> None:
    sim.control("POST", "faults", {"kind": "status", "status": 500, "when": "after", "count": 1})
    assert sim.post("/api/events", event()).status_code == 500
    assert len(sim.ledger()) == 1


def test_a_share_of_calls_is_struck(sim: Caller, time: StillClock) -> None:
    sim.control("POST", "faults", {"kind": "status", "status": 500, "probability": 0.5})
    answers = []
    for number in range(200):
        time.move(0.01)
        answers.append(sim.post("/api/events", event(f"SO-{number}")).status_code)
    assert 50 < answers.count(500) < 150


@pytest.mark.parametrize(
    "plan",
    [
        {"kind": "explode"},
        {"kind": "status", "status": 200},
        {"kind": "hang", "seconds": -1},
        {"kind": "reset", "operation": "nothing"},
        {"kind": "reset", "probability": 0},
        {"kind": "reset", "count": 0},
        {"kind": "reset", "sometimes": True},
    ],
)
def test_an_impossible_plan_is_refused_in_words(sim: Caller, plan: dict[str, Any]) -> None:
    reply = sim.call("POST", "/_sim/faults", plan)
    assert reply.status_code == 400
    assert json.loads(reply.data)["errors"][0]
    assert sim.control("GET", "faults") == []
