"""What the door takes and what it turns away: each refusal cheap, by field, and with nothing stored."""

import hashlib
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from companion.bootstrap import Services
from companion.models import Inbox
from tests.fakes import Clock
from tests.webhooks.shop import Shop, envelope, order, php_json, sign, webhooks

DEEP = b'{"a":' * 100_000 + b"1" + b"}" * 100_000


@pytest.fixture
def active(storefront: Shop) -> Shop:
    storefront.activate()
    return storefront


def post(shop: Shop, body: bytes, signature: str | None = None) -> Any:
    headers = {"shopware-shop-signature": sign(body, shop.secret) if signature is None else signature}
    return shop.client.post("/shopware/webhook", data=body, headers=headers)


def placed(shop: Shop, timestamp: float | None = None) -> bytes:
    at = shop.clock().timestamp() if timestamp is None else timestamp
    return envelope(shop.id, "checkout.order.placed", order(1), "an event", at)


def test_a_webhook_is_kept_as_the_bytes_that_came(services: Services, active: Shop) -> None:
    body = placed(active)
    assert post(active, body).status_code == 202
    with services.database.read() as session:
        row = session.query(Inbox).order_by(Inbox.id.desc()).first()
    assert row is not None
    assert (row.body, row.webhook_id, row.topic) == (body, "an event", "checkout.order.placed")


def test_every_single_altered_byte_is_refused(services: Services, active: Shop) -> None:
    body = placed(active)
    signature = sign(body, active.secret)
    for place in range(len(body)):
        altered = body[:place] + bytes([body[place] ^ 1]) + body[place + 1 :]
        assert post(active, altered, signature).status_code in {400, 401, 404}, altered
    assert len(webhooks(services)) == 2


def test_a_value_altered_under_the_old_signature_is_refused_as_not_genuine(active: Shop) -> None:
    body = placed(active)
    assert post(active, body.replace(b"0001", b"0002"), sign(body, active.secret)).status_code == 401


@pytest.mark.parametrize("signature", ["", "0" * 64, "é" * 64, "x" * 10_000])
def test_a_signature_that_is_none_is_refused(services: Services, active: Shop, signature: str) -> None:
    assert post(active, placed(active), signature).status_code == 401
    assert len(webhooks(services)) == 2


def test_a_signature_in_capitals_or_by_the_apps_secret_is_none(active: Shop) -> None:
    body = placed(active)
    assert post(active, body, sign(body, active.secret).upper()).status_code == 401
    assert post(active, body, sign(body, active.app.secret)).status_code == 401


def test_a_shop_that_nobody_knows_is_refused_with_what_to_do(client: FlaskClient, active: Shop, clock: Clock) -> None:
    answer = post(
        Shop(client, clock, active.app, id="unknown", secret=active.secret), placed(active).replace(b"3gnV", b"none")
    )
    assert answer.status_code == 404
    assert answer.get_json()["error"]["fix"].startswith("Install the app")


@pytest.mark.parametrize(("off_s", "status"), [(-3600, 202), (3600, 202), (-3601, 401), (3601, 401), (-(10**9), 401)])
def test_a_webhook_is_believed_for_an_hour_by_its_own_time(active: Shop, off_s: int, status: int) -> None:
    at = (active.clock() + timedelta(seconds=off_s)).timestamp()
    assert post(active, placed(active, at)).status_code == status


def test_a_webhook_that_does_not_say_when_it_was_sent_is_taken(active: Shop) -> None:
    body = php_json({"data": {"event": "checkout.order.placed", "payload": order(1)}, "source": {"shopId": active.id}})
    assert post(active, body).status_code == 202


def test_a_webhook_without_an_id_of_its_own_is_known_by_its_bytes(services: Services, active: Shop) -> None:
    for event_id in ("", "x" * 65, "\u0000", "ü"):
        body = envelope(active.id, "checkout.order.placed", order(1), event_id, active.clock().timestamp())
        assert post(active, body).status_code == post(active, body).status_code == 202
        with services.database.read() as session:
            row = session.query(Inbox).order_by(Inbox.id.desc()).first()
        assert row is not None
        assert row.webhook_id == hashlib.sha256(body).hexdigest()
    assert len(webhooks(services)) == 2 + 4


def test_a_topic_that_nobody_knows_is_taken_and_a_redelivery_harmless(services: Services, active: Shop) -> None:
    for _ in range(3):
        assert active.send("cart.abandoned", {"id": 1}, event_id="the same") == 202
    assert webhooks(services)[2:] == [("cart.abandoned", "due")]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"", "$"),
        (b"null", "$"),
        (b"[]", "$"),
        (b'{"data":', "$"),
        (b"\xef\xbb\xbf{}", "$"),
        (b"{}\x00", "$"),
        (b'{"source":{"shopId":"A"},"data":{"event":"a","payload":"\xff"}}', "$"),
        ('{"data":1}'.encode("utf-16"), "$"),
        (DEEP, "$"),
        (b"[" * 1_000_000, "$"),
        (b'{"data":{"event":"a","payload":' + DEEP + b'},"source":{"shopId":"A"}}', "$"),
        (b'{"data":{"event":"a"},"source":{}}', "$.source"),
        (b'{"data":{"event":1},"source":{"shopId":"A"}}', "$.data.event"),
        (b'{"data":{"event":"a\\u0000"},"source":{"shopId":"A"}}', "$.data.event"),
        (b'{"data":{"event":"a\\n"},"source":{"shopId":"A"}}', "$.data.event"),
        (b'{"data":{"event":"' + b"a" * 121 + b'"},"source":{"shopId":"A"}}', "$.data.event"),
        (b'{"data":{"event":"a"},"source":{"shopId":"A\\u0000"}}', "$.source.shopId"),
        (b'{"data":{"event":"a"},"source":{"shopId":["A"]}}', "$.source.shopId"),
        (b'{"data":{"event":"a"},"source":{"shopId":"A"},"timestamp":"soon"}', "$.timestamp"),
        (b'{"data":{"event":"a"},"source":{"shopId":"A"},"timestamp":"nan"}', "$.timestamp"),
        (b'{"data":{"event":"a"},"source":{"shopId":"A"},"timestamp":1e300}', "$.timestamp"),
        (b'{"data":{"event":"a"},"source":{"shopId":"A"},"timestamp":' + b"9" * 300 + b"}", "$.timestamp"),
        (b'{"data":{"event":"a"},"source":{"shopId":"A"},"timestamp":true}', "$.timestamp"),
    ],
)
def test_hostile_or_malformed_bodies_are_refused_by_field(
    services: Services, client: FlaskClient, body: bytes, field: str
) -> None:
    answer = client.post("/shopware/webhook", data=body, headers={"shopware-shop-signature": "0" * 64})
    assert answer.status_code == 400
    told = answer.get_json()["error"]
    assert told["field"].startswith(field)
    assert told["message"]
    assert told["fix"]
    assert webhooks(services) == []


def test_a_name_that_comes_twice_is_read_once_so_nobody_speaks_in_anothers_name(
    services: Services, client: FlaskClient, active: Shop, clock: Clock, new_store: Any
) -> None:
    """The same of the two decides whose secret has to sign and whose webhook it is."""
    other = new_store(shop_id="another", secret="o" * 64)
    body = placed(active).replace(b'"shopId":', b'"shopId":"another","shopId":')
    assert post(active, body, sign(body, "o" * 64)).status_code == 401
    assert post(active, body).status_code == 202
    with services.database.read() as session:
        assert session.query(Inbox).filter(Inbox.store_id == other.id).count() == 0


def test_a_body_over_the_limit_is_refused_and_one_at_the_limit_taken(services: Services, active: Shop) -> None:
    limit = services.settings.webhook_max_bytes
    body = placed(active)
    full = body[:-1] + b" " * (limit - len(body)) + b"}"
    assert post(active, full).status_code == 202
    answer = post(active, full + b" ")
    assert answer.status_code == 413
    assert "COMPANION_WEBHOOK_MAX_BYTES" in answer.get_json()["error"]["fix"]
