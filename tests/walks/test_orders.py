"""Walk A, end to end and as processes: an order's life in the shop, told to Klaviyo."""

from collections.abc import Iterator

import pytest

from tests.world import Told, World, wait_for


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with World(tmp_path_factory.mktemp("world"), klaviyo={"KLAVIYO_SIM_LATENCY": "realistic"}) as world:
        yield world


def move(world: World, order: str, *steps: tuple[str, str]) -> None:
    for machine, action in steps:
        world.shop("POST", f"/orders/{order}/transitions", machine=machine, action=action)


def refund(world: World, order: str, amount: str) -> None:
    step = {"machine": "order_transaction", "action": "refund_partially", "amount": amount}
    world.shop("POST", f"/orders/{order}/transitions", **step)


def refunds(world: World) -> list[Told]:
    return [told for told in world.stored() if told[0] == "Refunded Order"]


def metrics(world: World, order: str) -> list[str]:
    return sorted(metric for metric, identity, _, _ in world.stored() if identity.startswith(order))


def test_an_orders_life_reaches_klaviyo_each_step_once_with_the_money_right(world: World) -> None:
    (order,) = world.place(1)
    wait_for(lambda: "Placed Order" in metrics(world, order))
    move(world, order, ("order_transaction", "paid"), ("order", "process"), ("order", "complete"))
    wait_for(lambda: "Fulfilled Order" in metrics(world, order))
    move(world, order, ("order_transaction", "refund"))
    wait_for(lambda: "Refunded Order" in metrics(world, order))
    move(world, order, ("order", "reopen"), ("order", "cancel"))
    wait_for(lambda: "Cancelled Order" in metrics(world, order))
    wait_for(world.settled)
    assert world.stored() == world.expected()
    assert world.klaviyo("GET", "/stats")["duplicates"] == 0


def test_partial_refunds_each_arrive_with_their_own_amount_and_the_rest_with_the_last(world: World) -> None:
    before = len(refunds(world))
    (order,) = world.place(1)
    move(world, order, ("order_transaction", "paid"))
    refund(world, order, "1.50")
    move(world, order, ("order_transaction", "reopen"), ("order_transaction", "paid"))
    refund(world, order, "2.25")
    move(world, order, ("order_transaction", "refund"))
    wait_for(lambda: len(refunds(world)) == before + 3)
    wait_for(world.settled)
    assert world.stored() == world.expected()


def test_an_administrators_order_counts_like_a_customers(world: World) -> None:
    (order,) = world.shop("POST", "/orders", spec={"by": "administrator", "lines": 2})["ids"]
    wait_for(lambda: len(metrics(world, order)) >= 2)
    wait_for(world.settled)
    assert world.stored() == world.expected()


def test_every_kind_of_order_the_shop_knows_is_told_with_the_money_right(world: World) -> None:
    specs: list[dict[str, object]] = [
        {"customer": "guest"},
        {"codes": ["WELCOME10"]},
        {"bundle": True},
        {"deleted_product": True},
        {"no_delivery": True},
        {"by": "administrator", "custom": "12.90", "credit": "3.00"},
        {"by": "import", "state": "completed", "payment_state": "paid"},
        {"currency": "USD"},
        {"currency": "GBP", "country": "GB"},
    ]
    placed = world.shop("POST", "/orders", specs=specs)["ids"]
    wait_for(lambda: all("Placed Order" in metrics(world, order) for order in placed))
    wait_for(world.settled)
    assert world.stored() == world.expected()
    assert metrics(world, placed[6]).count("Fulfilled Order") == 1, "an order imported as Done is fulfilled, too"
