"""The composition root: Settings in, Services out. The one place that makes an engine, a clock and clients."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final, Literal, cast

from companion.config import Settings
from companion.db import Database
from companion.inbox import Intake
from companion.klaviyo.client import Client
from companion.platforms import neto, shopware
from companion.platforms.base import Platform
from companion.vault import Vault

PLATFORMS: Final[Mapping[str, Platform]] = {one.name: cast("Platform", one) for one in (shopware, neto)}
"""Every platform there is."""

JobName = Literal["resolve", "deliver", "deliver-volume", "consent", "check", "advance"]
Wake = Callable[[JobName, int], None]


def asleep(job: JobName, store_id: int) -> None:
    """The wake of a process without an engine: the tick of another finds the work."""


@dataclass(frozen=True)
class Services:
    """Everything the work needs, built once and passed as the first argument. Tests use `dataclasses.replace`."""

    settings: Settings
    database: Database
    vault: Vault
    intake: Intake
    klaviyo: Client
    platforms: Mapping[str, Platform]
    wake: Wake
    now: Callable[[], datetime]
    sleep: Callable[[float], object]


def clock() -> datetime:
    """The service's clock."""
    return datetime.now(UTC)


def build(settings: Settings, wake: Wake = asleep, **overrides: Any) -> Services:
    """Build the services of this process. Nothing is contacted yet."""
    database = Database(settings.database)
    services = Services(
        settings=settings,
        database=database,
        vault=Vault(settings.secret_key),
        intake=Intake(database),
        klaviyo=Client(settings.klaviyo_url, settings.klaviyo_timeout_s),
        platforms=PLATFORMS,
        wake=wake,
        now=clock,
        sleep=time.sleep,
    )
    return replace(services, **overrides)
