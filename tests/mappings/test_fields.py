from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mappings import fields


@pytest.mark.parametrize(
    ("given_", "kept"),
    [
        (" Kim.Berg@Shop-Customer.NET ", "kim.berg@shop-customer.net"),
        ("kim+shop@sub.shop-customer.net", "kim+shop@sub.shop-customer.net"),
        ("jürgen@müller-shop.de", "jürgen@müller-shop.de"),
        ("kim@localhost", ""),
        ("kim@shop..net", ""),
        ("kim berg@shop.net", ""),
        ("a@b.de, c@d.de", ""),
        ("kim", ""),
        ("", ""),
        (None, ""),
        ("k" * 92 + "@shop.net", ""),
    ],
)
def test_an_email_is_kept_only_when_klaviyo_would_take_it(given_: str | None, kept: str) -> None:
    assert fields.email(given_) == kept


@pytest.mark.parametrize(
    ("number", "country", "kept"),
    [
        ("030 5550100", "DE", "+49305550100"),
        ("+49 (30) 5550100", "", "+49305550100"),
        ("0049 151 23456789", "DE", "+4915123456789"),
        ("0664 1234567", "AT", "+436641234567"),
        ("(415) 555-2671", "US", "+14155552671"),
        ("030 5550100", "", ""),
        ("030 5550100", "XX", ""),
        ("12345", "DE", ""),
        ("+49 0", "DE", ""),
        ("call me", "DE", ""),
        ("", "DE", ""),
        (None, "DE", ""),
    ],
)
def test_a_phone_number_is_e164_or_nothing(number: str | None, country: str, kept: str) -> None:
    assert fields.phone(number, country) == kept


@settings(deadline=None)
@given(st.text(), st.sampled_from(["DE", "US", "", "XX"]))
def test_whatever_a_shopper_typed_as_phone_number_is_e164_or_nothing(number: str, country: str) -> None:
    kept = fields.phone(number, country)
    assert not kept or (kept[0] == "+" and kept[1:].isdecimal() and 3 <= len(kept) <= 16)


@pytest.mark.parametrize(
    ("number", "amount"),
    [(49.800000000000004, "49.8"), (-11.97, "-11.97"), (5, "5"), (0.1 + 0.2, "0.3"), (1234.5678, "1234.5678")],
)
def test_money_is_what_the_json_number_stands_for(number: float, amount: str) -> None:
    assert fields.money(number) == Decimal(amount)


@given(st.integers(-(10**12), 10**12))
def test_an_amount_in_cents_survives_the_way_through_json(cents: int) -> None:
    assert fields.money(cents / 100) == Decimal(cents) / 100


@pytest.mark.parametrize(
    ("tag", "kept"), [("de-DE", "de-DE"), ("en_GB", "en-GB"), ("sr-Latn-RS", "sr-Latn-RS"), ("?", "")]
)
def test_a_locale_is_a_language_tag_or_nothing(tag: str, kept: str) -> None:
    assert fields.locale(tag) == kept


@pytest.mark.parametrize(("code", "kept"), [("DE", "DE"), (" at", "AT"), ("DEU", ""), (None, "")])
def test_a_country_code_has_two_letters_or_is_none(code: str | None, kept: str) -> None:
    assert fields.country_code(code) == kept


@pytest.mark.parametrize(
    ("time", "utc"),
    [
        (datetime(2026, 3, 14, 10, tzinfo=timezone(timedelta(hours=2))), datetime(2026, 3, 14, 8, tzinfo=UTC)),
        (datetime(2026, 3, 14, 10), datetime(2026, 3, 14, 10, tzinfo=UTC)),  # noqa: DTZ001
        (datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))), datetime(1, 1, 1, tzinfo=UTC)),
    ],
)
def test_a_time_is_utc_whatever_zone_it_came_in(time: datetime, utc: datetime) -> None:
    assert fields.moment(time) == utc


@pytest.mark.parametrize(("value", "kept"), [(" x ", "x"), (7, "7"), (True, ""), (None, ""), ([], ""), ({"a": 1}, "")])
def test_text_is_what_can_be_read_as_text(value: object, kept: str) -> None:
    assert fields.text(value) == kept
