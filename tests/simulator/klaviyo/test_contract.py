"""Klaviyo's own description and Klaviyo's own client, held against the simulator's answers."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from companion.simulator.klaviyo import DEFAULT_KEY, Config, create_app
from companion.simulator.klaviyo.operations import OPERATIONS, Operation
from tests.conftest import missing
from tests.simulator.klaviyo.conftest import PERSON, Caller, bulk, entry, event
from tests.simulator.klaviyo.serving import by_werkzeug

APIS = Path(__file__).parents[4] / "shared" / "reference" / "klaviyo" / "apis"
NOT_IN_OUR_COPY = {"get_profile", "update_profile"}


def description(operation: Operation) -> dict[str, Any]:
    """The official description of one endpoint."""
    path = APIS / f"{operation.name}.json"
    if not path.exists():
        missing(f"the description of {operation.name}")
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def operation_in(document: dict[str, Any], operation: Operation) -> dict[str, Any]:
    (verbs,) = document["paths"].values()
    found: dict[str, Any] = verbs[operation.method.lower()]
    return found


def as_json_schema(document: Any) -> Any:
    """OpenAPI 3.0 says `nullable` where JSON Schema says a type or null."""
    if isinstance(document, list):
        return [as_json_schema(one) for one in document]
    if not isinstance(document, dict):
        return document
    found = {name: as_json_schema(value) for name, value in document.items()}
    if not document.get("nullable"):
        return found
    return {"anyOf": [{"type": "null"}, {**found, "nullable": False}]}


DESCRIBED = [operation for operation in OPERATIONS if operation.name not in NOT_IN_OUR_COPY]


@pytest.mark.parametrize("operation", DESCRIBED, ids=lambda operation: operation.name)
def test_windows_and_scopes_are_those_of_the_description(operation: Operation) -> None:
    described = operation_in(description(operation), operation)
    limits = described["x-klaviyo-ratelimit"]
    assert limits["burst"] == f"{operation.limits.burst}/s"
    assert limits["steady"] == f"{operation.limits.steady}/m"
    assert limits.get("daily") == (f"{operation.limits.daily}/d" if operation.limits.daily else None)
    if not operation.is_client:
        assert set(described["x-klaviyo-scopes"]) == operation.scopes


@pytest.fixture
def full(sim: Caller) -> Caller:
    """An account with something of everything in it."""
    sim.post("/api/events", event("A"))
    sim.post("/api/event-bulk-create-jobs", bulk(entry("B", email="lee@shop-customer.net", backfill=True)))
    list_id = sim.get("/api/lists")["data"][0]["id"]
    people = [
        {"email": PERSON, "consent": "SUBSCRIBED", "lists": [list_id], "suppressions": [{"reason": "HARD_BOUNCE"}]},
        {"email": "lee@shop-customer.net", "suppressions": [{"reason": "UNSUBSCRIBE", "list_id": list_id}]},
    ]
    sim.control("POST", "seed", {"profiles": people, "flows": [{"name": "Welcome", "list_id": list_id}]})
    return sim


def first_id(sim: Caller, path: str) -> str:
    return str(sim.get(path)["data"][0]["id"])


def reads(sim: Caller) -> dict[str, str]:
    """A path for every endpoint that only reads."""
    profile = {"type": "profile", "attributes": {"email": "nobody"}}
    attributes = {"profiles": {"data": [profile]}}
    job = sim.post(
        "/api/profile-bulk-import-jobs", {"data": {"type": "profile-bulk-import-job", "attributes": attributes}}
    )
    suppressed = {"profiles": {"data": [{"type": "profile", "attributes": {"email": PERSON}}]}}
    suppressions = {
        verb: sim.post(
            f"/api/profile-suppression-bulk-{verb}-jobs",
            {"data": {"type": f"profile-suppression-bulk-{verb}-job", "attributes": suppressed}},
        )
        for verb in ("create", "delete")
    }
    ids = {
        "metric_id": first_id(sim, "/api/metrics"),
        "profile_id": first_id(sim, "/api/profiles"),
        "list_id": first_id(sim, "/api/lists"),
        "form_id": first_id(sim, "/api/forms"),
    }
    jobs = {"bulk_import": job, "bulk_suppress": suppressions["create"], "bulk_unsuppress": suppressions["delete"]}
    found = {}
    for operation in DESCRIBED:
        if operation.method == "GET":
            path = operation.path
            for name, value in ids.items():
                path = path.replace(f"<{name}>", value)
            for word, reply in jobs.items():
                if word in operation.name:
                    path = path.replace("<job_id>", json.loads(reply.data)["data"]["id"])
            found[operation.name] = path
    return found


def test_every_answer_to_a_read_is_as_described(full: Caller) -> None:
    checked = 0
    for operation in DESCRIBED:
        path = reads(full).get(operation.name) if operation.method == "GET" else None
        if path is None:
            continue
        full.app.extensions["klaviyo-simulator"].windows.forget()
        document = full.get(path, **{"additional-fields[profile]": "subscriptions"})
        document["links"] = {name: link for name, link in document["links"].items() if link}  # null where there is none
        described = description(operation)
        schema = operation_in(described, operation)["responses"]["200"]["content"]["application/vnd.api+json"]["schema"]
        jsonschema.validate(document, as_json_schema({**schema, "components": described["components"]}))
        assert document["data"], operation.name
        checked += 1
    assert checked > 12


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with by_werkzeug(create_app(Config(unlimited=True))) as found:
        yield found


@pytest.fixture
def official(address: str) -> Any:
    """The client that Klaviyo publishes, pointed at the simulator."""
    package = pytest.importorskip("klaviyo_api")
    return package.KlaviyoAPI(DEFAULT_KEY, max_delay=1, max_retries=1, test_host=address)


CALLS: dict[str, Callable[[Any], Any]] = {
    "accounts": lambda api: api.Accounts.get_accounts(),
    "metrics": lambda api: api.Metrics.get_metrics(),
    "lists": lambda api: api.Lists.get_lists(filter='any(name,["Newsletter"])'),
    "events": lambda api: api.Events.get_events(sort="-datetime"),
    "profiles": lambda api: api.Profiles.get_profiles(additional_fields_profile=["subscriptions"], page_size=100),
    "forms": lambda api: api.Forms.get_forms(),
}


@pytest.mark.parametrize("name", CALLS)
def test_the_official_client_reads_our_answers(official: Any, name: str) -> None:
    official.Events.create_event(event("A"))
    answer = CALLS[name](official)
    found = answer if isinstance(answer, dict) else answer.to_dict()
    assert found["data"]


def test_the_official_client_sends_events_in_bulk(official: Any, address: str) -> None:
    official.Events.bulk_create_events(bulk(entry("X"), entry("Y")))
    found = official.Events.get_events()
    data = (found if isinstance(found, dict) else found.to_dict())["data"]
    assert {"X", "Y"} <= {one["attributes"]["event_properties"]["$event_id"] for one in data}
