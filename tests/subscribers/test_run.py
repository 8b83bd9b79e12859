"""A subscribers run between a shop and a Klaviyo that keeps the documented rules: who is on the list in the end."""

from datetime import timedelta

import pytest

from companion import runs
from companion.sync import advance
from tests.subscribers.world import World

A, B, C, D = (f"{name}@shop-customer.net" for name in ("anna", "bernd", "carla", "dora"))


def test_active_recipients_are_subscribed_with_their_consent_and_their_profile(world: World) -> None:
    salutation = {"salutationKey": "mrs", "displayName": "Mrs."}
    opted_in = world.clock() - timedelta(days=400)
    world.recipient(
        A,
        firstName="Anna",
        lastName="Beispiel",
        salutation=salutation,
        language={"locale": {"code": "de-DE"}},
        salesChannel={"id": "c" * 32, "name": "Storefront"},
        tags=[{"name": "vip"}, {"name": "b2b"}],
        customFields={"custom_size": "XL", "custom_secret": "s"},
        confirmedAt=opted_in.isoformat(),
        createdAt=opted_in.isoformat(),
    )
    world.recipient(B, "direct")
    world.change(subscriber_fields={"custom_size": "Size"})
    assert world.sync().state == "finished"
    assert world.members == {A, B}
    anna = world.person(A)
    assert anna.consent.email.consent == "SUBSCRIBED"
    assert anna.consent.email.consented_at == int(opted_in.timestamp())
    assert anna.details == {"first_name": "Anna", "last_name": "Beispiel", "title": "Mrs.", "locale": "de-DE"}
    assert anna.properties == {
        "language": "de-DE",
        "salesChannelId": "c" * 32,
        "salesChannelName": "Storefront",
        "tags": ["b2b", "vip"],
        "Size": "XL",
    }


@pytest.mark.parametrize("status", ["notSet", "optOut"])
def test_inactive_recipients_are_ignored(world: World, status: str) -> None:
    world.recipient(A, status)
    assert world.sync().state == "finished"
    assert len(world.account.audience.profiles) == 0


def test_whoever_is_no_active_subscriber_is_taken_off_the_list_and_keeps_consent_and_other_lists(world: World) -> None:
    world.change(removal_limit=100)
    for email in (A, B, C, D):
        world.recipient(email)
    world.sync()
    other = world.account.audience.add_list("Other", "single_opt_in", 0)
    for one in list(world.account.audience.profiles):
        other.add(one, 1.0)
    rows = list(world.shop.recipients.values())
    rows[0]["status"] = "optOut"
    del world.shop.recipients[rows[1]["id"]]
    world.in_klaviyo("eva@shop-customer.net", "subscribe", of_list=True)
    world.in_klaviyo("eva@shop-customer.net", "confirm", of_list=True)
    run = world.sync()
    assert world.members == {C, D}
    assert run.plan is not None
    (planned,) = run.plan["lists"]
    assert planned["remove"] == {"opted_out_on_platform": 1, "not_on_platform": 2}
    for email in (A, B, "eva@shop-customer.net"):
        assert world.person(email).consent.email.consent == "SUBSCRIBED"
        assert not world.person(email).consent.suppressions
    assert other.holds(world.person(A))
    assert not any("subscription-bulk-delete" in call for call in world.wire.calls)


@pytest.mark.parametrize(
    ("act", "of_list"),
    [("unsubscribe", False), ("unsubscribe", True), ("spam", False), ("bounce", False), ("suppress", False)],
)
def test_whoever_opted_out_in_klaviyo_is_not_subscribed(world: World, act: str, of_list: bool) -> None:
    world.recipient(A)
    world.recipient(B)
    if of_list:
        world.in_klaviyo(A, "subscribe", of_list=True)
        world.in_klaviyo(A, "confirm", of_list=True)
    world.clock.advance(60)
    world.in_klaviyo(A, act, of_list=of_list)
    run = world.sync()
    assert world.members == {B}
    assert world.account.audience.opt_outs_lifted == 0
    assert run.plan is not None
    assert sum(run.plan["lists"][0]["excluded"].values()) == 1


def test_a_member_who_opted_out_everywhere_stays_as_they_are(world: World) -> None:
    world.recipient(A)
    world.sync()
    world.in_klaviyo(A, "unsubscribe")
    world.shop.recipients[next(iter(world.shop.recipients))]["firstName"] = "Anni"
    calls = world.calls_of(world.sync)
    assert not any("-jobs" in call for call in calls)
    assert world.account.audience.opt_outs_lifted == 0
    assert [one.reason for one in world.person(A).consent.suppressions] == ["UNSUBSCRIBE"]


def test_a_newer_opt_in_on_the_platform_subscribes_again_and_is_not_repeated(world: World) -> None:
    row = world.recipient(A)
    world.sync()
    world.in_klaviyo(A, "unsubscribe", of_list=True)
    world.clock.advance(3600)
    row["confirmedAt"] = world.clock().isoformat()
    run = world.sync()
    assert world.members == {A}
    assert run.plan is not None
    assert run.plan["lists"][0]["subscribe"] == {"opted_in_again:UNSUBSCRIBE": 1}
    assert not world.person(A).consent.suppressions
    assert not any("-jobs" in call for call in world.calls_of(world.sync))


def test_a_newer_opt_in_lifts_a_spam_complaint_only_where_the_merchant_says_so(world: World) -> None:
    world.recipient(B)
    world.in_klaviyo(A, "spam")
    world.clock.advance(60)
    world.recipient(A)
    world.sync()
    assert world.members == {B}
    world.change(exclusions={"newer_opt_in_lifts": ["UNSUBSCRIBE", "SPAM_COMPLAINT"]})
    world.sync()
    assert world.members == {A, B}


def test_an_opt_in_without_confirmation_counts_from_when_they_were_last_seen_inactive(world: World) -> None:
    row = world.recipient(A, "direct")
    world.sync()
    world.clock.advance(3600)
    world.in_klaviyo(A, "unsubscribe", of_list=True)
    world.clock.advance(3600)
    world.sync()
    assert world.members == set()
    row["status"] = "optOut"
    world.sync()
    world.clock.advance(60)
    row |= {"status": "direct", "updatedAt": world.clock().isoformat()}
    world.sync()
    assert world.members == {A}


@pytest.mark.parametrize("status", ["direct", "optIn"])
def test_a_shop_that_is_set_back_to_an_older_state_lifts_no_opt_out(world: World, status: str) -> None:
    world.recipient(B)
    row = world.recipient(A, status)
    before = dict(row)
    world.sync()
    world.clock.advance(3600)
    world.in_klaviyo(A, "unsubscribe", of_list=True)
    world.clock.advance(3600)
    row |= {"status": "optOut", "updatedAt": world.clock().isoformat()}
    world.sync()
    world.shop.recipients[before["id"]] = before
    world.sync()
    assert world.members == {B}
    assert world.account.audience.opt_outs_lifted == 0


def test_whoever_cannot_be_read_any_more_stays_on_the_list_and_is_listed_as_a_failure(world: World) -> None:
    world.change(removal_limit=100)
    row = world.recipient(A)
    world.recipient(B)
    world.sync()
    row["tags"] = "none"
    run = world.sync()
    assert (run.state, run.failed) == ("finished", 1)
    assert world.members == {A, B}


def test_a_second_run_writes_nothing_and_reads_as_little_as_the_api_allows(world: World) -> None:
    for number in range(250):
        world.recipient(f"kim{number}@shop-customer.net")
    world.sync()
    world.in_klaviyo("kim1@shop-customer.net", "unsubscribe")
    world.clock.advance(3600)
    world.sync()
    world.clock.advance(3600)
    calls = world.calls_of(world.sync)
    assert world.run.state == "finished"
    assert (world.run.result["members"], world.run.result["active"]) == (250, 250)
    of_list = f"/api/lists/{world.list_id}"
    assert calls == {f"GET {of_list}": 1, f"GET {of_list}/profiles": 1, "GET /api/profiles": 2}


def test_a_changed_profile_is_updated_and_nothing_else(world: World) -> None:
    row = world.recipient(A)
    world.recipient(B)
    world.sync()
    row["firstName"] = "Anni"
    calls = world.calls_of(world.sync)
    assert world.person(A).details["first_name"] == "Anni"
    assert calls["POST /api/profile-bulk-import-jobs"] == 1
    assert calls["POST /api/profile-subscription-bulk-create-jobs"] == 0


def test_where_klaviyo_decides_nobody_is_subscribed_or_removed_but_profiles_are_kept(world: World) -> None:
    world.change(consent_authority="klaviyo")
    world.recipient(A, firstName="Anna")
    world.recipient(B)
    for email in (A, C):
        world.in_klaviyo(email, "subscribe", of_list=True)
        world.in_klaviyo(email, "confirm", of_list=True)
    run = world.sync()
    assert run.state == "finished"
    assert world.members == {A, C}
    assert world.person(A).details["first_name"] == "Anna"
    assert world.account.audience.profiles.find("email", B) is None


def test_too_many_removals_wait_for_a_yes(world: World) -> None:
    for number in range(10):
        world.recipient(f"kim{number}@shop-customer.net")
    world.sync()
    for row in list(world.shop.recipients.values())[:3]:
        row["status"] = "optOut"
    run = world.sync()
    assert run.state == "held"
    assert run.reason is not None
    assert "3 of the 10 members of “Newsletter”" in run.reason
    assert len(world.members) == 10
    with world.services.database.write() as session:
        runs.resume(session, run.id, world.clock())
    assert world.go().state == "finished"
    assert len(world.members) == 7


def test_a_yes_that_comes_late_is_about_the_same_removals_and_no_more(world: World) -> None:
    rows = [world.recipient(f"kim{number}@shop-customer.net") for number in range(10)]
    world.sync()
    for row in rows[:3]:
        row["status"] = "optOut"
    run = world.sync()
    world.clock.advance(24 * 3600)
    for row in rows[3:6]:
        row["status"] = "optOut"
    with world.services.database.write() as session:
        runs.resume(session, run.id, world.clock())
    assert world.go().state == "held"
    assert len(world.members) == 10


def test_a_fifth_of_the_list_may_leave_unasked(world: World) -> None:
    rows = [world.recipient(f"kim{number}@shop-customer.net") for number in range(10)]
    world.sync()
    for row in rows[:2]:
        row["status"] = "optOut"
    assert world.sync().state == "finished"
    assert len(world.members) == 8


def test_a_shop_that_shows_nobody_does_not_empty_the_list(world: World) -> None:
    world.change(removal_limit=100)
    world.recipient(A)
    world.sync()
    world.shop.recipients.clear()
    run = world.sync()
    assert run.state == "failed"
    assert run.reason is not None
    assert "no newsletter recipients at all" in run.reason
    assert world.members == {A}


def test_a_shop_that_shows_fewer_than_it_counts_is_asked_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.change(removal_limit=100)
    for number in range(10):
        world.recipient(f"kim{number}@shop-customer.net")
    world.sync()
    whole = dict(world.shop.recipients)
    some = dict(list(whole.items())[:4])
    counted = world.shop.count_recipients
    world.shop.recipients = some
    monkeypatch.setattr(world.shop, "count_recipients", lambda *_: 10)
    world.clock.advance(60)
    world.request()
    for _ in range(5):
        advance.advance_store(world.services, world.store.id)
    assert world.run.state == "running"
    assert world.run.reason is not None
    assert "4 of 10" in world.run.reason
    world.shop.recipients = whole
    monkeypatch.setattr(world.shop, "count_recipients", counted)
    assert world.go().state == "finished"
    assert len(world.members) == 10
