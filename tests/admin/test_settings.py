"""A merchant's choices: what is kept, what is inherited, what is wrong and where."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from companion import audit, samples, store_settings, stores
from companion.admin import choices
from companion.bootstrap import PLATFORMS, Services
from companion.models import Store
from companion.platforms import neto as neto_platform
from mappings import custom_fields
from mappings.custom_fields import CustomField
from mappings.metrics import DEFAULTS
from mappings.shopware import records
from tests.admin import house
from tests.admin.conftest import Desk
from tests.build import order_body
from tests.fakes import Clock

CHANNEL = house.CHANNELS[0][0]
(ORDER,) = records.facts("order", order_body(42))
EMPTY: dict[str, Any] = {"custom_fields": {"order": [], "profile": []}}


def settings_of(services: Services, store: Store) -> dict[str, Any]:
    with services.database.read() as session:
        return stores.by_key(session, store.key).settings


def ticked(**changes: bool) -> dict[str, str]:
    """The form as a browser sends it: the events that are ticked, by default the house's."""
    chosen = {**DEFAULTS, **{name.replace("_", " "): wanted for name, wanted in changes.items()}}
    return {f"event:{metric}": "on" for metric, wanted in chosen.items() if wanted}


def save(admin: Desk, store: Store, form: dict[str, str], status: int = 303, channel: str = "") -> None:
    path = f"/admin/stores/{store.key}/settings" + (f"/channels/{channel}" if channel else "")
    admin.get(path)
    admin.post(path, status, form)


def test_what_is_as_always_is_not_kept_as_a_choice(admin: Desk, store: Store, services: Services) -> None:
    save(admin, store, ticked() | {"order_identifier": "id", "name:Placed Order": "Placed Order"})
    assert settings_of(services, store) == {"events": {}, "names": {}, "repeats": [], "order_identifier": "id"} | EMPTY


def test_choices_are_kept_and_shown_again(admin: Desk, store: Store, services: Services) -> None:
    form = ticked(Paid_Order=True, Cancelled_Order=False) | {
        "name:Refunded Order": " Money back ",
        "repeat:Fulfilled Order": "on",
    }
    save(admin, store, form | {"order_identifier": "number"})
    assert (
        settings_of(services, store)
        == {
            "events": {"Cancelled Order": False, "Paid Order": True},
            "names": {"Refunded Order": "Money back"},
            "repeats": ["Fulfilled Order"],
            "order_identifier": "number",
        }
        | EMPTY
    )
    assert "Saved." in admin.page
    assert 'name="event:Paid Order" checked' in admin.page
    assert 'name="event:Cancelled Order">' in admin.page
    assert 'value="Money back"' in admin.page
    assert 'name="repeat:Fulfilled Order" checked' in admin.page
    assert 'value="number" checked' in admin.page


def test_saved_choices_are_what_events_are_made_by(admin: Desk, store: Store, services: Services, clock: Clock) -> None:
    save(admin, store, ticked(Shipped_Order=True) | {"order_identifier": "id", "name:Shipped Order": "Sent off"})
    save(admin, store, {"event:Placed Order": "off", "name:Shipped Order": "Gone"}, channel=CHANNEL)
    with services.database.read() as session:
        tracking = stores.tracking(stores.by_key(session, store.key), clock(), 168)
    assert tracking("other").names["Shipped Order"] == "Sent off"
    assert "Placed Order" in tracking("other").names
    assert tracking(CHANNEL).names["Shipped Order"] == "Gone"
    assert "Placed Order" not in tracking(CHANNEL).names


@pytest.mark.parametrize("channel", ["", CHANNEL])
def test_a_wrong_name_is_shown_at_its_field_and_nothing_is_saved(
    admin: Desk, store: Store, services: Services, channel: str
) -> None:
    save(admin, store, {"name:Paid Order": "x" * 128, "order_identifier": "id"}, 400, channel)
    assert "Nothing was saved: 1 field needs another look." in admin.page
    field = admin.page.partition('name="name:Paid Order"')[2].partition("</td>")[0]
    assert 'aria-invalid="true"' in field
    assert "Length must be between 1 and 127." in field
    assert "x" * 128 in field
    assert admin.page.count('aria-invalid="true"') == 1
    assert settings_of(services, store) == {}


def test_an_order_identifier_that_does_not_exist_is_refused(admin: Desk, store: Store, services: Services) -> None:
    save(admin, store, {"order_identifier": "colour"}, 400)
    assert "Must be one of" in admin.page
    assert settings_of(services, store) == {}


def test_a_channel_keeps_only_what_differs_and_shows_what_it_inherits(
    admin: Desk, store: Store, services: Services
) -> None:
    save(admin, store, ticked(Paid_Order=True) | {"order_identifier": "number", "name:Paid Order": "Money came"})
    save(admin, store, {"event:Paid Order": "off", "name:Placed Order": "Placed Order"}, channel=CHANNEL)
    assert settings_of(services, store)["channels"] == {CHANNEL: {"events": {"Paid Order": False}}}
    assert 'placeholder="Money came"' in admin.page
    assert "As the store: the order number" in admin.page
    assert admin.page.count("As the store: yes") == 6


def test_a_channel_may_choose_no_repeats_where_the_store_has_some(
    admin: Desk, store: Store, services: Services
) -> None:
    save(admin, store, ticked() | {"order_identifier": "id", "repeat:Paid Order": "on"})
    save(admin, store, {"own_repeats": "on"}, channel=CHANNEL)
    assert settings_of(services, store)["channels"] == {CHANNEL: {"repeats": []}}


def test_a_channel_that_follows_the_store_again_is_forgotten(admin: Desk, store: Store, services: Services) -> None:
    save(admin, store, {"event:Paid Order": "on"}, channel=CHANNEL)
    save(admin, store, {"event:Paid Order": "on"}, channel="other")
    assert "Follow the store in everything" in admin.page
    save(admin, store, {"event:Paid Order": "on", "inherit": "yes"}, channel=CHANNEL)
    assert list(settings_of(services, store)["channels"]) == ["other"]


def test_saving_the_store_leaves_its_channels_alone(admin: Desk, store: Store, services: Services) -> None:
    save(admin, store, {"event:Paid Order": "on"}, channel=CHANNEL)
    save(admin, store, ticked() | {"order_identifier": "id"})
    assert settings_of(services, store)["channels"] == {CHANNEL: {"events": {"Paid Order": True}}}


def test_sales_channels_are_known_by_the_orders_that_came_in(
    admin: Desk, store: Store, services: Services, clock: Clock
) -> None:
    house.tell(services, store, house.order(1, clock()), clock())
    house.tell(services, store, house.order(2, clock()), clock())
    page = admin.read(f"/admin/stores/{store.key}/settings")
    assert "Storefront as the store" in page
    assert "Wholesale &amp; Business Customers Switzerland" in page
    reply = admin.get(f"/admin/stores/{store.key}/settings?channel=%20typed%20", 303)
    assert reply.location.endswith("/settings/channels/typed")
    admin.get(f"/admin/stores/{store.key}/settings/channels/{'x' * 65}", 404)


def test_a_change_is_in_the_trail_with_before_and_after(admin: Desk, store: Store, services: Services) -> None:
    save(admin, store, {"event:Paid Order": "on"}, channel=CHANNEL)
    with services.database.read() as session:
        change = audit.listed(session, store.id)[0][0]
    assert (change.who, change.what, change.before) == ("admin", "changed settings", {})
    assert change.after == {"channels": {CHANNEL: {"events": {"Paid Order": True}}}}
    assert "What changed" in admin.read(f"/admin/stores/{store.key}/changes")


@pytest.mark.parametrize("own", [{}, {"events": {"Paid Order": True}, "names": {"Paid Order": "x"}, "repeats": []}])
def test_a_channels_form_reads_back_what_it_shows(own: dict[str, Any]) -> None:
    above = choices.above_channels({"events": {"Shipped Order": True}, "repeats": ["Paid Order"]})
    shown = choices.choices(own, above, {})
    form = {f"event:{one.metric}": one.event for one in shown} | {f"name:{one.metric}": one.name for one in shown}
    form |= {f"repeat:{one.metric}": "on" for one in shown if one.repeat}
    form |= {"own_repeats": "on"} if "repeats" in own else {}
    assert choices.read_channel(form, above) == own


def test_what_the_page_does_not_ask_for_stays(admin: Desk, store: Store, services: Services) -> None:
    kept = {"sync_hour": 5, "channels": {CHANNEL: {"subscribers": False}}}
    with services.database.write() as session:
        stores.change_settings(stores.by_key(session, store.key), kept)
    save(admin, store, ticked())
    save(admin, store, {"event:Paid Order": "on"}, channel=CHANNEL)
    assert settings_of(services, store)["sync_hour"] == 5
    assert settings_of(services, store)["channels"][CHANNEL]["subscribers"] is False
    admin.post(f"/admin/stores/{store.key}/settings/channels/{CHANNEL}", fields={"inherit": "yes"})
    assert settings_of(services, store)["channels"] == {CHANNEL: {"subscribers": False}}


SAMPLE = {
    "order": {"delivery_wish": "morning", "gift_note": "With love", "odd-name": ["a", "b"], "empty": None},
    "customer": {"loyalty_tier": "gold"},
}
OPTIONS = {"delivery_wish": {"morning": {"en-GB": "In the morning", "de-DE": "Vormittags"}}}


def custom(*chosen: tuple[str, str, str], group: str = "order") -> dict[str, str]:
    """Rows of custom fields as a browser sends them."""
    parts = ("source", "property", "form")
    return {
        f"custom:{group}:{number}:{part}": said
        for number, one in enumerate(chosen)
        for part, said in zip(parts, one, strict=True)
    }


@pytest.fixture
def sampled(services: Services, store: Store, clock: Clock) -> Store:
    """A store into which an order with custom fields has come."""
    with services.database.write() as session:
        found = replace(ORDER, custom=custom_fields.documents(SAMPLE, OPTIONS, "de-DE"))
        samples.keep(session, store.id, [found, replace(ORDER, number="1")], clock())
    return store


def test_custom_fields_are_previewed_on_a_real_order_and_not_saved_by_it(
    admin: Desk, sampled: Store, services: Services
) -> None:
    path = f"/admin/stores/{sampled.key}/settings"
    page = admin.read(path)
    assert "What order 10042 has" in page
    for known in (
        "order.delivery_wish morning Vormittags",
        "order.&#34;odd-name&#34; a, b",
        "customer.loyalty_tier gold",
    ):
        assert known in page
    form = ticked() | custom(("order.delivery_wish", "Wish", "text"), ("order.absent", "Absent", "id"))
    admin.post(path, 200, form | {"preview": "yes"})
    assert "A preview: nothing is saved yet." in admin.page
    assert '<td class="says">Vormittags</td>' in admin.page
    assert '<td class="says"><span class="aside">nothing</span></td>' in admin.page
    assert settings_of(services, sampled) == {}


def test_custom_fields_are_kept_and_are_what_events_are_made_by(
    admin: Desk, sampled: Store, services: Services, clock: Clock
) -> None:
    form = ticked() | {"order_identifier": "id"} | custom(("order.gift_note", "GiftNote", "id"))
    save(admin, sampled, form | custom(("customer.loyalty_tier", "Tier", "text"), group="profile"))
    save(admin, sampled, {"own_custom": "on"}, channel=CHANNEL)
    with services.database.read() as session:
        tracking = stores.tracking(stores.by_key(session, sampled.key), clock(), 168)
    assert tracking("other").order_fields == (CustomField("order.gift_note", "GiftNote"),)
    assert tracking("other").profile_fields == (CustomField("customer.loyalty_tier", "Tier", "text"),)
    assert tracking(CHANNEL).order_fields == tracking(CHANNEL).profile_fields == ()


@pytest.mark.parametrize(
    ("row", "field", "said"),
    [
        (("order.gift note", "Note", "id"), "source", "is no path"),
        (("gift_note", "Note", "id"), "source", "begins with order. or customer."),
        (("order.gift_note", "", "id"), "property", "needs a name"),
        (("order.gift_note", "$value", "id"), "property", "are Klaviyo&#39;s own"),
        (("", "Note", "id"), "source", "is no path"),
    ],
)
@pytest.mark.parametrize("button", [{}, {"preview": "yes"}])
def test_a_wrong_custom_field_is_shown_at_its_own_field(
    admin: Desk, sampled: Store, services: Services, row: tuple[str, str, str], field: str, said: str, button: Any
) -> None:
    good = ("order.delivery_wish", "Wish", "id")
    save(admin, sampled, ticked() | {"order_identifier": "id"} | custom(good, row) | button, 400)
    place = admin.page.partition(f'name="custom:order:1:{field}"')[2].partition("</td>")[0]
    assert 'aria-invalid="true"' in place
    assert said in place
    assert admin.page.count('aria-invalid="true"') == 1
    assert settings_of(services, sampled) == {}


def test_two_custom_fields_of_one_name_are_refused(admin: Desk, store: Store) -> None:
    twice = custom(("order.a", "Same", "id"), ("order.b", "Same", "id"))
    save(admin, store, ticked() | {"order_identifier": "id"} | twice, 400)
    assert "is the name of two fields." in admin.page


NETO = {"shop:ignored_channels": "eBay", "shop:shop_times": "auto"}
"""The shop's part of a Neto store's page as a browser sends it where nothing else is typed."""


@pytest.fixture
def neto(new_store: Callable[..., Store]) -> Store:
    return new_store(platform="neto", settings=dict(neto_platform.defaults))


def field(page: str, name: str) -> str:
    """What the page has about one of the shop's settings, with what is wrong with it."""
    return page.partition(f'name="shop:{name}"')[2].partition(f'id="shop:{name}-help"')[0]


def test_what_the_platform_asks_for_is_kept_typed_and_shown_again(admin: Desk, neto: Store, services: Services) -> None:
    typed = {
        **{"shop:hold_minutes": "15", "shop:idle_minutes": " 2.5 ", "shop:currency": "NZD", "shop:splits_count": "on"},
        **{"shop:ignored_channels": "eBay\r\n\r\n Trade Me ", "shop:shop_times": "local"},
        **{"shop:shop_calls_per_minute": "200", "shop:sweep_minutes": "1"},
    }
    save(admin, neto, ticked() | typed)
    kept = settings_of(services, neto)
    assert {name: kept[name.removeprefix("shop:")] for name in typed} == {
        **{"shop:hold_minutes": 15.0, "shop:idle_minutes": 2.5, "shop:currency": "NZD", "shop:splits_count": True},
        **{"shop:ignored_channels": ["eBay", "Trade Me"], "shop:shop_times": "local"},
        **{"shop:shop_calls_per_minute": 200, "shop:sweep_minutes": 1.0},
    }
    for name, said in {"hold_minutes": "15", "idle_minutes": "2.5", "currency": "NZD"}.items():
        assert f'value="{said}"' in field(admin.page, name)
    assert ">eBay\nTrade Me</textarea>" in field(admin.page, "ignored_channels")
    assert '"local" selected' in field(admin.page, "shop_times")
    assert "checked" in field(admin.page, "splits_count")


def test_left_empty_a_setting_is_what_a_new_store_begins_with_or_the_services(
    admin: Desk, neto: Store, store: Store, services: Services
) -> None:
    with services.database.write() as session:
        stores.change_settings(stores.by_key(session, neto.key), {"hold_minutes": 99, "shop_calls_per_minute": 7})
    save(admin, neto, ticked() | NETO)
    kept = settings_of(services, neto)
    assert "hold_minutes" not in kept
    assert (kept["shop_calls_per_minute"], kept["ignored_channels"]) == (120, ["eBay"])
    assert 'placeholder="10"' in field(admin.page, "hold_minutes")
    assert 'placeholder="120"' in field(admin.page, "shop_calls_per_minute")
    admin.get(f"/admin/stores/{store.key}/settings")
    assert f'placeholder="{services.settings.shop_calls_per_minute}"' in field(admin.page, "shop_calls_per_minute")


@pytest.mark.parametrize(
    ("name", "typed", "said"),
    [
        ("hold_minutes", "ten", "Write a number from 0 to 1,440."),
        ("idle_minutes", "-1", "Write a number from 0 to 1,440."),
        ("sweep_minutes", "nan", "Write a number from 0 to 1,440."),
        ("shop_calls_per_minute", "0.5", "Write a whole number from 1 to 10,000."),
        ("shop_calls_per_minute", "9" * 400, "Write a whole number from 1 to 10,000."),
        ("currency", "dollars", "Write a currency like AUD."),
        ("shop_times", "noon", "Choose one of auto, utc, local."),
        ("ignored_channels", "x" * 65, "write 1 to 64 characters of a channel&#39;s name."),
    ],
)
def test_what_cannot_be_is_said_at_its_field_with_what_to_write(
    admin: Desk, neto: Store, services: Services, name: str, typed: str, said: str
) -> None:
    before = settings_of(services, neto)
    save(admin, neto, ticked() | NETO | {f"shop:{name}": typed}, 400)
    assert 'aria-invalid="true"' in field(admin.page, name)
    assert said in field(admin.page, name)
    assert admin.page.count('aria-invalid="true"') == 1
    assert settings_of(services, neto) == before


def test_a_change_of_the_shops_settings_is_in_the_trail(admin: Desk, neto: Store, services: Services) -> None:
    save(admin, neto, ticked() | NETO | {"shop:hold_minutes": "15"})
    with services.database.read() as session:
        change = audit.listed(session, neto.id)[0][0]
    assert (change.who, change.what, change.after["hold_minutes"]) == ("admin", "changed settings", 15.0)


@pytest.mark.parametrize("name", ["shopware", "neto"])
def test_every_setting_that_a_platform_asks_for_is_one_that_a_store_can_have(name: str) -> None:
    known = store_settings.StoreSettings().fields
    for one in PLATFORMS[name].settings:
        assert one.name in known
        assert (one.kind == "number") == (one.name in store_settings.LIMITS)
        for value in one.options:
            assert store_settings.checked({one.name: value}) == {one.name: value}


def test_choices_that_mean_nothing_on_the_platform_are_neither_shown_nor_touched(
    admin: Desk, neto: Store, services: Services
) -> None:
    odd = {"order_identifier": "number", "repeats": ["Paid Order"], "custom_fields": {"order": [], "profile": []}}
    with services.database.write() as session:
        stores.change_settings(stores.by_key(session, neto.key), odd)
    own = ticked() | NETO | {"order_identifier": "id", "own_custom": "on"}
    for channel in ("", "Website"):
        save(admin, neto, own, channel=channel)
        for words in ("OrderId", "Custom fields", "enter a state again", "Preview"):
            assert words not in admin.page
    kept = settings_of(services, neto)
    assert {name: kept[name] for name in odd} == odd
    assert kept["channels"]["Website"].keys() == {"events"}
    assert "its name as orders have it" in admin.read(f"/admin/stores/{neto.key}/settings")
