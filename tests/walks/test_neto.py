"""A Neto order's life, end to end and as processes; with notifications and without, and with a shop that misbehaves."""

import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from companion import stores
from companion.sync import lists
from tests.walks.neto import NetoWorld
from tests.world import wait_for

ITEM = {"SKU": str, "ProductName": str, "Quantity": int, "ItemPrice": float, "ProductURL": str, "ImageURL": str}
CHECKOUT = {"Value": float, "ItemNames": list, "Categories": list, "Checkout URL": str, "Items": list}
ORDER = {
    **{"Value": float, "OrderID": str, "ItemNames": list, "Categories": list, "Brands": list, "Item Count": int},
    **{"Discount Codes": list, "Total Discounts": float, "Source Name": str, "Items": list},
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NetoWorld]:
    with NetoWorld(tmp_path_factory.mktemp("neto")) as world:
        time.sleep(1.1)  # the shop's times are whole seconds: what comes now is later than the connection
        yield world


def metrics(world: NetoWorld, order: str) -> list[str]:
    return sorted(metric for metric, identity, _, _ in world.stored() if re.match(rf"{order}(:|$)", identity))


def has_exactly(properties: dict[str, Any], names: dict[str, type]) -> None:
    for name, type_ in names.items():
        assert type(properties[name]) is type_, name
    for item in properties["Items"]:
        assert {name: type(value) for name, value in item.items()} == ITEM


def test_an_order_s_life_arrives_with_the_exact_names_and_types(world: NetoWorld) -> None:
    order = world.order("PACK-GRN", "MUG-BLU", "MUG-BLU", coupon="SPRING10")
    wait_for(lambda: "Placed Order" in metrics(world, order))
    world.step(order, "ship_part")
    wait_for(lambda: "Partially Fulfilled Order" in metrics(world, order))
    world.step(order, "dispatch", "refund_line")
    wait_for(lambda: {"Fulfilled Order", "Refunded Order"} <= set(metrics(world, order)))
    told = [event for event in world.events() if event["unique_id"].startswith(order)]
    assert sorted(event["metric"] for event in told) == sorted(
        [
            *("Placed Order", "Ordered Product", "Ordered Product", "Partially Fulfilled Order"),
            *("Fulfilled Order", "Refunded Order"),
        ]
    )
    for event in told:
        has_exactly(event["event"]["properties"], ORDER)
        assert event["event"]["properties"]["Value"] == 260.96
        assert not event["backfill"]
    lines = [event for event in told if event["metric"] == "Ordered Product"]
    assert sorted(event["value"] for event in lines) == [29.9, 249.0]
    assert all(event["event"]["properties"].keys() >= ITEM.keys() for event in lines)


def test_a_cart_left_behind_is_told_once_with_a_link_that_brings_it_back(world: NetoWorld) -> None:
    cart = world.shop("POST", "/carts", skus=["STOVE", "JACKET"], email="ruby.oconnor@shop-customer.net")
    wait_for(lambda: any(event["unique_id"] == cart["CartID"] for event in world.events("Started Checkout")))
    (started,) = [event for event in world.events("Started Checkout") if event["unique_id"] == cart["CartID"]]
    properties = started["event"]["properties"]
    has_exactly(properties, CHECKOUT)
    assert properties.keys() == CHECKOUT.keys()
    page = requests.get(properties["Checkout URL"], timeout=10).text
    assert "Camping stove" in page
    assert "Waxed jacket" in page


def test_a_cart_without_a_link_of_the_shops_is_told_with_one_that_adds_its_things(world: NetoWorld) -> None:
    with world.services.database.write() as session:
        stores.change_settings(stores.by_key(session, world.store_key), {"refills_carts": True})
    cart = world.shop("POST", "/carts", skus=["STOVE", "JACKET", "STOVE"], email="kim@shop-customer.net", link=False)

    def told() -> list[dict[str, Any]]:
        return [event for event in world.events("Started Checkout") if event["unique_id"] == cart["CartID"]]

    wait_for(lambda: bool(told()))
    page = requests.get(told()[0]["event"]["properties"]["Checkout URL"], timeout=10).text
    assert re.findall(r'row-number">([^<]+)<.*?(\d) ×', page) == [("Camping stove", "2"), ("Waxed jacket", "1")]


def test_an_order_that_is_never_paid_is_neither_placed_nor_cancelled(world: NetoWorld) -> None:
    failed, cancelled = world.order("JACKET", status="On Hold"), world.order("JACKET")
    world.step(failed, "cancel")
    wait_for(lambda: "Placed Order" in metrics(world, cancelled))
    world.step(cancelled, "cancel")
    wait_for(lambda: "Cancelled Order" in metrics(world, cancelled))
    wait_for(world.settled)
    assert metrics(world, failed) == []


def test_an_order_on_hold_is_placed_once_it_is_paid_or_has_waited(world: NetoWorld) -> None:
    paid, waiting = world.order("JACKET", status="On Hold"), world.order("TORCH", status="On Hold")
    world.step(paid, "pay")
    wait_for(lambda: "Placed Order" in metrics(world, paid))
    wait_for(lambda: "Placed Order" in metrics(world, waiting))
    assert len(metrics(world, paid)) == 2


def test_a_split_order_is_counted_once_and_a_marketplace_s_not_at_all(world: NetoWorld) -> None:
    whole, relayed = world.order("STOVE", "JACKET"), world.order("JACKET", channel="eBay Australia")
    wait_for(lambda: len(metrics(world, whole)) == 3)
    part = str(world.shop("POST", f"/orders/{whole}/split")["OrderID"])
    world.step(part, "dispatch")
    wait_for(lambda: "Fulfilled Order" in metrics(world, part))
    wait_for(world.settled)
    assert metrics(world, part) == ["Fulfilled Order"]
    assert metrics(world, relayed) == []


def test_a_customer_who_ticks_the_newsletter_is_subscribed_and_one_who_does_not_is_not(world: NetoWorld) -> None:
    def consent(email: str) -> list[str]:
        answer = world.http.get(f"{world.klaviyo_url}/_sim/profiles/{email}/history", timeout=10)
        return [entry["what"] for entry in answer.json()] if answer.ok else []

    lists.choose(world.services, world.store_key, "Newsletter")
    for name, wanted in (("reader", True), ("buyer", False)):
        world.shop("POST", "/customers", email=f"{name}@shop-customer.net", newsletter=wanted)
    wait_for(lambda: any("subscribed" in what for what in consent("reader@shop-customer.net")))
    assert consent("buyer@shop-customer.net") == []


@pytest.mark.parametrize(
    "habits",
    [
        {"notify": False, "duplicates": True, "fail_share": 0.15},
        {"notify": False, "clock_hours": 10.0},
    ],
    ids=["webhooks off, calls fail, records shown twice", "webhooks off, clock off by the zone"],
)
def test_whatever_the_shop_s_habits_everything_arrives_once(tmp_path: Any, habits: dict[str, Any]) -> None:
    with NetoWorld(tmp_path) as world:
        world.habits(**habits)
        time.sleep(1.1)
        orders = [world.order("PACK-SND", "MUG-BLU") for _ in range(5)]
        world.step(orders[0], "dispatch")
        wait_for(lambda: world.stored() == world.expected(), seconds=40, every=0.3)
        assert world.klaviyo("GET", "/stats")["duplicates"] == 0
        (placed,) = [one for one in world.events("Placed Order") if one["unique_id"] == orders[1]]
        assert abs(placed["time"] - placed["received"]) < 60
