"""Profiles: upsert, import jobs with errors of their own, paging, erasure."""

import json
from typing import Any

import pytest
from werkzeug.test import TestResponse

from companion.simulator.klaviyo import Config, create_app
from tests.simulator.klaviyo.conftest import PERSON, Caller, StillClock, event, problems


def upsert(sim: Caller, profile_id: str | None = None, meta: Any = None, **attributes: Any) -> TestResponse:
    data: dict[str, Any] = {"type": "profile", "attributes": attributes}
    data |= {"id": profile_id} if profile_id else {}
    data |= {"meta": meta} if meta else {}
    return sim.post("/api/profile-import", {"data": data})


def import_job(*profiles: dict[str, Any], list_id: str | None = None) -> dict[str, Any]:
    data: dict[str, Any] = {
        "type": "profile-bulk-import-job",
        "attributes": {"profiles": {"data": [{"type": "profile", "attributes": one} for one in profiles]}},
    }
    if list_id:
        data["relationships"] = {"lists": {"data": [{"type": "list", "id": list_id}]}}
    return {"data": data}


def test_an_upsert_answers_201_then_200_and_returns_the_profile(sim: Caller) -> None:
    first = upsert(sim, email=PERSON, first_name="Kim", properties={"tier": "gold"})
    second = upsert(sim, email=PERSON.upper(), last_name="Berg")
    assert (first.status_code, second.status_code) == (201, 200)
    found = json.loads(second.data)["data"]
    assert found["id"] == json.loads(first.data)["data"]["id"]
    assert [found["attributes"][name] for name in ("first_name", "last_name")] == ["Kim", "Berg"]
    assert found["attributes"]["properties"] == {"tier": "gold"}


def test_null_clears_a_field_and_absence_leaves_it(sim: Caller) -> None:
    upsert(sim, email=PERSON, first_name="Kim", last_name="Berg")
    found = json.loads(upsert(sim, email=PERSON, first_name=None).data)["data"]["attributes"]
    assert (found["first_name"], found["last_name"]) == (None, "Berg")


def test_properties_can_be_appended_taken_out_and_unset(sim: Caller) -> None:
    upsert(sim, email=PERSON, properties={"skus": ["A"], "old": 1})
    patch = {"patch_properties": {"append": {"skus": "B"}, "unset": "old"}}
    assert json.loads(upsert(sim, email=PERSON, meta=patch).data)["data"]["attributes"]["properties"] == {
        "skus": ["A", "B"]
    }
    patch = {"patch_properties": {"unappend": {"skus": "A"}}}
    assert json.loads(upsert(sim, email=PERSON, meta=patch).data)["data"]["attributes"]["properties"] == {"skus": ["B"]}


def test_an_identifier_of_someone_else_is_a_conflict_that_names_them(sim: Caller) -> None:
    owner = json.loads(upsert(sim, email=PERSON).data)["data"]["id"]
    other = json.loads(upsert(sim, email="lee@shop-customer.net").data)["data"]["id"]
    body = {"data": {"type": "profile", "id": other, "attributes": {"email": PERSON}}}
    reply = sim.call("PATCH", f"/api/profiles/{other}", body)
    assert reply.status_code == 409
    assert json.loads(reply.data)["errors"][0]["meta"]["duplicate_profile_id"] == owner


def test_a_profile_is_changed_and_read_by_its_id(sim: Caller) -> None:
    profile_id = json.loads(upsert(sim, email=PERSON).data)["data"]["id"]
    body = {"data": {"type": "profile", "id": profile_id, "attributes": {"title": "Dr."}}}
    assert sim.call("PATCH", f"/api/profiles/{profile_id}", body).status_code == 200
    assert sim.get(f"/api/profiles/{profile_id}")["data"]["attributes"]["title"] == "Dr."
    assert sim.call("GET", "/api/profiles/01NOBODY").status_code == 404


@pytest.mark.parametrize(
    ("attributes", "pointer"),
    [
        ({"email": "nobody"}, "/data/attributes/email"),
        ({"email": PERSON, "phone_number": "123"}, "/data/attributes/phone_number"),
        ({"first_name": "Kim"}, "/data/attributes"),
        ({"email": PERSON, "consent": "SUBSCRIBED"}, "/data/attributes/consent"),
    ],
)
def test_a_bad_profile_is_refused(sim: Caller, attributes: dict[str, Any], pointer: str) -> None:
    reply = upsert(sim, **attributes)
    assert (reply.status_code, problems(reply)[0][0]) == (400, pointer)
    assert sim.get("/api/profiles")["data"] == []


def test_a_profile_above_100_kb_is_too_large(sim: Caller) -> None:
    assert upsert(sim, email=PERSON, properties={"note": "x" * 100_000}).status_code == 413


def test_an_import_keeps_the_good_and_lists_the_bad(sim: Caller) -> None:
    list_id = sim.get("/api/lists")["data"][0]["id"]
    profiles: list[dict[str, Any]] = [
        {"email": PERSON},
        {"email": "nobody"},
        {"email": "lee@shop-customer.net", "first_name": None},
    ]
    job = json.loads(sim.post("/api/profile-bulk-import-jobs", import_job(*profiles, list_id=list_id)).data)["data"]
    done = sim.get(f"/api/profile-bulk-import-jobs/{job['id']}")["data"]["attributes"]
    assert [done[name] for name in ("status", "total_count", "completed_count", "failed_count")] == [
        "complete",
        3,
        2,
        1,
    ]
    errors = sim.get(f"/api/profile-bulk-import-jobs/{job['id']}/import-errors")["data"]
    assert errors[0]["attributes"]["source"]["pointer"] == "/data/attributes/profiles/data/1/attributes/email"
    assert errors[0]["attributes"]["original_payload"]["attributes"] == {"email": "nobody"}
    assert len(sim.get(f"/api/lists/{list_id}/profiles")["data"]) == 2


def test_an_import_cannot_clear_a_field(sim: Caller) -> None:
    upsert(sim, email=PERSON, first_name="Kim")
    sim.post("/api/profile-bulk-import-jobs", import_job({"email": PERSON, "first_name": None}))
    assert sim.get("/api/profiles")["data"][0]["attributes"]["first_name"] == "Kim"


def test_an_import_gives_no_consent(sim: Caller) -> None:
    list_id = sim.get("/api/lists")["data"][0]["id"]
    sim.post("/api/profile-bulk-import-jobs", import_job({"email": PERSON}, list_id=list_id))
    found = sim.get("/api/profiles", **{"additional-fields[profile]": "subscriptions"})["data"][0]["attributes"]
    assert found["subscriptions"]["email"]["marketing"]["consent"] == "NEVER_SUBSCRIBED"


def test_an_import_is_refused_above_10_000_profiles(sim: Caller) -> None:
    many = [{"email": f"p{n}@shop-customer.net"} for n in range(10_001)]
    assert sim.post("/api/profile-bulk-import-jobs", import_job(*many)).status_code == 400


def test_a_job_with_a_lag_is_queued_then_processing_then_complete(time: StillClock) -> None:
    sim = Caller(create_app(Config(now=time, lag_s=10)))
    job = json.loads(sim.post("/api/profile-bulk-import-jobs", import_job({"email": PERSON})).data)["data"]
    seen = []
    for _ in range(3):
        found = sim.get(f"/api/profile-bulk-import-jobs/{job['id']}")["data"]["attributes"]
        seen.append((found["status"], found["completed_count"], len(sim.get("/api/profiles")["data"])))
        time.move(5)
    assert seen == [("queued", 0, 0), ("processing", 0, 0), ("complete", 1, 1)]


def test_profiles_are_found_by_any_of_a_hundred_addresses(sim: Caller, time: StillClock) -> None:
    for number in range(150):
        time.move(0.1)
        upsert(sim, email=f"p{number}+x@shop-customer.net")
    wanted = json.dumps([f"p{number}+x@shop-customer.net" for number in range(50, 150)])
    found = sim.get("/api/profiles", filter=f"any(email,{wanted})", **{"page[size]": "100", "fields[profile]": "email"})
    assert len(found["data"]) == 100
    assert found["data"][0]["attributes"] == {"email": "p50+x@shop-customer.net"}
    assert sim.get("/api/profiles", filter='equals(email,"P7+X@shop-customer.net")')["data"]


def test_every_profile_stands_on_exactly_one_page(sim: Caller, time: StillClock) -> None:
    for number in range(55):
        upsert(sim, email=f"p{number}@shop-customer.net")
    for sort in ("created", "-created", "email", "-updated", "id"):
        found = sim.all("/api/profiles", sort=sort, **{"page[size]": "20"})
        assert len({one["id"] for one in found}) == len(found) == 55
    assert sim.call("GET", "/api/profiles?page[size]=101").status_code == 400
    assert sim.call("GET", "/api/profiles?sort=first_name").status_code == 400
    assert sim.call("GET", "/api/profiles?page[cursor]=garbage").status_code == 400


def test_a_deleted_person_is_gone_with_name_and_payload(sim: Caller) -> None:
    sim.post("/api/events", event())
    profile = {"data": {"type": "profile", "attributes": {"email": PERSON}}}
    body = {"data": {"type": "data-privacy-deletion-job", "attributes": {"profile": profile}}}
    reply = sim.post("/api/data-privacy-deletion-jobs", body)
    assert (reply.status_code, reply.data) == (202, b"")
    assert sim.get("/api/profiles")["data"] == []
    assert sim.get("/api/events")["data"] == []
    assert [(one["email"], one["verdict"]) for one in sim.ledger()] == [("", "erased")]


def test_a_deletion_takes_exactly_one_identifier(sim: Caller) -> None:
    profile = {"data": {"type": "profile", "attributes": {"email": PERSON, "phone_number": "+4915112345678"}}}
    body = {"data": {"type": "data-privacy-deletion-job", "attributes": {"profile": profile}}}
    assert sim.post("/api/data-privacy-deletion-jobs", body).status_code == 400
