"""The one decision about one address, as a table: what both sides say, what follows."""

from datetime import UTC, datetime, timedelta

import pytest

from mappings.consent import Decision, InKlaviyo, Known, OnPlatform, Policy, plan
from mappings.model import Suppression

LIST, OTHER = "Y6nRLr", "Other1"
NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)
BEFORE, AFTER = NOON - timedelta(hours=1), NOON + timedelta(hours=1)

ACTIVE = OnPlatform("active", BEFORE)
BACK = OnPlatform("active", AFTER)
INACTIVE, ABSENT = OnPlatform("inactive", BEFORE), OnPlatform("absent")
NOBODY = InKlaviyo()
MEMBER = InKlaviyo(member=True, consent="SUBSCRIBED")
MUTE = InKlaviyo(member=True, consent="NEVER_SUBSCRIBED")
ELSEWHERE = InKlaviyo(consent="SUBSCRIBED")


def out(reason: str = "UNSUBSCRIBE", at: datetime | None = NOON, list_id: str = "") -> Suppression:
    return Suppression(reason, at, list_id)


def left(*opt_outs: Suppression, member: bool = False) -> InKlaviyo:
    return InKlaviyo(member=member, consent="SUBSCRIBED", suppressions=opt_outs)


@pytest.mark.parametrize(
    ("platform", "klaviyo", "act", "reason"),
    [
        (ACTIVE, NOBODY, "subscribe", "new"),
        (ACTIVE, ELSEWHERE, "subscribe", "new"),
        (ACTIVE, MUTE, "subscribe", "no_consent"),
        (ACTIVE, MEMBER, "none", "subscribed"),
        (INACTIVE, NOBODY, "none", "inactive"),
        (INACTIVE, MEMBER, "remove", "opted_out_on_platform"),
        (INACTIVE, left(out(), member=True), "remove", "opted_out_on_platform"),
        (ABSENT, MEMBER, "remove", "not_on_platform"),
        (ABSENT, left(out()), "none", "inactive"),
        (ACTIVE, left(out()), "none", "opted_out_in_klaviyo"),
        (ACTIVE, left(out(), member=True), "none", "opted_out_in_klaviyo"),
        (ACTIVE, left(out(list_id=LIST)), "none", "opted_out_in_klaviyo"),
        (ACTIVE, left(out(list_id=OTHER)), "subscribe", "new"),
        (ACTIVE, InKlaviyo(consent="UNSUBSCRIBED"), "none", "opted_out_in_klaviyo"),
        (ACTIVE, InKlaviyo(consent="UNSUBSCRIBED", suppressions=(out(list_id=OTHER),)), "none", "opted_out_in_klaviyo"),
        (BACK, InKlaviyo(consent="UNSUBSCRIBED"), "none", "opted_out_in_klaviyo"),
        (BACK, left(out()), "subscribe", "opted_in_again"),
        (BACK, left(out(), member=True), "subscribe", "opted_in_again"),
        (BACK, left(out(list_id=LIST)), "subscribe", "opted_in_again"),
        (BACK, left(out(), out(at=AFTER, list_id=LIST)), "none", "opted_out_in_klaviyo"),
        (BACK, left(out(at=None)), "none", "opted_out_in_klaviyo"),
        (BACK, left(out("HARD_BOUNCE")), "none", "opted_out_in_klaviyo"),
        (BACK, left(out("INVALID_EMAIL")), "none", "opted_out_in_klaviyo"),
        (BACK, left(out("SPAM_COMPLAINT")), "none", "opted_out_in_klaviyo"),
        (BACK, left(out("USER_SUPPRESSED")), "none", "opted_out_in_klaviyo"),
        (BACK, left(out("SOMETHING_NEW")), "none", "opted_out_in_klaviyo"),
        (BACK, left(out(), out("HARD_BOUNCE")), "none", "opted_out_in_klaviyo"),
        (OnPlatform("active", NOON), left(out()), "none", "opted_out_in_klaviyo"),
        (OnPlatform("active", NOON.replace(microsecond=999_999)), left(out()), "none", "opted_out_in_klaviyo"),
        (OnPlatform("active", NOON + timedelta(seconds=1)), left(out()), "subscribe", "opted_in_again"),
        (OnPlatform("active", None), left(out()), "none", "opted_out_in_klaviyo"),
    ],
)
def test_where_the_platform_decides(platform: OnPlatform, klaviyo: InKlaviyo, act: str, reason: str) -> None:
    found = plan(platform, klaviyo, Known(), Policy(), LIST)
    assert (found.act, found.reason) == (act, reason)


@pytest.mark.parametrize("platform", [ACTIVE, BACK, INACTIVE, ABSENT])
@pytest.mark.parametrize("klaviyo", [NOBODY, MEMBER, MUTE, ELSEWHERE, left(out()), left(out(), member=True)])
def test_where_klaviyo_decides_nothing_but_a_members_profile_is_ever_written(
    platform: OnPlatform, klaviyo: InKlaviyo
) -> None:
    policy = Policy(authority="klaviyo")
    assert plan(platform, klaviyo, Known(), policy, LIST) == Decision("none", "klaviyo_decides")
    writes = plan(platform, klaviyo, Known(changed=True), policy, LIST)
    assert (writes.act == "update") == (klaviyo.member and platform.status == "active")


def test_a_changed_profile_is_written_for_subscribers_only() -> None:
    changed = Known(changed=True)
    assert plan(ACTIVE, MEMBER, changed, Policy(), LIST).act == "update"
    assert plan(ACTIVE, left(out(), member=True), changed, Policy(), LIST).act == "none"
    assert plan(INACTIVE, NOBODY, changed, Policy(), LIST).act == "none"


def test_an_address_that_klaviyo_refused_is_left_alone_but_can_be_removed() -> None:
    refused = Known(refused=True)
    assert plan(ACTIVE, NOBODY, refused, Policy(), LIST) == Decision("none", "refused")
    assert plan(INACTIVE, MEMBER, refused, Policy(), LIST).act == "remove"


@pytest.mark.parametrize("reason", ["SPAM_COMPLAINT", "USER_SUPPRESSED"])
def test_a_merchant_may_let_a_newer_opt_in_lift_more(reason: str) -> None:
    policy = Policy(yielding=frozenset({reason}))
    assert plan(BACK, left(out(reason)), Known(), policy, LIST).act == "subscribe"
    assert plan(BACK, left(out()), Known(), policy, LIST).act == "none"
    assert plan(ACTIVE, left(out(reason)), Known(), policy, LIST).act == "none"


def test_a_merchant_may_have_leaving_any_list_count() -> None:
    assert plan(ACTIVE, left(out(list_id=OTHER)), Known(), Policy(all_lists=True), LIST).act == "none"
    assert plan(BACK, left(out(list_id=OTHER)), Known(), Policy(all_lists=True), LIST).act == "subscribe"


def test_the_reason_names_the_opt_out_that_counts() -> None:
    found = plan(BACK, left(out(), out("SPAM_COMPLAINT", BEFORE)), Known(), Policy(), LIST)
    assert found.opt_out == out("SPAM_COMPLAINT", BEFORE)
