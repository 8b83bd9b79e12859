"""Events: one at a time, a thousand at a time, and reading them back.

Source: https://developers.klaviyo.com/en/reference/events_api_overview.
"""

from collections.abc import Iterator
from typing import Final

from companion.simulator.klaviyo import filters, paging, resources
from companion.simulator.klaviyo.accounts import Account
from companion.simulator.klaviyo.api.answers import collection
from companion.simulator.klaviyo.checks import event_fault, identity_fault, table_fault
from companion.simulator.klaviyo.door import Call, Reply, View
from companion.simulator.klaviyo.errors import Problem, Refusal, bad_parameter, invalid
from companion.simulator.klaviyo.filters import EXACT, ORDERS, Condition
from companion.simulator.klaviyo.ledger import Arrival
from companion.simulator.klaviyo.receiving import person, receive
from companion.simulator.klaviyo.shapes.events import BulkEvents, Entry, EventAttributes, EventProfileData, SingleEvent
from companion.simulator.klaviyo.timeline import Row

BULK: Final = 1_000
ENTRIES: Final = "/data/attributes/events-bulk-create/data"
MOST_PROBLEMS: Final = 100
LARGEST_PAGE: Final = 1_000
SERVED_AT_ONCE: Final = 200
SORTS: Final = {"datetime", "-datetime", "timestamp", "-timestamp"}
GRAMMAR: Final = {
    "metric_id": EXACT,
    "profile_id": EXACT,
    "profile": frozenset({"has"}),
    "metric": frozenset({"has"}),
    "datetime": ORDERS,
    "timestamp": ORDERS,
}


def create(call: Call) -> Reply:
    """POST /api/events"""
    attributes = call.decode(SingleEvent).data.attributes
    keep_one(call, attributes.profile.data, attributes)
    return Reply(202)


def keep_one(call: Call, given: EventProfileData, event: EventAttributes) -> None:
    """Check and keep one event. Raises Refusal 400."""
    problem = _profile_problem(given, "/data/attributes") or _event_problem(event, call.now, "/data/attributes")
    if problem:
        raise Refusal(400, [problem])
    profile = person(call.account, given, given.attributes, call.now)
    arrival = receive(call.account, profile, given, event, backfill=False, now=call.now)
    _remember_delays(call, [arrival])


def create_many(call: Call) -> Reply:
    """POST /api/event-bulk-create-jobs: all or nothing."""
    entries = call.decode(BulkEvents).data.attributes.entries.data
    if not entries:
        raise invalid("At least one event is required.", ENTRIES)
    if sum(len(entry.attributes.events.data) for entry in entries) > BULK:
        raise invalid(f"At most {BULK} events are allowed in one request.", ENTRIES)
    if problems := list(_problems(entries, call.now)):
        raise Refusal(400, problems[:MOST_PROBLEMS])
    arrivals = []
    for entry in entries:
        given = entry.attributes.profile.data
        profile = person(call.account, given, given.attributes, call.now)
        backfill = entry.attributes.backfill is True
        for one in entry.attributes.events.data:
            arrivals.append(receive(call.account, profile, given, one.attributes, backfill, call.now))
    _remember_delays(call, arrivals)
    return Reply(202)


def _problems(entries: list[Entry], now: float) -> Iterator[Problem]:
    """Every entry's first problem, or that it repeats a key of an earlier one."""
    seen: set[tuple[str, str, str]] = set()
    for index, entry in enumerate(entries):
        at = f"{ENTRIES}/{index}/attributes"
        given = entry.attributes.profile.data
        if problem := _profile_problem(given, at):
            yield problem
            continue
        who = given.attributes.email or given.attributes.phone_number or given.attributes.external_id or given.id
        for place, one in enumerate(entry.attributes.events.data):
            event = one.attributes
            if problem := _event_problem(event, now, f"{at}/events/data/{place}/attributes"):
                yield problem
                break
            key = (str(who).lower(), event.metric.data.attributes.name, str(event.unique_id))
            if event.unique_id and key in seen:
                detail = "The request holds this profile, metric and unique_id more than once."
                yield Problem(detail, f"{at}/events/data/{place}/attributes/unique_id")
                break
            seen.add(key)


def _profile_problem(given: EventProfileData, at: str) -> Problem | None:
    fault = identity_fault(given.attributes, given.id, given.attributes.anonymous_id)
    properties = given.attributes.properties
    if fault is None and isinstance(properties, dict) and (sentence := table_fault(properties)):
        fault = "properties", sentence
    return None if fault is None else Problem(fault[1], f"{at}/profile/data/attributes/{fault[0]}".rstrip("/"))


def _event_problem(event: EventAttributes, now: float, at: str) -> Problem | None:
    fault = event_fault(event, now)
    return None if fault is None else Problem(fault[1], f"{at}/{fault[0]}")


def _remember_delays(call: Call, arrivals: list[Arrival]) -> None:
    """How late live events are; one that was sent again is not news."""
    live = [call.now - arrival.time for arrival in arrivals if not arrival.backfill and arrival.verdict != "duplicate"]
    if live:
        call.world.journal.delays(call.now, live)


def read(call: Call) -> Reply:
    """GET /api/events: what Klaviyo would show; dropped ones are not here."""
    limit = min(paging.size(call.query, SERVED_AT_ONCE, LARGEST_PAGE), SERVED_AT_ONCE)
    conditions = filters.parse(call.query.get("filter"), GRAMMAR)
    sort = call.query.get("sort", "datetime")
    if sort not in SORTS:
        raise bad_parameter("sort", f"'{sort}' is not a sortable field for this endpoint.")
    page = paging.page(_matching(call, conditions, descending=sort.startswith("-")), limit)
    profiles = call.account.audience.profiles.by_number
    found = [resources.event(call.account, arrival, profiles.get(arrival.profile)) for arrival in page.items]
    return collection(call, paging.sparse(found, call.query, "event"), page.cursor)


def _matching(call: Call, conditions: list[Condition], *, descending: bool) -> Iterator[tuple[Row, Arrival]]:
    ledger = call.account.ledger
    name = _metric_name(call.account, conditions)
    for row in paging.walk(ledger.timeline(name), call.query, descending=descending):
        arrival = ledger.visible(row[1])
        if arrival is not None and all(_holds(call.account, condition, arrival) for condition in conditions):
            yield row, arrival


def _metric_name(account: Account, conditions: list[Condition]) -> str:
    """The metric whose timeline is enough. Raises Refusal 400 for one that does not exist."""
    for condition in conditions:
        if condition.field == "metric_id":
            metric = account.ledger.metric_by_id(str(condition.values[0]))
            if metric is None:
                raise filters.wrong(f"Metric IDs {condition.values} do not exist.")
            return metric.name
    return ""


def _holds(account: Account, condition: Condition, arrival: Arrival) -> bool:
    if condition.op == "has":
        return True
    if condition.field == "metric_id":
        return condition.holds(account.ledger.metric(arrival.metric, arrival.received).id)
    if condition.field == "profile_id":
        profile = account.audience.profiles.by_number.get(arrival.profile)
        return profile is not None and condition.holds(profile.id)
    return condition.holds(float(arrival.time))


VIEWS: Final[dict[str, View]] = {"create_event": create, "bulk_create_events": create_many, "get_events": read}
