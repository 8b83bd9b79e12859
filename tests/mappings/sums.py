"""Whether the money in facts and events adds up, to the cent."""

from decimal import Decimal

from mappings.model import Event, Order

WHOLE = ("Placed Order", "Fulfilled Order", "Cancelled Order", "Shipped Order", "Partially Shipped Order")
CENT = Decimal("0.01")


def assert_adds_up(order: Order, events: list[Event]) -> None:
    """The invariant of Order, and of every event that speaks of it."""
    assert sum(line.total for line in order.lines) + order.shipping + order.tax_on_top + order.rounding == order.total
    for event in events:
        said = event.properties
        assert event.currency == order.currency
        if event.metric == "Ordered Product":
            assert event.value == said["RowTotal"]
            assert abs(said["ItemPrice"] * said["Quantity"] - said["RowTotal"]) < CENT
            continue
        parts = said["ItemsTotal"] + said["OtherCosts"] - said["DiscountValue"] + said["ShippingCosts"]
        assert parts + said["TaxOnTop"] + said["Rounding"] == said["OrderTotal"] == order.total
        assert sum(item["RowTotal"] for item in said.get("Items", ())) == said["ItemsTotal"]
        if event.metric in WHOLE:
            assert event.value == order.total
    products = [event for event in events if event.metric == "Ordered Product"]
    assert sum(event.value or 0 for event in products) == sum(
        line.total for line in order.lines if line.kind == "product"
    )
