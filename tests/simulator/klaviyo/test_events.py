"""Events: what is refused and where, what is dropped and shown, what is read back."""

import json
import threading
from typing import Any

import pytest

from companion.simulator.klaviyo import Config, create_app
from tests.simulator.klaviyo.conftest import PERSON, Caller, StillClock, bulk, entry, event, problems

ATTRIBUTES = "/data/attributes"
PROFILE = "/data/attributes/profile/data/attributes"
ENTRIES = "/data/attributes/events-bulk-create/data"


def profile(**attributes: Any) -> dict[str, Any]:
    return {"data": {"type": "profile", "attributes": attributes}}


def metric(name: Any) -> dict[str, Any]:
    return {"data": {"type": "metric", "attributes": {"name": name}}}


def nested(levels: int) -> dict[str, Any]:
    """Properties whose holders stand `levels` deep, the table itself being the first."""
    found: dict[str, Any] = {"end": 1}
    for _ in range(levels - 1):
        found = {"deeper": found}
    return found


def test_a_good_event_is_accepted_with_an_empty_body(sim: Caller) -> None:
    reply = sim.post("/api/events", event())
    assert (reply.status_code, reply.data) == (202, b"")
    assert [(one["unique_id"], one["email"], one["value"]) for one in sim.ledger()] == [("SO-1", PERSON, 48.9)]


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "an address that is none": ({"profile": profile(email="not an address")}, f"{PROFILE}/email"),
    "an address without a domain": ({"profile": profile(email="kim@localhost")}, f"{PROFILE}/email"),
    "an address of 101 characters": ({"profile": profile(email=f"{'k' * 90}@domain.net")}, f"{PROFILE}/email"),
    "a phone that is not E.164": ({"profile": profile(phone_number="0151 123")}, f"{PROFILE}/phone_number"),
    "a bad phone beside a good address": (
        {"profile": profile(email=PERSON, phone_number="0151123456")},
        f"{PROFILE}/phone_number",
    ),
    "nobody at all": ({"profile": profile(first_name="Kim")}, PROFILE),
    "an unknown member of the profile": ({"profile": profile(email=PERSON, nickname="K")}, f"{PROFILE}/nickname"),
    "a value in quotes": ({"value": "1.299,00"}, f"{ATTRIBUTES}/value"),
    "a value that is true": ({"value": True}, f"{ATTRIBUTES}/value"),
    "a currency that is a sign": ({"value_currency": "€"}, f"{ATTRIBUTES}/value_currency"),
    "a metric name of 128 characters": ({"metric": metric("m" * 128)}, f"{ATTRIBUTES}/metric/data/attributes/name"),
    "a metric name that is a number": ({"metric": metric(7)}, f"{ATTRIBUTES}/metric/data/attributes/name"),
    "a date without a time": ({"time": "2026-08-02"}, f"{ATTRIBUTES}/time"),
    "a time before 1990": ({"time": "1989-12-31T23:59:59+00:00"}, f"{ATTRIBUTES}/time"),
    "a time in two years": ({"time": "2028-08-02T12:00:00+00:00"}, f"{ATTRIBUTES}/time"),
    "an empty unique_id": ({"unique_id": ""}, f"{ATTRIBUTES}/unique_id"),
    "a unique_id of 256 characters": ({"unique_id": "u" * 256}, f"{ATTRIBUTES}/unique_id"),
    "a unique_id that is a number": ({"unique_id": 10442}, f"{ATTRIBUTES}/unique_id"),
    "a string above 100 KB": ({"properties": {"deep": [{"note": "x" * 100_001}]}}, f"{ATTRIBUTES}/properties"),
    "401 properties": ({"properties": {f"p{n}": n for n in range(401)}}, f"{ATTRIBUTES}/properties"),
    "4,001 items": ({"properties": {"Items": list(range(4_001))}}, f"{ATTRIBUTES}/properties"),
    "eleven levels": ({"properties": nested(11)}, f"{ATTRIBUTES}/properties"),
    "an integer above 64 bits": ({"properties": {"n": 2**70}}, f"{ATTRIBUTES}/properties"),
    "properties that are a list": ({"properties": []}, f"{ATTRIBUTES}/properties"),
    "no properties": ({"properties": None}, f"{ATTRIBUTES}/properties"),
    "an unknown attribute": ({"order_id": "1"}, f"{ATTRIBUTES}/order_id"),
}


@pytest.mark.parametrize(("changes", "pointer"), REFUSED.values(), ids=REFUSED.keys())
def test_a_bad_event_is_refused_with_a_pointer_to_the_fault(sim: Caller, changes: dict[str, Any], pointer: str) -> None:
    reply = sim.post("/api/events", event(**changes))
    assert reply.status_code == 400
    error = json.loads(reply.data)["errors"][0]
    assert (error["source"]["pointer"], error["code"], error["status"]) == (pointer, "invalid", 400)
    assert {"id", "title", "detail", "meta"} <= error.keys()
    assert sim.ledger() == []


ACCEPTED: dict[str, dict[str, Any]] = {
    "a phone and nothing else": {"profile": profile(phone_number="+4915112345678")},
    "an external id and nothing else": {"profile": profile(external_id="c-1")},
    "a cookie id and nothing else": {"profile": profile(_kx="abc")},
    "a metric name of 127 characters": {"metric": metric("m" * 127)},
    "100 KB in one string": {"properties": {"note": "x" * 100_000}},
    "ten levels": {"properties": nested(10)},
    "the largest integer": {"properties": {"n": 2**63 - 1}},
    "no properties worth naming": {"properties": {}},
    "a time without an offset": {"time": "2026-08-02T11:00:00"},
    "a time with milliseconds and Z": {"time": "2026-08-02T11:00:00.123Z"},
    "no value": {"value": None, "value_currency": None},
    "a zero value": {"value": 0},
}


@pytest.mark.parametrize("changes", ACCEPTED.values(), ids=ACCEPTED.keys())
def test_what_lies_within_the_limits_is_accepted(sim: Caller, changes: dict[str, Any]) -> None:
    assert sim.post("/api/events", event(**changes)).status_code == 202
    assert len(sim.ledger()) == 1


def test_one_bad_event_refuses_the_whole_bulk_request_and_is_named(sim: Caller) -> None:
    entries = [entry(f"SO-{n}") for n in range(5)]
    entries[3] = entry("SO-3", email="no address")
    reply = sim.post("/api/event-bulk-create-jobs", bulk(*entries))
    assert reply.status_code == 400
    assert [pointer for pointer, _ in problems(reply)] == [f"{ENTRIES}/3/attributes/profile/data/attributes/email"]
    assert sim.ledger() == []
    del entries[3]
    accepted = sim.post("/api/event-bulk-create-jobs", bulk(*entries))
    assert (accepted.status_code, accepted.data) == (202, b"")
    assert len(sim.ledger()) == 4


def test_every_bad_entry_of_a_bulk_request_is_named(sim: Caller) -> None:
    entries = [entry("SO-0", time="1980-01-01T00:00:00Z"), entry("SO-1"), entry("SO-2", value_currency="Euro")]
    reply = sim.post("/api/event-bulk-create-jobs", bulk(*entries))
    assert [pointer for pointer, _ in problems(reply)] == [
        f"{ENTRIES}/0/attributes/events/data/0/attributes/time",
        f"{ENTRIES}/2/attributes/events/data/0/attributes/value_currency",
    ]


def test_a_misshapen_entry_is_named_by_its_index(sim: Caller) -> None:
    reply = sim.post("/api/event-bulk-create-jobs", bulk(entry("SO-0"), entry("SO-1", value="19,00")))
    assert problems(reply)[0][0] == f"{ENTRIES}/1/attributes/events/data/0/attributes/value"


def test_a_key_repeated_inside_one_request_refuses_it_whole(sim: Caller) -> None:
    reply = sim.post("/api/event-bulk-create-jobs", bulk(entry("A"), entry("B"), entry("A", email=PERSON.upper())))
    assert reply.status_code == 400
    assert problems(reply)[0][0] == f"{ENTRIES}/2/attributes/events/data/0/attributes/unique_id"
    assert sim.ledger() == []


def test_the_same_unique_id_under_another_metric_or_person_is_another_event(sim: Caller) -> None:
    entries = [entry("A"), entry("A", metric=metric("Fulfilled Order")), entry("A", email="other@shop-customer.net")]
    assert sim.post("/api/event-bulk-create-jobs", bulk(*entries)).status_code == 202
    assert len(sim.ledger()) == 3


def test_a_thousand_events_go_into_one_request_and_no_more(sim: Caller) -> None:
    entries = [entry(f"SO-{n}") for n in range(1001)]
    refused = sim.post("/api/event-bulk-create-jobs", bulk(*entries))
    assert (refused.status_code, problems(refused)[0][0]) == (400, ENTRIES)
    assert sim.post("/api/event-bulk-create-jobs", bulk(*entries[:1000])).status_code == 202
    assert sim.post("/api/event-bulk-create-jobs", bulk()).status_code == 400


def test_the_first_event_of_a_key_wins_and_the_second_is_dropped_without_a_word(sim: Caller) -> None:
    assert sim.post("/api/events", event("A", value=10)).status_code == 202
    assert sim.post("/api/event-bulk-create-jobs", bulk(entry("A", value=20))).status_code == 202
    assert [one["value"] for one in sim.ledger()] == [10]
    assert [one["verdict"] for one in sim.ledger(all="")] == ["stored", "duplicate"]
    stats = sim.control("GET", "stats")
    assert (stats["accepted"], stats["duplicates"]) == (1, 1)


def test_client_and_server_share_the_keys(sim: Caller) -> None:
    sim.post("/api/events", event("A"))
    sim.call("POST", "/client/events?company_id=DEMO42", event("A"))
    assert len(sim.ledger()) == 1


def test_without_a_unique_id_one_event_a_second_is_kept(sim: Caller) -> None:
    for time in ("2026-08-02T11:00:00.100Z", "2026-08-02T11:00:00.900Z", "2026-08-02T11:00:01.000Z"):
        assert sim.post("/api/events", event(None, time=time)).status_code == 202
    assert [one["verdict"] for one in sim.ledger(all="")] == ["stored", "duplicate", "stored"]


def test_without_a_time_an_event_happened_when_it_came(sim: Caller, time: StillClock) -> None:
    sim.post("/api/events", event(time=None))
    assert sim.ledger()[0]["time"] == int(time().timestamp())


@pytest.mark.parametrize("address", ["kim@example.com", "kim@test.com"])
def test_a_test_address_is_accepted_kept_and_hidden_as_klaviyo_would_drop_it(sim: Caller, address: str) -> None:
    assert sim.post("/api/events", event(email=address)).status_code == 202
    assert [one["verdict"] for one in sim.ledger()] == ["test_address"]
    assert sim.get("/api/events")["data"] == []


def test_two_threads_that_send_one_key_leave_one_event(config: Config) -> None:
    app = create_app(config)
    gate = threading.Barrier(8)

    def send() -> None:
        caller = Caller(app)
        gate.wait()
        for number in range(20):
            caller.post("/api/events", event(f"SO-{number}"))

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sim = Caller(app)
    assert sorted(one["unique_id"] for one in sim.ledger()) == sorted(f"SO-{n}" for n in range(20))
    assert len(sim.ledger(all="")) == 160
    assert len(sim.get("/api/profiles")["data"]) == 1


def test_a_live_event_starts_the_metrics_flow_and_a_backfilled_or_repeated_one_does_not(sim: Caller) -> None:
    sim.post("/api/events", event("A"))
    sim.post("/api/events", event("A"))
    sim.post("/api/events", event("B", backfill=True))
    whole = entry("C")
    whole["attributes"]["backfill"] = True
    sim.post("/api/event-bulk-create-jobs", bulk(whole))
    started = {flow["name"]: flow["started"] for flow in sim.control("GET", "flows")}
    assert started["Thank you for your order"] == 1
    assert [one["backfill"] for one in sim.ledger()] == [False, True, True]


def test_an_event_changes_the_profile_it_is_about(sim: Caller) -> None:
    sim.post("/api/events", event("A", profile=profile(email=PERSON, external_id="c-1", first_name="Kim")))
    sim.post("/api/events", event("B", profile=profile(external_id="c-1", last_name="Berg")))
    found = sim.get("/api/profiles")["data"]
    assert len(found) == 1
    assert [found[0]["attributes"][name] for name in ("email", "first_name", "last_name")] == [PERSON, "Kim", "Berg"]


def test_events_are_read_back_with_our_id_and_value(sim: Caller) -> None:
    sim.post("/api/events", event("A"))
    metric_id = next(m["id"] for m in sim.get("/api/metrics")["data"] if m["attributes"]["name"] == "Placed Order")
    where = f'equals(metric_id,"{metric_id}"),greater-or-equal(datetime,2026-08-02T11:59:58+00:00)'
    found = sim.get("/api/events", filter=where, sort="-datetime")["data"]
    properties = found[0]["attributes"]["event_properties"]
    assert (properties["$event_id"], properties["$value"], properties["OrderId"]) == ("A", 48.9, "1")
    assert found[0]["relationships"]["metric"]["data"]["id"] == metric_id
    later = f'equals(metric_id,"{metric_id}"),greater-than(datetime,2026-08-02T11:59:58+00:00)'
    assert sim.get("/api/events", filter=later)["data"] == []


def test_pages_of_events_follow_their_own_time_and_hold_200(sim: Caller) -> None:
    times = [f"2026-08-02T{n // 60 % 12:02}:{n % 60:02}:00Z" for n in range(450)]
    shuffled = times[200:] + times[:200]
    entries = [entry(f"SO-{n}", time=time) for n, time in enumerate(shuffled)]
    sim.post("/api/event-bulk-create-jobs", bulk(*entries))
    assert len(sim.get("/api/events")["data"]) == 200
    up = [one["attributes"]["timestamp"] for one in sim.all("/api/events", sort="datetime")]
    down = [one["attributes"]["timestamp"] for one in sim.all("/api/events", sort="-datetime")]
    assert len(up) == 450
    assert up == sorted(up) == down[::-1]


@pytest.mark.parametrize(
    "where",
    [
        'equals(unique_id,"A")',
        'equals(email,"kim@shop-customer.net")',
        'greater-or-equal(datetime,"2026-08-02T00:00:00Z")',
        'equals(metric_id,"nothing")',
        "greater-or-equal(datetime,yesterday)",
        "equals(metric_id",
        'any(metric_id,"A")',
    ],
)
def test_a_filter_klaviyo_does_not_know_is_answered_400(sim: Caller, where: str) -> None:
    reply = sim.call("GET", "/api/events?filter=" + where.replace("+", "%2B"))
    assert (reply.status_code, problems(reply)[0][0]) == (400, "filter")


def test_a_lean_simulator_forgets_payloads_and_keeps_the_keys(time: StillClock) -> None:
    sim = Caller(create_app(Config(keep="ledger", now=time)))
    for person in (profile(email=PERSON, first_name="Kim"), profile(email=PERSON, external_id="c-1")):
        sim.post("/api/events", event("A", profile=person))
    sim.post("/api/events", event("A", profile=profile(external_id="c-1")))
    assert [one["verdict"] for one in sim.ledger(all="")] == ["stored", "duplicate", "duplicate"]
    assert sim.control("GET", "events")[0]["event"] is None
    assert sim.get("/api/profiles")["data"][0]["attributes"]["first_name"] is None
