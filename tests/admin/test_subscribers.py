"""The page of a store's subscribers: list, hour, plan, a held run's yes or no, why an address is subscribed or not."""

from datetime import timedelta
from typing import Any

import pytest

from companion import audiences, audit, consent, runs, signups, stores
from companion.bootstrap import Services
from companion.models import Run, Store
from mappings.model import Recipient, Standing, Suppression
from tests.admin.conftest import Desk
from tests.fakes import Clock, Wakes

LIST = {"id": "Y6nRLr", "name": "Newsletter"}
LISTS = [LIST, {"id": "Zz1111", "name": "Twice"}, {"id": "Zz2222", "name": "Twice"}]
CHANNEL = "c" * 32
KIM = "kim@shop-customer.net"
PLANNED = {
    **LIST,
    "members": 12_480,
    "subscribe": {"new": 310, "opted_in_again:UNSUBSCRIBE": 2},
    "update": 1_204,
    "remove": {"opted_out_on_platform": 3_500, "not_on_platform": 9},
    "excluded": {"opted_out_in_klaviyo:HARD_BOUNCE": 77, "opted_out_in_klaviyo:UNSUBSCRIBE": 640, "refused": 1},
    "unchanged": 7_700,
    "too_many": True,
}
REASON = "3,509 of the 12,480 members of “Newsletter” would be removed. Resume the run if that is right."


def change(services: Services, store: Store, **settings: Any) -> None:
    with services.database.write() as session:
        stores.change_settings(stores.by_key(session, store.key), settings)


def settings_of(services: Services, store: Store) -> dict[str, Any]:
    with services.database.read() as session:
        return stores.by_key(session, store.key).settings


def ended(services: Services, store: Store, kind: str, **result: Any) -> None:
    """A run that came to its end."""
    with services.database.write() as session:
        runs.request(session, store.id, kind, services.now())
    with services.database.write() as session:
        run = runs.claim(session, store.id, services.now(), 90)
        assert run is not None
        runs.finish(session, run, services.now(), result)


def held(services: Services, store: Store) -> Run:
    with services.database.write() as session:
        runs.request(session, store.id, "subscribers", services.now(), who="the clock")
    with services.database.write() as session:
        run = runs.claim(session, store.id, services.now(), 90)
        assert run is not None
        runs.planned(session, run, {"lists": [PLANNED]}, 5_025, services.now())
        runs.hold(session, run, REASON)
    return run


def run_of(services: Services, store: Store, kind: str = "subscribers") -> Run | None:
    with services.database.read() as session:
        return next(iter(runs.listed(session, store.id, kind, limit=1)), None)


def changes(services: Services, store: Store) -> list[str]:
    with services.database.read() as session:
        return [change.what for change, _ in audit.listed(session, store.id)]


def meet(services: Services, store: Store, clock: Clock) -> None:
    """Kim signed up in the shop, and clicked Klaviyo's unsubscribe link after that."""
    kim = Recipient("1", KIM, active=True, status="optIn", opted_in_at=clock() - timedelta(days=9))
    left = Suppression("UNSUBSCRIBE", clock() - timedelta(days=2))
    (audience,) = audiences.audiences(settings_of(services, store))
    with services.database.write() as session:
        seen = signups.shown(audience, "shopware", [kim])
        consent.seen_on_platform(session, store.id, LIST["id"], seen, clock(), "run")
        standing = Standing("01A", KIM, "UNSUBSCRIBED", (left,))
        consent.seen_in_klaviyo(session, store.id, LIST["id"], [standing], clock(), member=False)


def path(store: Store, below: str = "") -> str:
    return f"/admin/stores/{store.key}/subscribers{below}"


def form(**typed: str) -> dict[str, str]:
    usual = {"subscriber_list": "", "sync_hour": "3", "time_zone": "Europe/Berlin", "consent_authority": "platform"}
    return {**usual, "removal_limit": "20", "subscribers": "on", "lifts:UNSUBSCRIBE": "on", **typed}


def channel_path(store: Store, channel: str = CHANNEL) -> str:
    return path(store, f"/channels/{channel}")


def own_choices(services: Services, store: Store) -> dict[str, Any]:
    found: dict[str, Any] = settings_of(services, store).get("channels", {})
    return found


def test_without_a_list_the_page_says_so_and_starts_nothing(admin: Desk, store: Store, services: Services) -> None:
    assert "no list chosen" in admin.read(path(store))
    assert "Synchronize now" not in admin.page
    admin.post(path(store, "/run"))
    assert "Choose a list first." in admin.page
    assert run_of(services, store) is None


def test_a_list_an_hour_and_the_rules_are_chosen_and_told_in_the_trail(
    admin: Desk, store: Store, services: Services, clock: Clock
) -> None:
    ended(services, store, "lists", lists=LISTS)
    admin.get(path(store))
    chosen = {"subscriber_list": "Zz2222", "sync_hour": "22", "time_zone": "Europe/Vienna", "removal_limit": "5"}
    admin.post(path(store), fields=form(**chosen, consent_authority="klaviyo"))
    assert "Saved." in admin.page
    assert settings_of(services, store) == {
        "subscriber_list": {"id": "Zz2222", "name": "Twice"},
        "sync_hour": 22,
        "time_zone": "Europe/Vienna",
        "consent_authority": "klaviyo",
        "removal_limit": 5,
        "subscribers": True,
        "exclusions": {"newer_opt_in_lifts": ["UNSUBSCRIBE"], "all_lists": False},
        "subscriber_fields": {},
    }
    assert 'value="Zz2222" selected>Twice (Zz2222)' in admin.page
    assert 'value="22" selected' in admin.page
    assert 'value="klaviyo" checked' in admin.page
    assert "on time" in admin.page
    assert "14 Mar, 21:00 UTC" in admin.page
    assert changes(services, store) == ["changed where and when subscribers go"]
    with services.database.read() as session:
        assert consent.read_so_far(session, store.id, "Zz2222") is not None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("sync_hour", "24"),
        ("time_zone", "Europe/Atlantis"),
        ("removal_limit", "101"),
        ("removal_limit", "many"),
        ("removal_limit", "9" * 5000),
        ("sync_hour", "9" * 30),
        ("consent_authority", "nobody"),
        ("subscriber_list", "Nowhere"),
    ],
)
def test_what_makes_no_sense_is_said_at_its_field_and_nothing_is_saved(
    admin: Desk, store: Store, services: Services, field: str, value: str
) -> None:
    admin.get(path(store))
    admin.post(path(store), 400, form(**{field: value}))
    assert "Nothing was saved: 1 field needs another look." in admin.page
    assert f'id="{field}-said"' in admin.page
    assert settings_of(services, store) == {}


def test_which_opt_outs_count_and_which_fields_profiles_tell_is_chosen(
    admin: Desk, store: Store, services: Services
) -> None:
    page = admin.read(path(store))
    assert "Nothing undoes: the address bounces, no valid address." in page
    assert 'name="lifts:UNSUBSCRIBE" checked' in admin.page, "what holds without a choice"
    fields = {"field:0:source": " custom_size ", "field:0:property": "Size", "field:1:source": "custom_shoe"}
    fields["field:1:property"] = "Shoe size"
    admin.post(path(store), fields=form(**{"lifts:SPAM_COMPLAINT": "on", "all_lists": "on"}, **fields))
    found = settings_of(services, store)
    assert found["exclusions"] == {"newer_opt_in_lifts": ["UNSUBSCRIBE", "SPAM_COMPLAINT"], "all_lists": True}
    assert found["subscriber_fields"] == {"custom_size": "Size", "custom_shoe": "Shoe size"}
    assert 'name="lifts:SPAM_COMPLAINT" checked' in admin.page
    assert 'name="field:1:property" value="Shoe size"' in admin.page
    with services.database.read() as session:
        (trail, _), *_ = audit.listed(session, store.id)
    assert trail.after["exclusions"]["all_lists"] is True
    nothing_lifts = {name: value for name, value in form().items() if not name.startswith("lifts:")}
    admin.post(path(store), fields=nothing_lifts)
    assert settings_of(services, store)["exclusions"] == {"newer_opt_in_lifts": [], "all_lists": False}
    assert settings_of(services, store)["subscriber_fields"] == {}


@pytest.mark.parametrize(
    ("typed", "at", "said"),
    [
        ({"field:0:source": "size"}, "field:0:property", "The property needs a name of at most 127 characters."),
        ({"field:1:property": "Size"}, "field:0:source", "Name the custom field."),
        (
            {"field:0:source": "size", "field:0:property": "A", "field:1:source": "size", "field:1:property": "B"},
            "field:1:source",
            "&#39;size&#39; stands in two rows.",
        ),
    ],
)
@pytest.mark.parametrize("of_channel", [False, True])
def test_a_field_without_a_name_or_twice_is_said_in_its_row(
    admin: Desk, store: Store, services: Services, typed: dict[str, str], at: str, said: str, *, of_channel: bool
) -> None:
    page = channel_path(store) if of_channel else path(store)
    admin.get(page)
    admin.post(page, 400, {"own_fields": "on", **typed} if of_channel else form(**typed))
    assert f'id="{at}-said">{said}' in admin.page
    assert "Nothing was saved: 1 field needs another look." in admin.page
    assert settings_of(services, store) == {}


def test_a_channel_shows_what_it_inherits_and_the_hour_is_the_stores(
    admin: Desk, store: Store, services: Services
) -> None:
    change(services, store, subscriber_list=LIST, sync_hour=4, time_zone="Europe/Vienna", removal_limit=7)
    change(services, store, subscriber_fields={"custom_size": "Size"}, exclusions={"newer_opt_in_lifts": []})
    page = admin.read(channel_path(store))
    for words in (
        "As the store: go to a list",
        "As the store: Newsletter",
        "As the store: the shop",
        "as the store, 7 %",
        "a newer sign-up undoes: nothing; opt-outs from everything and from this list count",
        "the store: custom_size as Size",
        "Synchronized daily at 04:00 (Europe/Vienna), with the whole store. The hour is the store's alone.",
    ):
        assert words in page
    assert 'name="sync_hour"' not in admin.page
    admin.get(channel_path(store, "x" * 65), 404)


def test_a_channel_keeps_only_what_it_chooses_and_follows_the_store_again(
    admin: Desk, store: Store, services: Services
) -> None:
    ended(services, store, "lists", lists=LISTS)
    change(services, store, subscriber_list=LIST, channels={CHANNEL: {"events": {"Paid Order": True}}})
    assert f"{CHANNEL} as the store" in admin.read(path(store))
    admin.get(channel_path(store))
    admin.post(channel_path(store), subscriber_list="Zz1111", removal_limit="0")
    chosen = {"subscriber_list": {"id": "Zz1111", "name": "Twice"}, "removal_limit": 0}
    assert own_choices(services, store) == {CHANNEL: {"events": {"Paid Order": True}, **chosen}}
    assert 'value="Zz1111" selected' in admin.page
    assert f"{CHANNEL} “Twice”" in admin.read(path(store))
    with services.database.read() as session:
        assert consent.read_so_far(session, store.id, "Zz1111") is not None
    admin.get(channel_path(store))
    rules = {"own_exclusions": "on", "all_lists": "on", "consent_authority": "klaviyo", "subscriber_list": "Zz1111"}
    admin.post(channel_path(store), fields=rules)
    own = {"exclusions": {"newer_opt_in_lifts": [], "all_lists": True}, "consent_authority": "klaviyo"}
    assert own_choices(services, store)[CHANNEL].items() >= own.items()
    assert "removal_limit" not in own_choices(services, store)[CHANNEL]
    admin.post(channel_path(store), subscribers="off")
    assert own_choices(services, store) == {CHANNEL: {"events": {"Paid Order": True}, "subscribers": False}}
    assert f"{CHANNEL} stays out" in admin.read(path(store))
    admin.get(channel_path(store))
    admin.post(channel_path(store), subscribers="off", inherit="yes")
    assert own_choices(services, store) == {CHANNEL: {"events": {"Paid Order": True}}}
    assert set(changes(services, store)) == {f"changed where subscribers of sales channel {CHANNEL} go"}


@pytest.mark.parametrize(
    ("field", "value"), [("removal_limit", "101"), ("consent_authority", "nobody"), ("subscriber_list", "Nowhere")]
)
def test_what_makes_no_sense_for_a_channel_is_said_at_its_field(
    admin: Desk, store: Store, services: Services, field: str, value: str
) -> None:
    admin.get(channel_path(store))
    admin.post(channel_path(store), 400, **{field: value})
    assert f'id="{field}-said"' in admin.page
    assert settings_of(services, store) == {}
    assert changes(services, store) == []


def test_a_channel_cannot_be_given_another_stores_list(
    admin: Desk, store: Store, services: Services, new_store: Any
) -> None:
    other = new_store("AnotherShop")
    change(services, other, channels={CHANNEL: {"subscriber_list": LIST}})
    ended(services, store, "lists", lists=LISTS)
    admin.get(channel_path(store))
    admin.post(channel_path(store), 400, subscriber_list=LIST["id"])
    assert f"subscribers of {other.key} go to “Newsletter”" in admin.page
    assert settings_of(services, store) == {}


def test_a_channel_is_opened_by_its_id(admin: Desk, store: Store) -> None:
    assert admin.get(path(store, f"?channel={CHANNEL}"), 303).location.endswith(f"/channels/{CHANNEL}")


def test_a_list_that_klaviyo_calls_otherwise_now_is_chosen_again_under_its_new_name(
    admin: Desk, store: Store, services: Services
) -> None:
    old = {"id": LIST["id"], "name": "Old name"}
    change(services, store, subscriber_list=old, channels={CHANNEL: {"subscriber_list": old}})
    admin.get(path(store))
    admin.post(path(store), fields=form(subscriber_list=LIST["id"]))
    assert settings_of(services, store)["subscriber_list"] == old, "nothing was read yet"
    ended(services, store, "lists", lists=LISTS)
    for page in (path(store), channel_path(store)):
        admin.get(page)
        admin.post(page, fields=form(subscriber_list=LIST["id"]))
    assert settings_of(services, store)["subscriber_list"] == LIST
    assert own_choices(services, store)[CHANNEL]["subscriber_list"] == LIST


def test_another_stores_list_cannot_be_chosen(admin: Desk, store: Store, services: Services, new_store: Any) -> None:
    other = new_store("AnotherShop")
    change(services, other, subscriber_list=LIST)
    ended(services, store, "lists", lists=LISTS)
    admin.get(path(store))
    admin.post(path(store), 400, form(subscriber_list=LIST["id"]))
    assert f"subscribers of {other.key} go to “Newsletter”" in admin.page


def test_lists_are_read_and_created_behind_the_page(
    admin: Desk, store: Store, services: Services, wakes: Wakes
) -> None:
    assert "No lists were read yet." in admin.read(path(store))
    admin.post(path(store, "/lists/look"))
    assert "Klaviyo is being asked for its lists." in admin.page
    admin.post(path(store, "/lists"), name=" Stammkunden ")
    assert "“Stammkunden” is being created." in admin.page
    new = run_of(services, store, "new-list")
    assert new is not None
    assert (new.options, new.requested_by) == ({"name": "Stammkunden"}, "admin")
    assert wakes.calls == [("advance", store.id)] * 2
    admin.post(path(store, "/lists"), 400, name=" ")
    assert "Name the list." in admin.page


def test_a_synchronization_is_started_once(admin: Desk, store: Store, services: Services, wakes: Wakes) -> None:
    change(services, store, subscriber_list=LIST)
    admin.get(path(store))
    admin.post(path(store, "/run"))
    assert "The synchronization is under way." in admin.page
    assert "synchronizing" in admin.page
    admin.post(path(store, "/run"))
    with services.database.read() as session:
        assert len(runs.listed(session, store.id, "subscribers")) == 1
    assert wakes.calls[0] == ("advance", store.id)
    assert changes(services, store)[0] == "started a synchronization of subscribers"


def test_the_last_finished_run_says_how_many_there_are(admin: Desk, store: Store, services: Services) -> None:
    change(services, store, subscriber_list=LIST)
    assert "On the list – Active in the shop –" in admin.read(path(store))
    ended(services, store, "subscribers", members=12_480, active=12_502)
    assert "On the list 12,480 Active in the shop 12,502" in admin.read(path(store))


def test_a_plan_is_told_with_its_reasons(admin: Desk, store: Store, services: Services) -> None:
    change(services, store, subscriber_list=LIST)
    held(services, store)
    page = admin.read(path(store))
    assert "waits for you" in page
    assert REASON.partition(" Resume")[0] in page
    assert "To subscribe 312 new (310), opted in again after opting out in Klaviyo: unsubscribed (2)" in page
    assert "Profiles to update 1,204" in page
    assert "To take off the list 3,509 no longer active in the shop (3,500), not known to the shop (9)" in page
    assert (
        "Excluded 718 opted out in Klaviyo: unsubscribed (640), opted out in Klaviyo: the address bounces (77)" in page
    )
    assert "Left as they are 7,700" in page


@pytest.mark.parametrize(("answer", "state"), [("yes", "running"), ("no", "cancelled")])
def test_a_held_run_gets_its_answer_once(
    admin: Desk, store: Store, services: Services, answer: str, state: str
) -> None:
    change(services, store, subscriber_list=LIST)
    run = held(services, store)
    admin.get(path(store))
    admin.post(path(store, f"/run/{run.id}"), answer=answer)
    found = run_of(services, store)
    assert found is not None
    assert found.state == state
    assert changes(services, store)[0] == f"said {answer} to run {run.id}"
    admin.post(path(store, f"/run/{run.id}"), 404, answer="yes")
    admin.get(path(store))
    admin.post(path(store, "/run/4711"), 404, answer="yes")


def test_nobody_answers_for_another_stores_run(admin: Desk, store: Store, services: Services, new_store: Any) -> None:
    other = new_store("AnotherShop")
    run = held(services, other)
    admin.get(path(store))
    admin.post(path(store, f"/run/{run.id}"), 404, answer="yes")
    found = run_of(services, other)
    assert found is not None
    assert found.state == "held"


def test_an_address_is_explained_with_times_and_sources(
    admin: Desk, store: Store, services: Services, clock: Clock
) -> None:
    change(services, store, subscriber_list=LIST)
    meet(services, store, clock)
    page = admin.read(path(store, f"?email={KIM.upper()}"))
    assert "Not subscribed: opted out in Klaviyo, and did not opt in on the platform after that." in page
    assert "Opted in 5 Mar 2026, 10:00:00 UTC · platform" in page
    assert "UNSUBSCRIBE everywhere 12 Mar 2026, 10:00:00 UTC · Klaviyo" in page
    assert "Nothing is known of jo@shop-customer.net ." in admin.read(path(store, "?email=jo@shop-customer.net"))


def test_a_viewer_looks_and_changes_nothing(viewer: Desk, store: Store, services: Services) -> None:
    change(services, store, subscriber_list=LIST)
    run = held(services, store)
    assert "May this go on?" in viewer.read(path(store))
    for words in ("Yes, remove them", ">Save<", "Synchronize now", "Create and choose"):
        assert words not in viewer.page
    assert ">Save<" not in viewer.read(channel_path(store))
    for below in ("", "/run", "/lists", "/lists/look", f"/run/{run.id}", f"/channels/{CHANNEL}"):
        viewer.post(path(store, below), 403, answer="yes", name="x")
    found = run_of(services, store)
    assert found is not None
    assert found.state == "held"


def test_without_a_token_nothing_is_changed(admin: Desk, store: Store, services: Services) -> None:
    change(services, store, subscriber_list=LIST)
    admin.page = ""
    for below in ("", "/run", "/lists", "/lists/look", "/run/1", f"/channels/{CHANNEL}"):
        assert admin.client.post(path(store, below), data=form()).status_code == 403
    assert run_of(services, store) is None
