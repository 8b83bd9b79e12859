"""Single values as Neto writes them: amounts, quantities, flags, times. What is not usable comes back empty or zero."""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

CENT: Final = Decimal("0.01")
OFFSET: Final = re.compile(r"([+-])(\d\d):(\d\d)")


def number(text: str | None) -> Decimal:
    """An amount with all the digits it has; none is zero."""
    return Decimal(text.strip()) if text else Decimal()


def cents(amount: Decimal) -> Decimal:
    """To the cent, half up: Neto keeps up to eight digits of a price and charges cents."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def quantity(text: str | None) -> int | Decimal:
    """A whole number where it is one."""
    found = number(text)
    return int(found) if found == found.to_integral_value() else found.normalize()


def flag(text: str | None) -> bool | None:
    """`True` and `False`, in whatever case; None where nothing is said."""
    said = (text or "").strip().lower()
    return {"true": True, "1": True, "y": True, "false": False, "0": False, "n": False}.get(said)


@lru_cache(maxsize=64)
def zone(name: str) -> tzinfo:
    """A zone by name or offset; one that does not exist is UTC."""
    if match := OFFSET.fullmatch(name):
        sign, hours, minutes = match.groups()
        return timezone((-1 if sign == "-" else 1) * timedelta(hours=int(hours), minutes=int(minutes)))
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def moment(text: str | None, where: tzinfo = UTC) -> datetime | None:
    """A time as aware UTC, read in a zone where it names none; None where it is no time."""
    try:
        found = datetime.fromisoformat((text or "").strip())
    except ValueError:
        return None
    try:
        return (found if found.tzinfo else found.replace(tzinfo=where)).astimezone(UTC)
    except OverflowError:
        return None
