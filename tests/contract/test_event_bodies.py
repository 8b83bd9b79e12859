"""Every body we emit, held against Klaviyo's own models and schemas: all of it known there, nothing of it refused."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest
from jsonschema import Draft202012Validator
from openapi_client.models.event_create_query_v2 import EventCreateQueryV2
from openapi_client.models.events_bulk_create_job import EventsBulkCreateJob

from companion.klaviyo import payloads
from mappings.metrics import DEFAULTS
from mappings.model import Event
from tests.conftest import SHARED, missing
from tests.mappings import build, recorded
from tests.mappings.neto import build as neto

LATE: Final = datetime(2100, 1, 1, tzinfo=UTC)
PROPERTIES, STRING, NAME, UNIQUE_ID, DEPTH = 300, 100_000, 128, 255, 10
"""Klaviyo's limits on an event, the stricter where its documents disagree."""


def life() -> build.Json:
    """A record whose events cover every metric."""
    steps = {
        build.ORDER: ("open", "completed", "cancelled"),
        build.PAYMENT: ("open", "paid_partially", "paid", "refunded_partially", "refunded"),
        build.DELIVERY: ("open", "shipped_partially", "shipped"),
    }
    history = [
        build.entry(f"{who[:3]}{number}", who, states[number - 1], states[number], "2026-03-15T08:00:00.000+00:00")
        for who, states in steps.items()
        for number in range(1, len(states))
    ]
    return build.record(build.line(), build.line(2, 5.0, type="custom"), history=history)


def nobody_s() -> build.Json:
    """A record with as little in it as is mapped at all."""
    customer = {"email": "a@b.de"}
    return build.record(
        build.line(payload=None), products=[], orderCustomer=customer, billingAddress=None, deliveries=[], language=None
    )


def by_phone() -> build.Json:
    return build.record(orderCustomer=build.customer(email="", customer=None))


def events() -> Iterator[Event]:
    bodies = [life(), nobody_s(), by_phone()]
    if recorded.SHOPS.exists():
        bodies += [body for version in recorded.VERSIONS for body in recorded.records(version).values()]
    for body in bodies:
        yield from build.events(body)
        yield from build.events(body, backfill_before=LATE)


def neto_events() -> Iterator[Event]:
    """What a Neto shop tells: an order in part and whole, cancelled and given back, and a cart."""
    part = neto.line(0, Quantity="2.5", QuantityShipped="1")
    bodies = [
        neto.record(part, OrderStatus="Pending Dispatch", rmas=[neto.rma("1", "5.00"), neto.rma("2", "1.00")]),
        neto.record(OrderStatus="Dispatched", rmas=[neto.rma("1", "20.00")]),
        neto.record(OrderStatus="Cancelled"),
    ]
    for backfill_before in (None, LATE):
        for body in bodies:
            yield from neto.events(body, backfill_before=backfill_before)
        yield from neto.events(neto.cart(), "cart", backfill_before=backfill_before)


EVENTS: Final = [*events(), *neto_events()]


def single(event: Event) -> Any:
    return json.loads(payloads.single(payloads.profile_bytes(event), payloads.event_bytes(event)))


def bulk(told: list[Event]) -> Any:
    entries = (
        payloads.entry(payloads.profile_bytes(event), payloads.event_bytes(event), event.backfill) for event in told
    )
    return json.loads(payloads.bulk(entries))


def through(model: Any, body: Any) -> Any:
    """The body as the official model understood it; what the model does not know is gone."""
    understood = model.from_dict(body).to_dict()
    text = json.dumps(understood, default=lambda moment: moment.isoformat(timespec="seconds"))
    return _without_defaults(json.loads(text))


def _without_defaults(node: Any) -> Any:
    """The models add null and `backfill: false` where nothing was said; we say neither."""
    if isinstance(node, list):
        return [_without_defaults(one) for one in node]
    if isinstance(node, dict):
        said = {key: value for key, value in node.items() if value is not None and (key, value) != ("backfill", False)}
        return {key: _without_defaults(value) for key, value in said.items()}
    return node


def schema(operation: str, name: str) -> Draft202012Validator:
    """One schema of Klaviyo's published interface, closed: a member it does not name is an error."""
    path: Path = SHARED / "reference" / "klaviyo" / "apis" / f"{operation}.json"
    if not path.exists():
        missing("Klaviyo's published interface")
    components = _closed(json.loads(path.read_bytes())["components"])
    return Draft202012Validator({"$ref": f"#/components/schemas/{name}", "components": components})


def _closed(node: Any) -> Any:
    if isinstance(node, list):
        return [_closed(one) for one in node]
    if not isinstance(node, dict):
        return node
    closed = {key: _closed(value) for key, value in node.items()}
    if node.get("type") == "object" and "properties" in node:
        closed.setdefault("additionalProperties", False)
    return closed


def test_the_events_under_test_are_of_every_metric_as_news_and_as_history() -> None:
    assert {(event.metric, event.backfill) for event in EVENTS} == {
        (metric, backfill) for metric in DEFAULTS for backfill in (True, False)
    }


def test_klaviyo_s_models_understand_every_single_event_whole() -> None:
    for event in EVENTS:
        body = single(event)
        assert through(EventCreateQueryV2, body) == body


def test_klaviyo_s_models_understand_every_bulk_request_whole() -> None:
    body = bulk(EVENTS)
    assert len(body["data"]["attributes"]["events-bulk-create"]["data"]) == len(EVENTS)
    assert through(EventsBulkCreateJob, body) == body


def test_klaviyo_s_schemas_accept_every_single_event() -> None:
    validator = schema("create_event", "EventCreateQueryV2")
    for event in EVENTS:
        validator.validate(single(event))


def test_klaviyo_s_schemas_accept_every_bulk_request() -> None:
    schema("bulk_create_events", "EventsBulkCreateJob").validate(bulk(EVENTS))


def test_the_schemas_do_refuse_what_klaviyo_does_not_know() -> None:
    validator = schema("create_event", "EventCreateQueryV2")
    body = single(EVENTS[0])
    body["data"]["attributes"]["profile"]["data"]["attributes"]["shoe_size"] = 44
    assert not validator.is_valid(body)
    body = single(EVENTS[0])
    body["data"]["attributes"]["value"] = "107,77"
    assert not validator.is_valid(body)


@pytest.mark.parametrize("limit", ["properties", "strings", "names", "unique ids", "depth", "identifiers"])
def test_every_event_stays_within_klaviyo_s_limits(limit: str) -> None:
    for event in EVENTS:
        attributes = single(event)["data"]["attributes"]
        profile = attributes["profile"]["data"]["attributes"]
        kept = {
            "properties": len(attributes["properties"]) <= PROPERTIES,
            "strings": all(len(text.encode()) <= STRING for text in _strings(attributes)),
            "names": len(attributes["metric"]["data"]["attributes"]["name"]) < NAME,
            "unique ids": 0 < len(attributes["unique_id"]) <= UNIQUE_ID,
            "depth": _depth(attributes["properties"]) <= DEPTH,
            "identifiers": bool(profile.keys() & {"email", "external_id", "phone_number"}),
        }
        assert kept[limit]


def test_money_goes_out_with_the_digits_it_has() -> None:
    placed = build.told(build.record(build.line(total=1_234_567.89), amountTotal=1_234_572.88), "Placed Order")[0]
    assert b'"value":1234572.88,' in payloads.event_bytes(placed)
    assert b'"RowTotal":1234567.89,' in payloads.event_bytes(placed)


def test_history_says_nothing_of_a_person_but_who_they_are() -> None:
    for event in EVENTS:
        if event.backfill:
            profile = single(event)["data"]["attributes"]["profile"]["data"]["attributes"]
            assert profile.keys() <= {"email", "external_id"} or profile.keys() == {"phone_number"}


def _strings(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict | list):
        for inner in node.values() if isinstance(node, dict) else node:
            yield from _strings(inner)


def _depth(node: Any) -> int:
    inner = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    return 1 + max(map(_depth, inner), default=0) if isinstance(node, dict | list) else 0
