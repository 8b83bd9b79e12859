"""Messages: found by whatever a person has at hand, with their whole way and what to do where it ends."""

from datetime import timedelta

import pytest

from companion import outbox, resolve
from companion.admin import search, shown, timeline
from companion.bootstrap import Services
from companion.models import Inbox, Outbox, Store
from tests.admin import house
from tests.admin.conftest import Desk
from tests.fakes import Clock, Wakes


@pytest.fixture
def told(services: Services, store: Store, clock: Clock) -> int:
    """An order that was placed, read and accepted; its message's id."""
    webhook = house.hear(services, store, 10_001, clock())
    id_ = house.tell(services, store, house.order(10_001, clock() - timedelta(seconds=2)), clock())
    house.tell(services, store, house.order(10_001, clock(), "Fulfilled Order"), clock() + timedelta(hours=1))
    house.settle(services, webhook, "delivered")
    house.tell(services, store, house.order(10_002, clock()), clock() + timedelta(minutes=1))
    return id_


ORDER_ID = f"{10_001:032x}"


@pytest.mark.parametrize("words", ["10001", "#10001", " 10001 ", ORDER_ID, "1", "wh-1-10001-checkout.order.placed"])
def test_an_order_is_found_by_its_number_and_by_any_id(admin: Desk, store: Store, told: int, words: str) -> None:
    admin.get(f"/admin/stores/{store.key}/messages", query_string={"q": words})
    rows = admin.page.count('class="row message"')
    assert rows == 2
    assert "10002" not in admin.page


def test_messages_are_found_by_a_part_of_an_address(services: Services, store: Store, told: int) -> None:
    with services.database.read() as session:
        every = search.messages(session, store.id, "@SHOP-customer")
        nobody = search.messages(session, store.id, "nobody@shop-customer")
    assert len(every) == 3
    assert nobody == []


@pytest.mark.parametrize("words", ["9999", "nothing", "a@b", "1" * 40, "%", "' or 1=1 --"])
def test_what_is_not_known_is_said_to_be_unknown(admin: Desk, store: Store, told: int, words: str) -> None:
    admin.get(f"/admin/stores/{store.key}/messages", query_string={"q": words})
    assert "Nothing is known of" in admin.page


def test_without_words_the_newest_come_first(admin: Desk, store: Store, told: int) -> None:
    page = admin.read(f"/admin/stores/{store.key}/messages")
    assert page.index("Fulfilled Order") < page.index("10002")


def test_a_message_shows_its_way_with_times_and_payloads(admin: Desk, store: Store, told: int) -> None:
    page = admin.read(f"/admin/stores/{store.key}/messages/{told}")
    steps = ("Happened in the shop", "Webhook received and stored", "Read, mapped and queued", "Sent and accepted")
    assert sorted(steps, key=page.index) == list(steps)
    assert "+ 0.24 s" in page
    assert "+ 0.31 s" in page
    assert "&#34;OrderTotal&#34;" in admin.page
    assert "checkout.order.placed" in page
    assert "Of the same order" in page


def test_a_payload_is_shown_with_the_digits_that_were_sent() -> None:
    body = b'{"value":19.10,"deep":{"n":1e2}}'
    assert '"value": 19.10' in shown.indented(body)
    assert shown.indented(b"no json \xff") == "no json \ufffd"
    assert shown.indented(None) == ""
    assert shown.indented(b"[" + b"1," * 200_000 + b"1]").endswith("and so on")


def test_a_forgotten_message_says_so(admin: Desk, store: Store, told: int, services: Services) -> None:
    with services.database.write() as session:
        row = session.get_one(Outbox, told)
        row.event = row.profile = None
        session.get_one(Inbox, 1).body = None
    page = admin.read(f"/admin/stores/{store.key}/messages/{told}")
    assert "What was sent is forgotten by now" in page
    assert "body is forgotten by now" in page


def test_a_buried_message_says_why_and_is_tried_again(
    admin: Desk, store: Store, services: Services, clock: Clock, wakes: Wakes
) -> None:
    reason = "Klaviyo answered 400: bad (at /data/attributes/profile/data/attributes/email)"
    id_ = house.tell(services, store, house.order(1, clock()), clock(), "buried", reason)
    path = f"/admin/stores/{store.key}/messages/{id_}"
    page = admin.read(path)
    assert "Klaviyo answered 400: bad at /data/attributes/profile/data/attributes/email" in page
    assert "Owner: platform" in page
    admin.post(f"{path}/replay")
    assert "It is on its way again." in admin.page
    assert ("deliver", store.id) in wakes.calls
    with services.database.read() as session:
        assert session.get_one(Outbox, id_).state == "due"
    admin.post(f"{path}/replay")
    assert "Nothing to do" in admin.page


def test_a_due_message_can_be_buried_and_an_accepted_one_cannot(
    admin: Desk, store: Store, services: Services, clock: Clock, told: int
) -> None:
    id_ = house.tell(services, store, house.order(5, clock()), clock(), "due")
    for number, state in ((id_, "buried"), (told, "delivered")):
        admin.get(f"/admin/stores/{store.key}/messages/{number}")
        admin.post(f"/admin/stores/{store.key}/messages/{number}/bury")
        with services.database.read() as session:
            assert session.get_one(Outbox, number).state == state
    with services.database.read() as session:
        assert session.get_one(Outbox, id_).reason == "Put aside by admin."


def test_a_quarantined_webhook_says_where_and_why_and_is_read_again(
    admin: Desk, store: Store, services: Services, clock: Clock, wakes: Wakes
) -> None:
    id_ = house.hear(services, store, 7, clock())
    house.settle(services, id_, "quarantined", "$.order.currency", "Object missing required field `isoCode`")
    path = f"/admin/stores/{store.key}/webhooks/{id_}"
    page = admin.read(path)
    assert "Object missing required field isoCode at $.order.currency" in page
    assert "Owner: mapping" in page
    admin.post(f"{path}/replay")
    assert ("resolve", store.id) in wakes.calls
    with services.database.read() as session:
        assert session.get_one(Inbox, id_).state == "due"


def test_a_webhook_shows_what_it_led_to(admin: Desk, store: Store, told: int) -> None:
    page = admin.read(f"/admin/stores/{store.key}/webhooks/1")
    assert "What it led to Placed Order" in page


def test_a_message_that_waits_says_for_what(services: Services, store: Store, clock: Clock) -> None:
    id_ = house.tell(services, store, house.order(1, clock()), clock(), "due", "Klaviyo answered 503")
    with services.database.read() as session:
        row = session.get_one(Outbox, id_)
    last = timeline.steps(shown.message(row, "shopware"), None, store)[-1]
    assert (last.standing, last.name) == ("open", "Sent, not accepted yet")
    assert "Klaviyo answered 503" in last.said


def test_the_whole_way_of_a_real_webhook_is_told(admin: Desk, store: Store, services: Services, clock: Clock) -> None:
    """What `resolve` writes is what the page looks for: the webhook is found by the moment it was received."""
    at = clock()
    webhook = house.hear(services, store, 3, at)
    with services.database.write() as session:
        outbox.add(session, store.id, [resolve.outbox_row(house.order(3, at))], at, clock.advance(0.2))
    page = admin.read(f"/admin/stores/{store.key}/messages/1")
    assert f"/webhooks/{webhook}" in admin.page
    assert "Waits to be sent" in page
