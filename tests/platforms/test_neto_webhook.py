"""Neto's order notification: a hint, and a door that lets nothing else in. Over the whole web application."""

import json
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient

from companion import connection
from companion.bootstrap import Services
from companion.errors import InvalidSignature, MalformedWebhook
from companion.models import Inbox, Store
from companion.platforms import neto
from companion.platforms.base import Delivery, Ref
from mappings.errors import IgnoredTopic
from tests.platforms.neto import NOW, sample

XML = "<Event><EventID>7</EventID><EventType>Order</EventType><Order><OrderID>N1</OrderID>{}</Order></Event>"


def delivery(body: str | bytes, token: str = "t0ken", **headers: str) -> Delivery:
    raw = body.encode() if isinstance(body, str) else body
    return Delivery(headers, raw, {"store": "www.example-store.com.au", "token": token})


def test_the_documented_notification_names_its_order() -> None:
    body = sample("order_notification")["body"]
    envelope = neto.read(delivery(body))
    assert (envelope.shop_id, envelope.topic, envelope.sent_at) == (
        *("www.example-store.com.au", "order.Dispatched"),
        None,
    )
    assert neto.refs(envelope.topic, body.encode()) == (Ref("order", "N10482"),)


@pytest.mark.parametrize(
    "body",
    [
        XML.format(""),
        "\ufeff" + XML.format("<OrderStatus>New</OrderStatus>"),
        '<?xml version="1.0"?>\n' + XML.format("<OrderStatus a='b'>New</OrderStatus>"),
        json.dumps({"Event": {"EventType": "Order", "Order": {"OrderID": "N1", "OrderStatus": "New"}}}),
    ],
)
def test_it_may_come_without_a_declaration_with_a_mark_or_as_json(body: str) -> None:
    envelope = neto.read(delivery(body))
    assert neto.refs(envelope.topic, body.encode()) == (Ref("order", "N1"),)


HOSTILE: dict[str, str | bytes] = {
    "entities": '<!DOCTYPE a [<!ENTITY x "y"><!ENTITY z "&x;&x;&x;">]>' + XML.format("&z;"),
    "a file": '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + XML.format("&x;"),
    "a document type": "<!DOCTYPE Event>" + XML.format(""),
    "an entity of nobody's": XML.format("&x;"),
    "an open end": "<Event><Order>",
    "depth": "<a>" * 10_000,
    "size": XML.format("x" * 20_000),
    "nothing": "",
    "noise": b"\xff\xfe\x00<",
    "another encoding": b"<?xml version='1.0' encoding='no-such'?><Event/>",
    "text": "hello",
    "a list": "[1]",
    "half of it": '{"Event": ',
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_documents_are_refused_unexpanded(body: str | bytes) -> None:
    with pytest.raises(MalformedWebhook):
        neto.read(delivery(body))


@pytest.mark.parametrize("order_id", ["", "../../x", "a b", "x" * 33, "N1;drop"])
def test_an_order_id_that_is_none_is_refused(order_id: str) -> None:
    with pytest.raises(MalformedWebhook):
        neto.refs("order.New", XML.replace("N1", order_id).format("").encode())


def test_other_events_are_ignored() -> None:
    body = XML.replace("<EventType>Order", "<EventType>Stock").format("")
    with pytest.raises(IgnoredTopic):
        neto.refs(neto.read(delivery(body)).topic, body.encode())


def test_the_token_has_to_be_right_and_the_header_where_both_sides_have_one() -> None:
    credentials = {"token": "t0ken", "verify_token": ""}
    assert neto.verify(delivery("", netoapi_key="anything"), credentials, NOW)
    guarded = {**credentials, "verify_token": "secret"}
    assert neto.verify(delivery(""), guarded, NOW)
    assert neto.verify(Delivery({"netoapi-key": "secret"}, b"", {"token": "t0ken"}), guarded, NOW)
    wrong: list[tuple[Delivery, dict[str, Any]]] = [
        (delivery("", "t0keN"), credentials),
        (delivery("", ""), {"token": ""}),
        (delivery("", netoapi_key="other"), guarded),
    ]
    for one, keys in wrong:
        with pytest.raises(InvalidSignature):
            neto.verify(one, keys, NOW)


@pytest.fixture
def neto_store(services: Services) -> Store:
    return connection.connect(services, "neto", "https://www.example-store.com.au/", {"api_key": "key"})


def post(client: FlaskClient, url: str, body: str) -> int:
    return client.post(urlsplit(url).path, data=body.encode()).status_code


def test_the_door_answers_200_and_keeps_a_hint_once(services: Services, client: FlaskClient, neto_store: Store) -> None:
    url = connection.webhook_url(services, neto_store)
    body = XML.format("<OrderStatus>New</OrderStatus>")
    assert [post(client, url, body), post(client, url, body)] == [200, 200]
    with services.database.read() as session:
        (kept,) = session.query(Inbox).all()
        assert (kept.topic, kept.store_id) == ("order.New", neto_store.id)


def test_the_door_refuses_what_is_not_the_store_s(
    services: Services, client: FlaskClient, neto_store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    url = connection.webhook_url(services, neto_store)
    body = XML.format("")
    token = url.rpartition("/")[2]
    assert post(client, url[:-1] + ("A" if url[-1] != "A" else "B"), body) == 401
    assert post(client, url.replace("www.example", "www.other"), body) == 404
    assert post(client, url, "<!DOCTYPE Event>" + body) == 400
    assert token[:20] not in caplog.text


def test_the_store_begins_with_the_platform_s_settings_and_its_key_can_be_replaced(
    services: Services, neto_store: Store
) -> None:
    assert neto_store.settings == neto.defaults
    before = services.vault.open_json(neto_store.credentials)
    connection.replace_keys(services, neto_store.key, {"api_key": "another"})
    with services.database.read() as session:
        after = services.vault.open_json(session.get_one(Store, neto_store.id).credentials)
    assert (after["token"], after["api_key"]) == (before["token"], "another")


@pytest.mark.parametrize(
    "address", ["", "a b", "shop", "ftp://x.au", "http://x.au", "https://", "https://k@x.au", "https://x.au:99999"]
)
def test_an_address_that_is_none_is_refused_in_words(services: Services, address: str) -> None:
    with pytest.raises(connection.InvalidShop, match="write the shop"):
        connection.connect(services, "neto", address, {"api_key": "key"})


def test_a_key_that_is_missing_and_a_shop_that_is_known_are_refused(services: Services, neto_store: Store) -> None:
    with pytest.raises(connection.InvalidShop, match="API key: is missing"):
        connection.connect(services, "neto", "https://other.com.au", {})
    with pytest.raises(connection.InvalidShop, match=neto_store.key):
        connection.connect(services, "neto", "www.example-store.com.au", {"api_key": "key"})
