"""What a history run expects, before it begins: how many orders, events, calls, and how long at the quotas in force.

Orders are counted by the shop. How many events an order makes and how many calls a page takes is measured on one page
of orders of several ages, so these figures say "about".
"""

import math
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from companion import runs, store_settings
from companion.bootstrap import Services
from companion.klaviyo import client, payloads
from companion.models import Limit, Store
from companion.platforms.base import Ref, Walk
from companion.sync.reading import Read, Reader
from companion.sync.telling import Told
from mappings.metrics import DEFAULTS

BULK: Final = "event-bulk-create-jobs"
AGES: Final = (timedelta(days=730), timedelta(days=180), timedelta(days=30))
"""How old the orders are that are looked at, besides the very first ones."""


def make(services: Services, reader: Reader, walk: Walk, tell: Callable[[Read], Told]) -> float:
    """Make the plan and keep it; a run that was asked to waits for a yes then.

    `{"since", "until", "channels", "metrics", "orders", "events", "shop_calls", "klaviyo_calls", "seconds",
    "bound_by"}`: times ISO or None; `bound_by` is what takes the longest: klaviyo, shop or throttle.
    """
    run, orders = reader.run, reader.count(walk)
    events, shop_calls, latency_s = _expected(services, reader, walk, tell, orders)
    plan: dict[str, Any] = {
        "since": walk.since and walk.since.isoformat(),
        "until": walk.until and walk.until.isoformat(),
        "channels": list(walk.channels),
        "metrics": _metrics(reader, walk),
        "orders": orders,
        "events": events,
        "shop_calls": shop_calls,
        "klaviyo_calls": math.ceil(events / payloads.BULK_EVENTS),
    }
    run, times = reader.run, _times(services, reader, plan, latency_s)
    bound_by = max(times, key=lambda name: times[name])
    with services.database.write() as session:
        runs.planned(
            session, run, {**plan, "seconds": round(times[bound_by]), "bound_by": bound_by}, orders, services.now()
        )
        if run.options["ask"]:
            runs.hold(session, run, "The plan is made: it waits for a yes.")
    return 0.0


def _expected(
    services: Services, reader: Reader, walk: Walk, tell: Callable[[Read], Told], orders: int
) -> tuple[int, int, float]:
    """Events, calls to the shop, and the seconds each of them takes, by what a page of orders made and took."""
    refs = _sample(reader, walk)
    began, before = services.now(), reader.calls
    events = tell(reader.records(refs)).events
    calls = reader.calls - before
    latency_s = (services.now() - began).total_seconds() / max(1, calls)
    pages = math.ceil(orders / reader.limit)
    return round(len(events) * orders / max(1, len(refs))), pages * (calls + 1), latency_s


def _sample(reader: Reader, walk: Walk) -> list[Ref]:
    """A page of orders: some of the oldest that are younger than each of AGES, the rest of the oldest there are."""
    limit = reader.limit
    starts = [walk.until - age for age in AGES if walk.until and (walk.since is None or walk.until - age > walk.since)]
    walks = [(replace(walk, since=start), max(1, limit // (len(AGES) + 1))) for start in starts]
    named = [reader.named(one, None, some).refs for one, some in [*walks, (walk, limit)]]
    return list(dict.fromkeys(ref for refs in named for ref in refs))[:limit]


def _metrics(reader: Reader, walk: Walk) -> list[str]:
    """The metrics that any of the channels tells."""
    store, wanted = reader.store, reader.run.options["metrics"]
    told = {
        metric
        for channel in ("", *walk.channels)
        for metric in store_settings.tracking(store.settings, channel, store.platform, store.connected_at).names
    }
    return [metric for metric in DEFAULTS if metric in told and (not wanted or metric in wanted)]


def _times(services: Services, reader: Reader, plan: dict[str, Any], latency_s: float) -> dict[str, float]:
    """Seconds that each of those involved needs by itself."""
    settings, throttle = services.settings, reader.run.options["orders_per_minute"]
    bulk_calls_s = _bulk_calls_a_minute(services, reader.store) * settings.klaviyo_share / 60
    calls = store_settings.calls_per_minute(reader.store.settings, settings.shop_calls_per_minute)
    call_s = max(60 / calls, latency_s)
    return {
        "klaviyo": plan["events"] / payloads.BULK_EVENTS / bulk_calls_s,
        "shop": plan["shop_calls"] * call_s,
        "throttle": plan["orders"] * 60 / throttle if throttle else 0.0,
    }


def _bulk_calls_a_minute(services: Services, store: Store) -> int:
    """The account's own limit where Klaviyo has told it, else the documented one."""
    with services.database.read() as session:
        learned = session.get(Limit, (store.klaviyo_account, BULK))
    return (learned.steady if learned else None) or client.PACES[BULK].steady
