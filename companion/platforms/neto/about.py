"""What a shop's records do not tell themselves: its currency, and the zone of times that name none.

Neto's documentation says UTC; a shop that answers with its own local time is found out by the clock in its replies.
Asked once an hour, and kept in this process only.
"""

import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from companion.errors import Pause
from companion.platforms.base import Access
from companion.platforms.neto.api import api
from companion.platforms.neto.replies import Refused

BELIEVED: Final = timedelta(hours=1)
QUARTER_S: Final = 900
NO_ZONE_S: Final = 2700
"""A clock that is off by less is wrong, and not in another zone: there is none nearer than an hour."""

HOLD_MINUTES: Final = 10
IDLE_MINUTES: Final = 3


@dataclass(frozen=True, slots=True)
class Standing:
    """What the shop says of itself. `offset_s` is how far its clock is off ours, seconds; None where it did not say."""

    currency: str
    offset_s: float | None


class _Known:
    def __init__(self) -> None:
        self._standings: dict[tuple[str, str], tuple[datetime, Standing]] = {}
        self._turn = threading.Lock()

    def of(self, access: Access) -> Standing:
        key = (access.store_key, access.shop_url)
        with self._turn:
            kept = self._standings.get(key)
        if kept is not None and access.now() < kept[0]:
            return kept[1]
        standing = asked(access)
        with self._turn:
            self._standings[key] = (access.now() + BELIEVED, standing)
        return standing

    def forget(self) -> None:
        with self._turn:
            self._standings.clear()


known: Final = _Known()


def asked(access: Access) -> Standing:
    """Ask the shop. Raises Retry or Pause. A key that may not see the currency needs the store's setting for it."""
    try:
        reply = api.ask(access, "GetCurrencySettings", {})
    except Refused:
        return Standing("", None)
    currency = str(reply.rows[0].get("DEFAULTCURRENCY", "")) if reply.rows else ""
    return Standing(currency, _offset_s(reply.time, access.now()))


def shop(access: Access) -> dict[str, Any]:
    """The record's `shop`, as `mappings.neto.schemas.Shop` reads it. Raises Retry or Pause."""
    settings, standing = access.settings, known.of(access)
    currency = settings.get("currency") or standing.currency
    if not currency:
        raise Pause("The shop does not tell its currency: set it, e.g. `companion store set KEY currency='\"AUD\"'`.")
    return {
        "url": access.shop_url,
        "currency": currency,
        "read_at": access.now(),
        "zone": zone(access),
        "hold_s": 60.0 * settings.get("hold_minutes", HOLD_MINUTES),
        "idle_s": 60.0 * settings.get("idle_minutes", IDLE_MINUTES),
        "splits_count": settings.get("splits_count", False),
        "refills_carts": settings.get("refills_carts", False),
    }


def zone(access: Access) -> str:
    """The zone of the shop's times: a name, or an offset. Raises Retry or Pause."""
    settings = access.settings
    name = str(settings.get("time_zone", ""))
    if settings.get("shop_times", "auto") != "auto":
        return name if settings["shop_times"] == "local" and name else "UTC"
    offset_s = known.of(access).offset_s or 0.0
    if abs(offset_s) < NO_ZONE_S:
        return "UTC"
    quarters = round(offset_s / QUARTER_S)
    offset = timedelta(seconds=quarters * QUARTER_S)
    if name and access.now().astimezone(_zone(name)).utcoffset() == offset:
        return name
    minutes = abs(quarters) * QUARTER_S // 60
    return f"{'-' if quarters < 0 else '+'}{minutes // 60:02}:{minutes % 60:02}"


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def _offset_s(time: str, now: datetime) -> float | None:
    try:
        told = datetime.fromisoformat(time.strip())
    except ValueError:
        return None
    return ((told if told.tzinfo else told.replace(tzinfo=UTC)) - now).total_seconds()
