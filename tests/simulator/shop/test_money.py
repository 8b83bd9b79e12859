"""Every order adds up to the cent, whatever is in it, and its states move only as the shop's machines allow."""

import random
from decimal import Decimal
from typing import Any

import pytest

from companion.simulator.shop.shop import Shop
from companion.simulator.shop.trade import checkout, history, ledger, office
from companion.simulator.shop.trade.choice import InvalidSpec
from companion.simulator.shop.trade.pricing import Share, calculated, number, shares_of, summed
from companion.simulator.shop.trade.purchase import UnknownAmount
from companion.simulator.shop.trade.spec import OrderSpec, WantedLine
from companion.simulator.shop.trade.states import TRANSITIONS, NotAllowed, step

SPECS = {
    "plain": OrderSpec(),
    "guest": OrderSpec(customer="guest"),
    "Austria": OrderSpec(country="AT", codes=("WELCOME10",), lines=5),
    "France": OrderSpec(country="FR", codes=("SUMMER5",), lines=7),
    "zero rate": OrderSpec(country="GB", lines=6, currency="GBP"),
    "tax-free": OrderSpec(country="CH", lines=4, codes=("NORD-C3D4",)),
    "dollars": OrderSpec(country="US", codes=("WELCOME10", "SUMMER5"), lines=3),
    "net": OrderSpec(country="DE", channel="business", lines=6, codes=("WELCOME10",)),
    "free shipping": OrderSpec(products=(WantedLine("NL-3002"),), codes=("FREESHIP",)),
    "a present": OrderSpec(products=(WantedLine("NL-2004"),), codes=("PRESENT100",)),
    "automatic": OrderSpec(codes=("automatic",), lines=3),
    "300 lines": OrderSpec(lines=300, codes=("WELCOME10",)),
    "bundle": OrderSpec(bundle=True, lines=2, codes=("WELCOME10",)),
    "deleted": OrderSpec(deleted_product=True),
    "administrator": OrderSpec(by="administrator", custom="12.34", credit="5.55"),
    "import": OrderSpec(by="import", state="cancelled", payment_state="refunded"),
}


def cents(value: Any) -> Decimal:
    return Decimal(str(value))


def check(demo: Shop, order_id: str) -> None:
    """The sums of an order, told in three ways, are the same."""
    order = demo.database.get("order", order_id)
    lines = demo.database.of("order_line_item", "orderId", order_id)
    deliveries = demo.database.of("order_delivery", "orderId", order_id)
    price = order["price"]
    tax = sum(cents(one["tax"]) for one in price["calculatedTaxes"])
    position = sum(cents(line["totalPrice"]) for line in lines if not line.get("parentId"))
    shipping = sum(cents(one["shippingCosts"]["totalPrice"]) for one in deliveries)
    total = position + shipping + (tax if order["taxStatus"] == "net" else 0)
    assert cents(order["amountTotal"]) == cents(price["totalPrice"]) == total >= 0
    assert cents(order["amountNet"]) == total - tax
    assert (cents(order["positionPrice"]), cents(order["shippingTotal"])) == (position, shipping)
    assert (tax == 0) or order["taxStatus"] != "tax-free"
    for line in lines:
        assert cents(line["totalPrice"]) == cents(line["unitPrice"]) * line["quantity"]
        assert cents(line["totalPrice"]).as_tuple().exponent in (0, -1, -2)
        parts = [cents(one["price"]) for one in line["price"]["calculatedTaxes"]]
        assert not parts or sum(parts) == cents(line["totalPrice"])
    for container in (line for line in lines if line["type"] == "container"):
        children = [cents(one["totalPrice"]) for one in lines if one.get("parentId") == container["id"]]
        assert len(children) == 2
        assert sum(children) == cents(container["totalPrice"])


@pytest.mark.parametrize("name", SPECS)
def test_an_order_adds_up(demo: Shop, name: str) -> None:
    check(demo, checkout.place(demo, SPECS[name]))


def test_years_of_orders_add_up(demo: Shop) -> None:
    history.seed(demo, 300, 2)
    for entry in ledger.entries(demo.database):
        check(demo, entry["id"])


def test_prices_are_calculated_as_a_real_shop_did() -> None:
    rates = Share(Decimal(19)), Share(Decimal(7))
    lines = [
        calculated(Decimal("24.90"), 2, rates[:1], "gross"),
        calculated(Decimal("49.95"), 1, rates[:1], "gross"),
        calculated(Decimal("19.99"), 1, rates[1:], "gross"),
    ]
    lines.append(calculated(Decimal("-11.97"), 1, shares_of(lines), "gross"))
    assert [one["calculatedTaxes"][0]["tax"] for one in lines[:3]] == [7.95, 7.98, 1.31]
    assert lines[3]["calculatedTaxes"] == [
        {"tax": -1.59, "taxRate": 19, "price": -9.97},
        {"tax": -0.13, "taxRate": 7, "price": -2},
    ]
    assert [one["percentage"] for one in lines[3]["taxRules"]] == [83.305495239686, 16.694504760314]
    total = summed(lines, [], "gross")
    assert (total["netPrice"], total["totalPrice"]) == (92.25, 107.77)
    assert total["calculatedTaxes"] == [
        {"tax": 14.34, "taxRate": 19, "price": 89.78},
        {"tax": 1.18, "taxRate": 7, "price": 17.99},
    ]


def test_whole_amounts_are_written_without_a_point() -> None:
    assert [number(Decimal(text)) for text in ("5.00", "5.50", "-5", "0.00")] == [5, 5.5, -5, 0]
    assert isinstance(number(Decimal("5.00")), int)


def test_a_present_costs_nothing(demo: Shop) -> None:
    order = demo.database.get("order", checkout.place(demo, SPECS["a present"]))
    assert (order["amountTotal"], order["amountNet"]) == (0, 0)


def test_free_shipping_is_a_second_delivery_with_negative_costs(demo: Shop) -> None:
    order_id = checkout.place(demo, SPECS["free shipping"])
    costs = [one["shippingCosts"]["totalPrice"] for one in demo.database.of("order_delivery", "orderId", order_id)]
    assert costs[0] > 0
    assert costs == [costs[0], -costs[0]]


@pytest.mark.parametrize(
    "spec",
    [
        OrderSpec(codes=("NOTHING",)),
        OrderSpec(products=(WantedLine("NL-0000"),)),
        OrderSpec(products=(WantedLine("NL-2002", 0),)),
        OrderSpec(country="XX"),
        OrderSpec(currency="DEM"),
        OrderSpec(customer="nobody@shop-customer.net"),
        OrderSpec(state="completed"),
        OrderSpec(by="import", payment_state="generous"),
        OrderSpec(by="administrator", custom="a lot"),
    ],
)
def test_what_the_shop_does_not_have_cannot_be_ordered(demo: Shop, spec: OrderSpec) -> None:
    with pytest.raises(InvalidSpec):
        checkout.place(demo, spec)


def test_a_partial_refund_is_written_down_where_the_payment_keeps_captures(demo: Shop) -> None:
    order_id = checkout.place(demo, OrderSpec(payment="card", products=(WantedLine("NL-2003"),)))
    office.transition(demo, order_id, "order_transaction", "paid_partially", Decimal("40.00"))
    office.transition(demo, order_id, "order_transaction", "pay")
    office.transition(demo, order_id, "order_transaction", "refund_partially", Decimal("12.34"))
    purchase = office.purchase_of(demo.database, order_id)
    total = cents(purchase.order["amountTotal"])
    assert [cents(one["amount"]["totalPrice"]) for one in purchase.captures] == [40, total - 40]
    assert (purchase.captured, purchase.refunded) == (total, Decimal("12.34"))
    told = ledger.entry(demo.database, purchase.order)["transitions"]
    assert [one["refunded"] for one in told] == [None, None, "12.34"]
    with pytest.raises(NotAllowed):
        office.transition(demo, order_id, "order_transaction", "refund_partially", Decimal(1))
    office.transition(demo, order_id, "order_transaction", "refund")
    assert office.purchase_of(demo.database, order_id).refunded == total


def test_no_more_is_refunded_than_was_paid(demo: Shop) -> None:
    order_id = checkout.place(demo, OrderSpec(payment="card"))
    office.transition(demo, order_id, "order_transaction", "paid")
    with pytest.raises(UnknownAmount):
        office.transition(demo, order_id, "order_transaction", "refund_partially", Decimal(1_000_000))
    assert office.purchase_of(demo.database, order_id).state("order_transaction") == "paid"


def test_without_captures_no_amount_is_written_down(demo: Shop) -> None:
    order_id = checkout.place(demo, OrderSpec(payment="invoice"))
    office.transition(demo, order_id, "order_transaction", "paid")
    office.transition(demo, order_id, "order_transaction", "refund_partially", Decimal(3))
    purchase = office.purchase_of(demo.database, order_id)
    assert (purchase.captures, purchase.refunds) == ([], [])


def test_only_what_a_machine_allows_is_offered_and_everything_offered_works(demo: Shop) -> None:
    chance = random.Random(3)
    for _ in range(12):
        order_id = checkout.place(demo, OrderSpec())
        for _ in range(12):
            purchase = office.purchase_of(demo.database, order_id)
            offered = office.allowed(purchase)
            assert offered
            machine, action = chance.choice(offered)
            taken = office.transition(demo, order_id, machine, action)
            assert TRANSITIONS[machine][purchase.state(machine)][action] == taken.target
            assert office.purchase_of(demo.database, order_id).state(machine) == taken.target


@pytest.mark.parametrize(
    ("machine", "state", "action"),
    [
        ("order_transaction", "paid_partially", "paid"),
        ("order", "open", "complete"),
        ("order", "completed", "cancel"),
        ("order_delivery", "returned", "ship"),
        ("order_transaction", "refunded", "reopen"),
    ],
)
def test_other_transitions_are_refused(machine: Any, state: str, action: str) -> None:
    with pytest.raises(NotAllowed, match="is not allowed"):
        step(machine, state, action)


def test_a_reopened_order_that_is_done_again_has_both_in_its_history(demo: Shop) -> None:
    order_id = checkout.place(demo, OrderSpec())
    for _ in range(2):
        office.complete(demo, order_id)
        office.transition(demo, order_id, "order", "reopen")
    entries = ledger.transitions(demo.database, order_id, [])
    done = [one for one in entries if one["to"] == "completed"]
    assert len({one["id"] for one in done}) == 2
    assert [one["at"] for one in entries] == sorted(one["at"] for one in entries)
