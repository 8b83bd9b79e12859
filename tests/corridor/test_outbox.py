"""The outbox tells a fact once, lends messages for a while, and never loses one."""

from dataclasses import replace

from companion import outbox
from companion.bootstrap import Services
from companion.models import Outbox, Store
from companion.outbox import OutboxRow
from tests.build import event, put, row
from tests.fakes import Clock


def states(services: Services, store: Store) -> dict[str, int]:
    counts: dict[str, int] = {}
    with services.database.read() as session:
        for message in session.query(Outbox).filter_by(store_id=store.id):
            counts[message.state] = counts.get(message.state, 0) + 1
    return counts


def test_a_fact_is_told_once_whoever_finds_it(services: Services, store: Store) -> None:
    assert put(services, store, 3) == 3
    assert put(services, store, 5) == 2
    assert put(services, store, 5, backfill=True) == 0
    assert states(services, store) == {"due": 5}


def test_a_fact_stays_told_after_it_was_delivered_and_its_bytes_forgotten(services: Services, store: Store) -> None:
    put(services, store, 1)
    with services.database.write() as session:
        rows = outbox.claim(session, store.id, services.now(), 60, 10)
        outbox.settle(session, [found.id for found in rows], services.now())
        session.query(Outbox).update({"profile": None, "event": None})
    assert put(services, store, 1) == 0


def test_two_stores_may_have_the_same_order_id(services: Services, store: Store, new_store) -> None:  # type: ignore[no-untyped-def]
    other = new_store(shop_id="Another")
    assert put(services, store, 1) == put(services, other, 1) == 1


def test_a_claimed_message_is_lent_to_one_only_and_comes_back_after_the_lease(
    services: Services, store: Store, clock: Clock
) -> None:
    put(services, store, 2)
    with services.database.write() as session:
        assert len(outbox.claim(session, store.id, clock(), 60, 10)) == 2
        assert not outbox.claim(session, store.id, clock(), 60, 10)
    clock.advance(61)
    with services.database.write() as session:
        assert [found.attempts for found in outbox.claim(session, store.id, clock(), 60, 10)] == [1, 1]


def test_live_goes_before_history(services: Services, store: Store, clock: Clock) -> None:
    put(services, store, 2, backfill=True)
    clock.advance(5)
    put(services, store, 2, first=10)
    with services.database.write() as session:
        claimed = outbox.claim(session, store.id, clock(), 60, 3)
    assert [found.priority for found in claimed] == [0, 0, 1]


def test_messages_that_failed_together_come_back_in_smaller_company() -> None:
    assert [outbox.company(attempts, 1000) for attempts in (0, 3, 4, 5, 12, 40)] == [1000, 1000, 500, 250, 1, 1]


def test_a_buried_message_keeps_its_reason_and_can_be_replayed(services: Services, store: Store) -> None:
    put(services, store, 2)
    with services.database.write() as session:
        first, _ = outbox.claim(session, store.id, services.now(), 60, 10)
        outbox.bury(session, [first.id], "no such e-mail", services.now())
    with services.database.read() as session:
        assert [found.reason for found in outbox.listed(session, store.id, "buried")] == ["no such e-mail"]
    with services.database.write() as session:
        assert outbox.replay(session, store.id, services.now()) == 1
    assert states(services, store) == {"due": 2}


def test_messages_are_found_by_order_number(services: Services, store: Store) -> None:
    put(services, store, 3)
    with services.database.read() as session:
        found = outbox.listed(session, store.id, label="10001")
    assert [message.unique_id for message in found] == [row(event(1)).unique_id]


def refuse(services: Services, store: Store, reason: str = "no such e-mail") -> None:
    with services.database.write() as session:
        rows = outbox.claim(session, store.id, services.now(), 60, 10)
        outbox.bury(session, [found.id for found in rows], reason, services.now())


def test_what_klaviyo_refused_goes_out_again_as_soon_as_it_is_told_differently(
    services: Services, store: Store, clock: Clock
) -> None:
    put(services, store, 2)
    refuse(services, store)
    clock.advance(60)
    better = replace(row(event(1)), profile=b'{"data":{"attributes":{"email":"kim@shop-customer.net"}}}')
    with services.database.write() as session:
        assert outbox.add(session, store.id, [better, better, row(event(0))], clock(), clock()) == 1
    assert states(services, store) == {"due": 1, "buried": 1}
    with services.database.write() as session:
        (found,) = outbox.claim(session, store.id, clock(), 60, 10)
    assert (found.unique_id, found.profile, found.attempts) == (better.unique_id, better.profile, 0)


def test_what_klaviyo_refused_stays_buried_while_it_is_told_the_same(services: Services, store: Store) -> None:
    put(services, store, 3)
    refuse(services, store)
    assert put(services, store, 3) == 0
    assert states(services, store) == {"buried": 3}


def test_what_a_person_put_aside_stays_there_however_it_is_told(services: Services, store: Store) -> None:
    put(services, store, 1)
    with services.database.write() as session:
        (id_,) = [found.id for found in outbox.listed(session, store.id)]
        assert outbox.give_up(session, store.id, [id_, id_ + 1], "admin", services.now(), "a trial") == 1
        changed = replace(row(event(0)), event=b"{}")
        assert outbox.add(session, store.id, [changed], services.now(), services.now()) == 0
        assert [found.reason for found in outbox.listed(session, store.id)] == ["Put aside by admin: a trial"]


def add(services: Services, store: Store, told: OutboxRow) -> int:
    with services.database.write() as session:
        return outbox.add(session, store.id, [told], services.now(), services.now())


def test_what_follows_another_is_told_only_after_it(services: Services, store: Store) -> None:
    cancelled = replace(row(event(0, "Cancelled Order")), follows=("Placed Order", "order-0"))
    assert add(services, store, cancelled) == 0
    put(services, store, 1)
    assert add(services, store, cancelled) == 1
    assert add(services, store, cancelled) == 0


def test_what_was_told_with_another_as_news_is_not_told_again(services: Services, store: Store) -> None:
    split = replace(row(event(7)), unless=("Placed Order", "order-0"))
    put(services, store, 1)
    assert add(services, store, split) == 0


def test_what_history_told_was_told_without_what_had_been_taken_out(services: Services, store: Store) -> None:
    split = replace(row(event(7)), unless=("Placed Order", "order-0"))
    put(services, store, 1, backfill=True)
    assert add(services, store, split) == 1
