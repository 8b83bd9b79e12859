"""The account's lists as pages know them: read in the background, once a day and when asked, and a new one."""

from companion import runs
from companion.models import Run
from companion.sync import account_lists, advance, schedule
from companion.sync.account_lists import KIND, NEW, Known
from tests.subscribers.world import World


def run(world: World, kind: str, **options: str) -> Run:
    """Start a run of a kind and have it end; whatever it asks for is done as well."""
    started = advance.start(world.services, world.store.key, kind, options, "a person")
    for _ in range(10):
        advance.advance_store(world.services, world.store.id)
    with world.services.database.read() as session:
        return runs.by_id(session, started.id)


def known(world: World) -> Known:
    with world.services.database.read() as session:
        return account_lists.known(session, world.store.id)


def test_all_lists_are_known_by_name_after_they_were_read(world: World) -> None:
    assert known(world) == Known([], None, asking=False, problem="")
    for number in range(12):
        world.account.audience.add_list(f"list {number:02}", "single_opt_in", 0)
    assert run(world, KIND).state == "finished"
    found = known(world)
    assert [one.name for one in found.lists] == [*(f"list {number:02}" for number in range(12)), "Newsletter"]
    assert (found.at, found.asking, found.problem) == (world.clock(), False, "")


def test_only_the_last_reading_is_kept(world: World) -> None:
    for _ in range(3):
        run(world, KIND)
    with world.services.database.read() as session:
        assert len(runs.listed(session, world.store.id, KIND)) == 1


def test_they_are_read_once_a_day(world: World) -> None:
    def asked() -> bool:
        schedule.request_due(world.services)
        return known(world).asking

    assert asked()
    for _ in range(10):
        advance.advance_store(world.services, world.store.id)
    assert not asked()
    world.clock.advance(86_400)
    assert asked()


def test_a_new_list_is_created_chosen_and_known(world: World) -> None:
    assert run(world, NEW, name="Stammkunden").state == "finished"
    found = known(world)
    assert "Stammkunden" in [one.name for one in found.lists]
    world.change()
    assert world.store.settings["subscriber_list"]["name"] == "Stammkunden"


def test_a_name_that_is_taken_is_said_and_the_choice_stays(world: World) -> None:
    ended = run(world, NEW, name="Newsletter")
    assert ended.state == "failed"
    assert "there is a list 'Newsletter' already" in known(world).problem
    world.change()
    assert world.store.settings["subscriber_list"]["id"] == world.list_id
    assert run(world, NEW).state == "failed"
    assert "a new list needs a name" in known(world).problem
