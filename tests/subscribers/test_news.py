"""A webhook's news, from the shop's call to Klaviyo's list: within one turn of the job, by the same rules as a run."""

from datetime import timedelta
from typing import Any

import pytest

from companion import inbox, resolve
from companion.inbox import InboxRow
from companion.models import Inbox
from companion.sync import news
from tests.subscribers.build import webhook
from tests.subscribers.world import CHANNEL, World

A, B, C = (f"{name}@shop-customer.net" for name in ("anna", "bernd", "carla"))


def tell(world: World, row: dict[str, Any], topic: str = "newsletter.confirm") -> None:
    """The shop sends a webhook about a recipient."""
    world.clock.advance(1)
    body, now = webhook(row["id"], topic), world.clock()
    with world.services.database.write() as session:
        inbox.add(session, [InboxRow(world.store.id, f"{row['id']}{now}", topic, body, now)])


def hear(world: World, row: dict[str, Any], topic: str = "newsletter.confirm") -> float | None:
    """The shop sends a webhook about a recipient, and both jobs that it wakes are run once."""
    tell(world, row, topic)
    resolve.resolve_store(world.services, world.store.id)
    assert ("consent", world.store.id) in world.wakes.calls
    return news.act(world.services, world.store.id)


def test_whoever_confirms_is_subscribed_with_profile_and_consent_and_off_again_when_they_leave(world: World) -> None:
    row = world.recipient(A, firstName="Anna")
    assert hear(world, row) is None
    assert world.members == {A}
    anna = world.person(A)
    assert (anna.details["first_name"], anna.consent.email.consent) == ("Anna", "SUBSCRIBED")
    row["status"] = "optOut"
    world.clock.advance(3600)
    hear(world, row, "newsletter.unsubscribe")
    assert world.members == set()
    assert world.person(A).consent.email.consent == "SUBSCRIBED"
    assert not world.person(A).consent.suppressions


@pytest.mark.parametrize("act", ["unsubscribe", "spam", "suppress", "bounce"])
def test_whoever_opted_out_in_klaviyo_a_moment_ago_is_not_subscribed(world: World, act: str) -> None:
    row = world.recipient(A, createdAt=world.clock().isoformat(), confirmedAt=world.clock().isoformat())
    world.clock.advance(60)
    world.in_klaviyo(A, act)
    hear(world, row)
    assert world.members == set()
    assert world.account.audience.opt_outs_lifted == 0


def test_nobody_waits_for_an_address_that_is_still_on_its_way(world: World) -> None:
    row, other = world.recipient(A), world.recipient(B)
    hear(world, row)
    world.list.remove(world.person(A))  # Klaviyo has accepted her, and does not show her yet
    row["firstName"] = "Anni"
    assert hear(world, row) is None
    assert hear(world, other) is None
    assert world.members == {B}


def test_whoever_left_the_list_and_signs_up_again_soon_is_subscribed_at_once(world: World) -> None:
    row = world.recipient(A)
    hear(world, row)
    world.clock.advance(60)
    world.in_klaviyo(A, "unsubscribe", of_list=True)
    world.clock.advance(60)
    hear(world, row)
    assert world.members == set()
    row["confirmedAt"] = (world.clock() + timedelta(seconds=1)).isoformat()
    world.clock.advance(60)
    hear(world, row)
    assert world.members == {A}
    assert not world.person(A).consent.suppressions


def test_where_klaviyo_decides_a_webhook_changes_nobodys_place(world: World) -> None:
    world.change(consent_authority="klaviyo")
    hear(world, world.recipient(A))
    assert len(world.account.audience.profiles) == 0


def test_whoever_goes_to_no_list_is_ignored_and_the_webhook_says_why(world: World) -> None:
    world.change(channels={CHANNEL: {"subscribers": False}})
    row, other = world.recipient(A), world.recipient(B, salesChannelId="d" * 32)
    tell(world, row)
    tell(world, other)
    tell(world, row)
    resolve.resolve_store(world.services, world.store.id)
    with world.services.database.read() as session:
        said = [(one.outcome, one.reason) for one in session.query(Inbox).order_by(Inbox.id)]
    ignored = ("ignored", "subscribers of its sales channel go to no list")
    assert said == [ignored, ("delivered", None), ignored]
    assert news.act(world.services, world.store.id) is None
    assert world.members == {B}


def test_news_waits_while_klaviyo_is_down_and_is_acted_upon_after(world: World) -> None:
    def down(_call: str) -> None:
        raise ConnectionError("Klaviyo is not there")

    row = world.recipient(A)
    world.wire.before = down
    with pytest.raises(ConnectionError):
        hear(world, row)
    world.wire.before = lambda _: None
    world.clock.advance(world.services.settings.lease_s + 1)
    news.act(world.services, world.store.id)
    assert world.members == {A}
