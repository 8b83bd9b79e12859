"""How facts look on a page: times, spans of time, numbers, payloads, messages. Text only; templates place it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

import msgspec
from flask import Blueprint, g
from markupsafe import Markup

from companion.admin.sessions import HOUSE, door
from companion.bootstrap import Services
from companion.klaviyo import payloads
from companion.models import Outbox
from mappings.dialects import DIALECTS

LONGEST_PAYLOAD: Final = 200_000
UNITS: Final = ((86_400, "d"), (3_600, "h"), (60, "min"))


@dataclass(frozen=True, slots=True)
class Message:
    """A message as a line on a page. What the bytes would tell is empty once they are forgotten."""

    row: Outbox
    name: str
    email: str
    value: str
    at: datetime | None
    order_id: str


def message(row: Outbox, platform: str) -> Message:
    """Read what will be sent, or was."""
    event = _decoded(row.event)
    person = _decoded(row.profile).get("data", {}).get("attributes", {})
    told = event.get("time")
    return Message(
        row=row,
        name=event.get("metric", {}).get("data", {}).get("attributes", {}).get("name", row.metric),
        email=str(person.get("email") or person.get("external_id") or person.get("phone_number") or ""),
        value=f"{event['value']:,.2f} {event.get('value_currency', '')}" if "value" in event else "",
        at=datetime.fromisoformat(told) if told else None,
        order_id=str(event.get("properties", {}).get(DIALECTS[platform].order["identifier"], "")),
    )


def payload(row: Outbox) -> str:
    """The body of the call to Klaviyo, indented; empty once it is forgotten."""
    return indented(payloads.single(row.profile, row.event)) if row.profile and row.event else ""


def indented(body: bytes | None) -> str:
    """JSON with its numbers as they are; what is no JSON stays as it came."""
    try:
        text = msgspec.json.format(body or b"", indent=2).decode()
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        text = (body or b"").decode("utf-8", "replace")
    return text if len(text) <= LONGEST_PAYLOAD else text[:LONGEST_PAYLOAD] + "\n… and so on"


def when(moment: datetime | None, form: str = "second") -> Markup:
    """A time in UTC, for the script to put into the reader's zone. `form`: second, minute or hour."""
    if moment is None:
        return Markup("–")
    moment = moment.astimezone(UTC)
    shapes = {"second": f"{moment.day} {moment:%b %Y, %H:%M:%S} UTC", "minute": f"{moment.day} {moment:%b, %H:%M} UTC"}
    text = shapes.get(form, f"{moment:%H:%M} UTC")
    return Markup('<time datetime="{}" data-form="{}">{}</time>').format(moment.isoformat(), form, text)


def ago(now: datetime, moment: datetime | None) -> Markup:
    """How long ago, the time itself on hovering."""
    if moment is None:
        return Markup("never")
    passed = (now - moment).total_seconds()
    text = "just now" if passed < 5 else f"{span(passed)} ago"
    return Markup('<time datetime="{}" data-form="title">{}</time>').format(moment.isoformat(), text)


def span(seconds: float | None) -> str:
    """A span of time in its largest unit: `0.42 s`, `38 s`, `5 min`, `2 d`."""
    if seconds is None:
        return "–"
    for size, unit in UNITS:
        if seconds >= size:
            return f"{int(seconds // size)} {unit}"
    return f"{seconds:.2f} s" if seconds < 1 else f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"


def counted(number: int, one: str, many: str = "") -> str:
    """`1 message`, `2,000 messages`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def sentence(said: str | None) -> str:
    """A reason of the machinery as a sentence begins, without the quotes of programmers."""
    plain = (said or "").replace("`", "")
    return plain[:1].upper() + plain[1:]


def furnish(door_: Blueprint, services: Services) -> None:
    """Give the templates of a door what they all need."""

    @door_.context_processor
    def words() -> dict[str, Any]:
        return {
            "visitor": g.get("visitor"),
            "is_house": door() is HOUSE,
            "may_change": g.get("visitor") is not None and g.visitor.role == "admin",
            "now": services.now(),
            "platforms": services.platforms,
            "when": when,
            "ago": partial(ago, services.now()),
            "span": span,
            "counted": counted,
            "sentence": sentence,
        }


def _decoded(body: bytes | None) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.json.decode(body) if body else {}
    return found
