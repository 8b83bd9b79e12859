"""Bodies about events: one, a thousand, and sums of them. What a value may be is checked in `checks`."""

from typing import Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

from companion.simulator.klaviyo.shapes.base import Flag, Number, Shape, Text
from companion.simulator.klaviyo.shapes.profiles import ProfileAttributes, ProfileMeta


class EventProfileAttributes(ProfileAttributes):
    anonymous_id: Text = UNSET
    meta: ProfileMeta | UnsetType | None = UNSET


class EventProfileData(Shape):
    type: Literal["profile"]
    attributes: EventProfileAttributes
    id: Text = UNSET


class EventProfile(Shape):
    data: EventProfileData


class MetricAttributes(Shape):
    name: str
    service: Text = UNSET


class MetricData(Shape):
    type: Literal["metric"]
    attributes: MetricAttributes


class Metric(Shape):
    data: MetricData


class EventAttributes(Shape):
    metric: Metric
    properties: dict[str, Any]
    time: Text = UNSET
    value: Number = UNSET
    value_currency: Text = UNSET
    unique_id: Text = UNSET
    backfill: Flag = UNSET


class SingleEventAttributes(EventAttributes, kw_only=True):
    profile: EventProfile


class SingleEventData(Shape):
    type: Literal["event"]
    attributes: SingleEventAttributes


class SingleEvent(Shape):
    data: SingleEventData


class EventData(Shape):
    type: Literal["event"]
    attributes: EventAttributes


class Events(Shape):
    data: list[EventData]


class EntryAttributes(Shape):
    profile: EventProfile
    events: Events
    backfill: Flag = UNSET


class Entry(Shape):
    type: Literal["event-bulk-create"]
    attributes: EntryAttributes


class Entries(Shape):
    data: list[Entry]


class BulkEventsAttributes(Shape):
    entries: Entries = msgspec.field(name="events-bulk-create")


class BulkEventsData(Shape):
    type: Literal["event-bulk-create-job"]
    attributes: BulkEventsAttributes


class BulkEvents(Shape):
    data: BulkEventsData


class AggregateAttributes(Shape):
    metric_id: str
    measurements: list[Literal["count", "sum_value", "unique"]]
    filter: list[str]
    interval: Literal["day", "hour", "month", "week"] | None = "day"
    timezone: Text = "UTC"
    by: list[str] | UnsetType | None = UNSET
    page_size: int | UnsetType | None = UNSET
    page_cursor: Text = UNSET
    return_fields: list[str] | UnsetType | None = UNSET
    sort: Text = UNSET


class AggregateData(Shape):
    type: Literal["metric-aggregate"]
    attributes: AggregateAttributes


class Aggregate(Shape):
    data: AggregateData
