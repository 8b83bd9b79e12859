"""Whether everything flows: states in words, figures that add up, a plot that can be read as a table."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text

from companion import limits, runs, stores
from companion.admin import queries
from companion.bootstrap import Services
from companion.models import Store
from tests.admin import house
from tests.admin.conftest import Desk, words
from tests.build import put
from tests.fakes import Clock

NewStore = Callable[..., Store]


def line_of(services: Services, store: Store) -> queries.Line:
    with services.database.read() as session:
        return queries.line(session, stores.by_key(session, store.key), services.now())


@pytest.mark.parametrize(
    ("columns", "word", "tone"),
    [
        ({}, "flowing", "good"),
        ({"paused": "Klaviyo answered 401."}, "paused", "bad"),
        ({"klaviyo_key": None}, "not connected", "warn"),
        ({"approval": "reregistration", "paused": "x"}, "waiting", "warn"),
        ({"state": "inactive"}, "switched off", "quiet"),
        ({"state": "removed", "paused": "x"}, "uninstalled", "quiet"),
    ],
)
def test_a_store_says_how_it_does(
    services: Services, new_store: NewStore, columns: dict[str, Any], word: str, tone: str
) -> None:
    state = line_of(services, new_store(**columns)).state
    assert (state.word, state.tone) == (word, tone)
    assert bool(state.why) == (word != "flowing")


def test_a_store_whose_shop_or_klaviyo_fails_is_behind_and_says_why(services: Services, store: Store) -> None:
    for scope, said in ((store.klaviyo_account, "Klaviyo answered 503"), (stores.shop_scope(store.id), "No shop")):
        with services.database.write() as session:
            limits.back_off(session, scope, "events", said, services.now(), after=30)
        state = line_of(services, store).state
        assert (state.word, state.why) == ("behind", said)


def test_a_store_is_behind_when_its_first_in_line_waits_for_more_than_a_minute(
    services: Services, store: Store, clock: Clock
) -> None:
    put(services, store, 3)
    clock.advance(60)
    assert line_of(services, store).state.word == "flowing"
    clock.advance(1)
    line = line_of(services, store)
    assert (line.state.word, line.due, line.oldest_s) == ("behind", 3, 61.0)


def test_the_figures_of_a_store_add_up(services: Services) -> None:
    found = house.a_house(services)
    line = line_of(services, found["hats"])
    assert (line.due, line.buried, line.quarantined, line.failing, line.stuck) == (1, 4, 2, 1, 7)
    assert line.lag_s == pytest.approx(0.55)
    assert line.events == 165
    assert line.last_webhook is not None


def test_stores_that_need_someone_come_first(services: Services) -> None:
    house.a_house(services)
    with services.database.read() as session:
        found = [line.state.word for line in queries.lines(session, services.now())]
    assert found == ["paused", "not connected", "behind", "waiting", "flowing"]


def test_the_day_counts_live_events_by_the_hour(services: Services, store: Store, clock: Clock) -> None:
    put(services, store, 2)
    put(services, store, 5, backfill=True, first=100)
    clock.advance(3600)
    put(services, store, 3, first=10)
    clock.advance(1800)
    with services.database.read() as session:
        day = queries.day(session, [store.id], services.now())
    assert len(day) == 24
    assert [hour.made for hour in day[-3:]] == [0, 2, 3]
    assert day[-1].start == clock().replace(minute=0)
    clock.advance(24 * 3600)
    with services.database.read() as session:
        assert not any(hour.made for hour in queries.day(session, [store.id], services.now()))


def test_the_overview_shows_every_store_and_the_day(admin: Desk, services: Services) -> None:
    found = house.a_house(services)
    page = admin.read("/admin/")
    assert all(store.name.replace("&", "&amp;") in admin.page for store in found.values())
    assert "Klaviyo answered 401: The API key specified is invalid." in page
    assert "166 events, 4 buried" in page
    assert admin.page.count('<th scope="row"><time') == 24
    assert f'href="/admin/stores/{found["hats"].key}/stuck"' in admin.page


def test_a_house_without_stores_says_what_to_do(admin: Desk) -> None:
    assert "No shop is connected yet." in admin.read("/admin/")
    assert 'href="/admin/connect"' in admin.page


def test_a_store_has_an_overview_of_its_own(admin: Desk, services: Services) -> None:
    hats = house.a_house(services)["hats"]
    page = admin.read(f"/admin/stores/{hats.key}/")
    assert "flowing" in page
    assert "165 events, 4 buried" in page
    assert "7 messages and webhooks stuck" in page


def test_names_and_reasons_are_text_and_never_markup(admin: Desk, new_store: NewStore) -> None:
    evil = "<script>alert(1)</script>"
    store = new_store(name=evil, paused=evil, klaviyo_account_name=evil)
    for page in ("/admin/", f"/admin/stores/{store.key}/", f"/admin/stores/{store.key}/setup"):
        admin.get(page)
        assert evil not in admin.page
        assert "alert(1)" in words(admin.page)


@pytest.mark.parametrize(
    ("index", "sql"),
    [
        (
            "outbox_live",
            "select count(*) from outbox where store_id = 1 and priority = 0 and created_at > '2026-01-01'",
        ),
        ("outbox_buried", "select count(*) from outbox where store_id = 1 and state = 'buried'"),
        ("inbox_quarantined", "select count(*) from inbox where store_id = 1 and outcome = 'quarantined'"),
        ("inbox_received", "select max(received_at) from inbox where store_id = 1"),
    ],
)
def test_what_pages_count_is_counted_in_an_index(services: Services, store: Store, index: str, sql: str) -> None:
    if not services.database.is_sqlite:
        return
    with services.database.read() as session:
        plan = " ".join(row[3] for row in session.execute(text(f"explain query plan {sql}")))
    assert index in plan


def test_the_last_synchronizations_are_shown_with_their_state(
    admin: Desk, services: Services, store: Store, clock: Clock
) -> None:
    with services.database.write() as session:
        done = runs.claim(session, runs.request(session, store.id, "history", clock()).store_id, clock(), 90)
        assert done is not None
        runs.planned(session, done, {}, 1200, clock())
        runs.checkpoint(session, done, clock(), cursor=None, done=1200, told=3400)
        runs.finish(session, done, clock())
        runs.pause(session, runs.request(session, store.id, "changes", clock()).id, "Paused by a person.")
    clock.advance(125)
    assert "Last synchronization: Changes, paused since 2 min ago" in admin.read("/admin/")
    page = admin.read(f"/admin/stores/{store.key}/")
    assert "Changes, paused since 2 min ago" in page
    assert "Paused by a person." in page
    assert "History, finished 2 min ago 1,200 of 1,200 read, 3,400 new" in page
