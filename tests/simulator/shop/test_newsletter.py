"""The newsletter: who is told what, and what administrators do silently."""

from collections.abc import Callable

import pytest

from companion.simulator.shop.apps.app import App
from companion.simulator.shop.shop import Shop
from companion.simulator.shop.trade import newsletter
from tests.simulator.shop.app_server import AppServer

EVENTS = ("newsletter.register", "newsletter.confirm", "newsletter.unsubscribe")
Install = Callable[..., App]


@pytest.fixture
def told(server: AppServer, install: Install) -> AppServer:
    install(*EVENTS, reads=("newsletter_recipient",))
    return server


def test_a_double_opt_in_registers_and_then_confirms_once(demo: Shop, told: AppServer) -> None:
    recipient = newsletter.subscribe(demo, "anna@shop-customer.net", "Anna")
    newsletter.subscribe(demo, "anna@shop-customer.net")
    newsletter.confirm(demo, recipient["id"])
    newsletter.confirm(demo, recipient["id"])
    newsletter.subscribe(demo, "anna@shop-customer.net")
    assert told.events == ["newsletter.register", "newsletter.register", "newsletter.confirm"]
    kept = demo.database.get("newsletter_recipient", recipient["id"])
    assert (kept["status"], bool(kept["confirmedAt"])) == ("optIn", True)


def test_a_webhook_hides_everything_but_the_recipients_id_and_dates(demo: Shop, told: AppServer) -> None:
    recipient = newsletter.subscribe(demo, "anna@shop-customer.net")
    newsletter.confirm(demo, recipient["id"])
    registered, confirmed = (one.payload for one in told.webhooks)
    keys = ["extensions", "_uniqueIdentifier", "versionId", "translated", "createdAt", "updatedAt", "apiAlias"]
    assert list(registered["newsletterRecipient"]) == list(confirmed["newsletterRecipient"]) == keys
    assert registered["url"].startswith(f"{demo.url}/newsletter-subscribe?em=")
    assert confirmed["newsletterRecipient"]["updatedAt"] is None, "it is that of before the change"


def test_without_double_opt_in_the_confirmation_comes_at_once(demo: Shop, told: AppServer) -> None:
    recipient = newsletter.subscribe(demo, "anna@shop-customer.net", double_opt_in=False)
    assert (told.events, recipient["status"], recipient.get("confirmedAt")) == (["newsletter.confirm"], "direct", None)


def test_who_leaves_and_comes_back_is_the_same_recipient_and_confirms_again(demo: Shop, told: AppServer) -> None:
    recipient = newsletter.subscribe(demo, "anna@shop-customer.net")
    newsletter.confirm(demo, recipient["id"])
    left = newsletter.unsubscribe(demo, recipient["id"])
    assert (left["status"], bool(left["confirmedAt"])) == ("optOut", True)
    again = newsletter.subscribe(demo, "anna@shop-customer.net")
    assert (again["id"], again["status"]) == (recipient["id"], "notSet")
    assert again["hash"] != recipient["hash"]
    assert told.events[-2:] == ["newsletter.unsubscribe", "newsletter.register"]


def test_each_channel_has_a_recipient_of_its_own(demo: Shop) -> None:
    one = newsletter.subscribe(demo, "anna@shop-customer.net")
    other = newsletter.subscribe(demo, "anna@shop-customer.net", channel="business")
    assert one["id"] != other["id"]


def test_administrators_change_and_delete_silently(demo: Shop, told: AppServer) -> None:
    recipient = newsletter.subscribe(demo, "anna@shop-customer.net", double_opt_in=False)
    told.forget()
    changed = newsletter.edit(demo, recipient["id"], {"status": "optOut", "id": "x", "hash": "y"})
    assert (changed["status"], changed["id"], changed["hash"]) == ("optOut", recipient["id"], recipient["hash"])
    newsletter.delete(demo, recipient["id"])
    assert told.received == []
    assert demo.database.find("newsletter_recipient", recipient["id"]) is None


def test_an_import_writes_rows_as_they_are_silently(demo: Shop, told: AppServer) -> None:
    created = "2024-03-01T08:00:00.000+00:00"
    row = {"id": "a" * 32, "email": "anna@shop-customer.net", "status": "direct", "createdAt": created}
    newsletter.imported(demo, [row])
    newsletter.imported(demo, [{**row, "status": "optOut", "firstName": "Anna"}])
    kept = demo.database.get("newsletter_recipient", "a" * 32)
    assert (kept["status"], kept["createdAt"], kept["firstName"]) == ("optOut", created, "Anna")
    assert kept["salesChannelId"]
    assert told.received == []
    with pytest.raises(newsletter.InvalidRecipient):
        newsletter.imported(demo, [{**row, "status": "maybe"}])


def test_nonsense_is_refused(demo: Shop) -> None:
    with pytest.raises(newsletter.InvalidRecipient):
        newsletter.subscribe(demo, "anna")
    with pytest.raises(newsletter.InvalidRecipient):
        newsletter.subscribe(demo, "anna@shop-customer.net", channel="street")
    with pytest.raises(LookupError):
        newsletter.confirm(demo, "nobody")
