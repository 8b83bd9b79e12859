"""Delivery: two lanes, every remedy, nothing lost and nothing doubled."""

from collections.abc import Callable
from typing import Any

import pytest

from companion import delivery, key_checks, outbox, stores
from companion.bootstrap import Services
from companion.errors import Bury, Pause, RemoteError, Retry
from companion.models import Outbox, Store
from companion.quota import Quota
from tests.build import event, put, row
from tests.fakes import Clock, FakeKlaviyo


def drain(services: Services, store: Store, clock: Clock, rounds: int = 400) -> None:
    """Run both lanes until nothing waits, moving the clock as far as they ask."""
    for _ in range(rounds):
        waits = [delivery.deliver_live(services, store.id), delivery.deliver_volume(services, store.id)]
        if waits == [None, None] and not due(services, store):
            return
        clock.advance(min((wait for wait in waits if wait is not None), default=0.5) + 0.01)
    pytest.fail("the outbox does not get empty")


def due(services: Services, store: Store) -> int:
    with services.database.read() as session:
        return session.query(Outbox).filter_by(store_id=store.id, state="due").count()


def buried(services: Services, store: Store) -> dict[str, str | None]:
    with services.database.read() as session:
        return {message.unique_id: message.reason for message in outbox.listed(session, store.id, "buried")}


def test_a_few_live_events_go_one_by_one(services: Services, store: Store, klaviyo: FakeKlaviyo, clock: Clock) -> None:
    put(services, store, 5)
    drain(services, store, clock)
    assert [len(call) for call in klaviyo.calls] == [1, 1, 1, 1, 1]


def test_a_live_backlog_and_history_go_in_bulk(
    services: Services, store: Store, klaviyo: FakeKlaviyo, clock: Clock
) -> None:
    put(services, store, 1500)
    put(services, store, 700, backfill=True, first=5000)
    drain(services, store, clock)
    assert [len(call) for call in klaviyo.calls] == [1000, 1000, 200]
    assert len(klaviyo.accepted) == 2200


def test_history_carries_the_backfill_flag_and_only_the_persons_identity(
    services: Services, store: Store, klaviyo: FakeKlaviyo, clock: Clock
) -> None:
    put(services, store, 1, backfill=True)
    drain(services, store, clock)
    (told,) = klaviyo.accepted.values()
    assert told["backfill"] is True
    assert told["profile"]["data"]["attributes"] == {"email": "kim0@shop-customer.net"}


def test_a_batch_stays_under_the_byte_limit(
    services: Services, store: Store, klaviyo: FakeKlaviyo, clock: Clock
) -> None:
    fat = [row(event(number, backfill=True)) for number in range(90)]
    for message in fat:
        object.__setattr__(message, "event", message.event[:-1] + b',"pad":"' + b"x" * 90_000 + b'"}')
    with services.database.write() as session:
        outbox.add(session, store.id, fat, services.now(), services.now())
    drain(services, store, clock)
    assert max(len(call) for call in klaviyo.calls) == 49
    assert len(klaviyo.accepted) == 90


@pytest.mark.parametrize("pointed", [True, False])
def test_a_poisoned_message_in_a_thousand_is_buried_and_the_rest_delivered(
    services: Services, store: Store, klaviyo: FakeKlaviyo, clock: Clock, pointed: bool
) -> None:
    def refuse(told: list[dict[str, Any]]) -> RemoteError | None:
        for index, message in enumerate(told):
            if message["unique_id"] == "order-617":
                pointer = f"/data/attributes/events-bulk-create/data/{index}/attributes" if pointed else None
                return Bury("Invalid email address", pointer)
        return None

    klaviyo.script = refuse
    put(services, store, 1000)
    drain(services, store, clock)
    assert len(klaviyo.accepted) == 999
    assert list(buried(services, store)) == ["order-617"]
    assert "Invalid email address" in (buried(services, store)["order-617"] or "")
    assert klaviyo.repeated == 0


def test_many_poisoned_messages_are_ejected_over_several_turns(
    services: Services, store: Store, klaviyo: FakeKlaviyo, clock: Clock
) -> None:
    def refuse(told: list[dict[str, Any]]) -> RemoteError | None:
        for index, message in enumerate(told):
            if int(message["unique_id"].removeprefix("order-")) % 4 == 0:
                return Bury("no", f"/data/attributes/events-bulk-create/data/{index}")
        return None

    klaviyo.script = refuse
    put(services, store, 400)
    drain(services, store, clock)
    assert len(klaviyo.accepted) == 300
    assert len(buried(services, store)) == 100


@pytest.mark.parametrize("count", [1, 200])
def test_a_message_that_breaks_klaviyo_every_time_is_isolated_and_buried(
    services: Services, store: Store, klaviyo: FakeKlaviyo, clock: Clock, count: int
) -> None:
    def fail(told: list[dict[str, Any]]) -> RemoteError | None:
        bad = any(message["unique_id"] == "order-0" for message in told)
        return Retry("Klaviyo answered 500") if bad else None

    klaviyo.script = fail
    put(services, store, count)
    for _ in range(60):  # other traffic goes on, as it does in a shop
        put(services, store, 2, first=10_000 + _ * 2)
        delivery.deliver_live(services, store.id)
        delivery.deliver_volume(services, store.id)
        clock.advance(20)
    drain(services, store, clock)
    assert list(buried(services, store)) == ["order-0"]
    assert "500" in (buried(services, store)["order-0"] or "")
    assert len(klaviyo.accepted) == count - 1 + 120


def test_an_outage_costs_few_calls_and_buries_nothing(
    services: Services, store: Store, klaviyo: FakeKlaviyo, clock: Clock
) -> None:
    klaviyo.script = lambda _: Retry("Klaviyo answered 503")
    put(services, store, 2500)
    until = clock().timestamp() + 3600
    while clock().timestamp() < until:
        wait = delivery.deliver_volume(services, store.id)
        clock.advance(max(0.5, wait or 0.5))
    assert len(klaviyo.calls) < 200
    klaviyo.script = lambda _: None
    klaviyo.calls.clear()
    drain(services, store, clock)
    assert not buried(services, store)
    assert len(klaviyo.accepted) == 2500
    assert len(klaviyo.calls) <= 8


def test_after_a_429_nothing_is_sent_before_retry_after(
    services: Services, store: Store, klaviyo: FakeKlaviyo, clock: Clock
) -> None:
    klaviyo.script = lambda _: Retry("Klaviyo answered 429", after=17)
    put(services, store, 3)
    assert delivery.deliver_live(services, store.id) == 17
    calls = len(klaviyo.calls)
    clock.advance(16.5)
    put(services, store, 1, first=50)
    assert delivery.deliver_live(services, store.id) == pytest.approx(0.5)
    assert len(klaviyo.calls) == calls
    klaviyo.script = lambda _: None
    clock.advance(0.6)
    drain(services, store, clock)
    assert len(klaviyo.accepted) == 4


def test_an_answer_that_never_came_is_asked_for_again_with_the_same_unique_id(
    services: Services, store: Store, klaviyo: FakeKlaviyo, clock: Clock
) -> None:
    klaviyo.script = lambda _: Retry("reset", unknown=True)
    put(services, store, 100)
    delivery.deliver_volume(services, store.id)
    klaviyo.script = lambda _: None
    clock.advance(60)
    drain(services, store, clock)
    assert len(klaviyo.accepted) == 100
    assert klaviyo.repeated == 100


def test_a_bad_key_pauses_the_store_says_why_and_keeps_everything(
    services: Services, store: Store, klaviyo: FakeKlaviyo, clock: Clock
) -> None:
    klaviyo.script = lambda _: Pause("Klaviyo answered 401. Check the private API key and its scopes.")
    put(services, store, 3)
    delivery.deliver_live(services, store.id)
    with services.database.read() as session:
        assert "private API key" in (stores.by_key(session, store.key).paused or "")
    assert delivery.deliver_live(services, store.id) is None
    assert due(services, store) == 3
    klaviyo.script = lambda _: None
    key_checks.check_now(services, store.key, "the test", "pk_good")
    drain(services, store, clock)
    assert len(klaviyo.accepted) == 3


@pytest.mark.parametrize("count", [1, 120])
def test_a_phone_number_that_klaviyo_refuses_is_dropped_and_the_event_sent(
    services: Services, store: Store, klaviyo: FakeKlaviyo, clock: Clock, count: int
) -> None:
    def refuse(told: list[dict[str, Any]]) -> RemoteError | None:
        for index, message in enumerate(told):
            if "phone_number" in message["profile"]["data"]["attributes"]:
                prefix = "/data/attributes/profile" if len(told) == 1 and count == 1 else ""
                prefix = prefix or f"/data/attributes/events-bulk-create/data/{index}/attributes/profile"
                return Bury("Invalid phone number", f"{prefix}/data/attributes/phone_number")
        return None

    klaviyo.script = refuse
    put(services, store, count - 1, first=1)
    with services.database.write() as session:
        outbox.add(session, store.id, [row(event(0, phone="+4930"))], services.now(), services.now())
    drain(services, store, clock)
    assert len(klaviyo.accepted) == count
    assert not buried(services, store)


def test_the_quota_is_never_exceeded(services: Services, store: Store, klaviyo: FakeKlaviyo, clock: Clock) -> None:
    sent: list[float] = []

    def note(_told: list[dict[str, Any]]) -> RemoteError | None:
        sent.append(clock().timestamp())
        return None

    klaviyo.script = note
    put(services, store, 1)
    for number in range(170):
        put(services, store, 51, first=100 * number + 1000)
        while delivery.deliver_volume(services, store.id) is not None:
            clock.advance(0.1)
    for start in sent:
        assert sum(start <= moment < start + 60 for moment in sent) <= 150
        assert sum(start <= moment < start + 1 for moment in sent) <= 10
    assert len(sent) >= 170


def test_what_klaviyo_says_of_its_window_overrules_the_arithmetic(
    services: Services, store: Store, klaviyo: FakeKlaviyo, clock: Clock
) -> None:
    klaviyo.quota = Quota(limit=150, remaining=3, reset_s=41)
    put(services, store, 100)
    delivery.deliver_volume(services, store.id)
    put(services, store, 100, first=200)
    assert delivery.deliver_volume(services, store.id) == pytest.approx(41)


def test_two_stores_of_one_account_share_its_quota(
    services: Services, store: Store, new_store: Callable[..., Store], klaviyo: FakeKlaviyo
) -> None:
    other = new_store(shop_id="Another")
    klaviyo.script = lambda _: Retry("Klaviyo answered 429", after=30)
    put(services, store, 100)
    put(services, other, 100)
    delivery.deliver_volume(services, store.id)
    assert delivery.deliver_volume(services, other.id) == pytest.approx(30)
    assert len(klaviyo.calls) == 1
