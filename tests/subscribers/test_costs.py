"""What a run costs: calls to Klaviyo, against the least that its pages and batches allow; and rows held at a time."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from math import ceil
from typing import Any

import pytest
from sqlalchemy import event

from companion import consent_work, limits
from companion.klaviyo.audience import IMPORTS, NAMED, PACES, PAGE, REMOVALS, SUBSCRIPTIONS, named
from companion.quota import Quota
from tests.subscribers.crowd import Crowd, email
from tests.subscribers.test_crowd import Inside
from tests.subscribers.world import World

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

COUNT = 3_000
MANY = 14_000
LOOK = Counter({"profiles": 2})
"""Opt-outs right before people are subscribed, everywhere and on lists."""


@pytest.fixture
def crowd(world: World) -> Crowd:
    return begun(world, COUNT)


@pytest.fixture
def fetched(world: World) -> Iterator[Counter[Any]]:
    """Rows fetched, by statement."""
    rows: Counter[Any] = Counter()

    def count(connection: Any, _record: Any) -> None:
        def made(cursor: Any, row: Any) -> Any:
            rows[cursor] += 1
            return row

        connection.row_factory = made

    world.services.database.dispose()
    event.listen(world.services.database.engine, "connect", count)
    yield rows
    event.remove(world.services.database.engine, "connect", count)


def begun(world: World, count: int) -> Crowd:
    other = world.account.audience.add_list("Outlet", "single_opt_in", 0)
    world.change(removal_limit=100)
    crowd = Crowd(count, world.clock() - timedelta(days=900), {"ours": world.list_id, "other": other.id})
    crowd.begin(Inside(world))
    return crowd


def asked(world: World) -> Counter[str]:
    """The calls of a whole run, by kind."""
    a_list = f"/api/lists/{world.list_id}"
    names = {
        f"GET {a_list}": "list",
        f"GET {a_list}/profiles": "members",
        "GET /api/profiles": "profiles",
        "POST /api/profile-subscription-bulk-create-jobs": "subscribe",
        f"DELETE {a_list}/relationships/profiles": "remove",
        "POST /api/profile-bulk-import-jobs": "import",
    }
    calls = world.calls_of(world.sync)
    assert world.run.state == "finished"
    kinds: Counter[str] = Counter()
    for call, count in calls.items():
        kinds[names.get(call, "import-jobs")] += count
    return kinds


def writing(world: World) -> Counter[str]:
    """The least calls for what the run wrote; what became of an import has to be asked."""
    done = Counter(world.run.result)
    imports = ceil(done["written"] / IMPORTS)
    subscribe, remove = ceil(done["subscribed"] / SUBSCRIPTIONS), ceil(done["removed"] / REMOVALS)
    return +Counter({"subscribe": subscribe, "remove": remove, "import": imports, "import-jobs": imports})


def opt_outs(world: World) -> int:
    """Pages of everybody who opted out, of everything and of a list."""
    kept = [[bool(one.list_id) for one in each.consent.suppressions] for each in world.account.audience.profiles]
    return sum(max(1, ceil(sum(of_lists in each for each in kept) / PAGE)) for of_lists in (False, True))


def test_runs_ask_no_more_than_pages_and_batches_need_and_look_once_more_before_they_subscribe(
    world: World, crowd: Crowd
) -> None:
    reading = Counter({"list": 1, "members": ceil(world.list.count / PAGE), "profiles": opt_outs(world)})
    calls = asked(world)
    assert world.members == crowd.members(0)
    assert calls == reading + writing(world) + LOOK
    joined = world.run.result["subscribed"]
    world.clock.advance(86_400)
    assert asked(world) == Counter({"list": 1, "members": ceil(joined / PAGE), "profiles": 2})
    world.clock.advance(86_400)
    assert asked(world) == Counter({"list": 1, "members": 1, "profiles": 2})


@pytest.mark.parametrize("others", [0, 1, 2])
def test_where_somebody_left_unseen_the_rest_of_the_list_is_read_too_and_nothing_twice(
    world: World, crowd: Crowd, others: int
) -> None:
    """Whether more have joined than left, as many, or fewer."""
    asked(world)
    world.clock.advance(86_400)
    world.in_klaviyo(min(world.members), "leave", of_list=True)
    for number in range(others):
        world.in_klaviyo(f"stranger{number}@shop-customer.net", "subscribe", of_list=True)
        world.in_klaviyo(f"stranger{number}@shop-customer.net", "confirm")
    pages = ceil(world.list.count / PAGE)
    calls = asked(world)
    assert world.members == crowd.members(0)
    assert pages <= calls["members"] <= pages + 1
    assert calls == Counter({"list": 1, "members": calls["members"], "profiles": 2}) + LOOK + writing(world)


def test_profiles_of_old_and_new_subscribers_share_an_import(world: World) -> None:
    row = world.recipient("anna@shop-customer.net")
    asked(world)
    row["firstName"] = "Anni"
    world.recipient("bernd@shop-customer.net")
    assert asked(world)["import"] == 1
    assert world.run.result["written"] == 2
    assert world.person("anna@shop-customer.net").details["first_name"] == "Anni"


def test_those_kept_out_are_asked_about_once_a_week_as_many_a_call_as_an_address_line_holds(
    world: World, crowd: Crowd
) -> None:
    asked(world)
    active = {row["email"] for row in world.shop.recipients.values() if row["status"] in ("optIn", "direct")}
    kept_out = [one for one in world.account.audience.profiles if one.email in active and one.consent.suppressions]
    world.clock.advance(8 * 86_400)
    a_call = named([email(COUNT)] * NAMED)
    assert asked(world)["profiles"] - 2 <= ceil(len(kept_out) / a_call)


def test_no_statement_fetches_more_than_a_batch_however_many_there_are(world: World, fetched: Counter[Any]) -> None:
    crowd = begun(world, MANY)
    for _ in range(2):
        asked(world)
        world.clock.advance(8 * 86_400)
    assert len(crowd.members(0)) > IMPORTS
    assert max(fetched.values()) <= IMPORTS
    assert sum(rows > SUBSCRIPTIONS for rows in fetched.values()) <= ceil(len(crowd.members(0)) / IMPORTS)


def test_a_batch_that_opts_out_at_the_last_moment_keeps_nobody_else_from_being_subscribed(world: World) -> None:
    people = [email(number) for number in range(SUBSCRIPTIONS + 1)]
    for one in people:
        world.recipient(one)

    def opt_out(call: str) -> None:
        if call.startswith("POST") and "import" in call:
            for one in people[:-1]:
                world.in_klaviyo(one, "unsubscribe")

    world.wire.after = opt_out
    calls = asked(world)
    assert calls["subscribe"] == 1
    assert world.members == {people[-1]}
    assert world.account.audience.opt_outs_lifted == 0


def test_an_answer_that_says_nothing_new_of_the_limit_is_not_written(world: World) -> None:
    account, now = world.store.klaviyo_account, world.clock()
    with world.services.database.write() as session:
        limits.take(session, account, "members", PACES["members"], 0.9, now)
    changes = []
    for quota in (Quota(750, 700, 50.0), Quota(750, 699, 49.0), Quota(700, 640, 48.0), Quota(700, 10, 47.0)):
        with world.services.database.write() as session:
            limits.obey(session, account, "members", quota, 0.9, now)
            changes.append(session.connection().connection.dbapi_connection.total_changes)  # type: ignore[union-attr]
    assert [later > earlier for earlier, later in pairwise(changes)] == [False, True, True]


def test_what_waits_is_found_without_walking_past_what_is_done(world: World) -> None:
    statements: list[tuple[str, Any]] = []
    engine = world.services.database.engine

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        statements.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", note)
    with world.services.database.read() as session:
        consent_work.waiting(session, world.store.id, world.list_id, "subscribe", 1)
    event.remove(engine, "before_cursor_execute", note)
    statement, parameters = statements[-1]
    with engine.connect() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
    assert [row[3] for row in plan] == [
        "SEARCH subscribers USING INDEX subscribers_todo (store_id=? AND list_id=? AND todo=?)"
    ]
