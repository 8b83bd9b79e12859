"""A store's set-up: the key checked with Klaviyo, pausing, the test event, the house's yes to a registration."""

from collections.abc import Callable

import pytest

from companion import audit, key_checks, stores
from companion.bootstrap import Services
from companion.delivery import deliver_live
from companion.klaviyo.client import Account
from companion.models import Store
from companion.platforms.shopware.credentials import opened
from tests.admin import house
from tests.admin.conftest import Desk
from tests.fakes import FakeKlaviyo, Wakes

NewStore = Callable[..., Store]


def setup(store: Store) -> str:
    return f"/admin/stores/{store.key}/setup"


def now_of(services: Services, store: Store) -> Store:
    with services.database.read() as session:
        return stores.by_key(session, store.key)


def trail(services: Services) -> list[tuple[str, str, object, object]]:
    with services.database.read() as session:
        return [(one.who, one.what, one.before, one.after) for one, _ in audit.listed(session)][:-1]


@pytest.fixture
def fresh(services: Services) -> Store:
    """A store without a key."""
    empty = {"klaviyo_key": None, "klaviyo_account": "", "klaviyo_account_name": ""}
    return house.add_store(services, "Bakery", "bakery.shop-owner.net", **empty)


def connect(admin: Desk, services: Services, store: Store, key: str = "pk_good") -> str:
    """Paste a key, let the job look at it, and read the page."""
    admin.get(setup(store))
    admin.post(setup(store), private_key=key)
    assert "Klaviyo is asked about the key you pasted." in admin.page
    key_checks.check_store(services, store.id)
    return admin.read(setup(store))


def test_a_key_is_checked_and_what_it_opens_is_shown(
    admin: Desk, fresh: Store, services: Services, wakes: Wakes, klaviyo: FakeKlaviyo
) -> None:
    klaviyo.scopes_of["pk_good"] = {"events:write": True, "lists:read": False, "lists:write": None}
    page = connect(admin, services, fresh)
    assert ("check", fresh.id) in wakes.calls
    for told in ("Account Good Shop", "Public key ACC123", "Time zone Europe/Berlin", "Currency EUR"):
        assert told in page
    for told in ("present accounts:read", "present events:write", "missing lists:read", "not known lists:write"):
        assert told in page
    assert "it lacks lists:read" in page
    assert trail(services) == [("admin", "set the Klaviyo key", {"klaviyo_account": ""}, {"klaviyo_account": "ACC123"})]


def test_the_page_asks_again_soon_while_klaviyo_is_asked(admin: Desk, fresh: Store, services: Services) -> None:
    admin.get(setup(fresh))
    assert "data-soon" not in admin.page
    admin.post(setup(fresh), private_key="pk_good")
    assert "data-soon" in admin.page


def test_no_page_and_no_trail_ever_holds_the_key(admin: Desk, fresh: Store, services: Services) -> None:
    seen = connect(admin, services, fresh) + str(trail(services))
    for page in (setup(fresh), "/admin/changes"):
        admin.get(page)
        seen += admin.page
    assert "pk_good" not in seen


def test_the_key_in_force_is_looked_at_again(admin: Desk, store: Store, services: Services, wakes: Wakes) -> None:
    admin.get(setup(store))
    admin.post(f"/admin/stores/{store.key}/check")
    assert wakes.calls == [("check", store.id)]
    key_checks.check_store(services, store.id)
    assert "Klaviyo knows this key." in admin.read(setup(store))


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Paste the key."),
        ("sk_1", "begins with pk_"),
        ("pk_ab cd", "begins with pk_"),
        ("pk_" + "a" * 200, "too long"),
    ],
)
def test_what_is_no_key_is_not_even_tried(
    admin: Desk, fresh: Store, klaviyo: FakeKlaviyo, typed: str, said: str
) -> None:
    klaviyo.accounts.clear()
    admin.get(setup(fresh))
    admin.post(setup(fresh), 400, private_key=typed)
    assert said in admin.page
    assert 'aria-invalid="true"' in admin.page


def test_a_key_that_is_refused_changes_nothing_and_says_why(
    admin: Desk, store: Store, klaviyo: FakeKlaviyo, services: Services
) -> None:
    klaviyo.accounts["pk_other"] = Account("OTH999", "Other Shop", "OTH999", "UTC", "USD", False)
    page = connect(admin, services, store, "pk_other")
    assert "This key belongs to account OTH999 (Other Shop), but the store sends to ACC123 (Good Shop)" in page
    assert "Nothing was changed." in page
    assert now_of(services, store).klaviyo_key == store.klaviyo_key
    assert "Klaviyo answered 401" in connect(admin, services, store, "pk_unknown")
    assert trail(services) == []


def test_sending_is_paused_with_a_reason_and_resumed(
    admin: Desk, store: Store, services: Services, wakes: Wakes
) -> None:
    admin.get(setup(store))
    admin.post(f"/admin/stores/{store.key}/pause", reason="Stocktaking")
    assert "Stocktaking" in admin.page
    assert now_of(services, store).paused == "Stocktaking"
    wakes.calls.clear()
    admin.post(f"/admin/stores/{store.key}/resume")
    assert now_of(services, store).paused is None
    assert {job for job, _ in wakes.calls} == {"resolve", "deliver", "deliver-volume"}
    assert [what for _, what, _, _ in trail(services)] == ["resumed sending", "paused sending"]


def test_pausing_without_a_reason_still_says_something(admin: Desk, store: Store, services: Services) -> None:
    admin.get(setup(store))
    admin.post(f"/admin/stores/{store.key}/pause", reason=" ")
    assert now_of(services, store).paused == "Paused by hand."
    admin.post(f"/admin/stores/{store.key}/pause", 400, reason="x" * 201)


def test_a_test_event_is_followed_to_its_arrival(
    admin: Desk, store: Store, services: Services, klaviyo: FakeKlaviyo
) -> None:
    admin.get(setup(store))
    page = admin.post(f"/admin/stores/{store.key}/test", email="kim@shop-owner.net").location
    assert page.startswith(f"/admin/stores/{store.key}/messages/")
    assert "Waits to be sent" in admin.page
    deliver_live(services, store.id)
    assert "Sent and accepted by Klaviyo" in admin.read(page)
    ((email, metric, unique_id),) = klaviyo.accepted
    assert (email, metric) == ("kim@shop-owner.net", "Companion Test")
    assert unique_id.startswith("test-")


def test_a_test_event_needs_an_address(admin: Desk, store: Store) -> None:
    admin.get(setup(store))
    admin.post(f"/admin/stores/{store.key}/test", 400, email="kim@@nowhere")
    assert "This is no e-mail address." in admin.page


@pytest.fixture
def moving(services: Services) -> Store:
    wants = house.moved(services, "https://velo.shop-owner.net", "https://www.velo.net/shop")
    return house.add_store(services, "Velo", "velo.shop-owner.net", approval="reregistration", credentials=wants)


def test_what_waits_for_a_yes_shows_what_would_change(admin: Desk, moving: Store) -> None:
    page = admin.read(setup(moving))
    assert "A registration waits for your yes" in page
    assert "So far https://velo.shop-owner.net From now on https://www.velo.net/shop" in page


def test_a_yes_puts_the_new_address_into_force(admin: Desk, moving: Store, services: Services) -> None:
    admin.get(setup(moving))
    admin.post(f"/admin/stores/{moving.key}/approve")
    store = now_of(services, moving)
    assert (store.approval, store.shop_url) == ("", "https://www.velo.net/shop")
    assert trail(services) == [
        (
            "admin",
            "approved a registration",
            {"shop_url": "https://velo.shop-owner.net"},
            {"shop_url": "https://www.velo.net/shop"},
        )
    ]


def test_a_no_forgets_it(admin: Desk, moving: Store, services: Services) -> None:
    admin.get(setup(moving))
    admin.post(f"/admin/stores/{moving.key}/reject")
    store = now_of(services, moving)
    assert (store.approval, store.shop_url) == ("", "https://velo.shop-owner.net")
    assert opened(services.vault.open_json(store.credentials)).candidate is None
    assert "waits for your yes" not in admin.page
