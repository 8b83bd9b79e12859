"""The kind `history`: everything a shop remembers, told for the record.

All that it tells is backfill: it starts no flows. What happened in the quarter of an hour before it was asked for,
while the shop was connected, is left to webhooks and the sweep, which tell it as news. First the plan, then the walk.
"""

import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any, Final

from companion import limits, outbox, resolve, run_failures, runs, store_settings, stores
from companion.bootstrap import Services
from companion.errors import CompanionError, Retry
from companion.models import Run, Store
from companion.platforms.base import Walk
from companion.sync import history_plan, telling
from companion.sync.reading import ENDED, Read, Reader
from companion.sync.telling import Told
from mappings.metrics import DEFAULTS
from mappings.model import Tracking

log = logging.getLogger(__name__)

STEP_S: Final = 5.0
"""Seconds after which a run gives way to others."""

CROWD: Final = 20_000
"""Messages that may wait for Klaviyo before reading waits for them."""

DRAIN_S: Final = 2.0
TURNS_A_MINUTE: Final = 6
LEFT_TO_LIVE: Final = timedelta(minutes=15)
FOREVER: Final = datetime.max.replace(tzinfo=UTC)


class InvalidOptions(CompanionError):
    """What was asked for makes no sense; the text names the option."""


def options(
    *,
    since: date | None = None,
    until: date | None = None,
    channels: Collection[str] = (),
    metrics: Collection[str] = (),
    orders_per_minute: int | None = None,
    ask: bool = False,
) -> dict[str, Any]:
    """What a history run is asked for: orders of days in UTC, `until` included; no channels or metrics mean all.

    `ask` has the run wait for a yes once its plan is made. Raises InvalidOptions.
    """
    for metric in metrics:
        if metric not in DEFAULTS:
            raise InvalidOptions(f"metrics: {metric!r} is no metric; choose among {', '.join(DEFAULTS)}")
    if since and until and until < since:
        raise InvalidOptions("until: is before since")
    if orders_per_minute is not None and orders_per_minute < 1:
        raise InvalidOptions("orders_per_minute: needs to be 1 or more, or nothing for no limit")
    return {
        "since": since and since.isoformat(),
        "until": until and until.isoformat(),
        "channels": sorted(set(channels)),
        "metrics": [metric for metric in DEFAULTS if metric in metrics],
        "orders_per_minute": orders_per_minute,
        "ask": ask,
    }


def step(services: Services, run: Run) -> float | None:
    """One turn: make the plan, try failures again, or walk on for a few seconds."""
    with services.database.read() as session:
        store = session.get_one(Store, run.store_id)
        again = run_failures.due(session, run.id, services.settings.shop_page)
        crowded = outbox.due(session, store.id, outbox.BACKFILL, services.now(), CROWD) >= CROWD
    run.options = {**options(), **run.options}
    reader = Reader(services, run, store)
    tell = partial(telling.tell, store, tracking=told_as(store, run.options["metrics"]), before=_news(run, store))
    if run.plan is None:
        return history_plan.make(services, reader, period(run, store), tell)
    if again:
        told = tell(reader.again(again))
        _write(services, reader, told, cursor=run.cursor, retried=[one.id for one in again])
        return 0.0
    if run.cursor == ENDED:
        with services.database.write() as session:
            runs.finish(session, run, services.now())
        return None
    if crowded:
        raise Retry(f"{CROWD:,} messages wait for Klaviyo; reading goes on when they are fewer.", after=DRAIN_S)
    return _walk(services, reader, tell)


def period(run: Run, store: Store) -> Walk:
    """What the run walks over: what was asked for, up to what is left to webhooks and the sweep."""
    since, until = (run.options[name] and _midnight(run.options[name]) for name in ("since", "until"))
    news = _news(run, store)
    until = min(news, min(news, until) + timedelta(days=1)) if until else news
    return Walk("order", "placed", since, until, tuple(run.options["channels"]))


def told_as(store: Store, metrics: Sequence[str]) -> Callable[[str], Tracking]:
    """The merchant's choices by sales channel id, everything told as backfill; only the metrics asked for."""
    known: dict[str, Tracking] = {}

    def of_channel(channel_id: str) -> Tracking:
        if channel_id not in known:
            found = store_settings.tracking(store.settings, channel_id, store.platform, FOREVER)
            names = {metric: name for metric, name in found.names.items() if not metrics or metric in metrics}
            known[channel_id] = replace(found, names=names)
        return known[channel_id]

    return of_channel


def _walk(services: Services, reader: Reader, tell: Callable[[Read], Told]) -> float:
    """Page after page; a throttled run takes one small page a turn."""
    run, began = reader.run, services.now()
    throttle = run.options["orders_per_minute"]
    limit = min(reader.limit, max(1, throttle // TURNS_A_MINUTE)) if throttle else reader.limit
    until = began if throttle else began + timedelta(seconds=STEP_S)
    named = 0
    for read, told in reader.ahead(period(run, reader.store), limit, until, tell):
        _write(services, reader, told, cursor=read.end, done=len(read.refs))
        named += len(read.refs)
    took = (services.now() - began).total_seconds()
    return max(0.0, named * 60 / throttle - took) if throttle else 0.0


def _write(services: Services, reader: Reader, told: Told, **progress: Any) -> None:
    """The messages and where the run is, in one commit."""
    run, store, now = reader.run, reader.store, services.now()
    with services.database.write() as session:
        limits.recovered(session, stores.shop_scope(store.id), resolve.API)
        fresh = outbox.add(session, store.id, told.rows, now, now)
        runs.checkpoint(session, run, now, told=fresh, failures=told.failures, **progress)
    if fresh:
        services.wake("deliver-volume", store.id)
    extra = {"store": store.key, "run": run.id, "done": run.done, "told": fresh, "failed": len(told.failures)}
    log.info("page told", extra=extra)


def _news(run: Run, store: Store) -> datetime:
    """From when on everything is news, and none of a history's business."""
    return max(store.connected_at, run.created_at - LEFT_TO_LIVE)


def _midnight(day: str) -> datetime:
    return datetime.fromisoformat(day).replace(tzinfo=UTC)
