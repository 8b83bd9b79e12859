"""One list a store, found by name among all of the account's, kept by its id, and verified by every run."""

import pytest

from companion import stores
from companion.sync import lists
from companion.sync.lists import ListNotChosen
from tests.subscribers.world import CHANNEL, World


def add(world: World, *names: str) -> list[str]:
    audience = world.account.audience
    return [audience.add_list(name, "single_opt_in", world.clock().timestamp() + n).id for n, name in enumerate(names)]


def chosen(world: World) -> dict[str, str]:
    with world.services.database.read() as session:
        found: dict[str, str] = stores.by_key(session, world.store.key).settings["subscriber_list"]
        return found


def test_a_list_is_found_by_its_exact_name_on_any_page(world: World) -> None:
    ids = add(world, *(f"List {number}" for number in range(25)), "Kundenbrief")
    assert len(lists.listed(world.services, world.store.key)) == 27
    lists.choose(world.services, world.store.key, "Kundenbrief")
    assert chosen(world) == {"id": ids[-1], "name": "Kundenbrief"}
    with pytest.raises(ListNotChosen, match="no list has the name 'kundenbrief'"):
        lists.choose(world.services, world.store.key, "kundenbrief")


def test_one_sales_channel_is_given_a_list_of_its_own(world: World) -> None:
    world.change(channels={CHANNEL: {"removal_limit": 5}})
    outlet = lists.choose(world.services, world.store.key, "Outlet", create=True, channel=CHANNEL)
    with world.services.database.read() as session:
        settings = stores.by_key(session, world.store.key).settings
    own = {"removal_limit": 5, "subscriber_list": {"id": outlet.id, "name": "Outlet"}}
    assert settings["channels"] == {CHANNEL: own}
    assert settings["subscriber_list"]["id"] == world.list_id


def test_a_name_that_several_lists_have_leaves_a_choice(world: World) -> None:
    first, second = add(world, "Twice", "Twice")
    with pytest.raises(ListNotChosen, match=rf"2 lists.*{first}.*{second}"):
        lists.choose(world.services, world.store.key, "Twice")
    assert chosen(world)["id"] == world.list_id
    lists.choose(world.services, world.store.key, list_id=second)
    assert chosen(world) == {"id": second, "name": "Twice"}


def test_a_name_that_no_list_has_shows_those_there_are(world: World) -> None:
    with pytest.raises(ListNotChosen, match=r"create it.*“Newsletter”"):
        lists.choose(world.services, world.store.key, "Nowhere")


def test_a_list_is_created_only_where_the_name_is_free(world: World) -> None:
    made = lists.choose(world.services, world.store.key, "Brand-new", create=True)
    assert world.account.audience.lists[made.id].name == "Brand-new"
    with pytest.raises(ListNotChosen, match="already"):
        lists.choose(world.services, world.store.key, "Brand-new", create=True)


def test_two_stores_of_one_account_cannot_share_a_list(world: World) -> None:
    with world.services.database.write() as session:
        other = stores.add(
            session,
            world.services.vault,
            platform="shopware",
            shop_id="AnotherShop",
            shop_url="https://outlet.shop-owner.net",
            now=world.clock(),
        )
        other.klaviyo_key, other.klaviyo_account = world.store.klaviyo_key, world.store.klaviyo_account
    with pytest.raises(ListNotChosen, match=f"subscribers of {world.store.key} go to “Newsletter”"):
        lists.choose(world.services, other.key, "Newsletter")


def test_a_run_stops_before_anything_where_the_list_was_renamed(world: World) -> None:
    world.recipient("anna@shop-customer.net")
    world.list.name = "Something else"
    run = world.sync()
    assert run.state == "failed"
    assert run.reason is not None
    assert "is called “Something else” now" in run.reason
    assert "companion subscribers choose" in run.reason
    assert not world.members


def test_of_a_sales_channels_own_list_the_advice_names_the_channel(world: World) -> None:
    outlet = lists.choose(world.services, world.store.key, "Outlet", create=True, channel=CHANNEL)
    world.account.audience.lists[outlet.id].name = "Sale"
    run = world.sync()
    assert run.reason is not None
    assert f"`companion subscribers choose {world.store.key} --channel {CHANNEL}`" in run.reason


def test_a_run_stops_before_anything_where_the_list_is_gone(world: World) -> None:
    world.recipient("anna@shop-customer.net")
    del world.account.audience.lists[world.list_id]
    run = world.sync()
    assert run.state == "failed"
    assert run.reason is not None
    assert "no list “Newsletter”" in run.reason
    assert len(world.account.audience.profiles) == 0


def test_without_a_list_a_run_says_so(world: World) -> None:
    with world.services.database.write() as session:
        stores.by_key(session, world.store.key).settings = {}
    run = world.sync()
    assert run.state == "failed"
    assert run.reason is not None
    assert "No list is chosen" in run.reason
