"""Klaviyo's audience through its client: what is asked, in which shape, and what becomes of every reply."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
import responses

from companion.errors import Bury, Pause, RemoteError, Retry
from companion.klaviyo.audience import IMPORT_BYTES, IMPORTS, NAMED, Audience, fitting, named
from companion.klaviyo.client import Client
from mappings.model import Subscription, Suppression

BASE, KEY, LIST = "https://klaviyo.shop-owner.net", "pk_good", "Y6nRLr"
NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)
ADDRESS_LINE = 4_094
"""Bytes that widespread servers take as the first line of a request."""


@pytest.fixture
def http() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as mock:
        yield mock


@pytest.fixture
def audience() -> Audience:
    return Client(BASE, 5.0).audience


def asked(http: responses.RequestsMock, index: int = -1) -> dict[str, str]:
    found: dict[str, str] = http.calls[index].request.params  # type: ignore[attr-defined]
    return found


def sent(http: responses.RequestsMock) -> Any:
    return json.loads(http.calls[-1].request.body or b"")


def person(email: str, **marketing: Any) -> dict[str, Any]:
    attributes = {"email": email, "joined_group_at": "2026-03-01T08:00:00+00:00"}
    return {
        "type": "profile",
        "id": f"01{email}",
        "attributes": {**attributes, "subscriptions": {"email": {"marketing": marketing}}},
    }


def test_an_answer_that_leaves_out_consent_is_not_taken_for_consent(
    http: responses.RequestsMock, audience: Audience
) -> None:
    silent = {"type": "profile", "id": "01", "attributes": {"email": "kim@shop-customer.net"}}
    http.get(f"{BASE}/api/profiles", json={"data": [silent], "links": {}})
    with pytest.raises(Retry, match="leaves out"):
        audience.profiles(KEY, ["kim@shop-customer.net"])


def test_members_are_asked_for_with_their_consent_in_the_order_they_joined(
    http: responses.RequestsMock, audience: Audience
) -> None:
    url = f"{BASE}/api/lists/{LIST}/profiles"
    following = "https://a.klaviyo.com/api/lists/Y6nRLr/profiles?page%5Bcursor%5D=abc%3D&sort=joined_group_at"
    marketing = {
        "consent": "SUBSCRIBED",
        "suppression": [{"reason": "HARD_BOUNCE", "timestamp": "2026-03-02T10:00:00.5+00:00"}],
        "list_suppressions": [{"list_id": "Other", "reason": "UNSUBSCRIBE", "timestamp": "2026-03-03T10:00:00Z"}],
    }
    http.get(url, json={"data": [person("Kim@Shop-customer.net", **marketing)], "links": {"next": following}})
    page = audience.members(KEY, LIST, NOON)
    assert asked(http) == {
        "additional-fields[profile]": "subscriptions",
        "fields[profile]": "email,subscriptions,joined_group_at",
        "sort": "joined_group_at",
        "page[size]": "100",
        "filter": "greater-or-equal(joined_group_at,2026-03-14T12:00:00+00:00)",
    }
    (one,) = page.items
    assert (one.profile_id, one.email, one.consent) == (
        "01Kim@Shop-customer.net",
        "kim@shop-customer.net",
        "SUBSCRIBED",
    )
    assert one.suppressions == (
        Suppression("HARD_BOUNCE", datetime(2026, 3, 2, 10, 0, 0, 500_000, UTC)),
        Suppression("UNSUBSCRIBE", datetime(2026, 3, 3, 10, tzinfo=UTC), "Other"),
    )
    http.get(url, json={"data": [], "links": {"next": None}})
    assert audience.members(KEY, LIST, following=page.next).next is None
    assert asked(http) == {"page[cursor]": "abc=", "sort": "joined_group_at"}
    assert str(http.calls[-1].request.url).startswith(BASE)


def test_consent_withdrawn_without_a_suppression_is_told_as_one(
    http: responses.RequestsMock, audience: Audience
) -> None:
    withdrawn = person("kim@shop-customer.net", consent="UNSUBSCRIBED", last_updated="2026-03-05T10:00:00+00:00")
    silent = {"id": "01B", "attributes": {"subscriptions": {}}}
    http.get(f"{BASE}/api/profiles", json={"data": [withdrawn, silent], "links": {}})
    kim, *others = audience.profiles(KEY, ["kim@shop-customer.net"]).items
    assert kim.suppressions == (Suppression("UNSUBSCRIBE", datetime(2026, 3, 5, 10, tzinfo=UTC)),)
    assert [one.suppressions for one in others] == [()]


def test_members_who_joined_before_a_time_are_asked_for_by_it(http: responses.RequestsMock, audience: Audience) -> None:
    http.get(f"{BASE}/api/lists/{LIST}/profiles", json={"data": [], "links": {}})
    audience.members(KEY, LIST, before=NOON)
    assert asked(http)["filter"] == "less-than(joined_group_at,2026-03-14T12:00:00+00:00)"


@pytest.mark.parametrize("of_lists", [False, True])
def test_suppressions_are_asked_for_by_the_time_they_happened_whatever_their_reason(
    http: responses.RequestsMock, audience: Audience, of_lists: bool
) -> None:
    http.get(f"{BASE}/api/profiles", json={"data": [], "links": {}})
    audience.suppressed(KEY, NOON, of_lists=of_lists)
    field = f"subscriptions.email.marketing.{'list_suppressions' if of_lists else 'suppression'}.timestamp"
    assert asked(http)["filter"] == f"greater-or-equal({field},2026-03-14T12:00:00+00:00)"
    assert asked(http)["sort"] == field


def test_addresses_in_a_filter_are_quoted(http: responses.RequestsMock, audience: Audience) -> None:
    http.get(f"{BASE}/api/lists/{LIST}/profiles", json={"data": [], "links": {}})
    audience.members_named(KEY, LIST, ["kim+1@shop-customer.net", 'od"d\\@shop-customer.net'])
    assert asked(http)["filter"] == r'any(email,["kim+1@shop-customer.net","od\"d\\@shop-customer.net"])'
    assert "%2B" in str(http.calls[-1].request.url)


def test_consent_goes_out_as_a_historical_import(http: responses.RequestsMock, audience: Audience) -> None:
    http.post(f"{BASE}/api/profile-subscription-bulk-create-jobs", status=202)
    audience.subscribe(KEY, LIST, [Subscription("kim@shop-customer.net", NOON - timedelta(days=9))], "Shop newsletter")
    attributes = sent(http)["data"]["attributes"]
    assert attributes["historical_import"] is True
    assert attributes["custom_source"] == "Shop newsletter"
    (one,) = attributes["profiles"]["data"]
    marketing = {"consent": "SUBSCRIBED", "consented_at": "2026-03-05T12:00:00+00:00"}
    assert one["attributes"] == {
        "email": "kim@shop-customer.net",
        "subscriptions": {"email": {"marketing": marketing}},
    }
    assert sent(http)["data"]["relationships"] == {"list": {"data": {"type": "list", "id": LIST}}}


def test_members_are_taken_off_by_the_lists_relationship(http: responses.RequestsMock, audience: Audience) -> None:
    http.delete(f"{BASE}/api/lists/{LIST}/relationships/profiles", status=204)
    audience.remove(KEY, LIST, ["01A", "01B"])
    assert sent(http) == {"data": [{"type": "profile", "id": "01A"}, {"type": "profile", "id": "01B"}]}


def test_an_import_holds_profiles_without_consent_or_a_list(http: responses.RequestsMock, audience: Audience) -> None:
    job = {"data": {"type": "profile-bulk-import-job", "id": "job1", "attributes": {"status": "queued"}}}
    http.post(f"{BASE}/api/profile-bulk-import-jobs", json=job, status=202)
    (found,) = audience.import_profiles(KEY, [b'{"email":"a@b.de"}', b'{"email":"c@d.de"}']).items
    assert (found.id, found.status, found.failed) == ("job1", "queued", 0)
    profiles = [{"type": "profile", "attributes": {"email": email}} for email in ("a@b.de", "c@d.de")]
    document = {"type": "profile-bulk-import-job", "attributes": {"profiles": {"data": profiles}}}
    assert sent(http) == {"data": document}


def test_an_import_is_cut_by_number_and_by_size() -> None:
    assert fitting([100] * 20_000) == IMPORTS
    assert fitting([9_000_000, 1]) == 1
    assert fitting([1, 2, 3]) == 3
    many = fitting([1_000] * 20_000)
    assert IMPORT_BYTES - 2_000 < many * 1_040 <= IMPORT_BYTES


def test_what_an_import_could_not_write_is_read_page_by_page(http: responses.RequestsMock, audience: Audience) -> None:
    payload = {"type": "profile", "attributes": {"email": "Bad@Shop-customer.net"}}
    error = {"attributes": {"detail": "Invalid phone number", "original_payload": payload}}
    url = f"{BASE}/api/profile-bulk-import-jobs/job1"
    http.get(f"{url}/import-errors", json={"data": [error], "links": {"next": f"{url}/import-errors?page=2"}})
    page = audience.import_problems(KEY, "job1")
    assert [(one.email, one.reason) for one in page.items] == [("bad@shop-customer.net", "Invalid phone number")]
    assert page.next == "/api/profile-bulk-import-jobs/job1/import-errors?page=2"
    http.get(url, status=404)
    assert not audience.import_job(KEY, "job1").items


def test_a_list_is_read_with_its_number_of_members(http: responses.RequestsMock, audience: Audience) -> None:
    found = {"id": LIST, "attributes": {"name": "Newsletter", "profile_count": 7}}
    http.get(f"{BASE}/api/lists/{LIST}", json={"data": found}, headers={"RateLimit-Limit": "15"})
    page = audience.mailing_list(KEY, LIST)
    assert [(one.name, one.members) for one in page.items] == [("Newsletter", 7)]
    assert page.quota.limit == 15


@pytest.mark.parametrize(
    ("status", "body", "remedy"),
    [
        (400, {"errors": [{"detail": "Invalid", "source": {"pointer": "/data/attributes/profiles/data/3"}}]}, Bury),
        (401, {"errors": [{"detail": "Incorrect authentication credentials."}]}, Pause),
        (403, {"errors": [{"detail": "missing required scopes: subscriptions:write"}]}, Pause),
        (404, {}, Pause),
        (410, {}, Pause),
        (413, {}, Bury),
        (429, {}, Retry),
        (500, {}, Retry),
        (503, {}, Retry),
        (302, {}, Pause),
    ],
)
def test_every_refusal_becomes_its_remedy(
    http: responses.RequestsMock, audience: Audience, status: int, body: Any, remedy: type[RemoteError]
) -> None:
    http.post(f"{BASE}/api/profile-subscription-bulk-create-jobs", json=body, status=status)
    with pytest.raises(remedy):
        audience.subscribe(KEY, LIST, [], "Shop newsletter")


@pytest.mark.parametrize("body", ["<html>maintenance</html>", "[]", '{"data": {}}', '{"data": ["x"]}', ""])
def test_an_answer_that_is_not_klaviyos_is_asked_for_again(
    http: responses.RequestsMock, audience: Audience, body: str
) -> None:
    http.get(f"{BASE}/api/lists/{LIST}/profiles", body=body)
    with pytest.raises(Retry):
        audience.members(KEY, LIST)


def test_a_reset_connection_may_have_been_accepted(http: responses.RequestsMock, audience: Audience) -> None:
    http.delete(f"{BASE}/api/lists/{LIST}/relationships/profiles", body=requests.ConnectionError())
    with pytest.raises(Retry) as caught:
        audience.remove(KEY, LIST, ["01A"])
    assert caught.value.unknown


def test_there_is_no_way_to_unsubscribe_anybody(audience: Audience) -> None:
    assert not [name for name in dir(audience) if "unsubscribe" in name or "unsuppress" in name]


@pytest.mark.parametrize("length", [5, 20, 50, 100])
def test_as_many_addresses_are_asked_about_as_a_page_and_an_address_line_hold(
    http: responses.RequestsMock, audience: Audience, length: int
) -> None:
    emails = ["k" * (length - len("+@b.de")) + "+@b.de"] * 1_000
    count = named(emails)
    http.get(f"{BASE}/api/lists/{LIST}/profiles", json={"data": []})
    audience.members_named(KEY, LIST, emails[:count])
    line = len(f"GET {http.calls[0].request.path_url} HTTP/1.1")
    assert line <= ADDRESS_LINE
    assert count == NAMED or line > 0.9 * ADDRESS_LINE
    assert named([]) == 0
    assert named(["k" * 5_000]) == 1
