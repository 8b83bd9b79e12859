"""The forms about subscribers and the settings they stand for. What is valid is decided by `store_settings` alone.

A channel keeps only what it chooses itself. Fields: `subscribers` (on, off), `consent_authority`, `removal_limit`,
`lifts:<reason>`, `all_lists`, `field:<number>:source` and `:property`; for a channel also `own_exclusions` and
`own_fields`, and an empty value inherits. A row without source and property is none.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from companion import audiences
from companion.admin.states import State
from companion.store_settings import InvalidSettings
from companion.sync.plan_words import OPT_OUTS
from mappings.consent import LIFTABLE

LIFTS: Final[Mapping[str, str]] = {reason: OPT_OUTS[reason] for reason in LIFTABLE}
"""Opt-outs that a newer opt-in may lift, in words."""

STAYS: Final = tuple(words for reason, words in OPT_OUTS.items() if reason not in LIFTABLE)
"""Those that nothing lifts."""

SPARE: Final = 2
MOST: Final = 50
LONGEST_NUMBER: Final = 9

Form = Mapping[str, str]
Pairs = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Row:
    """A custom field of recipients and the property it is written to. `problems` are those of `source`, `property`."""

    name: str
    source: str
    property: str
    problems: Mapping[str, str]


def read_store(form: Form) -> dict[str, Any]:
    """What a store's form says beside the list and the hour."""
    return {
        "subscribers": form.get("subscribers", "on") == "on",
        "consent_authority": form.get("consent_authority", "").strip(),
        "removal_limit": number(form.get("removal_limit", "")),
        "exclusions": _exclusions(form),
        "subscriber_fields": dict(pairs(form)),
    }


def read_channel(form: Form) -> dict[str, Any]:
    """A channel's own choices but the list's; what is left to the store is absent."""
    own = {
        "subscribers": {"on": True, "off": False}.get(form.get("subscribers", "")),
        "consent_authority": form.get("consent_authority", "").strip() or None,
        "removal_limit": number(form["removal_limit"]) if form.get("removal_limit", "").strip() else None,
        "exclusions": _exclusions(form) if "own_exclusions" in form else None,
        "subscriber_fields": dict(pairs(form)) if "own_fields" in form else None,
    }
    return {name: value for name, value in own.items() if value is not None}


def check(typed: Pairs) -> None:
    """A custom field is written to one property. Raises InvalidSettings."""
    sources = [source for source, _ in typed]
    if double := next((source for source in sources if source and sources.count(source) > 1), None):
        raise InvalidSettings({_path(double, "key"): f"{double!r} stands in two rows."})


def number(typed: str) -> int | str:
    """A number as settings have it, or what was typed instead of one."""
    text = typed.strip()
    return int(text) if text.isdecimal() and len(text) <= LONGEST_NUMBER else text


def pairs(form: Form) -> Pairs:
    """The rows as they were typed: custom field and property."""
    parts = [
        [form.get(f"field:{place}:{part}", "").strip() for part in ("source", "property")] for place in range(MOST)
    ]
    return [(source, name) for source, name in parts if source or name]


def rows(chosen: Iterable[tuple[str, str]], problems: Mapping[str, str]) -> list[Row]:
    """The rows of a form: those chosen, and spare ones; `problems` by the setting's path."""
    kept = [Row(f"field:{place}", *pair, _problems(pair[0], problems)) for place, pair in enumerate(chosen)]
    spare = range(len(kept), min(len(kept) + SPARE, MOST))
    return [*kept, *(Row(f"field:{place}", "", "", {}) for place in spare)]


def standing(settings: Mapping[str, Any], channel_id: str) -> State:
    """Where a channel's subscribers go, in a word and a colour."""
    own, said = settings.get("channels", {}).get(channel_id, {}), audiences.in_force(settings, channel_id)
    if not said["subscribers"]:
        return State("stays out", "quiet")
    if "subscriber_list" in own:
        return State(f"“{own['subscriber_list']['name']}”", "info")
    return State("as the store", "quiet") if own.keys().isdisjoint(audiences.DEFAULTS) else State("own choices", "info")


def _exclusions(form: Form) -> dict[str, Any]:
    lifted = [reason for reason in LIFTABLE if f"lifts:{reason}" in form]
    return {"newer_opt_in_lifts": lifted, "all_lists": form.get("all_lists") == "on"}


def _problems(source: str, problems: Mapping[str, str]) -> dict[str, str]:
    found = {part: problems.get(_path(source, end), "") for part, end in (("source", "key"), ("property", "value"))}
    return {part: said for part, said in found.items() if said}


def _path(source: str, end: str) -> str:
    """Where `store_settings` finds fault with a custom field (`key`) or with its property (`value`)."""
    return f"subscriber_fields.{source}.{end}"
