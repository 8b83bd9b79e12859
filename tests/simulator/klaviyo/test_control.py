"""The control API: what arrived in full, what may be arranged beforehand, and beginning anew."""

import json
from time import monotonic

import pytest

from companion.simulator.klaviyo import Config, create_app
from tests.simulator.klaviyo.conftest import PERSON, Caller, StillClock, bulk, entry, event


def test_events_are_told_with_their_payload_and_found_by_their_facts(sim: Caller) -> None:
    sim.post("/api/events", event("A", properties={"OrderId": "7"}))
    sim.post("/api/events", event("B", email="lee@shop-customer.net"))
    found = sim.control("GET", f"events?metric=Placed+Order&email={PERSON}")
    assert [one["unique_id"] for one in found] == ["A"]
    assert found[0]["event"]["properties"] == {"OrderId": "7"}
    assert found[0]["event"]["profile"]["data"]["attributes"] == {"email": PERSON}
    assert [one["unique_id"] for one in sim.control("GET", "events?since=0")] == ["B"]


def test_the_ledger_tells_every_event_once_in_the_order_of_arrival(sim: Caller) -> None:
    sim.post("/api/event-bulk-create-jobs", bulk(*[entry(f"SO-{n}", value=n / 100) for n in range(300)]))
    sim.post("/api/event-bulk-create-jobs", bulk(*[entry(f"SO-{n}") for n in range(250, 350)]))
    found = sim.ledger()
    assert [one["unique_id"] for one in found] == [f"SO-{n}" for n in range(350)]
    assert {"metric", "unique_id", "email", "value", "currency", "time", "backfill", "order"} <= found[0].keys()
    assert found[7]["value"] == 0.07


def test_stats_tell_how_late_live_events_came(sim: Caller, time: StillClock) -> None:
    sim.post("/api/events", event("A"))
    sim.post("/api/events", event("B", backfill=True, time="2020-01-01T00:00:00Z"))
    assert sim.control("GET", "stats")["arrival_last_minute"] == {"count": 1, "p50_s": 2.0, "p95_s": 2.0, "p99_s": 2.0}
    time.move(61)
    assert sim.control("GET", "stats")["arrival_last_minute"]["count"] == 0


def test_stats_count_what_was_throttled(sim: Caller) -> None:
    for _ in range(3):
        sim.call("GET", "/api/accounts")
    stats = sim.control("GET", "stats")
    assert stats["throttled"] == 2
    assert stats["requests"]["get_accounts"] == {"200": 1, "429": 2}


def test_people_can_be_seeded_with_a_past(sim: Caller) -> None:
    list_id = sim.get("/api/lists")["data"][0]["id"]
    people = [{"email": PERSON, "lists": [list_id], "suppressions": [{"reason": "HARD_BOUNCE", "at": 1_700_000_000}]}]
    made = sim.control("POST", "seed", {"profiles": people, "lists": [{"name": "Seeded"}], "forms": [{"name": "F"}]})
    assert [len(made[kind]) for kind in ("profiles", "lists", "forms")] == [1, 1, 1]
    where = "less-than(subscriptions.email.marketing.suppression.timestamp,2024-01-01T00:00:00Z)"
    found = sim.get("/api/profiles", filter=where, **{"additional-fields[profile]": "subscriptions"})["data"]
    assert found[0]["id"] == made["profiles"][0]
    assert found[0]["attributes"]["subscriptions"]["email"]["marketing"]["suppression"] == [
        {"reason": "HARD_BOUNCE", "timestamp": "2023-11-14T22:13:20+00:00"}
    ]


def test_an_act_that_nobody_knows_is_refused(sim: Caller) -> None:
    sim.post("/api/events", event())
    assert sim.call("POST", f"/_sim/profiles/{PERSON}/dance").status_code == 400
    assert sim.call("POST", "/_sim/profiles/nobody/unsubscribe").status_code == 404
    assert sim.call("POST", f"/_sim/profiles/{PERSON}/unsubscribe?list=NOPE00").status_code == 404


def test_the_clock_can_be_moved_on(sim: Caller) -> None:
    assert sim.call("GET", "/api/accounts").status_code == 200
    assert sim.call("GET", "/api/accounts").status_code == 429
    sim.control("POST", "clock", {"advance_s": 1})
    assert sim.call("GET", "/api/accounts").status_code == 200


def test_a_reset_forgets_everything(sim: Caller) -> None:
    sim.control("POST", "accounts", {"id": "OTHER9", "key": "pk_other"})
    sim.control("POST", "faults", {"kind": "slow", "seconds": 0.01})
    sim.post("/api/events", event())
    sim.control("POST", "reset")
    assert (sim.ledger(), sim.control("GET", "faults"), sim.get("/api/profiles")["data"]) == ([], [], [])
    assert [account["id"] for account in sim.control("GET", "accounts")] == ["DEMO42"]
    assert sim.call("GET", "/api/accounts", key="pk_other").status_code == 401


def test_a_page_of_another_site_cannot_operate_the_switches(sim: Caller) -> None:
    for path in ("/_sim/reset", "/faults", "/forget"):
        assert sim.call("POST", path, Sec_Fetch_Site="cross-site").status_code == 403
    assert sim.call("POST", "/api/events", event(), Sec_Fetch_Site="cross-site").status_code == 202


def test_a_misshapen_order_is_refused_in_words(sim: Caller) -> None:
    for path, body in (("seed", {"people": []}), ("accounts", {"id": "X"}), ("clock", {"advance_s": "soon"})):
        reply = sim.call("POST", f"/_sim/{path}", body)
        assert reply.status_code == 400
        assert json.loads(reply.data)["errors"]


def test_realistic_answers_take_their_time() -> None:
    sim = Caller(create_app(Config(latency="realistic")))
    started = monotonic()
    for number in range(5):
        sim.post("/api/events", event(f"SO-{number}"))
    assert monotonic() - started > 0.1


def test_settings_come_from_the_environment() -> None:
    environ = {"KLAVIYO_SIM_LATENCY": "realistic", "KLAVIYO_SIM_UNLIMITED": "1", "KLAVIYO_SIM_KEEP": "ledger"}
    config = Config.from_environ({**environ, "KLAVIYO_SIM_LAG_S": "2.5", "PATH": "/bin"})
    assert (config.latency, config.unlimited, config.keep, config.lag_s) == ("realistic", True, "ledger", 2.5)
    assert Config.from_environ({}) == Config()


@pytest.mark.parametrize(
    "environ", [{"KLAVIYO_SIM_KEEP": "some"}, {"KLAVIYO_SIM_LAG_S": "soon"}, {"KLAVIYO_SIM_UNLIMITED": "perhaps"}]
)
def test_a_wrong_setting_is_named(environ: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=next(iter(environ))):
        Config.from_environ(environ)
