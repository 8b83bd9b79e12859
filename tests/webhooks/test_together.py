"""Webhooks that arrive together: one commit for many, each kept once, and nobody fails for another's fault."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from companion.bootstrap import Services
from companion.inbox import InboxRow
from companion.models import Inbox, Store

THREADS = 12


def count(services: Services) -> int:
    with services.database.read() as session:
        return session.scalar(select(func.count()).select_from(Inbox)) or 0


def row(services: Services, store: Store, webhook_id: str) -> InboxRow:
    return InboxRow(store.id, webhook_id, "checkout.order.placed", b"{}", services.now())


def test_all_that_arrive_at_once_are_on_disk_when_their_turn_returns(services: Services, store: Store) -> None:
    together = Barrier(THREADS)

    def arrive(thread: int) -> None:
        together.wait()
        for number in range(20):
            services.intake.add(row(services, store, f"{thread}-{number}"))
            services.intake.add(row(services, store, f"everybody's {number}"))

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(arrive, range(THREADS)))
    assert count(services) == THREADS * 20 + 20


def test_a_row_that_the_database_refuses_fails_alone(services: Services, store: Store) -> None:
    together = Barrier(THREADS)
    refused = replace(row(services, store, "of no store"), store_id=store.id + 1)

    def arrive(thread: int) -> bool:
        together.wait()
        for number in range(10):
            services.intake.add(row(services, store, f"{thread}-{number}"))
            if not thread:
                with pytest.raises(SQLAlchemyError):
                    services.intake.add(refused)
        return True

    with ThreadPoolExecutor(THREADS) as pool:
        assert all(pool.map(arrive, range(THREADS)))
    assert count(services) == THREADS * 10
