"""What a value may be: identifiers, instants, events. Each check returns (path, sentence) or None.

Sources: the official OpenAPI description of create_event, bulk_create_events and bulk_subscribe_profiles, and
https://developers.klaviyo.com/en/docs/events_api_overview. Where sources differ, the stricter one is taken.
"""

import re
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from companion.simulator.klaviyo.clock import read
from companion.simulator.klaviyo.shapes.events import EventAttributes
from companion.simulator.klaviyo.shapes.profiles import ProfileAttributes

Fault = tuple[str, str]
EMAIL: Final = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]{1,62}"
)
PHONE: Final = re.compile(r"\+[1-9]\d{6,14}")
CURRENCY: Final = re.compile(r"[A-Z]{3}")
TEST_DOMAINS: Final = frozenset({"example.com", "example.org", "example.net", "test.com"})
OLDEST: Final = datetime(1990, 1, 1, tzinfo=UTC).timestamp()
YEAR_S: Final = 366 * 86_400
MAX_EMAIL: Final = 100
MAX_STRING: Final = 100_000
MAX_PROPERTIES: Final = 400
MAX_ITEMS: Final = 4_000
MAX_DEPTH: Final = 10
HOLDERS: Final = frozenset({dict, list})


def email_fault(email: str) -> Fault | None:
    """Whether an address is one, and short enough."""
    if EMAIL.fullmatch(email) is None:
        return "email", "Invalid email address"
    return ("email", f"Email must be at most {MAX_EMAIL} characters.") if len(email) > MAX_EMAIL else None


def phone_fault(phone: str) -> Fault | None:
    """Whether a phone number has E.164's shape; a valid e-mail beside it does not excuse it."""
    if PHONE.fullmatch(phone):
        return None
    return "phone_number", "Invalid phone number format (Example of a valid format: +12345678901)"


def identity_fault(attributes: ProfileAttributes, known_id: object, anonymous_id: object = None) -> Fault | None:
    """A profile needs one identifier at least, and those it has must be well formed."""
    email, phone = attributes.email, attributes.phone_number
    if isinstance(email, str) and (fault := email_fault(email)):
        return fault
    if isinstance(phone, str) and (fault := phone_fault(phone)):
        return fault
    if email or phone or attributes.external_id or known_id or attributes.kx or anonymous_id:
        return None
    return "", "At least one profile identifier is required: id, email, phone_number, external_id, _kx or anonymous_id."


def profile_fault(attributes: ProfileAttributes, known_id: object) -> Fault | None:
    """A profile that is created or changed by itself."""
    if fault := identity_fault(attributes, known_id):
        return fault
    properties = attributes.properties
    return ("properties", sentence) if isinstance(properties, dict) and (sentence := table_fault(properties)) else None


def event_fault(event: EventAttributes, now: float) -> Fault | None:
    """An event without its profile."""
    name = event.metric.data.attributes.name
    if not name or len(name) >= 128:
        return "metric/data/attributes/name", "Metric name must have between 1 and 127 characters."
    unique_id = event.unique_id
    if isinstance(unique_id, str) and not 0 < len(unique_id) <= 255:
        return "unique_id", "unique_id must have between 1 and 255 characters."
    if isinstance(event.time, str) and (fault := _time_fault(event.time, now)):
        return fault
    currency = event.value_currency
    if isinstance(currency, str) and CURRENCY.fullmatch(currency) is None:
        return "value_currency", "value_currency must be a three-letter ISO 4217 code."
    sentence = table_fault(event.properties)
    return ("properties", sentence) if sentence else None


def _time_fault(text: str, now: float) -> Fault | None:
    at = read(text)
    if at is None:
        return "time", "Invalid datetime; expected ISO 8601."
    if not OLDEST < at <= now + YEAR_S:
        return "time", "time must be after 1990 and at most one year in the future."
    return None


def table_fault(table: dict[str, Any]) -> str | None:
    """The sentence about the first limit a property table breaks, or None."""
    if len(table) > MAX_PROPERTIES:
        return f"At most {MAX_PROPERTIES} properties are allowed."
    try:
        size = len(msgspec.msgpack.encode(table))
    except OverflowError:
        return "An integer must fit into 64 bits."
    level: list[Any] = [table]
    for _depth in range(MAX_DEPTH):
        values = [value for holder in level for value in (holder.values() if type(holder) is dict else holder)]
        if size > MAX_ITEMS and (sentence := _large_fault(values)):  # nothing in a small event is too large
            return sentence
        level = [value for value in values if type(value) in HOLDERS]
        if not level:
            return None
    return f"Properties must not be nested deeper than {MAX_DEPTH} levels."


def _large_fault(values: list[Any]) -> str | None:
    for value in values:
        if isinstance(value, str) and len(value.encode()) > MAX_STRING:
            return "A single string must not exceed 100KB."
        if isinstance(value, list) and len(value) > MAX_ITEMS:
            return f"An array must not have more than {MAX_ITEMS} items."
    return None


def is_test_address(email: str) -> bool:
    """Klaviyo answers 202 to these and silently drops what concerns them."""
    return email.rpartition("@")[2] in TEST_DOMAINS
