"""Custom fields on their way from a shop's order to Klaviyo, and into the sample that choices are tried on."""

import json
from dataclasses import replace

import pytest

from companion import resolve, samples, stores
from companion.bootstrap import Services
from companion.models import Outbox, Store
from tests.build import order_body, order_id, signal
from tests.fakes import FakeShop


@pytest.fixture
def services(services: Services, shop: FakeShop) -> Services:
    return replace(services, platforms={"shopware": shop})


def told(services: Services, store: Store, shop: FakeShop, number: int) -> dict[str, object]:
    """Resolve an order's webhook; the properties of its Placed Order."""
    signal(services, store, number)
    resolve.resolve_store(services, store.id)
    with services.database.read() as session:
        found = session.query(Outbox).filter_by(metric="Placed Order", unique_id=order_id(number)).one()
    properties: dict[str, object] = json.loads(found.event or b"")["properties"]
    return properties


def test_an_orders_custom_fields_arrive_as_the_merchant_chose_and_are_kept_as_a_sample(
    services: Services, store: Store, shop: FakeShop
) -> None:
    row = {"source": "order.wish", "property": "DeliveryWish", "form": "text"}
    with services.database.write() as session:
        found = stores.by_key(session, store.key)
        stores.change_settings(found, {"custom_fields": {"order": [row], "profile": []}})
    for number, custom in ((1, {"wish": "am"}), (2, None), (3, {"wish": {"not": "plain"}})):
        body = order_body(number)
        body["order"]["customFields"] = custom
        shop.orders[order_id(number)] = {**body, "options": {"wish": {"am": {"en-GB": "In the morning"}}}}
    assert told(services, store, shop, 1)["DeliveryWish"] == "In the morning"
    for number in (2, 3):
        assert "DeliveryWish" not in told(services, store, shop, number)
    with services.database.read() as session:
        sample = samples.of(session, store.id)
    assert sample is not None
    assert (sample[0], sample[1].ids) == ("10003", {"order": {"wish": {"not": "plain"}}})


def test_an_order_without_custom_fields_leaves_the_sample_alone(
    services: Services, store: Store, shop: FakeShop
) -> None:
    shop.orders[order_id(1)] = order_body(1)
    told(services, store, shop, 1)
    with services.database.read() as session:
        assert samples.of(session, store.id) is None
