"""Lists, members, flows that joining starts, forms."""

import json
from typing import Any

import pytest

from tests.simulator.klaviyo.conftest import Caller, StillClock


def new_list(sim: Caller, name: str) -> Any:
    reply = sim.post("/api/lists", {"data": {"type": "list", "attributes": {"name": name}}})
    assert reply.status_code == 201
    return json.loads(reply.data)["data"]


def profile_id(sim: Caller, email: str) -> str:
    body = {"data": {"type": "profile", "attributes": {"email": email}}}
    return str(json.loads(sim.post("/api/profile-import", body).data)["data"]["id"])


def references(*ids: str) -> dict[str, Any]:
    return {"data": [{"type": "profile", "id": one} for one in ids]}


def test_lists_come_ten_a_page(sim: Caller, time: StillClock) -> None:
    for number in range(9):
        time.move(1)
        new_list(sim, f"List {number}")
    assert len(sim.get("/api/lists")["data"]) == 10
    assert len(sim.all("/api/lists")) == 12
    assert sim.call("GET", "/api/lists?page[size]=11").status_code == 400


@pytest.mark.parametrize(
    "where", ['any(name,["Newsletter"])', 'equals(name,["Newsletter"])', 'equals(name,"Newsletter")']
)
def test_a_name_finds_every_list_that_has_it(sim: Caller, where: str) -> None:
    assert len(sim.get("/api/lists", filter=where)["data"]) == 1
    created = new_list(sim, "Newsletter")
    assert created["attributes"]["opt_in_process"] == "double_opt_in"
    assert len(sim.get("/api/lists", filter=where)["data"]) == 2


def test_adding_and_removing_members_changes_no_consent(sim: Caller) -> None:
    list_id = new_list(sim, "Plain")["id"]
    path = f"/api/lists/{list_id}/relationships/profiles"
    ids = [profile_id(sim, f"p{number}@shop-customer.net") for number in range(3)]
    assert sim.post(path, references(*ids)).status_code == 204
    assert sim.post(path, references(*ids)).status_code == 204
    counted = sim.get(f"/api/lists/{list_id}", **{"additional-fields[list]": "profile_count"})["data"]
    assert counted["attributes"]["profile_count"] == 3
    assert sim.call("DELETE", path, references(ids[0])).status_code == 204
    assert [one["id"] for one in sim.get(path)["data"]] == ids[1:]
    assert [one["id"] for one in sim.get(f"/api/profiles/{ids[1]}/relationships/lists")["data"]] == [list_id]
    found = sim.get(f"/api/profiles/{ids[0]}", **{"additional-fields[profile]": "subscriptions"})["data"]["attributes"]
    assert found["subscriptions"]["email"]["marketing"]["suppression"] == []


def test_members_are_walked_in_the_order_they_joined_while_others_join(sim: Caller, time: StillClock) -> None:
    list_id = new_list(sim, "Long")["id"]
    path = f"/api/lists/{list_id}/relationships/profiles"
    for number in range(45):
        time.move(1)
        sim.post(path, references(profile_id(sim, f"p{number}@shop-customer.net")))
    query = {"sort": "joined_group_at", "page[size]": "20", "fields[profile]": "email"}
    first = sim.get(f"/api/lists/{list_id}/profiles", **query)
    time.move(1)
    sim.post(path, references(profile_id(sim, "late@shop-customer.net")))
    sim.call("DELETE", path, references(first["data"][0]["id"]))
    walked = [one["attributes"]["email"] for one in first["data"]]
    page = first
    while page["links"]["next"]:
        page = sim.get(page["links"]["next"])
        walked += [one["attributes"]["email"] for one in page["data"]]
    assert walked == [f"p{number}@shop-customer.net" for number in range(45)] + ["late@shop-customer.net"]
    newest = sim.get(f"/api/lists/{list_id}/profiles", sort="-joined_group_at", **{"page[size]": "1"})["data"]
    assert newest[0]["attributes"]["email"] == "late@shop-customer.net"


def test_members_are_found_by_address_and_by_when_they_joined(sim: Caller, time: StillClock) -> None:
    list_id = new_list(sim, "Found")["id"]
    path = f"/api/lists/{list_id}/relationships/profiles"
    sim.post(path, references(profile_id(sim, "a@shop-customer.net")))
    profile_id(sim, "outside@shop-customer.net")
    time.move(60)
    since = time().isoformat(timespec="seconds")
    sim.post(path, references(profile_id(sim, "b@shop-customer.net")))
    named = 'any(email,["A@shop-customer.net","outside@shop-customer.net"])'
    for where, expected in ((named, "a"), (f"greater-or-equal(joined_group_at,{since})", "b")):
        found = sim.get(f"/api/lists/{list_id}/profiles", filter=where)["data"]
        assert [one["attributes"]["email"] for one in found] == [f"{expected}@shop-customer.net"]


def test_joining_starts_the_lists_flow_but_not_for_a_historical_import(sim: Caller) -> None:
    list_id = new_list(sim, "With flow")["id"]
    flows = [{"name": "Welcome", "list_id": list_id}, {"name": "Off", "status": "draft", "list_id": list_id}]
    welcome, off = sim.control("POST", "seed", {"flows": flows})["flows"]
    triggers = sim.get(f"/api/lists/{list_id}/flow-triggers")["data"]
    assert [(one["id"], one["attributes"]["status"]) for one in triggers] == [(welcome, "live"), (off, "draft")]
    sim.post(f"/api/lists/{list_id}/relationships/profiles", references(profile_id(sim, "a@shop-customer.net")))
    marketing = {"consent": "SUBSCRIBED", "consented_at": "2024-05-01T08:00:00Z"}
    attributes = {"email": "b@shop-customer.net", "subscriptions": {"email": {"marketing": marketing}}}
    data = {
        "type": "profile-subscription-bulk-create-job",
        "attributes": {
            "historical_import": True,
            "profiles": {"data": [{"type": "profile", "attributes": attributes}]},
        },
        "relationships": {"list": {"data": {"type": "list", "id": list_id}}},
    }
    assert sim.post("/api/profile-subscription-bulk-create-jobs", {"data": data}).status_code == 202
    assert {flow["name"]: flow["started"] for flow in sim.control("GET", "flows")}["Welcome"] == 1


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/lists/NOPE00"),
        ("GET", "/api/lists/NOPE00/profiles"),
        ("GET", "/api/lists/NOPE00/flow-triggers"),
        ("GET", "/api/forms/NOPE00/form-versions"),
        ("GET", "/api/metrics/NOPE00/flow-triggers"),
        ("GET", "/api/profile-bulk-import-jobs/NOPE00"),
    ],
)
def test_what_does_not_exist_is_answered_404(sim: Caller, method: str, path: str) -> None:
    assert sim.call(method, path).status_code == 404


def test_a_reference_to_nobody_changes_nothing(sim: Caller) -> None:
    list_id = new_list(sim, "Strict")["id"]
    path = f"/api/lists/{list_id}/relationships/profiles"
    reply = sim.post(path, references(profile_id(sim, "a@shop-customer.net"), "01NOBODY"))
    assert reply.status_code == 404
    assert sim.get(path)["data"] == []


def test_a_form_tells_its_type_by_its_versions_only(sim: Caller, time: StillClock) -> None:
    forms = sim.get("/api/forms", filter='equals(status,"live")')["data"]
    assert forms
    assert all("form_type" not in one["attributes"] for one in forms)
    time.move(1)
    versions = sim.get(f"/api/forms/{forms[0]['id']}/form-versions", filter='equals(status,"live")')["data"]
    assert versions[0]["attributes"]["form_type"] in {"embed", "popup", "flyout", "full_page", "banner"}


def test_two_metrics_of_one_name_are_told_apart_by_their_integration(sim: Caller) -> None:
    sim.control("POST", "seed", {"metrics": [{"name": "Placed Order", "integration": "shopify"}]})
    named = [one for one in sim.get("/api/metrics")["data"] if one["attributes"]["name"] == "Placed Order"]
    assert len({one["id"] for one in named}) == 2
    ours = sim.get("/api/metrics", filter='equals(integration.name,"API")')["data"]
    assert {one["attributes"]["integration"]["key"] for one in ours} == {"api"}
    assert sim.call("GET", "/api/metrics?page[size]=10").status_code == 400
