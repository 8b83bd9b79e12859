"""The account's forms are read in the background, a call a second, and kept as they are in Klaviyo."""

from companion import runs
from companion.form_models import CachedForm
from companion.forms import account, slots
from companion.models import Run
from companion.sync import advance, forms, schedule
from tests.subscribers.world import World

EMBED = {"form_type": "embed"}
POPUP = {"form_type": "popup"}


def add_form(world: World, name: str, *versions: dict[str, str], status: str = "live") -> str:
    return world.account.audience.add_form(name, status, list(versions), world.clock().timestamp()).id


def read(world: World, *, again: bool = False) -> Run:
    """A whole reading, as the engine does it."""
    run = advance.start(world.services, world.store.key, forms.KIND, forms.ALL if again else None, "a test")
    for _ in range(1_000):
        if advance.advance_store(world.services, world.store.id) is None:
            world.clock.advance(1)
        with world.services.database.read() as session:
            found = runs.by_id(session, run.id)
        if found.state != "running":
            return found
    raise AssertionError(f"the run never ends: {found.reason}")


def known(world: World) -> dict[str, CachedForm]:
    with world.services.database.read() as session:
        return {form.name: form for form in account.listed(session, world.store.id)}


def test_name_status_and_type_of_every_form_are_kept(world: World) -> None:
    add_form(world, "Footer", EMBED)
    add_form(world, "Welcome", POPUP)
    add_form(world, "Later", EMBED, status="draft")
    run = read(world)
    found = known(world)
    assert (run.state, run.done, run.total) == ("finished", 3, 3)
    assert {name: (one.type, one.status) for name, one in found.items()} == {
        "Footer": ("embed", "live"),
        "Welcome": ("popup", "live"),
        "Later": ("embed", "draft"),
    }
    assert [name for name, one in found.items() if account.is_embeddable(one)] == ["Footer"]


def test_types_are_asked_for_no_faster_than_klaviyo_allows(world: World) -> None:
    for number in range(12):
        add_form(world, f"Form {number:02}", EMBED)
    began = world.clock()
    read(world)
    assert len(known(world)) == 12
    assert world.wire.statuses[429] == 0
    assert (world.clock() - began).total_seconds() > 8


def test_all_pages_of_forms_are_kept(world: World) -> None:
    for number in range(105):
        add_form(world, f"Form {number:03}", EMBED)
    run = advance.start(world.services, world.store.key, forms.KIND, None, "a test")
    for _ in range(2):
        advance.advance_store(world.services, world.store.id)
    assert len(known(world)) == 105
    with world.services.database.read() as session:
        assert runs.by_id(session, run.id).total == 105


def test_a_second_reading_asks_for_the_types_of_new_forms_only(world: World) -> None:
    first = add_form(world, "Footer", EMBED)
    read(world)
    world.clock.advance(60)
    second = add_form(world, "Account", EMBED)
    before = world.wire.calls.copy()
    read(world)
    assert world.wire.calls - before == {"GET /api/forms": 1, f"GET /api/forms/{second}/form-versions": 1}
    assert known(world)["Footer"].form_id == first


def test_a_press_reads_every_type_again(world: World) -> None:
    form = add_form(world, "Footer", EMBED)
    read(world)
    world.account.audience.forms[form].versions[0].form_type = "popup"
    world.clock.advance(60)
    read(world)
    assert known(world)["Footer"].type == "embed"
    world.clock.advance(60)
    read(world, again=True)
    assert known(world)["Footer"].type == "popup"


def test_a_form_that_is_tested_against_another_kind_counts_as_embedded(world: World) -> None:
    add_form(world, "Both", {"form_type": "popup", "status": "live"}, {"form_type": "embed", "status": "live"})
    add_form(world, "Once", {"form_type": "embed", "status": "draft"}, {"form_type": "popup", "status": "live"})
    read(world)
    assert {name: one.type for name, one in known(world).items()} == {"Both": "embed", "Once": "popup"}


def test_forms_that_are_gone_are_forgotten(world: World) -> None:
    form = add_form(world, "Footer", EMBED)
    add_form(world, "Stays", EMBED)
    read(world)
    del world.account.audience.forms[form]
    world.clock.advance(60)
    read(world)
    assert list(known(world)) == ["Stays"]


def test_a_key_without_the_scope_is_said_and_heals(world: World) -> None:
    world.account.keys[next(iter(world.account.keys))] = frozenset({"events:write"})
    advance.start(world.services, world.store.key, forms.KIND, None, "a test")
    advance.advance_store(world.services, world.store.id)
    with world.services.database.read() as session:
        run = runs.listed(session, world.store.id, forms.KIND)[0]
    assert run.state == "running"
    assert "scopes" in (run.reason or "")


def test_a_store_without_a_key_is_told_so(world: World) -> None:
    world.store.klaviyo_key = None
    with world.services.database.write() as session:
        session.merge(world.store)
    run = read(world)
    assert (run.state, run.reason) == ("failed", "There is no Klaviyo key. Set it in the set-up.")


def test_only_stores_that_use_forms_are_read_by_the_clock_and_once_an_hour(world: World) -> None:
    def asked() -> int:
        schedule.request_due(world.services)
        with world.services.database.read() as session:
            return len([run for run in runs.listed(session, world.store.id, forms.KIND) if run.state == "running"])

    assert asked() == 0
    with world.services.database.write() as session:
        slots.empty(session, world.store, "footer", world.clock())
    assert asked() == 1
    read(world)
    assert asked() == 0
    world.clock.advance(3_601)
    assert asked() == 1
