"""Single values, cleaned once for every platform: text, e-mail, phone, country, locale, money, time.

Nothing here raises: what is not usable comes back empty, and the caller decides what that means.
"""

import re
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

import phonenumbers

EMAIL: Final = re.compile(r"[^@\s,;<>\"\x00-\x1f\x7f]+@[^@\s,;<>\"\x00-\x1f\x7f.]+(?:\.[^@\s,;<>\"\x00-\x1f\x7f.]+)+")
EMAIL_LENGTH: Final = 100
"""Klaviyo's limit: https://developers.klaviyo.com/en/reference/profiles_api_overview"""

COUNTRY: Final = re.compile(r"[A-Z]{2}")
LOCALE: Final = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")
MONEY_PLACES: Final = 4
"""No currency in use has more; what lies behind is the noise of binary fractions."""


def text(value: Any) -> str:
    """A string or number as trimmed text; anything else as none."""
    if isinstance(value, str):
        return value.strip()
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def email(value: str | None) -> str:
    """An address Klaviyo accepts, in lower case as Klaviyo keeps it, or empty."""
    address = text(value).lower()
    return address if len(address) <= EMAIL_LENGTH and EMAIL.fullmatch(address) else ""


@lru_cache(maxsize=2048)
def phone(value: str | None, country: str) -> str:
    """A number in E.164, read as dialled in `country` where it names none, or empty when it cannot exist."""
    try:
        number = phonenumbers.parse(value or "", country or None)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_valid_number(number):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def country_code(value: str | None) -> str:
    """ISO 3166-1 alpha-2, or empty."""
    code = text(value).upper()
    return code if COUNTRY.fullmatch(code) else ""


def locale(value: str | None) -> str:
    """A BCP 47 language tag (`de-DE`), or empty."""
    tag = text(value)
    return tag.replace("_", "-") if LOCALE.fullmatch(tag) else ""


def money(amount: float) -> Decimal:
    """The amount a JSON number stands for: 49.800000000000004 is 49.8."""
    return Decimal(repr(round(amount, MONEY_PLACES)))


def moment(value: datetime) -> datetime:
    """The same time as aware UTC; a time that names no zone, or lies at the end of the calendar, is taken as UTC."""
    try:
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    except OverflowError:
        return value.replace(tzinfo=UTC)
