"""Shopware's newsletter recipients: how they are read page by page, what a webhook leads to, what a row means."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests
import responses

import mappings
from companion.errors import MalformedWebhook, Retry
from companion.platforms import shopware
from companion.platforms.base import Access, Channels, Ref
from companion.platforms.shopware import app_build
from mappings.errors import IgnoredTopic, InvalidRecord
from mappings.model import Recipient
from mappings.shopware.schemas import PRIVILEGES
from tests.mappings import recorded
from tests.subscribers.build import webhook

SHOP = "https://shop.shop-owner.net/public"
A, B = "a" * 32, "b" * 32
Json = dict[str, Any]


@dataclass
class Shop:
    """A shop's recipients and its search: ids, creation time, sales channel, e-mail; `most` is its largest page."""

    rows: list[Json] = field(default_factory=list)
    asked: list[Json] = field(default_factory=list)
    most: int = 500
    short: int | None = None

    def add(self, number: int, created: str = "", **row: Any) -> Json:
        at = created or f"2026-03-01T00:00:{number // 1000:02}.{number % 1000:03}+00:00"
        body = {
            "id": f"{number:032x}",
            "email": f"kim{number}@shop-customer.net",
            "status": "optIn",
            "createdAt": at,
            "salesChannelId": A,
            **row,
        }
        self.rows.append(body)
        return body

    def answer(self, request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        asked = json.loads(request.body or b"")
        self.asked.append(asked)
        if asked["limit"] > self.most:
            return 400, {}, json.dumps({"errors": [{"code": "FRAMEWORK__QUERY_LIMIT_EXCEEDED", "detail": "limit"}]})
        found = [row for row in self.rows if "ids" not in asked or row["id"] in asked["ids"]]
        for one in asked.get("filter", []):
            found = [row for row in found if _holds(one, row)]
        found.sort(key=lambda row: (row["createdAt"], row["id"]))
        start = (asked.get("page", 1) - 1) * asked["limit"]
        page = found[start : start + asked["limit"]][: self.short]
        return 200, {}, json.dumps({"total": len(found), "data": page})


def _holds(one: Json, row: Json) -> bool:
    if one["type"] == "not":
        return not any(_holds(inner, row) for inner in one["queries"])
    if one["type"] == "equalsAny":
        return str(row[one["field"]]).lower() in [str(value).lower() for value in one["value"]]
    at = datetime.fromisoformat(one["parameters"]["gte"]).replace(tzinfo=UTC)
    return datetime.fromisoformat(row[one["field"]]) >= at


@pytest.fixture
def shop() -> Iterator[Shop]:
    found = Shop()
    with responses.RequestsMock(assert_all_requests_are_fired=False) as http:
        http.post(f"{SHOP}/api/oauth/token", json={"access_token": "token", "expires_in": 600})
        http.add_callback("POST", f"{SHOP}/api/search/newsletter-recipient", found.answer)
        yield found


@pytest.fixture
def access(request: pytest.FixtureRequest) -> Access:
    """A store of the test's own: tokens are kept by the process."""
    credentials = {"secret": "s" * 64, "client_id": "SWIATESTS", "client_secret": "client-secret"}
    return Access(request.node.name, SHOP, credentials, lambda: datetime(2026, 3, 14, tzinfo=UTC), lambda: None)


def walked(access: Access, channels: Channels | None = None) -> tuple[set[str], int, int]:
    """Every id met, how many were counted, and the number of pages."""
    met, counted, pages, cursor = set[str](), 0, 0, None
    while True:
        page = shopware.fetch_recipients(access, channels or Channels(), cursor)
        met |= {record.id for record in page.records}
        counted, pages, cursor = counted + page.counted, pages + 1, json.loads(json.dumps(page.cursor))
        if cursor is None:
            return met, counted, pages


@pytest.mark.parametrize("count", [0, 1, 499, 500, 501, 1700])
def test_every_recipient_is_met_and_counted_once_in_few_pages(shop: Shop, access: Access, count: int) -> None:
    for number in range(count):
        shop.add(number)
    met, counted, pages = walked(access)
    assert len(met) == counted == count == shopware.count_recipients(access, Channels())
    assert pages <= count // 499 + 1


@pytest.mark.parametrize("alike", [499, 500, 501, 1300])
def test_recipients_that_were_imported_at_one_moment_are_all_met(shop: Shop, access: Access, alike: int) -> None:
    for number in range(3):
        shop.add(number)
    for number in range(alike):
        shop.add(10_000 + number, "2026-03-02T00:00:00.000+00:00")
    for number in range(3):
        shop.add(20_000 + number, "2026-03-03T00:00:00.000+00:00")
    met, counted, _ = walked(access)
    assert len(met) == counted == alike + 6


def test_what_is_deleted_or_added_while_reading_upsets_no_page(shop: Shop, access: Access) -> None:
    for number in range(1200):
        shop.add(number)
    first = shopware.fetch_recipients(access, Channels(), None)
    del shop.rows[100:300]
    shop.add(9_000, "2026-03-05T00:00:00.000+00:00")
    second = shopware.fetch_recipients(access, Channels(), first.cursor)
    third = shopware.fetch_recipients(access, Channels(), second.cursor)
    met = {record.id for page in (first, second, third) for record in page.records}
    assert {row["id"] for row in shop.rows} <= met


def test_a_shop_that_allows_smaller_pages_only_is_asked_for_smaller_ones(shop: Shop, access: Access) -> None:
    shop.most = 100
    for number in range(250):
        shop.add(number)
    met, counted, _ = walked(access)
    assert len(met) == counted == 250
    assert sum(asked["limit"] > 100 for asked in shop.asked) == 1


def test_only_the_channels_that_are_meant_are_read(shop: Shop, access: Access) -> None:
    shop.add(1)
    shop.add(2, salesChannelId=B)
    assert walked(access, Channels(only=(B,)))[:2] == ({f"{2:032x}"}, 1)
    assert walked(access, Channels(without=(B,)))[:2] == ({f"{1:032x}"}, 1)
    assert shopware.count_recipients(access, Channels(without=(A, B))) == 0


def test_the_hash_that_confirms_and_unsubscribes_is_never_asked_for(shop: Shop, access: Access) -> None:
    shop.add(1)
    walked(access)
    shopware.fetch_records(access, [Ref("newsletter_recipient", f"{1:032x}")])
    assert all("includes" in asked for asked in shop.asked)
    assert not any("hash" in names for asked in shop.asked for names in asked["includes"].values())


def test_an_answer_without_records_is_not_believed(shop: Shop, access: Access) -> None:
    shop.add(1, createdAt="")
    shop.rows[0]["createdAt"] = "yesterday"
    shop.most = 500
    for number in range(499):
        shop.add(10 + number)
    shop.rows.sort(key=lambda row: row["createdAt"] == "yesterday")
    with pytest.raises(Retry):
        shopware.fetch_recipients(access, Channels(), None)


def test_a_webhook_leads_to_all_recipients_of_its_address(shop: Shop, access: Access) -> None:
    shop.add(1, email="Kim@shop-customer.net")
    shop.add(2, email="kim@Shop-customer.net", salesChannelId=B, status="optOut")
    shop.add(3)
    refs = [Ref("newsletter_recipient", f"{number:032x}") for number in (1, 3, 99)]
    records = {record.id: record.body["recipients"] for record in shopware.fetch_records(access, refs)}
    assert [row["id"] for row in records[f"{1:032x}"]] == [f"{1:032x}", f"{2:032x}"]
    assert [row["id"] for row in records[f"{3:032x}"]] == [f"{3:032x}"]
    assert len(records) == 2
    assert len(shop.asked) == 2


@pytest.mark.parametrize("topic", ["newsletter.confirm", "newsletter.unsubscribe"])
def test_a_newsletter_webhook_names_the_recipient(topic: str) -> None:
    assert shopware.refs(topic, webhook("0" * 32, topic)) == (Ref("newsletter_recipient", "0" * 32),)
    assert topic in app_build.TOPICS
    assert "newsletter_recipient" in PRIVILEGES


def test_a_sign_up_that_waits_for_its_confirmation_is_of_no_use() -> None:
    with pytest.raises(IgnoredTopic):
        shopware.refs("newsletter.register", webhook("0" * 32, "newsletter.register"))


@pytest.mark.parametrize("id_", ["", "zz", "0" * 31])
def test_a_newsletter_webhook_without_an_id_is_malformed(id_: str) -> None:
    with pytest.raises(MalformedWebhook):
        shopware.refs("newsletter.confirm", webhook(id_))
    with pytest.raises(MalformedWebhook, match="is missing"):
        shopware.refs("newsletter.confirm", webhook("0" * 32).replace(b"_uniqueIdentifier", b"other"))


def rows(version: str) -> dict[str, Json]:
    path: Path = recorded.needed() / version / "admin-api" / "newsletter-recipient.search.json"
    found = json.loads(path.read_bytes())["response"]["body"]["data"]
    return {row["email"]: row for row in found}


@pytest.mark.parametrize("version", recorded.VERSIONS)
def test_recorded_recipients_are_understood(version: str) -> None:
    found = {email: mappings.recipient("shopware", row) for email, row in rows(version).items()}
    anna = found["newsletter.anna@example.com"]
    assert (anna.active, anna.status, anna.first_name, anna.title, anna.locale) == (
        True,
        "optIn",
        "Anna",
        "Mrs.",
        "en-GB",
    )
    assert anna.opted_in_at == datetime.fromisoformat(rows(version)[anna.email]["confirmedAt"])
    assert anna.channel_id
    assert anna.channel_name
    assert {one.active for one in found.values() if one.status in ("optIn", "direct")} == {True}
    assert {one.active for one in found.values() if one.status in ("notSet", "optOut")} == {False}


@pytest.mark.parametrize("version", recorded.VERSIONS)
def test_recorded_webhooks_name_recorded_recipients(version: str) -> None:
    known = {row["id"] for row in rows(version).values()}
    for path in sorted((recorded.needed() / version / "webhooks").glob("*-newsletter.*.json")):
        topic = path.stem.partition("-")[2]
        if topic != "newsletter.register":
            (ref,) = shopware.refs(topic, json.loads(path.read_bytes())["body_raw"].encode())
            assert ref.id in known or len(ref.id) == 32


def row(**columns: Any) -> Json:
    created = "2026-03-01T08:00:00.123+00:00"
    return {"id": "1", "email": " Kim@Shop-customer.net ", "status": "direct", "createdAt": created, **columns}


def test_consent_is_as_old_as_the_confirmation_or_else_the_sign_up() -> None:
    assert mappings.recipient("shopware", row()).opted_in_at == datetime(2026, 3, 1, 8, 0, 0, 123_000, UTC)
    confirmed = mappings.recipient("shopware", row(status="optIn", confirmedAt="2026-03-02T08:00:00.000+00:00"))
    assert confirmed.opted_in_at == datetime(2026, 3, 2, 8, tzinfo=UTC)


def test_a_confirmation_keeps_its_time_when_the_row_was_imported_into_a_new_shop() -> None:
    moved = mappings.recipient("shopware", row(status="optIn", confirmedAt="2019-03-02T08:00:00.000+00:00"))
    assert moved.opted_in_at == datetime(2019, 3, 2, 8, tzinfo=UTC)
    assert moved.changed_at is None


def test_without_a_confirmation_in_force_the_row_tells_when_it_was_last_written() -> None:
    written, former = "2026-03-05T08:00:00.000+00:00", "2026-03-02T08:00:00.000+00:00"
    found = mappings.recipient("shopware", row(updatedAt=written, confirmedAt=former))
    assert found.changed_at == datetime(2026, 3, 5, 8, tzinfo=UTC)
    assert found.opted_in_at == datetime(2026, 3, 2, 8, tzinfo=UTC)


def test_what_says_nothing_is_left_out() -> None:
    silent = {"salutationKey": "not_specified", "displayName": "Not specified"}
    found = mappings.recipient("shopware", row(salutation=silent, tags=[{"name": ""}, {"name": "b"}, {"name": "a"}]))
    assert found == Recipient(
        "1",
        "kim@shop-customer.net",
        active=True,
        status="direct",
        opted_in_at=datetime(2026, 3, 1, 8, 0, 0, 123_000, UTC),
        tags=("a", "b"),
    )


@pytest.mark.parametrize(
    ("columns", "path"),
    [
        ({"email": "nobody"}, "$.email"),
        ({"email": None}, "$.email"),
        ({"status": 7}, "$.status"),
        ({"createdAt": "yesterday"}, "$.createdAt"),
        ({"tags": "a"}, "$.tags"),
    ],
)
def test_a_row_that_is_no_recipient_is_refused_by_path(columns: Json, path: str) -> None:
    with pytest.raises(InvalidRecord) as caught:
        mappings.recipient("shopware", row(**columns))
    assert caught.value.path == path
