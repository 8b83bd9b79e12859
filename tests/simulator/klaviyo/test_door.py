"""Keys, scopes, revisions, content types: what is asked of every call before it is looked at."""

import gzip
import json

import pytest

from companion.simulator.klaviyo import DEFAULT_KEY
from tests.simulator.klaviyo.conftest import Caller, event, problems


def test_a_key_that_nobody_has_is_answered_401(sim: Caller) -> None:
    reply = sim.call("GET", "/api/accounts", key="pk_of_nobody")
    assert reply.status_code == 401
    assert json.loads(reply.data)["errors"][0]["code"] == "authentication_failed"


@pytest.mark.parametrize("header", ["", f"Bearer {DEFAULT_KEY}", DEFAULT_KEY])
def test_another_way_of_showing_the_key_is_answered_401(sim: Caller, header: str) -> None:
    reply = sim.call("GET", "/api/accounts", Authorization=header)
    assert reply.status_code == 401
    assert json.loads(reply.data)["errors"][0]["code"] == "not_authenticated"


def test_a_key_without_the_scope_is_answered_403_naming_the_scope(sim: Caller) -> None:
    sim.control("POST", "accounts", {"id": "DEMO42", "key": "pk_reader", "scopes": ["accounts:read"]})
    assert sim.call("GET", "/api/accounts", key="pk_reader").status_code == 200
    reply = sim.call("POST", "/api/events", event(), key="pk_reader")
    assert reply.status_code == 403
    assert "events:write" in problems(reply)[0][1]
    assert sim.ledger() == []


def test_two_accounts_share_nothing(sim: Caller) -> None:
    sim.control("POST", "accounts", {"id": "OTHER9", "key": "pk_other", "name": "Other Shop", "timezone": "Asia/Tokyo"})
    sim.post("/api/events", event())
    found = json.loads(sim.call("GET", "/api/accounts", key="pk_other").data)["data"][0]
    assert (found["id"], found["attributes"]["public_api_key"]) == ("OTHER9", "OTHER9")
    assert found["attributes"]["timezone"] == "Asia/Tokyo"
    assert json.loads(sim.call("GET", "/api/profiles", key="pk_other").data)["data"] == []
    assert len(sim.get("/api/profiles")["data"]) == 1


@pytest.mark.parametrize(
    ("revision", "status"),
    [
        ("2026-07-15", 200),
        ("2024-07-15", 200),
        ("2026-07-15.pre", 200),
        ("2024-02-15", 410),
        ("2026-10-15", 400),
        ("2026-13-01", 400),
        ("latest", 400),
        ("", 400),
    ],
)
def test_the_revision_must_be_a_date_that_is_served(sim: Caller, revision: str, status: int) -> None:
    assert sim.call("GET", "/api/accounts", revision=revision).status_code == status


def test_a_body_must_say_that_it_is_json(sim: Caller) -> None:
    assert sim.call("POST", "/api/events", event(), Content_Type="text/plain").status_code == 415
    assert sim.call("POST", "/api/events", event(), Content_Type="application/json; charset=utf-8").status_code == 202


def test_a_gzipped_body_is_unpacked(sim: Caller) -> None:
    packed = gzip.compress(json.dumps(event()).encode())
    assert sim.call("POST", "/api/events", packed, Content_Encoding="gzip").status_code == 202
    assert len(sim.ledger()) == 1
    assert sim.call("POST", "/api/events", b"not gzip", Content_Encoding="gzip").status_code == 400
    assert sim.call("POST", "/api/events", packed, Content_Encoding="br").status_code == 415


def test_five_megabytes_are_too_many_also_when_they_come_packed(sim: Caller) -> None:
    large = event(properties={f"p{n}": "x" * 90_000 for n in range(60)})
    body = json.dumps(large).encode()
    assert len(body) > 5_000_000
    assert sim.call("POST", "/api/events", body).status_code == 413
    assert sim.call("POST", "/api/events", gzip.compress(body), Content_Encoding="gzip").status_code == 413


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"data":null}', b"\xff\xfe", b"[" * 100_000])
def test_what_is_no_event_at_all_is_answered_400(sim: Caller, body: bytes) -> None:
    reply = sim.call("POST", "/api/events", body)
    assert reply.status_code == 400
    assert problems(reply)


def test_unknown_paths_and_methods_are_answered_in_json(sim: Caller) -> None:
    for method, path, status in (("GET", "/api/nothing", 404), ("DELETE", "/api/events", 405)):
        reply = sim.call(method, path)
        assert reply.status_code == status
        assert reply.content_type == "application/vnd.api+json"
        assert problems(reply)


def test_paths_may_end_with_a_slash(sim: Caller) -> None:
    assert sim.call("POST", "/api/events/", event()).status_code == 202


def test_a_browser_needs_the_public_key_only_and_may_come_from_any_site(sim: Caller) -> None:
    reply = sim.call("POST", "/client/events?company_id=DEMO42", event(), Authorization="")
    assert (reply.status_code, reply.data) == (202, b"")
    assert reply.headers["Access-Control-Allow-Origin"] == "*"
    preflight = sim.call("OPTIONS", "/client/events?company_id=DEMO42")
    assert preflight.status_code == 204
    assert "revision" in preflight.headers["Access-Control-Allow-Headers"]
    assert sim.call("POST", "/client/events?company_id=NOBODY", event()).status_code == 400
