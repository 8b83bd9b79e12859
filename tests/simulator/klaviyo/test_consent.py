"""Consent: what subscribing lifts, whom unsubscribing hits, what an import of history must say."""

from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.simulator.klaviyo.conftest import PERSON, Caller, StillClock, problems

CONSENTED = "2024-05-01T08:00:00+00:00"
PROFILES = "/data/attributes/profiles/data"


def marketing(consent: str = "SUBSCRIBED", consented_at: str | None = None) -> dict[str, Any]:
    return {"marketing": {"consent": consent, **({"consented_at": consented_at} if consented_at else {})}}


def subscribe(
    sim: Caller, *profiles: dict[str, Any], list_id: str | None = None, historical: bool = True
) -> TestResponse:
    data: dict[str, Any] = {
        "type": "profile-subscription-bulk-create-job",
        "attributes": {
            "historical_import": historical,
            "profiles": {"data": [{"type": "profile", "attributes": one} for one in profiles]},
        },
    }
    if list_id:
        data["relationships"] = {"list": {"data": {"type": "list", "id": list_id}}}
    return sim.post("/api/profile-subscription-bulk-create-jobs", {"data": data})


def someone(email: str = PERSON, consented_at: str | None = CONSENTED) -> dict[str, Any]:
    return {"email": email, "subscriptions": {"email": marketing(consented_at=consented_at)}}


def unsubscribe(sim: Caller, *emails: str, list_id: str | None = None) -> TestResponse:
    profiles = [{"email": email, "subscriptions": {"email": marketing("UNSUBSCRIBED")}} for email in emails]
    data: dict[str, Any] = {
        "type": "profile-subscription-bulk-delete-job",
        "attributes": {"profiles": {"data": [{"type": "profile", "attributes": one} for one in profiles]}},
    }
    if list_id:
        data["relationships"] = {"list": {"data": {"type": "list", "id": list_id}}}
    return sim.post("/api/profile-subscription-bulk-delete-jobs", {"data": data})


def suppression_job(sim: Caller, verb: str, *emails: str) -> TestResponse:
    profiles = [{"type": "profile", "attributes": {"email": email}} for email in emails]
    data = {"type": f"profile-suppression-bulk-{verb}-job", "attributes": {"profiles": {"data": profiles}}}
    return sim.post(f"/api/profile-suppression-bulk-{verb}-jobs", {"data": data})


def standing(sim: Caller, email: str = PERSON) -> Any:
    where = {"filter": f'equals(email,"{email}")', "additional-fields[profile]": "subscriptions"}
    return sim.get("/api/profiles", **where)["data"][0]["attributes"]["subscriptions"]["email"]["marketing"]


def list_ids(sim: Caller) -> dict[str, str]:
    return {one["attributes"]["name"]: one["id"] for one in sim.get("/api/lists")["data"]}


def members(sim: Caller, list_id: str) -> list[str]:
    return [one["attributes"]["email"] for one in sim.all(f"/api/lists/{list_id}/profiles")]


def test_a_historical_import_subscribes_at_once_with_the_time_of_consent(sim: Caller) -> None:
    double = list_ids(sim)["Double opt-in Newsletter"]
    reply = subscribe(sim, someone(), list_id=double)
    assert (reply.status_code, reply.data) == (202, b"")
    found = standing(sim)
    assert (found["consent"], found["consent_timestamp"]) == ("SUBSCRIBED", CONSENTED)
    assert found["can_receive_email_marketing"]
    assert members(sim, double) == [PERSON]


def test_without_the_import_flag_a_double_opt_in_list_waits_for_the_click(sim: Caller) -> None:
    double = list_ids(sim)["Double opt-in Newsletter"]
    subscribe(sim, someone(consented_at=None), list_id=double, historical=False)
    assert standing(sim)["consent"] == "NEVER_SUBSCRIBED"
    assert members(sim, double) == []
    sim.control("POST", f"profiles/{PERSON}/confirm")
    assert (standing(sim)["consent"], standing(sim)["double_optin"]) == ("SUBSCRIBED", True)
    assert members(sim, double) == [PERSON]


@pytest.mark.parametrize(
    ("profile", "historical", "place"),
    [
        (someone(consented_at=None), True, "subscriptions/email/marketing/consented_at"),
        (someone(), False, "subscriptions/email/marketing/consented_at"),
        (someone(consented_at="2027-01-01T00:00:00Z"), True, "subscriptions/email/marketing/consented_at"),
        ({"email": PERSON}, True, "subscriptions"),
        ({"email": PERSON, "subscriptions": {}}, True, "subscriptions"),
        ({"email": "nobody", "subscriptions": {"email": marketing()}}, False, "email"),
        ({"email": PERSON, "subscriptions": {"sms": marketing()}}, False, "phone_number"),
        ({"phone_number": "+4915112345678", "subscriptions": {"email": marketing()}}, False, "email"),
        (
            {"email": PERSON, "subscriptions": {"email": marketing("UNSUBSCRIBED")}},
            False,
            "subscriptions/email/marketing/consent",
        ),
        ({**someone(), "properties": {}}, True, "properties"),
    ],
)
def test_a_subscription_that_cannot_be_is_refused(
    sim: Caller, profile: dict[str, Any], historical: bool, place: str
) -> None:
    reply = subscribe(
        sim, someone("good@shop-customer.net", CONSENTED if historical else None), profile, historical=historical
    )
    assert reply.status_code == 400
    assert problems(reply)[0][0] == f"{PROFILES}/1/attributes/{place}"
    assert sim.get("/api/profiles")["data"] == []


def test_subscribing_lifts_an_opt_out_a_complaint_and_a_manual_suppression_but_no_bounce(sim: Caller) -> None:
    people = {act: f"{act}@shop-customer.net" for act in ("unsubscribe", "spam", "suppress", "bounce")}
    subscribe(sim, *[someone(email) for email in people.values()])
    for act, email in people.items():
        sim.control("POST", f"profiles/{email}/{act}")
    assert [len(standing(sim, email)["suppression"]) for email in people.values()] == [1, 1, 1, 1]
    subscribe(sim, *[someone(email) for email in people.values()])
    left = {act: [one["reason"] for one in standing(sim, email)["suppression"]] for act, email in people.items()}
    assert left == {"unsubscribe": [], "spam": [], "suppress": [], "bounce": ["HARD_BOUNCE"]}
    assert sim.control("GET", "stats")["opt_outs_lifted"] == 3
    assert "lifted" in " ".join(one["what"] for one in sim.control("GET", f"profiles/{people['spam']}/history"))


def test_unsubscribing_a_member_from_the_list_leaves_the_rest_alone(sim: Caller) -> None:
    newsletter, vip = list_ids(sim)["Newsletter"], list_ids(sim)["VIP"]
    for list_id in (newsletter, vip):
        subscribe(sim, someone(), list_id=list_id)
    assert unsubscribe(sim, PERSON, list_id=newsletter).status_code == 202
    assert (members(sim, newsletter), members(sim, vip)) == ([], [PERSON])
    found = standing(sim)
    assert (found["consent"], found["suppression"]) == ("SUBSCRIBED", [])
    assert [(one["list_id"], one["reason"]) for one in found["list_suppressions"]] == [(newsletter, "UNSUBSCRIBE")]


@pytest.mark.parametrize("named", [True, False])
def test_unsubscribing_who_is_no_member_or_without_a_list_is_global(sim: Caller, named: bool) -> None:
    lists = list_ids(sim)
    subscribe(sim, someone(), list_id=lists["VIP"])
    unsubscribe(sim, PERSON, list_id=lists["Newsletter"] if named else None)
    found = standing(sim)
    assert (found["consent"], found["can_receive_email_marketing"]) == ("UNSUBSCRIBED", False)
    assert [one["reason"] for one in found["suppression"]] == ["UNSUBSCRIBE"]
    assert members(sim, lists["VIP"]) == [PERSON]


def test_lifting_a_suppression_touches_the_manual_one_only(sim: Caller) -> None:
    subscribe(sim, someone())
    unsubscribe(sim, PERSON)
    job = suppression_job(sim, "create", PERSON).json
    assert job is not None
    found = sim.get(f"/api/profile-suppression-bulk-create-jobs/{job['data']['id']}")["data"]["attributes"]
    assert (found["status"], found["completed_count"], found["skipped_count"]) == ("complete", 1, 0)
    again = suppression_job(sim, "create", PERSON).json
    assert again is not None
    assert again["data"]["attributes"]["skipped_count"] == 1
    suppression_job(sim, "delete", PERSON)
    assert [one["reason"] for one in standing(sim)["suppression"]] == ["UNSUBSCRIBE"]


def test_a_hundred_may_be_unsubscribed_or_suppressed_in_one_call(sim: Caller) -> None:
    many = [f"p{n}@shop-customer.net" for n in range(101)]
    assert unsubscribe(sim, *many).status_code == 400
    assert suppression_job(sim, "create", *many).status_code == 400
    assert unsubscribe(sim, *many[:100]).status_code == 202
    assert subscribe(sim, *[someone(f"q{n}@shop-customer.net") for n in range(1001)]).status_code == 400


SUPPRESSED = "subscriptions.email.marketing.suppression"
LIST_SUPPRESSED = "subscriptions.email.marketing.list_suppressions"


def test_exclusions_are_read_incrementally_by_their_time(sim: Caller, time: StillClock) -> None:
    for number in range(25):
        time.move(60)
        subscribe(sim, someone(f"p{number}@shop-customer.net"))
        unsubscribe(sim, f"p{number}@shop-customer.net")
    mark = time().isoformat(timespec="seconds")
    for number in (3, 30):
        time.move(60)
        subscribe(sim, someone(f"p{number}@shop-customer.net"))
        unsubscribe(sim, f"p{number}@shop-customer.net")
    subscribe(sim, someone("p7@shop-customer.net"))
    query = {"sort": f"{SUPPRESSED}.timestamp", "page[size]": "10"}
    found = [one["attributes"]["email"] for one in sim.all("/api/profiles", **query)]
    assert len(found) == 25
    assert found[-2:] == ["p3@shop-customer.net", "p30@shop-customer.net"]
    assert "p7@shop-customer.net" not in found
    newer = sim.all("/api/profiles", filter=f"greater-than({SUPPRESSED}.timestamp,{mark})", **query)
    assert [one["attributes"]["email"] for one in newer] == ["p3@shop-customer.net", "p30@shop-customer.net"]
    assert sim.all("/api/profiles", filter=f'equals({SUPPRESSED}.reason,"HARD_BOUNCE")') == []


def test_who_is_suppressed_for_two_reasons_at_one_moment_is_found_once(sim: Caller) -> None:
    for email in (PERSON, "b@shop-customer.net"):
        subscribe(sim, someone(email))
        unsubscribe(sim, email)
        suppression_job(sim, "create", email)
    for size in ("1", "10"):
        found = sim.all("/api/profiles", **{"sort": f"{SUPPRESSED}.timestamp", "page[size]": size})
        assert [one["attributes"]["email"] for one in found] == [PERSON, "b@shop-customer.net"]


def test_list_exclusions_are_found_by_list_and_time_together(sim: Caller, time: StillClock) -> None:
    lists = list_ids(sim)
    for name, email in (("Newsletter", "a@shop-customer.net"), ("VIP", "b@shop-customer.net")):
        subscribe(sim, someone(email), list_id=lists[name])
        unsubscribe(sim, email, list_id=lists[name])
    since = time().isoformat(timespec="seconds")
    where = (
        f'and(equals({LIST_SUPPRESSED}.list_id,"{lists["VIP"]}"),greater-or-equal({LIST_SUPPRESSED}.timestamp,{since}))'
    )
    assert [one["attributes"]["email"] for one in sim.all("/api/profiles", filter=where)] == ["b@shop-customer.net"]


def test_a_browser_subscribes_on_the_channels_it_has_identifiers_for(sim: Caller) -> None:
    newsletter = list_ids(sim)["Newsletter"]
    body = {
        "data": {
            "type": "subscription",
            "attributes": {"profile": {"data": {"type": "profile", "attributes": {"email": PERSON}}}},
            "relationships": {"list": {"data": {"type": "list", "id": newsletter}}},
        }
    }
    assert sim.call("POST", "/client/subscriptions?company_id=DEMO42", body, Authorization="").status_code == 202
    assert standing(sim)["consent"] == "SUBSCRIBED"
    assert members(sim, newsletter) == [PERSON]
