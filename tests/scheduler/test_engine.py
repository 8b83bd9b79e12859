"""What every engine must pass: it runs what is woken, coalesces, survives a crash, honours waits and widths."""

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, cast, get_args

import pytest

from companion.bootstrap import JobName, Services
from scheduler.engine import Engine
from scheduler.jobs import STORE_JOBS, StoreJob

NOBODY = cast("Services", None)


@pytest.fixture
def engines() -> Iterator[Callable[..., Engine]]:
    started: list[Engine] = []

    def start(run: Callable[[Any, int], float | None], width: int = 1, threads: int = 4) -> Engine:
        jobs: dict[JobName, StoreJob] = {"resolve": StoreJob(run, width), "deliver": StoreJob(run, width)}
        engine = Engine(jobs, threads)
        engine.start(NOBODY)
        started.append(engine)
        return engine

    yield start
    for engine in started:
        engine.stop()


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.002)


def test_a_wake_runs_the_job_for_that_store(engines: Callable[..., Engine]) -> None:
    ran: list[int] = []
    engine = engines(lambda _, store_id: ran.append(store_id))
    engine.wake("resolve", 7)
    wait_for(lambda: ran == [7])


def test_wakes_before_the_start_are_not_lost() -> None:
    ran: list[int] = []

    def run(_: Any, store_id: int) -> None:
        ran.append(store_id)

    engine = Engine({"resolve": StoreJob(run)}, 2)
    engine.wake("resolve", 1)
    engine.start(NOBODY)
    wait_for(lambda: ran == [1])
    engine.stop()


def test_wakes_while_a_job_runs_make_it_run_once_more(engines: Callable[..., Engine]) -> None:
    go, ran = threading.Event(), []

    def run(_: Any, store_id: int) -> None:
        ran.append(store_id)
        go.wait(5)

    engine = engines(run)
    engine.wake("resolve", 1)
    wait_for(lambda: len(ran) == 1)
    for _ in range(20):
        engine.wake("resolve", 1)
    go.set()
    wait_for(lambda: len(ran) == 2)
    time.sleep(0.05)
    assert ran == [1, 1]


def test_a_job_of_width_one_never_runs_twice_at_once_for_a_store(engines: Callable[..., Engine]) -> None:
    now, most, turn, left = [0], [0], threading.Lock(), [30]

    def run(_: Any, store_id: int) -> float | None:
        with turn:
            now[0] += 1
            most[0] = max(most[0], now[0])
        time.sleep(0.002)
        with turn:
            now[0] -= 1
            left[0] -= 1
        return 0.0 if left[0] > 0 else None

    engine = engines(run)
    for _ in range(5):
        engine.wake("resolve", 1)
    wait_for(lambda: left[0] <= 0)
    assert most[0] == 1


def test_a_wide_job_uses_its_width(engines: Callable[..., Engine]) -> None:
    inside, together = threading.Semaphore(0), threading.Barrier(3, timeout=5)

    def run(_: Any, store_id: int) -> None:
        together.wait()
        inside.release()

    engines(run, width=3).wake("resolve", 1)
    assert all(inside.acquire(timeout=5) for _ in range(3))


def test_a_job_that_asks_for_a_pause_runs_again_after_it(engines: Callable[..., Engine]) -> None:
    moments: list[float] = []

    def run(_: Any, store_id: int) -> float | None:
        moments.append(time.monotonic())
        return 0.1 if len(moments) == 1 else None

    engines(run).wake("resolve", 1)
    wait_for(lambda: len(moments) == 2)
    assert moments[1] - moments[0] >= 0.1


def test_a_job_that_asked_for_a_pause_is_not_woken_before_it(engines: Callable[..., Engine]) -> None:
    moments: list[float] = []

    def run(_: Any, store_id: int) -> float | None:
        moments.append(time.monotonic())
        return 0.2 if len(moments) == 1 else None

    engine = engines(run)
    engine.wake("resolve", 1)
    wait_for(lambda: len(moments) == 1)
    for _ in range(10):
        engine.wake("resolve", 1)
        time.sleep(0.005)
    assert len(moments) == 1
    wait_for(lambda: len(moments) == 2)


def test_a_slow_store_does_not_hold_up_another(engines: Callable[..., Engine]) -> None:
    go, ran = threading.Event(), []

    def run(_: Any, store_id: int) -> None:
        if store_id == 1:
            go.wait(5)
        ran.append(store_id)

    engine = engines(run)
    engine.wake("resolve", 1)
    engine.wake("resolve", 2)
    wait_for(lambda: ran == [2])
    go.set()


def test_a_job_that_breaks_off_is_logged_without_what_it_had_in_hand_and_runs_again(
    engines: Callable[..., Engine], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("scheduler.engine.AFTER_A_CRASH_S", 0.01)
    ran: list[int] = []

    def run(_: Any, store_id: int) -> None:
        ran.append(store_id)
        if len(ran) == 1:
            raise KeyError("kim@shop-customer.net")

    engines(run).wake("resolve", 1)
    wait_for(lambda: len(ran) == 2)
    assert "job broke off" in caplog.text


def test_stopping_lets_the_work_under_way_finish() -> None:
    done: list[bool] = []

    def run(_: Any, store_id: int) -> None:
        time.sleep(0.1)
        done.append(True)

    engine = Engine({"resolve": StoreJob(run)}, 2)
    engine.start(NOBODY)
    engine.wake("resolve", 1)
    time.sleep(0.03)
    engine.stop()
    assert done == [True]


def test_every_job_a_service_may_wake_is_in_the_list() -> None:
    assert set(STORE_JOBS) == set(get_args(JobName))
