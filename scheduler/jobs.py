"""The complete list of what runs by itself. A line here is a line in `docs/operating.md`.

A store's job is run when it is woken and on every tick while the store has something due; it returns seconds until
it is worth looking again (0: at once), or None when nothing waits. A house job runs at its interval.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from companion import delivery, key_checks, resolve, retention
from companion.bootstrap import JobName, Services
from companion.sync import advance, news, schedule


@dataclass(frozen=True, slots=True)
class StoreJob:
    """Work for one store. `width` is how many runs of it one process may have under way for a store."""

    run: Callable[[Services, int], float | None]
    width: int = 1


@dataclass(frozen=True, slots=True)
class HouseJob:
    """Work for the whole house, every so many seconds. Missed runs are made up by one."""

    run: Callable[[Services], None]
    every_s: int


STORE_JOBS: Final[Mapping[JobName, StoreJob]] = {
    "resolve": StoreJob(resolve.resolve_store),
    "deliver": StoreJob(delivery.deliver_live),
    "deliver-volume": StoreJob(delivery.deliver_volume, width=3),
    "consent": StoreJob(news.act),
    "check": StoreJob(key_checks.check_store),
    "advance": StoreJob(advance.advance_store),
}
HOUSE_JOBS: Final[Mapping[str, HouseJob]] = {
    "schedule": HouseJob(schedule.request_due, every_s=10),
    "retention": HouseJob(retention.forget, every_s=3600),
}
