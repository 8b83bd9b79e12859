"""Lines, prices, products and where they are shown."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mappings.metrics import order_events
from tests.mappings import build
from tests.mappings.sums import assert_adds_up

OTHER_CHANNEL = "0ther000000000000000000000000001"


def lines(*given_: build.Json, **changes: Any) -> list[tuple[str, str, Decimal]]:
    return [(line.id[-1], line.kind, line.total) for line in build.order(build.record(*given_, **changes)).lines]


@pytest.mark.parametrize(
    ("type_", "total", "kind"),
    [
        ("product", 20.0, "product"),
        ("product", 0.0, "product"),
        ("custom", 23.8, "charge"),
        ("custom", -5.0, "discount"),
        ("credit", -5.0, "discount"),
        ("promotion", -5.0, "discount"),
        ("promotion", 0.0, "discount"),
        ("discount", -1.0, "discount"),
        ("an-extension's", 3.0, "charge"),
        (None, 3.0, "charge"),
    ],
)
def test_a_line_is_what_its_type_and_amount_say(type_: str | None, total: float, kind: str) -> None:
    assert lines(build.line(1, total, type=type_)) == [("1", kind, Decimal(str(total)))]


def test_only_product_lines_become_ordered_product() -> None:
    body = build.record(
        build.line(1, 20.0),
        build.line(2, 5.0, type="custom"),
        build.line(3, -2.0, type="promotion"),
        build.line(4, 1.0),
    )
    assert [event.unique_id[-1] for event in build.told(body, "Ordered Product")] == ["1", "4"]


def test_an_extension_s_line_about_a_product_is_a_product() -> None:
    assert lines({**build.line(1, 20.0), "type": "an-extension's"}) == [("1", "product", Decimal(20))]


def test_lines_come_in_the_order_s_own_sequence() -> None:
    assert [line[0] for line in lines(build.line(3), build.line(1), build.line(2))] == ["1", "2", "3"]


def test_a_container_is_counted_by_its_parts() -> None:
    box = build.line(1, 30.0, type="container")
    parts = [build.line(2, 10.0, parentId=box["id"]), build.line(3, 20.0, parentId=box["id"])]
    assert lines(box, *parts) == [("2", "product", Decimal(10)), ("3", "product", Decimal(20))]


def test_what_a_container_costs_more_or_less_than_its_parts_is_a_line() -> None:
    box = build.line(1, 25.0, type="container")
    parts = [build.line(2, 10.0, parentId=box["id"]), build.line(3, 20.0, parentId=box["id"])]
    assert lines(box, *parts)[-1] == ("1", "discount", Decimal(-5))


def test_containers_in_containers_are_counted_once() -> None:
    outer = build.line(1, 30.0, type="container")
    inner = build.line(2, 30.0, type="container", parentId=outer["id"])
    assert lines(outer, inner, build.line(3, 30.0, parentId=inner["id"])) == [("3", "product", Decimal(30))]


def test_a_product_with_parts_is_one_product() -> None:
    bundle = build.line(1, 30.0)
    assert lines(bundle, build.line(2, 10.0, parentId=bundle["id"])) == [("1", "product", Decimal(30))]


def test_a_line_whose_container_is_gone_stands_for_itself() -> None:
    assert lines({**build.line(1, 30.0), "parentId": "gone"}) == [("1", "product", Decimal(30))]


def test_a_discount_on_shipping_is_a_discount_and_not_cheaper_shipping() -> None:
    free = build.line(2, 0.0, type="promotion", label="Free shipping", payload={"code": "SHIPFREE"})
    body = build.record(build.line(), free, deliveries=[build.delivery(), build.delivery(-4.99, id="off")])
    placed = build.told(body, "Placed Order")[0]
    assert placed.value == 20
    assert placed.properties["ShippingCosts"] == Decimal("4.99")
    assert placed.properties["DiscountValue"] == Decimal("4.99")
    assert placed.properties["DiscountCode"] == "Free shipping"
    assert placed.properties["DiscountCodes"] == ("SHIPFREE",)


def test_codes_and_labels_of_discounts_are_told_once_each() -> None:
    off: Any = {"type": "promotion", "label": "Welcome", "payload": {"code": "WELCOME10"}}
    automatic = build.line(4, -1.0, type="promotion", label="Spring", payload={"code": ""})
    body = build.record(build.line(), build.line(2, -2.0, **off), build.line(3, -1.0, **off), automatic)
    said = build.told(body, "Placed Order")[0].properties
    assert (said["DiscountCode"], said["DiscountCodes"]) == ("Welcome,Spring", ("WELCOME10",))
    assert said["DiscountValue"] == 4


@pytest.mark.parametrize("payload", [None, [], {}, {"options": "red", "code": None, "productNumber": 7}, "text", 5])
def test_a_payload_of_any_shape_does_no_harm(payload: Any) -> None:
    body = build.record(build.line(payload=payload), products=[build.product(productNumber="SKU-1")])
    told = build.told(body, "Ordered Product")[0].properties
    assert told["SKU"] in ("SKU-1", "7")


def test_a_deleted_product_is_told_by_what_its_line_remembers() -> None:
    payload = {"productNumber": "OLD-1", "parentId": "parent", "options": [{"group": "Size", "option": "M"}]}
    line = build.line(productId=None, referencedId="gone", payload=payload, cover={"url": "https://cdn.net/old.jpg"})
    told = build.told(build.record(line, products=[]), "Ordered Product")[0].properties
    assert (told["ProductID"], told["VariantID"], told["SKU"]) == ("parent", "gone", "OLD-1")
    assert (told["ImageURL"], told["Options"]) == ("https://cdn.net/old.jpg", {"Size": "M"})
    assert not told.keys() & {"ProductURL", "ProductBrand", "Categories"}


@pytest.mark.parametrize(
    ("tax_status", "taxes", "total", "tax_on_top"),
    [("gross", 3.99, 24.99, 0), ("net", 4.75, 29.74, "4.75"), ("tax-free", 0.0, 24.99, 0), (None, 3.99, 24.99, 0)],
)
def test_net_gross_and_tax_free_orders_add_up(tax_status: str, taxes: float, total: float, tax_on_top: Any) -> None:
    body = build.record(
        build.line(), taxStatus=tax_status, amountTotal=total, price={"calculatedTaxes": [{"tax": taxes}]}
    )
    order = build.order(body)
    assert (order.tax_on_top, order.rounding) == (Decimal(tax_on_top), Decimal(0))
    assert_adds_up(order, order_events(order, build.tracking()))


def test_cash_rounding_is_told_as_rounding() -> None:
    order = build.order(build.record(build.line(total=19.98), amountTotal=24.95, currency={"isoCode": "CHF"}))
    assert (order.rounding, order.currency) == (Decimal("-0.02"), "CHF")
    assert_adds_up(order, order_events(order, build.tracking()))


def test_an_order_that_costs_nothing_is_placed_all_the_same() -> None:
    body = build.record(build.line(total=0.0), deliveries=[], transactions=[], amountTotal=0)
    placed, product = build.events(body)
    assert placed.value == product.value == 0
    assert placed.properties["OrderTotal"] == 0


def test_an_order_of_300_lines_is_one_event_and_300() -> None:
    body = build.record(*(build.line(number, 0.99) for number in range(1, 301)))
    order = build.order(body)
    events = order_events(order, build.tracking())
    assert_adds_up(order, events)
    assert len(events) == 301
    assert len(events[0].properties["Items"]) == 300


def test_a_digital_order_has_no_shipping_address() -> None:
    placed = build.told(build.record(deliveries=[]), "Placed Order")[0]
    assert "ShippingAddress" not in placed.properties
    assert placed.properties["ShippingCosts"] == 0


@pytest.mark.parametrize(
    ("changes", "url"),
    [
        ({}, "https://shop.shop-owner.net/hat-1"),
        ({"languageId": build.GERMAN}, "https://shop.shop-owner.net/de/detail/{id}"),
        ({"languageId": "a language without a domain"}, "https://shop.shop-owner.net/detail/{id}"),
        ({"salesChannel": None}, None),
        ({"salesChannel": {"id": "x", "name": "Headless", "domains": [{"url": "default.headless0"}]}}, None),
        ({"salesChannelId": OTHER_CHANNEL}, "https://shop.shop-owner.net/detail/{id}"),
    ],
)
def test_a_product_is_shown_in_the_order_s_channel_and_language(changes: build.Json, url: str | None) -> None:
    told = build.told(build.record(**changes), "Ordered Product")[0].properties
    assert told.get("ProductURL") == (url and url.format(id=build.product()["id"]))


def test_a_domain_that_fits_the_currency_and_is_encrypted_is_preferred() -> None:
    def domain(url: str, currency: str) -> build.Json:
        return {"url": url, "languageId": build.ENGLISH, "currencyId": currency}

    domains = [
        domain("https://usd.net", "usd"),
        domain("http://eur.net", build.EURO),
        domain("https://eur.net", build.EURO),
    ]
    body = build.record(salesChannel={"id": build.CHANNEL, "name": "Shop", "domains": domains})
    assert build.told(body, "Ordered Product")[0].properties["ProductURL"] == "https://eur.net/hat-1"


def test_an_address_that_was_replaced_or_belongs_to_another_channel_is_not_used() -> None:
    def address(path: str, **changes: Any) -> build.Json:
        known = {"languageId": build.ENGLISH, "salesChannelId": build.CHANNEL, "isCanonical": True, "isDeleted": False}
        return {"seoPathInfo": path, **known, **changes}

    found = [
        address("replaced", isCanonical=None),
        address("deleted", isDeleted=True),
        address("elsewhere", salesChannelId=OTHER_CHANNEL),
        address("any-channel", salesChannelId=None),
    ]
    body = build.record(products=[build.product(seoUrls=found)])
    assert build.told(body, "Ordered Product")[0].properties["ProductURL"] == "https://shop.shop-owner.net/any-channel"


def test_the_picture_is_the_one_the_shopper_saw_else_the_product_s() -> None:
    seen = build.record(build.line(cover={"url": "https://cdn.net/seen.jpg"}))
    unseen = build.record(build.line(cover={"url": None}))
    images = [build.told(body, "Ordered Product")[0].properties["ImageURL"] for body in (seen, unseen)]
    assert images == ["https://cdn.net/seen.jpg", "https://shop.shop-owner.net/media/1.jpg"]


cents = st.integers(-50_000, 500_000).map(lambda amount: amount / 100)


@settings(deadline=None)
@given(
    amounts=st.lists(st.tuples(st.sampled_from(["product", "custom", "promotion", "credit", "container"]), cents)),
    parents=st.lists(st.integers(0, 12)),
    shipping=st.lists(cents, max_size=3),
    tax=st.integers(0, 10_000).map(lambda amount: amount / 100),
    tax_status=st.sampled_from(["gross", "net", "tax-free"]),
    total=cents,
)
def test_any_order_adds_up_to_the_cent(
    amounts: list[tuple[str, float]],
    parents: list[int],
    shipping: list[float],
    tax: float,
    tax_status: str,
    total: float,
) -> None:
    items = [build.line(number, amount, type=type_) for number, (type_, amount) in enumerate(amounts)]
    for item, parent in zip(items, parents, strict=False):
        item["parentId"] = f"line{parent:028}" if f"line{parent:028}" < item["id"] else None
    body = build.record(
        *items,
        deliveries=[build.delivery(cost, id=f"d{number}") for number, cost in enumerate(shipping)],
        taxStatus=tax_status,
        amountTotal=total,
        price={"calculatedTaxes": [{"tax": tax}]},
    )
    order = build.order(body)
    assert_adds_up(order, order_events(order, build.tracking()))
