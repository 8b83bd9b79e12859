"""Metrics, sums of their events over time, and the account itself.

Source: https://developers.klaviyo.com/en/reference/query_metric_aggregates.
"""

from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from companion.simulator.klaviyo import filters, paging, resources
from companion.simulator.klaviyo.api.answers import collection, single
from companion.simulator.klaviyo.clock import moment
from companion.simulator.klaviyo.door import Call, Reply, View
from companion.simulator.klaviyo.errors import bad_parameter, invalid, not_found
from companion.simulator.klaviyo.filters import ORDERS, Condition
from companion.simulator.klaviyo.ids import long_id
from companion.simulator.klaviyo.ledger import Arrival
from companion.simulator.klaviyo.shapes.events import Aggregate, AggregateAttributes

PAGE: Final = 200
LONGEST: Final = timedelta(days=366)
EQUALS: Final = frozenset({"equals"})
BY: Final = "$value_currency"


def read(call: Call) -> Reply:
    """GET /api/metrics"""
    if "page[size]" in call.query:
        raise bad_parameter("page_size", "'page_size' is not a valid field for the resource 'metric'.")
    grammar = {"integration.name": EQUALS, "integration.category": EQUALS}
    conditions = filters.parse(call.query.get("filter"), grammar)
    found = [resources.metric(metric) for metric in call.account.ledger.metrics.values()]
    kept = [document for document in found if all(_holds(condition, document) for condition in conditions)]
    page = paging.slice_of(kept, call.query, PAGE)
    return collection(call, paging.sparse(page.items, call.query, "metric"), page.cursor)


def _holds(condition: Condition, document: dict[str, Any]) -> bool:
    member = condition.field.removeprefix("integration.")
    return condition.holds(document["attributes"]["integration"][member])


def flows(call: Call) -> Reply:
    """GET /api/metrics/{id}/flow-triggers"""
    metric = call.account.ledger.metric_by_id(call.args["metric_id"])
    if metric is None:
        raise not_found("metric", call.args["metric_id"])
    found = call.account.audience.flows_of("Metric", metric.id)
    return collection(call, [resources.flow(flow) for flow in found], None)


def account(call: Call) -> Reply:
    """GET /api/accounts: exactly one, the key's own."""
    return collection(call, [resources.account(call.account)], None)


def aggregate(call: Call) -> Reply:
    """POST /api/metric-aggregates: counts and sums by interval, at most a year."""
    asked = call.decode(Aggregate).data.attributes
    metric = call.account.ledger.metric_by_id(asked.metric_id)
    if metric is None:
        raise invalid(f"Metric IDs ['{asked.metric_id}'] do not exist.", "/data/attributes/metric_id")
    if set(asked.by or ()) - {BY}:
        raise invalid(f"The simulator groups by {BY} only.", "/data/attributes/by")
    since, until = _period(asked.filter)
    starts = _starts(asked, since, until)
    rows = call.account.ledger.timeline(metric.name).between(since.timestamp(), until.timestamp())
    found = [arrival for _, order in rows if (arrival := call.account.ledger.visible(order))]
    data = _table(asked, found, starts)
    attributes = {"dates": [start.isoformat() for start in starts], "data": data}
    identity = long_id(call.account.id, "aggregate", repr(asked))
    return single(
        call, {"type": "metric-aggregate", "id": identity, "attributes": attributes, "links": {"self": call.url}}
    )


def _period(clauses: list[str]) -> tuple[datetime, datetime]:
    conditions = filters.parse(",".join(clauses), {"datetime": ORDERS})
    since = [one.value for one in conditions if one.op == "greater-or-equal"]
    until = [one.value for one in conditions if one.op == "less-than"]
    if len(since) != 1 or len(until) != 1 or since[0] >= until[0]:
        raise invalid("A datetime range needs greater-or-equal and less-than.", "/data/attributes/filter")
    if moment(until[0]) - moment(since[0]) > LONGEST:
        raise invalid("The datetime range must not exceed one year.", "/data/attributes/filter")
    return moment(since[0]), moment(until[0])


def _starts(asked: AggregateAttributes, since: datetime, until: datetime) -> list[datetime]:
    """Where each interval begins, in the zone asked for."""
    try:
        zone = ZoneInfo(asked.timezone or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        raise invalid(f"'{asked.timezone}' is not a timezone.", "/data/attributes/timezone") from None
    floor, step = INTERVALS[asked.interval or "day"]
    start = floor(since.astimezone(zone))
    starts = []
    while start < until:
        starts.append(start)
        start = step(start)
    return starts


def _table(asked: AggregateAttributes, found: list[Arrival], starts: list[datetime]) -> list[dict[str, Any]]:
    groups: dict[str, list[Arrival]] = defaultdict(list)
    for arrival in found:
        groups[(arrival.currency or "") if asked.by else ""].append(arrival)
    edges = [start.timestamp() for start in starts]
    return [
        {
            "dimensions": [group] if asked.by else [],
            "measurements": {
                name: [MEASURES[name](part) for part in _split(members, edges)] for name in asked.measurements
            },
        }
        for group, members in sorted(groups.items() or {"": []}.items())
    ]


def _split(arrivals: list[Arrival], edges: list[float]) -> list[list[Arrival]]:
    parts: list[list[Arrival]] = [[] for _ in edges]
    place = 0
    for arrival in arrivals:  # in the order of time
        while place + 1 < len(edges) and arrival.time >= edges[place + 1]:
            place += 1
        parts[place].append(arrival)
    return parts


def _hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)


def _day(at: datetime) -> datetime:
    return _hour(at).replace(hour=0)


def _week(at: datetime) -> datetime:
    return _day(at) - timedelta(days=at.weekday())


def _month(at: datetime) -> datetime:
    return _day(at).replace(day=1)


def _next_hour(at: datetime) -> datetime:
    """An hour later in real time: clocks that change have 23 or 25 of them."""
    return (at.astimezone(UTC) + timedelta(hours=1)).astimezone(at.tzinfo)


MEASURES: Final[dict[str, Callable[[list[Arrival]], float]]] = {
    "count": lambda part: float(len(part)),
    "sum_value": lambda part: float(sum((Decimal(str(arrival.value or 0)) for arrival in part), Decimal(0))),
    "unique": lambda part: float(len({arrival.profile for arrival in part})),
}
INTERVALS: Final[dict[str, tuple[Callable[[datetime], datetime], Callable[[datetime], datetime]]]] = {
    "hour": (_hour, _next_hour),
    "day": (_day, lambda at: at + timedelta(days=1)),
    "week": (_week, lambda at: at + timedelta(days=7)),
    "month": (_month, lambda at: _month(at + timedelta(days=32))),
}
VIEWS: Final[dict[str, View]] = {
    "get_metrics": read,
    "get_flows_triggered_by_metric": flows,
    "query_metric_aggregates": aggregate,
    "get_accounts": account,
}
