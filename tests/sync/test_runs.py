"""The runs' verbs: one open run of a kind, leased, fenced, and every state a person can bring it into."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from companion import run_failures, runs
from companion.bootstrap import Services
from companion.models import Run, Store
from companion.run_failures import Failure
from tests.build import put
from tests.fakes import Clock

BAD = Failure("order", "a1", "$.order.price", "Expected `object`", "10001")


def request(services: Services, store: Store, kind: str = "history") -> Run:
    with services.database.write() as session:
        return runs.request(session, store.id, kind, services.now(), {"since": None}, "admin")


def claim(services: Services, store: Store) -> Run | None:
    with services.database.write() as session:
        return runs.claim(session, store.id, services.now(), 90)


def claimed(services: Services, store: Store) -> Run:
    run = claim(services, store)
    assert run is not None
    return run


def current(services: Services, run: Run) -> Run:
    with services.database.read() as session:
        return runs.by_id(session, run.id)


def test_a_second_request_finds_the_run_that_is_open(services: Services, store: Store) -> None:
    first = request(services, store)
    assert request(services, store).id == first.id
    assert request(services, store, "changes").id != first.id
    with services.database.write() as session:
        runs.cancel(session, first.id, services.now())
    assert request(services, store).id not in {first.id}


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_a_request_beside_the_end_of_the_run_it_found_makes_a_new_one(services: Services, store: Store) -> None:
    first = request(services, store)
    held = claimed(services, store)

    ended: list[str] = []

    def end_it(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("SELECT runs") and not ended:
            ended.append(statement)
            with services.database.write() as session:
                runs.finish(session, held, services.now())

    event.listen(services.database.engine, "before_cursor_execute", end_it)
    assert request(services, store).id > first.id


@pytest.mark.parametrize("state", ["held", "paused"])
def test_a_run_that_waits_for_a_person_is_still_the_open_one(services: Services, store: Store, state: str) -> None:
    run = request(services, store)
    if state == "paused":
        with services.database.write() as session:
            runs.pause(session, run.id)
    else:
        held = claimed(services, store)
        with services.database.write() as session:
            runs.hold(session, held, "More than a fifth of the list would go.")
    assert request(services, store).id == run.id
    assert current(services, run).state == state
    assert claim(services, store) is None


def test_a_claimed_run_is_nobody_elses_until_its_lease_ends(services: Services, store: Store, clock: Clock) -> None:
    request(services, store)
    assert claimed(services, store).claims == 1
    assert claim(services, store) is None
    clock.advance(91)
    assert claimed(services, store).claims == 2


def test_the_kinds_of_a_store_take_turns(services: Services, store: Store, clock: Clock) -> None:
    request(services, store, "history")
    clock.advance(1)
    request(services, store, "changes")
    turns = []
    for _ in range(4):
        run = claimed(services, store)
        turns.append(run.kind)
        clock.advance(1)
        with services.database.write() as session:
            runs.release(session, run, clock())
    assert turns == ["history", "changes"] * 2


def test_whoever_lost_the_run_commits_nothing_more(services: Services, store: Store, clock: Clock) -> None:
    request(services, store)
    slow = claimed(services, store)
    clock.advance(91)
    quick = claimed(services, store)
    with services.database.write() as session:
        runs.checkpoint(session, quick, clock(), cursor={"page": 2}, done=100, told=3)
    verbs: list[Callable[[Session], object]] = [
        lambda session: runs.checkpoint(session, slow, clock(), cursor={"page": 1}, done=100, failures=[BAD]),
        lambda session: runs.renew(session, slow, clock(), 90),
        lambda session: runs.finish(session, slow, clock()),
        lambda session: runs.fail(session, slow, "no", clock()),
        lambda session: runs.hold(session, slow, "no"),
    ]
    for verb in verbs:
        with pytest.raises(runs.Interrupted), services.database.write() as session:
            verb(session)
    with services.database.write() as session:
        runs.release(session, slow, clock() + timedelta(days=1))
    kept = current(services, quick)
    assert (kept.cursor, kept.done, kept.failed, kept.state) == ({"page": 2}, 100, 0, "running")
    assert kept.due_at < clock() + timedelta(days=1)


@pytest.mark.parametrize("verb", ["pause", "cancel"])
def test_a_page_in_hand_is_not_committed_once_a_person_has_stopped_the_run(
    services: Services, store: Store, clock: Clock, verb: str
) -> None:
    request(services, store)
    run = claimed(services, store)
    with services.database.write() as session:
        runs.pause(session, run.id) if verb == "pause" else runs.cancel(session, run.id, clock())
    with pytest.raises(runs.Interrupted), services.database.write() as session:
        runs.checkpoint(session, run, clock(), cursor={"page": 1}, done=1)
    assert current(services, run).done == 0


def test_a_checkpoint_and_what_it_stands_for_are_committed_together_or_not_at_all(
    services: Services, store: Store, clock: Clock
) -> None:
    request(services, store)
    run = claimed(services, store)

    def page() -> None:
        with services.database.write() as session:
            runs.checkpoint(session, run, clock(), cursor={"page": 1}, done=1, failures=[BAD])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        page()
    again = current(services, run)
    assert (again.cursor, again.done, again.failed) == (None, 0, 0)


def test_pausing_resuming_and_cancelling(services: Services, store: Store, clock: Clock) -> None:
    run = request(services, store)
    with services.database.write() as session:
        assert runs.pause(session, run.id, "It is Friday.").reason == "It is Friday."
        assert runs.resume(session, run.id, clock()).state == "running"
        assert runs.cancel(session, run.id, clock()).state == "cancelled"
    for verb in (runs.resume, runs.cancel):
        with pytest.raises(runs.NotPossible, match="cancelled"), services.database.write() as session:
            verb(session, run.id, clock())
    with pytest.raises(runs.NoSuchRun), services.database.write() as session:
        runs.pause(session, 4711)


def test_progress_tells_rate_and_time_left_of_the_last_half_minute(
    services: Services, store: Store, clock: Clock
) -> None:
    request(services, store)
    run = claimed(services, store)
    with services.database.write() as session:
        runs.planned(session, run, {"orders": 1000}, 1000, clock())
    for speed in [1.0] * 5 + [10.0] * 60:
        clock.advance(2)
        with services.database.write() as session:
            runs.checkpoint(session, run, clock(), cursor={}, done=round(2 * speed) if run.done < 900 else 0)
        if run.done == 10:
            assert runs.progress(run)["eta_s"] == 990
    assert runs.progress(run)["rate"] == pytest.approx(10, rel=0.1)
    assert runs.progress(run)["eta_s"] == pytest.approx((1000 - run.done) / 10, rel=0.1)
    with services.database.write() as session:
        runs.finish(session, run, clock())
    assert runs.progress(run)["eta_s"] is None


def test_time_spent_paused_does_not_count_against_the_rate(services: Services, store: Store, clock: Clock) -> None:
    request(services, store)
    run = claimed(services, store)
    clock.advance(10)
    with services.database.write() as session:
        runs.checkpoint(session, run, clock(), cursor={}, done=100)
        runs.pause(session, run.id)
    clock.advance(86_400)
    with services.database.write() as session:
        runs.resume(session, run.id, clock())
    run = claimed(services, store)
    clock.advance(10)
    with services.database.write() as session:
        runs.checkpoint(session, run, clock(), cursor={}, done=100)
    assert runs.progress(run)["rate"] == 10


def test_work_that_breaks_off_again_and_again_ends_the_run_with_a_reason(
    services: Services, store: Store, clock: Clock
) -> None:
    run = request(services, store)
    for _ in range(runs.EXHAUSTED):
        assert claim(services, store) is not None
        clock.advance(91)
    assert claim(services, store) is None
    ended = current(services, run)
    assert ended.state == "failed"
    assert "broke off 20 times" in str(ended.reason)


def test_a_run_that_makes_progress_may_break_off_as_often_as_it_likes(
    services: Services, store: Store, clock: Clock
) -> None:
    request(services, store)
    for number in range(3 * runs.EXHAUSTED):
        run = claimed(services, store)
        if number % 5 == 0:
            with services.database.write() as session:
                runs.checkpoint(session, run, clock(), cursor={}, done=1)
        clock.advance(91)


def test_a_failure_is_listed_once_and_leaves_the_list_when_it_was_tried_again(
    services: Services, store: Store, clock: Clock
) -> None:
    run = request(services, store)
    held = claimed(services, store)
    with services.database.write() as session:
        runs.checkpoint(session, held, clock(), cursor={}, done=2, failures=[BAD, Failure("order", "a2", "$", "?")])
    with services.database.write() as session:
        runs.checkpoint(session, held, clock(), cursor={}, done=1, failures=[BAD])
        runs.finish(session, held, clock())
    with services.database.read() as session:
        listed = run_failures.listed(session, run.id)
        assert [one.label for one in listed] == ["10001", ""]
        assert not run_failures.due(session, run.id, 10)
    assert current(services, run).failed == 2

    with services.database.write() as session:
        assert runs.retry(session, run.id, clock(), [listed[0].id]) == 1
    again = claimed(services, store)
    with services.database.write() as session:
        due = run_failures.due(session, run.id, 10)
        assert [one.record_id for one in due] == ["a1"]
        runs.checkpoint(session, again, clock(), cursor={}, retried=[one.id for one in due])
        runs.finish(session, again, clock())
    assert (current(services, run).failed, current(services, run).done) == (1, 3)


def test_failures_wait_while_another_run_of_the_kind_is_open(services: Services, store: Store, clock: Clock) -> None:
    run = request(services, store)
    held = claimed(services, store)
    with services.database.write() as session:
        runs.checkpoint(session, held, clock(), cursor={}, failures=[BAD])
        runs.finish(session, held, clock())
    other = request(services, store)
    with pytest.raises(runs.NotPossible, match=f"run {other.id}"), services.database.write() as session:
        runs.retry(session, run.id, clock())


def test_a_run_is_forgotten_with_its_failures(services: Services, store: Store, clock: Clock) -> None:
    run = request(services, store)
    held = claimed(services, store)
    with services.database.write() as session:
        runs.checkpoint(session, held, clock(), cursor={}, failures=[BAD])
        runs.forget(session, [run.id])
    with services.database.read() as session:
        assert not runs.listed(session)
        assert not run_failures.listed(session, run.id)
    assert put(services, store, 1) == 1
