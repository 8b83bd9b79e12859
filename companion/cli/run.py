"""`companion run`: the walks through a shop: start, watch, pause, go on, cancel, slow down, try failures again."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

import click

from companion import run_failures, runs, stores
from companion.bootstrap import Services
from companion.cli.common import HOW_MANY, PER_MINUTE, ROW_ID, build, note, told
from companion.models import Run
from companion.sync import advance, history, plan_words, schedule

LOOK_S: Final = 0.5
DAY: Final = click.DateTime(["%Y-%m-%d"])


@click.group()
def run() -> None:
    """Runs: history, changes and whatever else reads a shop page by page."""


@run.command("start")
@click.argument("kind", type=click.Choice(sorted(advance.STEPS)))
@click.argument("key", metavar="STORE")
@click.option("--since", type=DAY, help="First day of the orders (history).")
@click.option("--until", type=DAY, help="Last day of the orders (history).")
@click.option("--channel", "channels", multiple=True, help="Id of a sales channel; all when missing (history).")
@click.option("--metric", "metrics", multiple=True, help="A metric, e.g. 'Placed Order'; all when missing (history).")
@click.option("--orders-per-minute", type=click.IntRange(1, PER_MINUTE), help="No faster than this (history).")
@click.option("--ask", is_flag=True, help="Make the plan and wait for `companion run resume` (history).")
@click.option("--wait", is_flag=True, help="Watch it until it ends.")
@told
def run_start(kind: str, key: str, wait: bool, **asked: Any) -> None:
    """Start a run. One of the kind that is under way already is found, not doubled."""
    if kind != "history" and any(asked.values()):
        raise click.UsageError(f"these options are a history run's, and {kind} is another kind")
    services = build()
    options = history.options(**{**asked, **_days(asked)}) if kind == "history" else None
    started = advance.start(services, key, kind, options, "the command line")
    with services.database.write() as session:
        note(session, services, f"started run {started.id}: {kind}", started.store_id)
    click.echo(f"Run {started.id}: {kind} of {key}.")
    if wait:
        _watch(services, started.id)


def _days(asked: dict[str, Any]) -> dict[str, Any]:
    return {name: asked[name] and asked[name].date() for name in ("since", "until")}


@run.command("list")
@click.option("--store", "key", help="Only this store's.")
@click.option("--kind", help="Only this kind.")
@click.option("--limit", type=HOW_MANY, default=20, show_default=True)
@click.option("--all", "every", is_flag=True, help="Also what the clock looks up for the pages: lists and forms.")
@told
def run_list(key: str | None, kind: str | None, limit: int, *, every: bool) -> None:
    """List runs, newest first."""
    services = build()
    without = () if every or kind else schedule.LOOKED_UP
    with services.database.read() as session:
        store_id = stores.by_key(session, key).id if key else None
        for found in runs.listed(session, store_id, kind, limit=limit, without=without):
            click.echo(f"{found.id:<6} {found.kind:<12} {found.created_at:%Y-%m-%d %H:%M}  {_line(found)}")


@run.command("show")
@click.argument("run_id", type=ROW_ID)
@click.option("--failures", type=HOW_MANY, default=50, show_default=True, help="How many failures to list.")
@told
def run_show(run_id: int, failures: int) -> None:
    """Show a run with its plan, what came of it and what it could not tell."""
    services = build()
    with services.database.read() as session:
        found = runs.by_id(session, run_id)
        shown = {**runs.progress(found), "options": found.options, "plan": found.plan, "result": found.result}
        click.echo(json.dumps(shown, indent=2, ensure_ascii=False))
        for failure in run_failures.listed(session, run_id, failures):
            again = " (is tried again)" if failure.due else ""
            name = failure.label or failure.record_id
            click.echo(f"failure {failure.id} {failure.resource} {name} {failure.path}: {failure.reason}{again}")


@run.command("pause")
@click.argument("run_id", type=ROW_ID)
@told
def run_pause(run_id: int) -> None:
    """Stop a run after its last page."""
    services = build()
    with services.database.write() as session:
        found = runs.pause(session, run_id)
        note(session, services, f"paused run {run_id}", found.store_id)
    click.echo("Paused.")


@run.command("resume")
@click.argument("run_id", type=ROW_ID)
@told
def run_resume(run_id: int) -> None:
    """Go on with a run, or say yes to one that waits for it."""
    services = build()
    with services.database.write() as session:
        store_id = runs.resume(session, run_id, services.now()).store_id
        note(session, services, f"resumed run {run_id}", store_id)
    services.wake("advance", store_id)
    click.echo("Goes on.")


@run.command("cancel")
@click.argument("run_id", type=ROW_ID)
@told
def run_cancel(run_id: int) -> None:
    """End a run where it is. What it told stays told."""
    services = build()
    with services.database.write() as session:
        found = runs.cancel(session, run_id, services.now())
        note(session, services, f"cancelled run {run_id}", found.store_id)
    click.echo("Cancelled.")


@run.command("throttle")
@click.argument("run_id", type=ROW_ID)
@click.argument("orders_per_minute", type=click.IntRange(0, PER_MINUTE))
@told
def run_throttle(run_id: int, orders_per_minute: int) -> None:
    """Slow a history run down to so many orders a minute; 0 for as fast as it can."""
    services = build()
    with services.database.write() as session:
        found = runs.change_options(session, run_id, {"orders_per_minute": orders_per_minute or None})
        note(
            session, services, f"throttled run {run_id}", found.store_id, after={"orders_per_minute": orders_per_minute}
        )
    click.echo("From its next pages on.")


@run.command("retry")
@click.argument("run_id", type=ROW_ID)
@click.argument("failures", nargs=-1, type=ROW_ID)
@told
def run_retry(run_id: int, failures: tuple[int, ...]) -> None:
    """Try a run's failures again, all or those named."""
    services = build()
    with services.database.write() as session:
        count = runs.retry(session, run_id, services.now(), failures or None)
        store_id = runs.by_id(session, run_id).store_id
        note(session, services, f"tried {count} failures of run {run_id} again", store_id)
    services.wake("advance", store_id)
    click.echo(f"{count} are tried again.")


def _watch(services: Services, run_id: int) -> None:
    """Show the plan as soon as there is one, then a bar, until the run has ended or waits for a person."""
    found = _look(services, run_id)
    while found.plan is None and found.state == "running":
        services.sleep(LOOK_S)
        found = _look(services, run_id)
    if found.plan:
        click.echo("\n".join(_planned(found.plan)))
    with click.progressbar(length=found.total or 0, label=found.kind, item_show_func=_beside, show_pos=True) as bar:
        while found.state == "running":
            bar.update(max(0, found.done - bar.pos), found)
            services.sleep(LOOK_S)
            found = _look(services, run_id)
        bar.update(max(0, found.done - bar.pos), found)
    click.echo(_line(found))
    if found.state != "finished":
        raise click.exceptions.Exit(1)


def _planned(plan: Mapping[str, Any]) -> Iterator[str]:
    """A plan, line by line; one of subscribers is told list by list."""
    for one in plan.get("lists", ()):
        yield f"  “{one['name']}”, {one['members']:,} members"
        for line in plan_words.lines(one):
            yield f"    {line.act:<22} {line.count:>9,}  {line.why}".rstrip()
    yield from (f"  {name:<14} {value}" for name, value in plan.items() if name != "lists")


def _look(services: Services, run_id: int) -> Run:
    with services.database.read() as session:
        return runs.by_id(session, run_id)


def _beside(found: Run | None) -> str | None:
    return (found.reason or f"{found.told} new, {found.failed} failed") if found else None


def _line(found: Run) -> str:
    shown = runs.progress(found)
    total = "" if found.total is None else f" of {found.total}"
    left = "" if shown["eta_s"] is None else f", about {shown['eta_s']:.0f} s left"
    reason = f": {found.reason}" if found.reason else ""
    return f"{found.state} {found.done}{total}, {found.told} new, {found.failed} failed{left}{reason}"
