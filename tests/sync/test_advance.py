"""Turns: whose it is, how many at once, what the tick finds, and what an operator types."""

import json
import threading
import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from click.testing import CliRunner

from companion import bootstrap, cli, due, runs, status
from companion.bootstrap import Services
from companion.models import Store
from companion.platforms.base import Access, Page, Walk
from companion.sync import advance, history
from tests.build import order_id
from tests.fakes import Clock, FakeShop
from tests.sync.conftest import expected, fill, newest, told

Go = Callable[..., None]


def test_the_tick_finds_runs_that_are_due_and_leaves_the_others_alone(
    work: Services, store: Store, clock: Clock, new_store: Callable[..., Store]
) -> None:
    idle = new_store(shop_id="AnotherShop")
    run = advance.start(work, store.key, "changes")
    assert due.jobs(work) == [("advance", store.id)]
    with work.database.write() as session:
        runs.pause(session, run.id)
    assert due.jobs(work) == []
    with work.database.write() as session:
        runs.resume(session, run.id, clock())
        runs.claim(session, store.id, clock(), 90)
    assert due.jobs(work) == []
    clock.advance(91)
    assert due.jobs(work) == [("advance", store.id)]
    assert advance.advance_store(work, idle.id) is None


def test_a_process_advances_few_runs_at_once_and_never_lets_a_thread_wait_for_its_turn(
    work: Services, shop: FakeShop, new_store: Callable[..., Store]
) -> None:
    inside, go_on = threading.Semaphore(0), threading.Event()

    class SlowShop(FakeShop):
        def fetch_page(self, access: Access, walk: Walk, cursor: object, limit: int) -> Page:
            inside.release()
            go_on.wait(10)
            return Page([], None)

    slow = replace(work, platforms={"shopware": SlowShop()})
    stores = [new_store(shop_id=f"Shop{number}") for number in range(advance.AT_ONCE + 1)]
    for one in stores:
        advance.start(slow, one.key, "changes")
    busy = [threading.Thread(target=advance.advance_store, args=(slow, one.id)) for one in stores[:-1]]
    for thread in busy:
        thread.start()
    assert all(inside.acquire(timeout=10) for _ in busy)
    assert advance.advance_store(slow, stores[-1].id) == advance.BUSY_S
    go_on.set()
    for thread in busy:
        thread.join()
    assert advance.advance_store(slow, stores[-1].id) == 0


def test_two_processes_on_one_run_tell_everything_once(work: Services, store: Store, shop: FakeShop, go: Go) -> None:
    fill(shop, *range(1, 61))
    advance.start(work, store.key, "history", history.options())
    go(until=lambda: newest(work).plan is not None)
    threads = [threading.Thread(target=go, kwargs={"services": replace(work)}) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (newest(work).state, newest(work).done, newest(work).told) == ("finished", 60, 180)
    assert told(work) == expected(*range(1, 61))


def test_status_shows_runs_with_their_progress(work: Services, store: Store, shop: FakeShop, go: Go) -> None:
    fill(shop, *range(1, 9))
    run = advance.start(work, store.key, "history", history.options())
    go()
    (shown,) = status.status(work)["stores"][store.key]["runs"]
    assert {"id", "kind", "state", "done", "total", "failed", "eta_s"} <= shown.keys()
    assert (shown["id"], shown["kind"], shown["state"], shown["done"]) == (run.id, "history", "finished", 8)
    assert json.dumps(shown)


@pytest.fixture
def now(work: Services) -> Services:
    """The same service in real time, as commands are."""
    return replace(work, now=bootstrap.clock, sleep=time.sleep)


@pytest.fixture
def command(work: Services, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Run `companion run …` on this service's database and return what it prints."""
    for name in ("database_url", "secret_key", "public_url"):
        monkeypatch.setenv(f"COMPANION_{name.upper()}", getattr(work.settings, name))

    def call(*words: str, code: int = 0) -> str:
        done = CliRunner().invoke(cli.main, ["run", *words])
        assert done.exit_code == code, done.output
        return done.output

    return call


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_run_is_started_watched_and_found_again_from_the_command_line(
    now: Services, store: Store, shop: FakeShop, go: Go, command: Callable[..., str]
) -> None:
    fill(shop, *range(1, 9))
    shop.orders[order_id(3)]["order"]["price"] = None
    watched = threading.Event()

    def work_on() -> None:
        while not watched.wait(0.05):
            advance.advance_store(now, store.id)

    service = threading.Thread(target=work_on)
    service.start()
    told_me = command("start", "history", store.key, "--wait")
    watched.set()
    service.join()
    assert "orders         8" in told_me
    assert "finished 8 of 8, 21 new, 1 failed" in told_me
    number = str(newest(now).id)
    assert f"{number}      history" in command("list", "--store", store.key)
    shown = command("show", number)
    assert '"state": "finished"' in shown
    assert "order 10003 $.order.price" in shown
    assert "1 are tried again" in command("retry", number)
    go(services=now)
    assert newest(now).failed == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_run_is_steered_from_the_command_line(
    now: Services, store: Store, shop: FakeShop, go: Go, command: Callable[..., str]
) -> None:
    fill(shop, *range(1, 9))
    command("start", "history", store.key, "--ask", "--since", "2026-01-01", "--metric", "Placed Order")
    go(services=now)
    number = str(newest(now).id)
    assert newest(now).state == "held"
    assert newest(now).options["since"] == "2026-01-01"
    command("throttle", number, "60")
    assert newest(now).options["orders_per_minute"] == 60
    command("throttle", number, "0")
    command("resume", number)
    command("pause", number)
    assert newest(now).state == "paused"
    command("cancel", number)
    assert "is cancelled" in command("resume", number, code=1)
    assert "no metric" in command("start", "history", store.key, "--metric", "Placed", code=1)
    assert "another kind" in command("start", "changes", store.key, "--metric", "Placed Order", code=2)
    assert "no run 99" in command("show", "99", code=1)
