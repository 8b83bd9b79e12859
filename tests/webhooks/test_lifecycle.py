"""An app's life in the shop: what its own events, a new registration and an admin's word make of a store."""

import pytest
from sqlalchemy import select

from companion.bootstrap import Services
from companion.models import Inbox
from companion.webhooks import registration
from tests.fakes import Clock, FakeKlaviyo, Wakes
from tests.webhooks.shop import Shop, kept, order, stores, the_store, webhooks

ELSEWHERE = "https://new.shop-owner.net"


def due(services: Services) -> list[str]:
    """The ids of what waits to be worked on, in the order in which it will be claimed."""
    with services.database.read() as session:
        rows = select(Inbox.webhook_id).where(Inbox.state == "due").order_by(Inbox.due_at, Inbox.id)
        return list(session.scalars(rows))


def connect(services: Services) -> None:
    with services.database.write() as session:
        session.merge(the_store(services)).klaviyo_key = services.vault.seal("pk_good")


def move(storefront: Shop, url: str = ELSEWHERE) -> str:
    """The shop has another address and registers from there with nothing to prove it; return its new secret."""
    storefront.url = url
    secret: str = storefront.register().get_json()["secret"]
    assert storefront.confirm(secret, key="SWIATWO").status_code == 204
    return secret


@pytest.mark.parametrize(
    ("topics", "state"),
    [
        ((), "inactive"),
        (("app.installed",), "inactive"),
        (("app.installed", "app.activated"), "active"),
        (("app.installed", "checkout.order.placed"), "active"),
        (("app.installed", "app.activated", "app.deactivated"), "inactive"),
        (("app.installed", "app.activated", "app.deactivated", "app.activated"), "active"),
        (("app.installed", "app.activated", "app.updated"), "active"),
        (("app.installed", "app.updated"), "inactive"),
        (("app.installed", "app.activated", "app.deactivated", "app.updated"), "inactive"),
        (("app.installed", "app.activated", "app.deactivated", "app.deleted"), "removed"),
        (("app.installed", "app.activated", "app.deleted", "checkout.order.placed"), "removed"),
    ],
)
def test_the_apps_own_events_say_the_state_and_any_other_proves_that_a_silent_app_is_active(
    services: Services, storefront: Shop, topics: tuple[str, ...], state: str
) -> None:
    storefront.install()
    for topic in topics:
        assert storefront.send(topic, []) == 202
    assert the_store(services).state == state
    assert webhooks(services) == [(topic, "due") for topic in topics]


def test_an_event_that_is_delivered_again_does_not_take_effect_again(services: Services, storefront: Shop) -> None:
    storefront.install()
    for topic, event_id in (("app.activated", "a"), ("app.deactivated", "b"), ("app.activated", "a")):
        assert storefront.send(topic, [], event_id=event_id) == 202
    assert the_store(services).state == "inactive"
    assert len(webhooks(services)) == 2


def test_an_app_that_is_installed_again_at_the_same_address_is_the_same_store_with_new_keys(
    services: Services, storefront: Shop
) -> None:
    storefront.activate()
    connect(services)
    key = the_store(services).key
    assert storefront.send("app.deleted", []) == 202
    storefront.install(key="SWIATWO")
    store = the_store(services)
    assert (store.key, store.state, store.approval) == (key, "inactive", "")
    assert store.klaviyo_key is not None
    assert kept(services).client_id == "SWIATWO"
    assert storefront.send("app.activated", []) == 202
    assert the_store(services).state == "active"


def test_a_rotated_secret_is_pending_until_it_is_confirmed_and_the_former_one_is_believed_for_a_minute(
    services: Services, storefront: Shop, clock: Clock
) -> None:
    storefront.activate()
    former = storefront.secret
    storefront.register(proven=True)
    assert kept(services).secret == former
    assert storefront.rotate().status_code == 204
    assert kept(services).secret == storefront.secret != former
    assert storefront.placed(1) == 202
    assert storefront.placed(2, secret=former) == 202
    clock.advance(61)
    assert storefront.placed(3, secret=former) == 401
    assert storefront.placed(4) == 202
    assert the_store(services).state == "active"


@pytest.mark.parametrize("previous", ["", "0" * 64])
def test_a_rotation_that_the_former_secret_signed_has_to_be_confirmed_with_it_too(
    services: Services, storefront: Shop, previous: str
) -> None:
    storefront.activate()
    before = kept(services)
    secret = storefront.register(proven=True).get_json()["secret"]
    assert storefront.confirm(secret, previous=previous).status_code == 401
    assert kept(services).secret == before.secret
    assert storefront.placed() == 202


def test_a_registration_with_a_wrong_signature_of_the_shop_leaves_everything_as_it_was(
    services: Services, storefront: Shop
) -> None:
    storefront.activate()
    before = kept(services)
    assert storefront.register({"shopware-shop-signature": "0" * 64}).status_code == 401
    assert kept(services) == before


def test_a_shop_that_proves_itself_may_move_but_its_klaviyo_key_follows_it_to_another_host_only_with_a_yes(
    services: Services, storefront: Shop
) -> None:
    storefront.activate()
    storefront.url = ELSEWHERE
    assert storefront.rotate().status_code == 204
    assert (the_store(services).shop_url, the_store(services).approval) == (ELSEWHERE, "")
    connect(services)
    storefront.url = "https://third.shop-owner.net"
    assert storefront.rotate().status_code == 204
    assert (the_store(services).shop_url, the_store(services).approval) == (ELSEWHERE, "reregistration")


def test_a_change_from_http_to_https_or_of_the_path_is_no_move(services: Services, storefront: Shop) -> None:
    storefront.url = "http://shop.shop-owner.net"
    storefront.activate()
    connect(services)
    storefront.url = "https://shop.shop-owner.net/shop"
    assert storefront.rotate().status_code == 204
    assert (the_store(services).shop_url, the_store(services).approval) == (storefront.url, "")


def test_what_nothing_proves_waits_for_a_yes_and_its_webhooks_are_held_and_then_released_in_order(
    services: Services, storefront: Shop, clock: Clock, wakes: Wakes
) -> None:
    storefront.activate()
    former = storefront.secret
    secret = move(storefront)
    for number in (3, 1, 2):
        assert storefront.send("checkout.order.placed", order(number), secret=secret, event_id=f"held-{number}") == 202
        clock.advance(1)
    store = the_store(services)
    assert (store.approval, store.shop_url) == ("reregistration", "https://shop.shop-owner.net")
    assert webhooks(services)[2:] == [("checkout.order.placed", "held")] * 3
    assert storefront.placed(9, secret=former) == 202  # the keys in force go on working meanwhile
    wakes.calls.clear()
    registration.approve(services, store.key)
    assert [id_ for id_ in due(services) if id_.startswith("held")] == ["held-3", "held-1", "held-2"]
    assert wakes.calls == [("resolve", store.id)]
    store = the_store(services)
    assert (store.approval, store.shop_url, store.state) == ("", ELSEWHERE, "active")
    assert (kept(services).secret, kept(services).client_id) == (secret, "SWIATWO")
    assert storefront.placed(10, secret=secret) == 202
    clock.advance(61)
    assert storefront.placed(11, secret=former) == 401


def test_after_a_no_the_held_webhooks_are_ignored_and_nothing_of_the_registration_is_left(
    services: Services, storefront: Shop
) -> None:
    storefront.activate()
    before = kept(services)
    secret = move(storefront)
    assert storefront.placed(secret=secret) == 202
    registration.reject(services, the_store(services).key)
    assert webhooks(services)[2:] == [("checkout.order.placed", "ignored")]
    assert storefront.placed(secret=secret) == 401
    assert kept(services) == before
    assert the_store(services).approval == ""


def test_a_held_webhook_that_is_delivered_again_is_held_once(services: Services, storefront: Shop) -> None:
    storefront.activate()
    secret = move(storefront)
    for _ in range(3):
        assert storefront.send("checkout.order.placed", order(1), secret=secret, event_id="again") == 202
    assert webhooks(services)[2:] == [("checkout.order.placed", "held")]


@pytest.mark.parametrize(
    ("topics", "state"),
    [
        ((), "active"),
        (("app.deactivated",), "inactive"),
        (("app.deactivated", "app.updated"), "inactive"),
        (("app.deactivated", "checkout.order.placed"), "active"),
        (("app.updated",), "active"),
        (("app.deactivated", "app.deleted"), "removed"),
    ],
)
def test_a_yes_makes_the_state_that_the_held_webhooks_told(
    services: Services, storefront: Shop, topics: tuple[str, ...], state: str
) -> None:
    storefront.activate()
    secret = move(storefront)
    for topic in topics:
        assert storefront.send(topic, [], secret=secret) == 202
    assert the_store(services).state == "active"
    registration.approve(services, the_store(services).key)
    assert the_store(services).state == state


def test_a_copy_of_a_shop_is_a_store_of_its_own_though_its_first_webhook_bears_the_originals_secret(
    services: Services, storefront: Shop, clock: Clock
) -> None:
    storefront.activate()
    copy = Shop(storefront.client, clock, storefront.app, id="J946eZG471btf3iT", url=ELSEWHERE)
    copy.install()
    assert copy.send("app.installed", [], secret=storefront.secret, event_id="first") == 202
    assert copy.placed(5) == 202
    assert [store.state for store in stores(services)] == ["active", "active"]
    clock.advance(61)
    assert copy.placed(6, secret=storefront.secret) == 401


def test_a_webhook_is_taken_where_neither_klaviyo_nor_the_shops_api_would_answer(
    services: Services, storefront: Shop, klaviyo: FakeKlaviyo
) -> None:
    """The shop's address leads nowhere here, so that a call to it would be an error."""
    storefront.activate()
    connect(services)
    assert [storefront.placed(number) for number in range(20)] == [202] * 20
    assert klaviyo.calls == []
    assert len(due(services)) == 22
