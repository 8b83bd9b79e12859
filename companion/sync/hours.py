"""The hour at which a store's subscribers are synchronised: once a day, by the clock on the merchant's wall.

An hour that the clocks skip in spring begins when they jump; one that they repeat in autumn counts the first time. An
hour that was missed, because nothing ran, is made up for once.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from companion import audiences, consent, runs
from companion.bootstrap import Services
from companion.models import Store
from companion.sync.subscribers import KIND

HOUR: Final = 3
ZONE: Final = "UTC"


def is_due(services: Services, session: Session, store: Store) -> bool:
    """Whether the store's hour has come since a run was last asked for, or since its list was chosen."""
    found = audiences.audiences(store.settings)
    if store.state != "active" or store.klaviyo_key is None or not found:
        return False
    known = [consent.read_so_far(session, store.id, one.list_id) for one in found]
    newest = runs.listed(session, store.id, KIND, limit=1)
    if newest and newest[0].state in runs.OPEN:
        return False
    since = [one.chosen_at for one in known if one is not None] + [run.created_at for run in newest]
    return not since or last_due(store.settings, services.now()) > max(since)


def last_due(settings: Mapping[str, Any], now: datetime) -> datetime:
    """When the store's hour last began, as aware UTC."""
    return max(begin for begin in _around(settings, now) if begin <= now)


def next_due(settings: Mapping[str, Any], now: datetime) -> datetime:
    """When the store's hour begins next, as aware UTC."""
    return min(begin for begin in _around(settings, now) if begin > now)


def _around(settings: Mapping[str, Any], now: datetime) -> list[datetime]:
    """The hour's beginnings from two days ago to in two days.

    A wall clock's time that does not exist is the moment at which the clocks jump over it; of two, it is the first.
    """
    hour, zone = settings.get("sync_hour", HOUR), ZoneInfo(settings.get("time_zone", ZONE))
    today = now.astimezone(zone).date()
    days = (today + timedelta(days=offset) for offset in range(-2, 3))
    return [datetime.combine(day, time(hour), zone).astimezone(UTC) for day in days]
