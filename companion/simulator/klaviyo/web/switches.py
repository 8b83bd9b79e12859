"""Fault switches on the page: ready-made plans, and a plan read from a form."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from companion.simulator.klaviyo.faults import Plan


@dataclass(frozen=True, slots=True)
class Preset:
    """A button: a plan with a name and what to expect of it."""

    title: str
    effect: str
    fields: Mapping[str, str]


PRESETS: Final = (
    Preset(
        "429 storm, 20 s",
        "every call: 429, Retry-After 2",
        {"kind": "throttle", "retry_after": "2", "duration_s": "20"},
    ),
    Preset("503, next 5 calls", "an error object, nothing stored", {"kind": "status", "status": "503", "count": "5"}),
    Preset("Reset after accept", "next 3 calls: stored, no answer", {"kind": "reset", "when": "after", "count": "3"}),
    Preset(
        "Hang 30 s after accept",
        "next call: stored, no answer",
        {"kind": "hang", "when": "after", "seconds": "30", "count": "1"},
    ),
    Preset("HTML 502, 20 s", "the edge answers instead", {"kind": "html", "status": "502", "duration_s": "20"}),
    Preset("Slow by 3 s, 60 s", "right answers, late", {"kind": "slow", "seconds": "3", "duration_s": "60"}),
    Preset("Half an answer", "next 3 calls: stored, body cut", {"kind": "truncate", "when": "after", "count": "3"}),
    Preset(
        "A tenth fails, 5 min",
        "500 for one call in ten",
        {"kind": "status", "status": "500", "probability": "0.1", "duration_s": "300"},
    ),
)
NAMES: Final = tuple(field.name for field in msgspec.structs.fields(Plan))


def read_plan(form: Mapping[str, str]) -> tuple[Plan | None, list[str]]:
    """The plan a form describes, or what is wrong with it. An empty field takes the plan's default."""
    given: dict[str, Any] = {name: form[name].strip() for name in NAMES if form.get(name, "").strip()}
    try:
        plan = msgspec.convert(given, Plan, strict=False)
    except msgspec.ValidationError as error:
        return None, [str(error)]
    problems = plan.problems()
    return (None, problems) if problems else (plan, [])
