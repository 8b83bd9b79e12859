"""The settings page's form and the settings it stands for. What is valid is decided by `store_settings` alone.

Only what differs from what would be inherited is kept: a channel inherits from its store, a store from the defaults.
Fields: `event:<metric>`, `name:<metric>`, `repeat:<metric>`, `order_identifier`, those of `custom_rows`; for a
channel also `own_repeats` and `own_custom`, and an empty value inherits.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from companion.admin import custom_rows
from mappings.metrics import DEFAULTS

REPEATABLE: Final = ("Fulfilled Order", "Cancelled Order", "Refunded Order", "Paid Order", "Shipped Order")
"""Metrics of a state that an order can enter again."""

ALWAYS: Final = ("events", "names")
ASKED: Final = (*ALWAYS, "repeats", "order_identifier", "custom_fields")
"""The settings that the form asks for, as far as the platform gives them a meaning; it touches no others."""

Form = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Choice:
    """One metric on the form: what is chosen here, and what holds where nothing is. `event`: on, off or empty."""

    metric: str
    event: str
    name: str
    repeat: bool
    inherited_event: bool
    inherited_name: str
    problem: str

    @property
    def can_repeat(self) -> bool:
        return self.metric in REPEATABLE


@dataclass(frozen=True, slots=True)
class Above:
    """What a level inherits."""

    events: Mapping[str, bool]
    names: Mapping[str, str]
    repeats: frozenset[str]
    order_identifier: str
    custom_fields: Mapping[str, Any]


HOUSE: Final = Above(DEFAULTS, {metric: metric for metric in DEFAULTS}, frozenset(), "id", {})


def above_channels(settings: Mapping[str, Any]) -> Above:
    """What a store's channels inherit."""
    return Above(
        events={**HOUSE.events, **settings.get("events", {})},
        names={**HOUSE.names, **settings.get("names", {})},
        repeats=frozenset(settings.get("repeats", ())),
        order_identifier=settings.get("order_identifier", HOUSE.order_identifier),
        custom_fields=settings.get("custom_fields", {}),
    )


def with_channel(
    settings: Mapping[str, Any], channel: str, own: Mapping[str, Any], asked: Collection[str]
) -> dict[str, Any]:
    """The setting `channels` with one channel's answers; what it was not `asked` for stays as it was.

    A channel without choices of its own is no longer listed.
    """
    channels = settings.get("channels", {})
    own = {**{name: value for name, value in channels.get(channel, {}).items() if name not in asked}, **own}
    kept = {id_: chosen for id_, chosen in channels.items() if id_ != channel}
    return {"channels": {**kept, **({channel: own} if own else {})}}


def choices(
    own: Mapping[str, Any], above: Above, problems: Mapping[str, str], metrics: Collection[str] = tuple(DEFAULTS)
) -> list[Choice]:
    """The form's lines for what a level has chosen itself; `metrics` are those that the platform can tell."""
    said = {True: "on", False: "off", None: ""}
    return [
        Choice(
            metric=metric,
            event=said[own.get("events", {}).get(metric)],
            name=own.get("names", {}).get(metric, ""),
            repeat=metric in own.get("repeats", above.repeats),
            inherited_event=above.events[metric],
            inherited_name=above.names[metric],
            problem=next((problem for path, problem in problems.items() if f".{metric}" in f".{path}"), ""),
        )
        for metric in DEFAULTS
        if metric in metrics
    ]


def read_store(
    form: Form, metrics: Collection[str] = tuple(DEFAULTS), asked: Collection[str] = ASKED
) -> dict[str, Any]:
    """A store's settings as the form has them, of those `asked` for. Checkboxes say on or nothing."""
    chosen = {metric: f"event:{metric}" in form for metric in DEFAULTS if metric in metrics}
    own = {
        "events": {metric: wanted for metric, wanted in chosen.items() if wanted != DEFAULTS[metric]},
        "names": _names(form, HOUSE),
        "repeats": _repeats(form),
        "order_identifier": form.get("order_identifier", HOUSE.order_identifier),
        "custom_fields": custom_rows.read(form),
    }
    return {name: value for name, value in own.items() if name in asked}


def read_channel(form: Form, above: Above, asked: Collection[str] = ASKED) -> dict[str, Any]:
    """A channel's own choices as the form has them, of those `asked` for; what is left to the store is absent."""
    said = {metric: form.get(f"event:{metric}", "") for metric in DEFAULTS}
    own: dict[str, Any] = {
        "events": {metric: wanted == "on" for metric, wanted in said.items() if wanted},
        "names": _names(form, above),
        "order_identifier": form.get("order_identifier", ""),
        "repeats": _repeats(form) if "own_repeats" in form else None,
        "custom_fields": custom_rows.read(form) if "own_custom" in form else None,
    }
    made = {name: value for name, value in own.items() if value or (name == "repeats" and value is not None)}
    return {name: value for name, value in made.items() if name in asked}


def _names(form: Form, above: Above) -> dict[str, str]:
    typed = {metric: form.get(f"name:{metric}", "").strip() for metric in DEFAULTS}
    return {metric: name for metric, name in typed.items() if name and name != above.names[metric]}


def _repeats(form: Form) -> list[str]:
    return [metric for metric in REPEATABLE if f"repeat:{metric}" in form]
