"""Neto's records through the real client: the documented payloads, each quirk of them, and every reply's meaning."""

import json
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import responses

from companion.errors import Pause, RemoteError, Retry
from companion.klaviyo import payloads
from companion.platforms import neto
from companion.platforms.base import Record, Ref
from companion.platforms.neto import loose
from companion.platforms.neto.replies import Refused
from mappings.metrics import DEFAULTS
from mappings.model import Event
from tests.platforms.neto import NOW, URL, Json, access, error, events, ok, sample, shop, things

ORDER = Ref("order", "N10482")
EXPECTED_EXTRAS = {"Currency", "Tax", "Tax Inclusive", "Shipping Total", "Shipping Discount", "Product Discounts"}
MORE_EXTRAS = {"Shipping Option", "Tracking Numbers", "Tracking URLs"}


def read(name: str, ref: Ref = ORDER, now: datetime = NOW) -> Record:
    action = "GetCart" if ref.resource == "cart" else "GetOrder"
    with shop(now, **{action: sample(name), "GetItem": things}):
        (record,) = neto.fetch_records(access(now), [ref])
    return record


def changed(**changes: Any) -> Json:
    """The main example, with something else about it."""
    body: Json = sample("getorder_response_two_lines_coupon")
    body["Order"][0] |= changes
    return body


def read_one(body: Any, **answers: Any) -> list[Event]:
    with shop(GetOrder=body, **{"GetItem": things, **answers}):
        (record,) = neto.fetch_records(access(), [ORDER])
    return events(record)


def told(found: list[Event], metric: str) -> Event:
    (event,) = [event for event in found if event.metric == metric]
    return event


def expected(metric: str) -> list[Json]:
    return [event for event in sample("klaviyo_expected_events") if event["metric"] == metric]


def sent(event: Event) -> Json:
    body: Json = json.loads(payloads.single(payloads.profile_bytes(event), payloads.event_bytes(event)))
    attributes: Json = body["data"]["attributes"]
    return attributes


@pytest.mark.parametrize(
    ("metric", "name", "resource"),
    [
        ("Started Checkout", "getcart_response_inferred", "cart"),
        ("Placed Order", "getorder_response_two_lines_coupon", "order"),
        ("Ordered Product", "getorder_response_two_lines_coupon", "order"),
        ("Fulfilled Order", "getorder_response_dispatched", "order"),
        ("Cancelled Order", "getorder_response_cancelled", "order"),
    ],
)
def test_the_examples_become_exactly_the_expected_events(metric: str, name: str, resource: str) -> None:
    ref = Ref("cart", "88412") if resource == "cart" else ORDER
    found = [sent(event) for event in events(read(name, ref)) if event.metric == metric]
    wanted = expected(metric)
    assert len(found) == len(wanted)
    for event, example in zip(found, wanted, strict=True):
        extras = {key for key in event["properties"] if key not in example["properties"]}
        assert {key: event["properties"][key] for key in example["properties"]} == example["properties"]
        assert extras <= EXPECTED_EXTRAS | MORE_EXTRAS
        assert (event["value"], event["value_currency"]) == (example["value"], example["value_currency"])
        person = event["profile"]["data"]["attributes"]
        assert {key: person[key] for key in example["profile"]} == example["profile"]


@pytest.mark.parametrize(
    ("metric", "name", "unique_id", "time"),
    [
        ("Placed Order", "getorder_response_two_lines_coupon", "N10482", "2025-10-21T02:14:36+00:00"),
        ("Fulfilled Order", "getorder_response_dispatched", "N10482", "2025-10-22T00:30:52+00:00"),
        ("Cancelled Order", "getorder_response_cancelled", "N10482", "2025-10-21T03:02:10+00:00"),
    ],
)
def test_an_event_has_the_order_s_identity_and_the_fact_s_time(
    metric: str, name: str, unique_id: str, time: str
) -> None:
    event = told(events(read(name)), metric)
    assert (event.unique_id, event.at.isoformat()) == (unique_id, time)


def test_an_order_that_is_cancelled_unpaid_is_told_only_where_it_was_told_as_placed() -> None:
    found = events(read("getorder_response_cancelled"))
    assert [event.metric for event in found] == ["Cancelled Order"]
    assert found[0].follows == ("Placed Order", "N10482")


def test_all_awkward_shapes_at_once_are_read() -> None:
    record = read("getorder_response_quirk_shapes", Ref("order", "N10483"), NOW + timedelta(hours=3))
    assert events(record) == []  # nobody is known to have placed it
    record.body["order"]["Email"] = "Someone@Example-Store.com.au"
    found = events(record)
    placed, product = told(found, "Placed Order"), told(found, "Ordered Product")
    assert placed.value == Decimal("24.20")
    assert product.value == Decimal("22.00")
    assert placed.properties["Items"][0]["ProductName"] == 'Canvas Cap "Black" <L>'
    assert (placed.properties["Tax"], placed.properties["Tax Inclusive"]) == (Decimal("2.20"), False)
    assert placed.profile["email"] == "someone@example-store.com.au"
    assert "properties" not in placed.profile  # `noreg` is nobody's name


LINE = {"OrderLineID": "N10482-0", "SKU": "CAP-BLK", "ProductName": "Cap", "Quantity": "1", "UnitPrice": "5"}


@pytest.mark.parametrize("shape", [LINE, [LINE], {"OrderLine": LINE}, [{"OrderLine": [LINE]}], {"0": LINE, "1": ""}])
def test_a_collection_of_one_may_come_in_any_container(shape: Any) -> None:
    assert told(read_one(changed(OrderLine=shape)), "Placed Order").properties["ItemNames"] == ("Cap",)


@pytest.mark.parametrize("nothing", ["", [], [""], {}, None])
def test_an_empty_collection_may_come_as_anything_that_is_empty(nothing: Any) -> None:
    found = read_one(changed(OrderLine=nothing, OrderPayment=nothing))
    assert [event.metric for event in found] == ["Placed Order"]
    assert told(found, "Placed Order").properties["Item Count"] == 0


@pytest.mark.parametrize("zero", ["0000-00-00 00:00:00", "0000-00-00", "", None])
def test_a_zero_date_is_none(zero: Any) -> None:
    body = changed(OrderStatus="Dispatched", DateCompletedUTC=zero, DatePaid=zero)
    assert told(read_one(body), "Fulfilled Order").at.isoformat() == "2025-10-21T02:14:58+00:00"
    both = changed(OrderStatus="Dispatched", DateCompletedUTC=zero, DateUpdated=zero)
    assert told(read_one(both), "Fulfilled Order").at.isoformat() == "2025-10-21T02:14:36+00:00"


def test_numbers_may_come_as_numbers_and_keep_their_digits() -> None:
    body = changed(GrandTotal=108.81, CouponDiscount=10.99, TaxInclusive=True)
    placed = told(read_one(body), "Placed Order")
    assert (placed.value, placed.properties["Total Discounts"]) == (Decimal("108.81"), Decimal("10.99"))


def test_an_outer_wrapper_is_taken_off() -> None:
    assert read_one({"GetOrderResponse": changed()})[0].metric == "Placed Order"


def test_a_single_order_may_be_an_object() -> None:
    body = changed()
    body["Order"] = body["Order"][0]
    assert read_one(body)[0].metric == "Placed Order"


def test_an_order_shown_twice_is_one() -> None:
    body = changed()
    with shop(GetOrder={**body, "Order": body["Order"] * 3}, GetItem=things):
        assert len(neto.fetch_records(access(), [ORDER, ORDER])) == 1


def test_an_order_that_is_gone_is_left_out_and_one_that_was_not_asked_for_too() -> None:
    with shop(GetOrder=changed(OrderID="N99999")):
        assert neto.fetch_records(access(), [ORDER]) == []


def test_a_missing_item_holds_no_order_back() -> None:
    placed = told(read_one(changed(), GetItem=sample("warning_response")), "Placed Order")
    assert placed.properties["Items"][0] == {
        "SKU": "TSH-NAVY-M",
        "ProductName": "Organic Cotton T-Shirt [Colour: Navy] [Size: M]",
        "Quantity": 2,
        "ItemPrice": Decimal("39.95"),
    }
    assert "Categories" not in placed.properties


def test_items_are_asked_for_in_one_batch_with_their_parents_in_another_and_then_remembered() -> None:
    asking = access()
    with shop(GetOrder=changed(), GetItem=things) as asked:
        neto.fetch_records(asking, [ORDER])
        neto.fetch_records(asking, [ORDER])
    assert [one["SKU"] for one in asked.asked_of("GetItem")] == [["CAP-BLK", "TSH-NAVY-M"], ["TSH"]]


def test_freight_and_gift_wrap_are_no_products() -> None:
    def utility(filters: Json) -> Json:
        return ok("Item", *({**item, "IsNetoUtility": "True"} for item in things(filters)["Item"]))

    found = read_one(changed(), GetItem=utility)
    assert [event.metric for event in found] == ["Placed Order"]


def test_returns_are_read_with_their_order_and_told_with_amount_and_lines() -> None:
    found = read_one(sample("getorder_response_dispatched"), GetRma=sample("getrma_response"))
    refund = told(found, "Refunded Order")
    assert (refund.value, refund.unique_id) == (Decimal("26.95"), "N10482:refund:91")
    assert refund.at.isoformat() == "2025-11-02T03:15:00+00:00"
    said = refund.properties
    assert (said["Value"], said["Refunded Amount"]) == (Decimal("108.81"), Decimal("26.95"))
    assert (said["ItemNames"], said["Categories"], said["Item Count"]) == (("Canvas Cap Black",), ("Caps",), 1)
    assert (said["Refund Type"], said["Reason"]) == ("partial", "Change of mind")
    assert said["Items"][0]["SKU"] == "CAP-BLK"


def test_a_key_that_may_not_see_returns_still_reads_orders() -> None:
    found = read_one(changed(), GetRma=error("You do not have permission to use GetRma"))
    assert told(found, "Placed Order")


def test_a_cart_of_somebody_who_is_logged_in_is_theirs() -> None:
    cart = sample("getcart_response_inferred")
    cart["Cart"][0] |= {"CustomerEmail": "", "CustomerUsername": "alex_sample"}
    with shop(GetCart=cart, GetItem=things, GetCustomer=sample("getcustomer_response")):
        (record,) = neto.fetch_records(access(), [Ref("cart", "88412")])
    (started,) = events(record)
    assert started.profile["email"] == "alex.sample@example.com"


def test_carts_and_returns_are_found_where_lists_of_numbers_are_not_understood() -> None:
    def one_cart(filters: Json) -> Json:
        first = filters["CartID"][0] if isinstance(filters["CartID"], list) else filters["CartID"]
        return ok("Cart", {"CartID": first, "CustomerEmail": "kim@shop-customer.net"})

    with shop(GetCart=one_cart):
        found = neto.fetch_records(access(), [Ref("cart", "1"), Ref("cart", "2"), Ref("cart", "3")])
    assert [record.id for record in found] == ["1", "2", "3"]

    def any_return(filters: Json) -> Json:
        asked = filters["OrderID"]
        of = "another" if isinstance(asked, list) else asked
        return ok("Rma", {"RmaID": f"return of {of}", "OrderID": of})

    two = ok("Order", {"OrderID": "N1"}, {"OrderID": "N2"})
    with shop(GetOrder=two, GetRma=any_return):
        orders = neto.fetch_records(access(), [Ref("order", "N1"), Ref("order", "N2")])
    assert [[one["OrderID"] for one in record.body["rmas"]] for record in orders] == [["N1"], ["N2"]]


def test_the_request_is_as_documented_and_never_marks_orders_as_exported() -> None:
    with shop(GetOrder=changed(), GetItem=things) as asked:
        neto.fetch_records(access(), [ORDER])
    (filters,) = asked.asked_of("GetOrder")
    assert (filters["OrderID"], filters["Page"], filters["Limit"]) == (["N10482"], 0, 100)
    assert "UpdateResults" not in json.dumps(asked.asked)
    assert not {"ClientIPAddress", "InternalOrderNotes", "OrderLine.CostPrice"} & set(filters["OutputSelector"])
    assert asked.headers[0]["Accept"] == asked.headers[0]["Content-Type"] == "application/json"
    assert "NETOAPI_USERNAME" not in asked.headers[0]


def test_an_output_that_the_shop_does_not_know_is_asked_for_no_more() -> None:
    def picky(filters: Json) -> Json:
        unknown = "IsNetoUtility" in filters["OutputSelector"]
        return error("Invalid OutputSelector: IsNetoUtility") if unknown else things(filters)

    asking = access()
    with shop(GetOrder=changed(), GetItem=picky) as asked:
        neto.fetch_records(asking, [ORDER])
    assert ["IsNetoUtility" in one["OutputSelector"] for one in asked.asked_of("GetItem")] == [True, False, False]


REPLIES: list[tuple[Any, type[RemoteError], str]] = [
    ((500, "<html>"), Retry, "status 500"),
    ((503, ""), Retry, "status 503"),
    ((200, "<html>Down for maintenance</html>"), Retry, "maintenance"),
    ((200, ""), Retry, "maintenance"),
    ((200, "{}"), Retry, "not Neto's API"),
    ((200, "[]"), Retry, "maintenance"),
    ((429, ""), Retry, "slow down"),
    ((401, ""), Pause, "API key"),
    ((403, ""), Pause, "API key"),
    ((404, ""), Pause, "no Neto API"),
    ((302, ""), Pause, "redirects"),
    (sample("error_response"), Retry, "JSON Error"),
    (sample("error_response_multiple"), Retry, "First sample error / Second sample error"),
    (error("The API key is not valid"), Pause, "The API key is not valid"),
    (error("User lacks permission"), Pause, "User lacks permission"),
    ({"Ack": "Error"}, Retry, "without a reason"),
]


@pytest.mark.parametrize(("reply", "remedy", "said"), REPLIES, ids=[str(number) for number in range(len(REPLIES))])
def test_every_reply_is_a_value_or_a_remedy(reply: Any, remedy: type[RemoteError], said: str) -> None:
    with shop(GetOrder=reply), pytest.raises(remedy, match=said) as problem:
        neto.fetch_records(access(), [ORDER])
    assert "few rights" not in str(problem.value)


@pytest.mark.parametrize(
    ("given", "after"),
    [
        ("7", 7.0),
        ("9" * 400, 86_400.0),
        ("Tue, 21 Oct 2025 02:21:11 GMT", 60.0),
        ("Tue, 21 Oct 2025 01:00:00 GMT", 0.0),
        ("soon", None),
        ("", None),
    ],
)
def test_a_shop_that_asks_for_patience_is_given_it(given: str, after: float | None) -> None:
    with responses.RequestsMock() as http:
        http.post(URL, status=429, headers={"Retry-After": given})
        with pytest.raises(Retry) as problem:
            neto.fetch_records(access(), [ORDER])
    assert problem.value.after == after


SHAPES: list[Any] = [
    {"Error": {"Message": "no permission", "SeverityCode": "Error"}},
    {"Error": [{"Message": "no permission"}, {"Message": "other"}]},
    [{"Error": {"Message": "no permission"}}],
    [{"Error": [{"Message": "no permission"}]}],
]


@pytest.mark.parametrize("shape", SHAPES)
def test_messages_are_found_in_each_of_their_shapes(shape: Any) -> None:
    with shop(GetOrder={"Ack": "Error", "Messages": shape}), pytest.raises(Refused, match="no permission"):
        neto.fetch_records(access(), [ORDER])


def test_a_warning_brings_its_data() -> None:
    found = read_one({**changed(), "Ack": "Warning", "Messages": [{"Warning": {"Message": "Some text"}}]})
    assert told(found, "Placed Order")


def test_what_is_no_record_is_left_out_and_what_is_no_text_too() -> None:
    strange = [{"OrderID": ""}, {"OrderID": {"a": 1}}, {"OrderID": ["N1"]}, 5, "text", None, [[]]]
    assert loose.members(strange, "Order") == []
    assert loose.members({"SKU": "A", "ParentSKU": {"x": 1}, "Brand": ["y"]}, "Item") == [{"SKU": "A"}]


def test_what_nests_without_end_is_not_followed() -> None:
    deep: Any = {"SKU": "A"}
    for _ in range(50):
        deep = {"x": [deep]}
    assert loose.members(deep, "OrderLine") == []
    assert loose.tidy({"a": deep, "b": "kept", "BillingAddress": deep}) == {"b": "kept", "BillingAddress": {}}


def test_a_shop_that_does_not_tell_its_currency_needs_the_store_s_own() -> None:
    refused = error("no permission")
    with shop(GetOrder=changed(), GetItem=things, GetCurrencySettings=refused):
        with pytest.raises(Pause, match="currency"):
            neto.fetch_records(access(), [ORDER])
        (record,) = neto.fetch_records(access(currency="NZD"), [ORDER])
    assert events(record)[0].currency == "NZD"


@pytest.mark.parametrize(
    ("settings", "time"),
    [
        ({}, "2025-10-20T15:14:36+00:00"),
        ({"time_zone": "Australia/Sydney"}, "2025-10-20T15:14:36+00:00"),
        ({"shop_times": "utc"}, "2025-10-21T02:14:36+00:00"),
        ({"shop_times": "local", "time_zone": "Australia/Brisbane"}, "2025-10-20T16:14:36+00:00"),
    ],
)
def test_local_times_are_found_out_by_the_shop_s_clock_or_set(settings: Json, time: str) -> None:
    clock = {**ok("CurrencySettings", {"DEFAULTCURRENCY": "AUD"}), "CurrentTime": "2025-10-21 02:20:11"}
    now = NOW - timedelta(hours=11)  # which is what our clock says
    with shop(GetOrder=changed(), GetItem=things, GetCurrencySettings=clock):
        (record,) = neto.fetch_records(access(now, **settings), [ORDER])
    assert told(events(record), "Placed Order").at.isoformat() == time


def test_neto_tells_these_metrics_and_no_others() -> None:
    whole = read_one(sample("getorder_response_dispatched"), GetRma=sample("getrma_response"))
    assert {event.metric for event in whole} < set(DEFAULTS)
