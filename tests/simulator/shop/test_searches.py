"""The Admin API's searches: asked again of the same records, they answer as the recorded shop did."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from companion.simulator.shop.apps.events import PLACED, STATE_ENTERED, criteria_of
from companion.simulator.shop.marks import SYSTEM_LANGUAGE
from companion.simulator.shop.records.aggregations import aggregated
from companion.simulator.shop.records.criteria import read
from companion.simulator.shop.records.database import Database
from companion.simulator.shop.records.encoder import Encoder
from companion.simulator.shop.records.entities import ENTITIES, references
from companion.simulator.shop.records.entity import fields
from companion.simulator.shop.records.reader import Reader
from companion.simulator.shop.records.refusals import Refused
from tests.simulator.shop.recorded import exchange, keep, webhook, without_ranking

GERMAN = "01a20195b6da71b7ba6d5322c3b6b093"
SHOP_URL = "http://127.0.0.1:8000"
SOURCES = (
    "state-machine-state.search",
    "language.search",
    "currency.search",
    "sales-channel.search",
    "category.search",
    "promotion.search",
    "product.search.with-associations",
    "customer.search.with-associations",
    "newsletter-recipient.search",
    "order.search.with-associations",
)
GERMAN_SOURCES = ("product.search.german", "order.search.one-by-id.german-header")
SEARCHES = (
    *SOURCES,
    *GERMAN_SOURCES,
    "promotion-individual-code.search",
    "product.search.with-associations.inheritance",
    "order.search.with-associations.inheritance",
    "order.search.one-by-id",
    "order.search.one-by-id.inheritance",
    "order.search.without-associations",
    "order.search.unknown-id",
    "order.search.empty-page",
    "order.search.limit-with-total-count",
    "order.search.limit-without-total-count",
    "order.search.changed-since.incl-transactions-and-deliveries",
    "newsletter-recipient.search.by-id",
    "newsletter-recipient.search.changed-since",
    "newsletter-recipient.search.deleted",
    "customer.search.changed-since",
)
UNCHANGED_SINCE = (
    "0064-state_enter.order.state.completed",
    "0097-state_enter.order_transaction.state.paid",
    "0185-checkout.order.placed",
    "0196-state_enter.order.state.cancelled",
)
"""Webhooks of orders whose records did not change between the webhook and the recording of the Admin API."""


@pytest.fixture(scope="module")
def records(recordings: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """The recorded shop's records in the demo shop's tables."""
    database = Database(tmp_path_factory.mktemp("recorded") / "shop.sqlite3", references())
    for name in SOURCES:
        keep(database, exchange(recordings, name)[1]["data"])
    for name in GERMAN_SOURCES:
        keep(database, exchange(recordings, name)[1]["data"], GERMAN)
    yield database
    database.close()


@pytest.fixture(scope="module")
def recordings(shared: Path) -> Path:
    return shared / "fixtures" / "shopware" / "6.6.7.1"


def answer(database: Database, request: dict[str, Any]) -> Any:
    headers = request["headers"]
    criteria = read(ENTITIES[request["path"].rsplit("/", 1)[1].replace("-", "_")], request["body"] or {})
    reader = Reader(database, headers.get("sw-language-id", SYSTEM_LANGUAGE), "sw-inheritance" in headers)
    found = reader.search(criteria)
    encoder = Encoder(SHOP_URL, reader.language, includes=criteria.includes)
    data = [encoder.root(record) for record in found.records]
    return {"total": found.total, "data": data, "aggregations": aggregated(database, criteria)}


@pytest.mark.parametrize("name", SEARCHES)
def test_a_recorded_search_is_answered_as_it_was_key_by_key(records: Database, recordings: Path, name: str) -> None:
    request, recorded = exchange(recordings, name)
    told = answer(records, request)
    assert told == without_ranking(recorded)
    assert str(told) == str(without_ranking(recorded)), "the keys have another order"


@pytest.mark.parametrize("name", UNCHANGED_SINCE)
def test_a_recorded_payload_is_made_again_of_the_same_records(records: Database, recordings: Path, name: str) -> None:
    kept = webhook(recordings, name)
    order = json.loads(kept["body_raw"])["data"]["payload"]["order"]
    tree = PLACED if name.endswith("placed") else STATE_ENTERED
    record = Reader(records).one("order", order["id"], criteria_of("order", tree).associations)
    assert str(Encoder(SHOP_URL, audience="webhook").root(record)) == str(order)


def test_ids_are_searched_in_the_order_of_the_sorting(records: Database, recordings: Path) -> None:
    request, recorded = exchange(recordings, "order.search-ids")
    total, ids = Reader(records).search_ids(read(ENTITIES["order"], request["body"]))
    assert {"total": total, "data": ids} == recorded


def test_what_changed_since_is_found_in_any_order(records: Database, recordings: Path) -> None:
    request, recorded = exchange(recordings, "order.search.changed-since")
    told = answer(records, request)
    assert sorted(one["orderNumber"] for one in told["data"]) == sorted(one["orderNumber"] for one in recorded["data"])


def test_terms_are_counted(records: Database, recordings: Path) -> None:
    request, recorded = exchange(recordings, "aggregation.newsletter-by-status")
    assert answer(records, request)["aggregations"] == recorded["aggregations"]


@pytest.mark.parametrize(
    ("name", "entity"),
    [
        ("error.unknown-association-500", "order"),
        ("error.unknown-filter-field-400", "order"),
        ("error.limit-too-high", "order"),
    ],
)
def test_what_is_wrong_is_refused_in_the_shops_words(
    records: Database, recordings: Path, name: str, entity: str
) -> None:
    request, recorded = exchange(recordings, name)
    with pytest.raises(Refused) as refused:
        Reader(records).search(read(ENTITIES[entity], request["body"]))
    assert refused.value.body == recorded


FILTERS: list[tuple[dict[str, Any], set[str]]] = [
    ({"type": "equals", "field": "orderNumber", "value": "10000"}, {"10000"}),
    ({"type": "equals", "field": "order.orderNumber", "value": "10000"}, {"10000"}),
    ({"type": "equalsAny", "field": "orderNumber", "value": "10000|10001"}, {"10000", "10001"}),
    ({"type": "equalsAny", "field": "orderNumber", "value": ["10003"]}, {"10003"}),
    ({"type": "contains", "field": "orderNumber", "value": "9000"}, {"MP-900001"}),
    ({"type": "prefix", "field": "orderNumber", "value": "MP"}, {"MP-900001"}),
    ({"type": "suffix", "field": "orderNumber", "value": "0007"}, {"10007"}),
    ({"type": "range", "field": "amountTotal", "parameters": {"gt": 99.74}}, {"10000"}),
    ({"type": "range", "field": "amountTotal", "parameters": {"gte": 99.74, "lte": 107.76}}, {"10009"}),
    ({"type": "equals", "field": "stateMachineState.technicalName", "value": "open"},
     {"10001", "10002", "10003", "10004", "10005", "10009"}),
    ({"type": "equals", "field": "transactions.stateMachineState.technicalName", "value": "refunded"}, {"10000"}),
    ({"type": "equals", "field": "lineItems.product.categories.name", "value": "Food"},
     {"10000", "10001", "10006", "10007"}),
    ({"type": "equals", "field": "addresses.country.iso", "value": "AT"}, {"10001"}),
    ({"type": "equals", "field": "orderCustomer.customerId", "value": None}, {"10002", "MP-900001"}),
    ({"type": "not", "operator": "or", "queries": [
        {"type": "range", "field": "amountTotal", "parameters": {"lt": 100}},
        {"type": "equals", "field": "orderNumber", "value": "x"}]}, {"10000"}),
    ({"type": "nor", "queries": [{"type": "range", "field": "amountTotal", "parameters": {"lt": 100}}]}, {"10000"}),
    ({"type": "and", "queries": [
        {"type": "prefix", "field": "orderNumber", "value": "1000"},
        {"type": "range", "field": "amountTotal", "parameters": {"lt": 25}}]}, {"10007"}),
    ({"type": "multi", "operator": "and", "queries": [
        {"type": "equals", "field": "customFields.bulk", "value": True}]}, {"10004", "10005"}),
    ({"type": "range", "field": "createdAt", "parameters": {"gte": "2026-11-22T05:12:28.787Z"}}, {"10009"}),
    ({"type": "range", "field": "createdAt", "parameters": {"gte": "2026-11-22 05:12:28.787"}}, {"10009"}),
    ({"type": "range", "field": "createdAt", "parameters": {"gt": "2026-11-22 05:12:28.787"}}, set()),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "numbers"), FILTERS, ids=[str(asked)[:60] for asked, _ in FILTERS])
def test_filters_are_evaluated_for_real(records: Database, asked: dict[str, Any], numbers: set[str]) -> None:
    found = Reader(records).search(read(ENTITIES["order"], {"filter": [asked]}))
    assert {record.document["orderNumber"] for record in found.records} == numbers


def test_sorting_goes_by_several_fields_and_through_associations(records: Database) -> None:
    sorting = [{"field": "lineItems.quantity", "order": "DESC"}, {"field": "orderNumber"}]
    found = Reader(records).search(read(ENTITIES["order"], {"sort": sorting, "limit": 4}))
    assert [record.document["orderNumber"] for record in found.records] == ["10001", "10000", "10009", "10002"]


def test_an_association_has_filters_sortings_and_a_limit_of_its_own(records: Database) -> None:
    wanted = {"filter": [{"type": "equals", "field": "type", "value": "product"}], "sort": "-unitPrice", "limit": 2}
    payload = {"filter": {"orderNumber": "10000"}, "associations": {"lineItems": wanted}}
    record = Reader(records).search(read(ENTITIES["order"], payload)).records[0]
    assert [line.document["unitPrice"] for line in record.related["lineItems"]] == [49.95, 24.9]


def test_ids_without_sorting_come_in_their_own_order(records: Database) -> None:
    _, ids = Reader(records).search_ids(read(ENTITIES["order"], {}))
    asked = [ids[3], ids[0], "f" * 32, ids[2]]
    _, found = Reader(records).search_ids(read(ENTITIES["order"], {"ids": asked}))
    assert found == [ids[3], ids[0], ids[2]]


@pytest.mark.parametrize("payload", [
    {"limit": 0}, {"page": -1}, {"limit": "many"},
    {"filter": [{"type": "equals", "field": "id", "value": ""}]},
    {"filter": [{"type": "equalsAny", "field": "id", "value": []}]},
    {"filter": [{"type": "near", "field": "id", "value": "x"}]},
    {"filter": [{"type": "equals", "value": "x"}]},
    {"filter": [{"type": "equals", "field": "customFields.a') OR 1", "value": "x"}]},
    {"sort": [{"field": "nothing"}]},
])  # fmt: skip
def test_a_criteria_that_makes_no_sense_is_refused(records: Database, payload: dict[str, Any]) -> None:
    with pytest.raises(Refused) as refused:
        Reader(records).search(read(ENTITIES["order"], payload))
    assert refused.value.status == 400


def test_a_token_that_is_no_field_is_refused() -> None:
    with pytest.raises(ValueError, match="is no field"):
        fields("name what!is.this")
