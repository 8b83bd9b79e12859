"""How a run looks on a page: its state in a word and a colour, how far it is, its plan as lines. Text only."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from markupsafe import Markup

from companion import runs
from companion.admin.shown import counted, span, when
from companion.admin.states import State
from companion.models import Run

NAMES: Final = {"history": "History", "changes": "Sweep"}
WORDS: Final[Mapping[str, State]] = {
    "running": State("running", "good"),
    "held": State("waits for a yes", "warn"),
    "paused": State("paused", "warn"),
    "finished": State("finished", "quiet"),
    "cancelled": State("cancelled", "quiet"),
    "failed": State("failed", "bad"),
}
BOUND_BY: Final = {
    "klaviyo": "Klaviyo's quota takes the longest",
    "shop": "the shop's budget of calls takes the longest",
    "throttle": "the limit of orders a minute takes the longest",
}

Lines = list[tuple[str, str | Markup]]


@dataclass(frozen=True, slots=True)
class Shown:
    """A run as a page tells it. `plan` is empty until it is made; `rate` is in records a second."""

    row: Run
    name: str
    state: State
    is_open: bool
    is_counting: bool
    rate: float | None
    eta_s: float | None
    plan: Lines
    found: Lines
    throttle: int | None

    @property
    def is_history(self) -> bool:
        return self.row.kind == "history"


def shown(run: Run, channels: Mapping[str, str]) -> Shown:
    """A run; `channels` are the names of sales channels by id."""
    rate, eta_s = _pace(run)
    is_counting = run.state == "running" and run.kind == "history" and run.plan is None
    plan = run.plan or {}
    return Shown(
        row=run,
        name=NAMES.get(run.kind, run.kind.capitalize()),
        state=State("counting", "good") if is_counting else WORDS[run.state],
        is_open=run.state in runs.OPEN,
        is_counting=is_counting,
        rate=rate,
        eta_s=eta_s,
        plan=(_history(run, plan, channels) if run.kind == "history" else _plain(plan)) if plan else [],
        found=_plain(run.result),
        throttle=run.options.get("orders_per_minute"),
    )


def _pace(run: Run) -> tuple[float | None, float | None]:
    """Records a second and seconds left of a run that is running: a limited one's first page says too much."""
    limit = run.options.get("orders_per_minute")
    if run.state != "running" or not run.rate:
        return None, None
    rate = min(run.rate, limit / 60) if limit else run.rate
    return rate, None if run.total is None else max(0, run.total - run.done) / rate


def _history(run: Run, plan: Mapping[str, Any], channels: Mapping[str, str]) -> Lines:
    since, until = (plan[bound] and when(datetime.fromisoformat(plan[bound]), "second") for bound in ("since", "until"))
    later = "" if run.options.get("until") else "; orders since then are told as they happen"
    period = Markup("{} to {}{}").format(since or "the first order", until or "now", later)
    named = ", ".join(channels.get(id_, id_) for id_ in plan["channels"])
    requests = f"about {plan['shop_calls']:,} to the shop, {plan['klaviyo_calls']:,} to Klaviyo"
    return [
        ("Period", period),
        ("Sales channels", named or "all"),
        ("Metrics", ", ".join(plan["metrics"])),
        ("Orders", f"{plan['orders']:,}, as the shop counts them"),
        ("Events", f"about {plan['events']:,}, none of which starts a flow"),
        ("Requests", requests),
        (
            "Time",
            f"about {span(plan['seconds'])}: {BOUND_BY[plan['bound_by']]}" if plan["seconds"] >= 1 else "a moment",
        ),
    ]


def _plain(values: Mapping[str, Any]) -> Lines:
    """What another kind keeps, under its own names; what is itself a structure is left out."""
    said = {name: f"{value:,}" if isinstance(value, int | float) else str(value) for name, value in values.items()}
    simple = {name: text for name, text in said.items() if isinstance(values[name], int | float | str)}
    return [(name.replace("_", " ").capitalize(), text) for name, text in simple.items()]


def told(run: Run) -> str:
    """How far a run is, in words: `1,200 of 20,000 orders, 6,400 new events`; `6 of 6 records, 2 changes`."""
    total = "" if run.total is None else f" of {run.total:,}"
    noun, news = ("order", "new event") if run.kind in NAMES else ("record", "change")
    failed = f", {run.failed:,} could not be told" if run.failed else ""
    plural = noun if (run.total if run.total is not None else run.done) == 1 else noun + "s"
    return f"{run.done:,}{total} {plural}, {counted(run.told, news)}{failed}"
