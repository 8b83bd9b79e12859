"""What a subscribers run planned, in words, and the merchant's choices behind it. Text only; the template places it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from companion.audiences import REMOVAL_LIMIT
from companion.sync.hours import HOUR, ZONE

WORDS: Final = {
    "new": "new",
    "no_consent": "on the list, but without consent there",
    "opted_in_again": "opted in again after opting out in Klaviyo",
    "opted_out_on_platform": "no longer active in the shop",
    "not_on_platform": "not known to the shop",
    "refused": "Klaviyo refuses the address",
    "opted_out_in_klaviyo": "opted out in Klaviyo",
}
OPT_OUTS: Final = {
    "UNSUBSCRIBE": "unsubscribed",
    "SPAM_COMPLAINT": "complained of spam",
    "USER_SUPPRESSED": "suppressed by hand",
    "HARD_BOUNCE": "the address bounces",
    "INVALID_EMAIL": "no valid address",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a plan: what is done, to how many, and why."""

    act: str
    count: int
    reasons: tuple[tuple[str, int], ...] = ()


def plan(planned: Mapping[str, Any]) -> list[Line]:
    """The lines of what a run planned for one list."""
    acts = (("To subscribe", "subscribe"), ("To take off the list", "remove"), ("Excluded", "excluded"))
    subscribe, remove, excluded = (_line(act, planned[name]) for act, name in acts)
    rest = (Line("Profiles to update", planned["update"]), Line("Left as they are", planned["unchanged"]))
    return [subscribe, rest[0], remove, excluded, rest[1]]


def moment(told: str | None) -> datetime | None:
    """A time as an overview tells it."""
    return datetime.fromisoformat(told) if told else None


def chosen(settings: Mapping[str, Any], typed: Mapping[str, str] | None) -> dict[str, Any]:
    """What the form shows: what was typed, else what is kept, else what holds without a choice."""
    kept = {
        "subscriber_list": (settings.get("subscriber_list") or {}).get("id", ""),
        "sync_hour": settings.get("sync_hour", HOUR),
        "time_zone": settings.get("time_zone", ZONE),
        "consent_authority": settings.get("consent_authority", "platform"),
        "removal_limit": settings.get("removal_limit", REMOVAL_LIMIT),
    }
    return {**kept, **(typed or {})}


def _line(act: str, counts: Mapping[str, int]) -> Line:
    reasons = sorted(counts.items(), key=lambda pair: -pair[1])
    return Line(act, sum(counts.values()), tuple((_words(reason), count) for reason, count in reasons))


def _words(reason: str) -> str:
    """`opted_out_in_klaviyo:HARD_BOUNCE` as a person says it."""
    why, _, opt_out = reason.partition(":")
    said = WORDS.get(why, why.replace("_", " "))
    return f"{said}: {OPT_OUTS.get(opt_out, opt_out.replace('_', ' ').lower())}" if opt_out else said
