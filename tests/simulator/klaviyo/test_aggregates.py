"""Counts and sums of events over time, as a check of one account against another."""

import json
from typing import Any

from tests.simulator.klaviyo.conftest import Caller, bulk, entry


def aggregate(sim: Caller, **changes: Any) -> Any:
    metric_id = next(m["id"] for m in sim.get("/api/metrics")["data"] if m["attributes"]["name"] == "Placed Order")
    attributes = {
        "metric_id": metric_id,
        "measurements": ["count", "sum_value"],
        "interval": "day",
        "filter": ["greater-or-equal(datetime,2026-07-31T22:00:00Z)", "less-than(datetime,2026-08-02T22:00:00Z)"],
        "timezone": "Europe/Berlin",
        **changes,
    }
    reply = sim.post("/api/metric-aggregates", {"data": {"type": "metric-aggregate", "attributes": attributes}})
    assert reply.status_code == 200, reply.text
    return json.loads(reply.data)["data"]["attributes"]


def test_sums_by_day_are_right_to_the_cent_in_the_zone_asked_for(sim: Caller) -> None:
    cents = [entry(f"A{n}", value=0.1, time="2026-08-01T21:59:59Z") for n in range(10)]
    next_day = entry("B", value=19.99, time="2026-08-01T22:00:00Z")
    sim.post("/api/event-bulk-create-jobs", bulk(*cents, next_day))
    found = aggregate(sim)
    assert found["dates"] == ["2026-08-01T00:00:00+02:00", "2026-08-02T00:00:00+02:00"]
    assert found["data"][0]["measurements"] == {"count": [10.0, 1.0], "sum_value": [1.0, 19.99]}


def test_sums_are_told_by_currency_where_asked(sim: Caller) -> None:
    entries = [entry("A", value=5, value_currency="EUR"), entry("B", value=7, value_currency="CHF")]
    sim.post("/api/event-bulk-create-jobs", bulk(*entries))
    found = aggregate(sim, by=["$value_currency"], interval="month")
    assert {one["dimensions"][0]: one["measurements"]["sum_value"][-1] for one in found["data"]} == {"EUR": 5, "CHF": 7}
