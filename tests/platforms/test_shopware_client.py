"""The reading client: what it asks the shop, how often, and what it makes of the answers."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
import requests
import responses

from companion.errors import Bury, Pause, Retry
from companion.platforms.base import Access, Record, Ref
from companion.platforms.shopware import criteria, fetch_records
from mappings.shopware import schemas
from mappings.shopware.records import facts
from tests.mappings import build, recorded

SHOP = "https://shop.shop-owner.net/public"
NOW = datetime(2026, 3, 14, 10, tzinfo=UTC)

Json = dict[str, Any]


@dataclass
class Shop:
    """A shop's Admin API as far as a search by ids or history goes. `asked` holds every search in turn."""

    orders: dict[str, Json] = field(default_factory=dict)
    history: list[Json] = field(default_factory=list)
    products: dict[str, Json] = field(default_factory=dict)
    selections: list[Json] = field(default_factory=list)
    asked: list[tuple[str, Json, Any]] = field(default_factory=list)

    def add(self, *bodies: Json) -> list[Ref]:
        for body in bodies:
            self.orders[body["order"]["id"]] = body["order"]
            self.history += body["history"]
            self.products |= body["products"]
        return [Ref("order", body["order"]["id"]) for body in bodies]

    def searches(self, entity: str) -> list[Json]:
        return [body for name, body, _ in self.asked if name == entity]

    def answer(self, request: requests.PreparedRequest) -> tuple[int, dict[str, str], bytes]:
        entity = (request.url or "").rpartition("/")[2]
        body = msgspec.json.decode(request.body or b"")
        self.asked.append((entity, body, request.headers))
        if entity == "state-machine-history":
            wanted = set(body["filter"][0]["value"])
            found = sorted(
                (entry for entry in self.history if entry["referencedId"] in wanted),
                key=lambda entry: (entry["createdAt"], entry["id"]),
            )
            start = (body["page"] - 1) * body["limit"]
            found = found[start : start + body["limit"]]
        elif entity == "custom-field":
            found = self.selections
        else:
            known = self.orders if entity == "order" else self.products
            found = [known[id_] for id_ in body["ids"] if id_ in known]
        return 200, {}, msgspec.json.encode({"total": len(found), "data": found, "aggregations": []})


@pytest.fixture
def shop() -> Iterator[Shop]:
    found = Shop()
    with responses.RequestsMock(assert_all_requests_are_fired=False) as http:
        http.post(f"{SHOP}/api/oauth/token", json={"access_token": "token", "expires_in": 600})
        for entity in ("order", "state-machine-history", "product", "custom-field"):
            http.add_callback("POST", f"{SHOP}/api/search/{entity}", found.answer)
        yield found


@pytest.fixture
def access(request: pytest.FixtureRequest) -> Access:
    """A store of the test's own: tokens are kept by the process."""
    credentials = {"secret": "s" * 64, "client_id": "SWIATESTS", "client_secret": "client-secret"}
    return Access(request.node.name, SHOP, credentials, lambda: NOW, lambda: None)


def order(number: int, *lines: Json, **changes: Any) -> Json:
    """A record whose order, payment and delivery have ids of their own."""
    return build.record(
        *lines,
        id=f"order-{number}",
        transactions=[build.payment(24.99, id=f"payment-{number}")],
        deliveries=[build.delivery(id=f"delivery-{number}")],
        **changes,
    )


def moved(subject: str, number: int = 0) -> Json:
    return build.entry(f"{subject}:{number}", subject, "open", "paid", f"2026-03-15T08:{number:02}:00.000+00:00")


def by_id(records: Any) -> dict[str, Record]:
    return {record.id: record for record in records}


def test_an_order_is_read_with_its_history_and_its_products(shop: Shop, access: Access) -> None:
    refs = shop.add(order(1, history=[moved("payment-1"), moved("delivery-1"), moved("order-1")]))
    (record,) = fetch_records(access, refs)
    assert record.id == "order-1"
    assert record.body["order"] == shop.orders["order-1"]
    assert {entry["referencedId"] for entry in record.body["history"]} == {"order-1", "payment-1", "delivery-1"}
    assert record.body["products"] == shop.products
    assert facts("order", record.body)


def test_each_order_gets_its_own_history_and_products(shop: Shop, access: Access) -> None:
    one = order(1, build.line(1), history=[moved("payment-1")], products=[build.product(1)])
    two = order(2, build.line(2), history=[moved("delivery-2")], products=[build.product(2)])
    records = by_id(fetch_records(access, shop.add(one, two)))
    assert records["order-1"].body == one
    assert records["order-2"].body == two


def test_a_hundred_signals_cost_few_calls(shop: Shop, access: Access) -> None:
    refs = shop.add(*(order(number, history=[moved(f"payment-{number}")]) for number in range(100)))
    assert len(fetch_records(access, [*refs, *refs])) == 100
    assert [name for name, _, _ in shop.asked] == ["order", "order", *["state-machine-history"] * 2, "product"]


def test_an_order_the_shop_no_longer_has_is_left_out(shop: Shop, access: Access) -> None:
    refs = shop.add(order(1))
    assert list(by_id(fetch_records(access, [Ref("order", "gone"), *refs]))) == ["order-1"]
    assert list(fetch_records(access, [Ref("order", "gone")])) == []


def test_nothing_is_asked_when_nothing_is_wanted(shop: Shop, access: Access) -> None:
    assert list(fetch_records(access, [])) == []
    assert shop.asked == []


def test_history_is_read_to_its_end_however_long_it_is(shop: Shop, access: Access) -> None:
    entries = [moved("payment-1", number % 60) | {"id": f"h{number:03}"} for number in range(2 * criteria.PAGE)]
    (record,) = fetch_records(access, shop.add(order(1, history=entries)))
    assert len(record.body["history"]) == len(entries)
    assert [body["page"] for body in shop.searches("state-machine-history")] == [1, 2, 3]


def test_only_what_happened_to_the_live_order_counts(shop: Shop, access: Access) -> None:
    fetch_records(access, shop.add(order(1)))
    (asked,) = shop.searches("state-machine-history")
    live = {"type": "equals", "field": "referencedVersionId", "value": "0fa91ce3e96a4bc2be4bd9ce752c3425"}
    assert live in asked["filter"]


def test_the_history_of_refunds_is_read_too(shop: Shop, access: Access) -> None:
    body = order(1, history=[moved("r1")])
    refunds = [build.refund("r1", 5.0, "2026-03-15T08:00:00.000+00:00")]
    body["order"]["transactions"][0]["captures"] = [{"refunds": refunds}, {"refunds": None}]
    (record,) = fetch_records(access, shop.add(body))
    assert [entry["referencedId"] for entry in record.body["history"]] == ["r1"]


def test_products_are_read_in_the_language_of_their_order_with_what_they_inherit(shop: Shop, access: Access) -> None:
    refs = shop.add(order(1), order(2, languageId=build.GERMAN), order(3, languageId=build.GERMAN))
    fetch_records(access, refs)
    asked = [
        (headers["sw-language-id"], headers["sw-inheritance"]) for name, _, headers in shop.asked if name == "product"
    ]
    assert sorted(asked) == [(build.ENGLISH, "1"), (build.GERMAN, "1")]
    languages = [body["associations"]["seoUrls"]["filter"][1]["value"] for body in shop.searches("product")]
    assert sorted(languages) == [build.ENGLISH, build.GERMAN]


def test_an_order_of_300_lines_is_read_in_pages_of_products(shop: Shop, access: Access) -> None:
    numbers = range(1, 301)
    body = order(1, *(build.line(number) for number in numbers), products=[build.product(number) for number in numbers])
    (record,) = fetch_records(access, shop.add(body))
    assert len(record.body["products"]) == 300
    assert [len(asked["ids"]) for asked in shop.searches("product")] == [100, 100, 100]


def test_deleted_products_are_not_asked_for(shop: Shop, access: Access) -> None:
    (record,) = fetch_records(access, shop.add(order(1, build.line(productId=None), products=[])))
    assert record.body["products"] == {}
    assert shop.searches("product") == []


def test_a_malformed_order_does_not_keep_the_others_from_being_read(shop: Shop, access: Access) -> None:
    broken, whole = order(1), order(2)
    broken["order"]["transactions"] = "none"
    records = by_id(fetch_records(access, shop.add(broken, whole)))
    assert records["order-1"].body["order"]["transactions"] == "none"
    assert facts("order", records["order-2"].body)


def test_every_recorded_order_is_mapped_as_the_client_hands_it_over(shop: Shop, access: Access) -> None:
    recorded.needed()
    bodies = list(recorded.records("6.6.7.1").values())
    records = by_id(fetch_records(access, shop.add(*bodies)))
    assert len(records) == len(bodies)
    for body in bodies:
        assert facts("order", records[body["order"]["id"]].body) == facts("order", body)


@pytest.mark.parametrize("answer", [{}, {"data": None}, {"data": {}}, {"data": [1]}, {"data": [{"id": None}]}])
def test_an_answer_without_records_is_asked_for_again(access: Access, answer: Json) -> None:
    with responses.RequestsMock() as http:
        http.post(f"{SHOP}/api/oauth/token", json={"access_token": "token", "expires_in": 600})
        http.post(f"{SHOP}/api/search/order", json=answer)
        with pytest.raises(Retry):
            fetch_records(access, [Ref("order", "1")])


@pytest.mark.parametrize(("status", "remedy"), [(500, Retry), (403, Pause), (400, Bury)])
def test_what_the_shop_refuses_is_raised_as_its_remedy(access: Access, status: int, remedy: type[Exception]) -> None:
    with responses.RequestsMock() as http:
        http.post(f"{SHOP}/api/oauth/token", json={"access_token": "token", "expires_in": 600})
        http.post(f"{SHOP}/api/search/order", status=status, json={"errors": []})
        with pytest.raises(remedy):
            fetch_records(access, [Ref("order", "1")])


@pytest.mark.parametrize(
    ("asked", "seconds"), [("120", 120.0), ("9" * 400, 86_400.0), ("-5", None), ("nan", None), ("soon", None)]
)
def test_however_long_a_shop_asks_to_wait_it_is_asked_again_within_a_day(
    access: Access, asked: str, seconds: float | None
) -> None:
    with responses.RequestsMock() as http:
        http.post(f"{SHOP}/api/oauth/token", json={"access_token": "token", "expires_in": 600})
        http.post(f"{SHOP}/api/search/order", status=429, headers={"Retry-After": asked}, json={"errors": []})
        with pytest.raises(Retry) as raised:
            fetch_records(access, [Ref("order", "1")])
    assert raised.value.after == seconds


@pytest.mark.parametrize("told", ["nan", "inf", "-1", "9" * 400])
def test_nonsense_in_the_seconds_of_a_throttled_answer_is_a_wait_that_ends(access: Access, told: str) -> None:
    error = {"code": "RATE", "meta": {"parameters": {"seconds": told}}}
    with responses.RequestsMock() as http:
        http.post(f"{SHOP}/api/oauth/token", status=429, json={"errors": [error]})
        with pytest.raises(Retry) as raised:
            fetch_records(access, [Ref("order", "1")])
    assert raised.value.after is None or 0 <= raised.value.after <= 86_400


def test_permissions_told_in_endless_nesting_are_a_pause_like_any_other(access: Access) -> None:
    error = {"code": "FRAMEWORK__MISSING_PRIVILEGE_ERROR", "detail": '{"missingPrivileges":' + "[" * 100_000}
    with responses.RequestsMock() as http:
        http.post(f"{SHOP}/api/oauth/token", json={"access_token": "token", "expires_in": 600})
        http.post(f"{SHOP}/api/search/order", status=403, json={"errors": [error]})
        with pytest.raises(Pause):
            fetch_records(access, [Ref("order", "1")])


ENTITIES = {
    "order": "order",
    "product": "product",
    "state-machine-history": "state_machine_history",
    "stateMachineState": "state_machine_state",
    "fromStateMachineState": "state_machine_state",
    "toStateMachineState": "state_machine_state",
    "currency": "currency",
    "language": "language",
    "locale": "locale",
    "salesChannel": "sales_channel",
    "boundSalesChannel": "sales_channel",
    "domains": "sales_channel_domain",
    "orderCustomer": "order_customer",
    "salutation": "salutation",
    "customer": "customer",
    "group": "customer_group",
    "billingAddress": "order_address",
    "shippingOrderAddress": "order_address",
    "country": "country",
    "countryState": "country_state",
    "lineItems": "order_line_item",
    "deliveries": "order_delivery",
    "shippingMethod": "shipping_method",
    "transactions": "order_transaction",
    "paymentMethod": "payment_method",
    "captures": "order_transaction_capture",
    "refunds": "order_transaction_capture_refund",
    "manufacturer": "product_manufacturer",
    "categories": "category",
    "media": "media",
    "seoUrls": "seo_url",
}
"""The entity behind each association; a cover is a picture of a line and a product_media of a product."""


def _associations(asked: Json) -> Iterator[tuple[str, Json]]:
    for name, inner in asked.get("associations", {}).items():
        yield name, inner
        yield from _associations(inner)


def test_every_association_that_is_asked_for_has_its_privilege_and_its_shape(shop: Shop, access: Access) -> None:
    fetch_records(access, shop.add(order(1)))
    entities = {ENTITIES[name] for name, _, _ in shop.asked} | {"product_media"}
    for _, body, _ in shop.asked:
        entities |= {ENTITIES[name] for name, _ in _associations(body) if name != "cover"}
    assert entities <= set(schemas.PRIVILEGES)
    assert entities <= criteria.SHAPES.keys()


def test_nothing_is_included_that_is_not_read(shop: Shop, access: Access) -> None:
    fetch_records(access, shop.add(order(1)))
    for _, body, _ in shop.asked:
        assert body["includes"]["order_line_item"] == [
            *("id", "quantity", "unitPrice", "totalPrice", "label", "type", "position"),
            *("parentId", "productId", "referencedId", "payload", "cover"),
        ]


def test_pages_stay_within_what_every_shop_allows(shop: Shop, access: Access) -> None:
    refs = shop.add(*(order(number) for number in range(120)))
    fetch_records(access, refs)
    assert {body["limit"] for body in shop.searches("order")} == {50, 20}
    assert all(body["limit"] <= 100 for _, body, _ in shop.asked)
