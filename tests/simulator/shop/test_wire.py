"""What the demo shop puts on the wire has the bytes, the signatures and the headers a real shop puts there."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from companion.simulator.shop.apps.courier import Signal
from companion.simulator.shop.protocol import php_json
from companion.simulator.shop.protocol.signature import proof, sign
from tests.simulator.shop.recorded import webhook

VERSIONS = ("6.6.7.1", "6.5.8.14")


@pytest.mark.parametrize("version", VERSIONS)
def test_every_recorded_webhook_is_encoded_to_the_bytes_it_came_in(shared: Path, version: str) -> None:
    bodies = [
        json.loads(path.read_text())["body_raw"]
        for path in sorted((shared / "fixtures" / "shopware" / version / "webhooks").glob("0*.json"))
    ]
    assert len(bodies) > 50
    assert [body for body in bodies if php_json.encode(json.loads(body)) != body.encode()] == []


def test_what_is_beyond_the_basic_plane_becomes_two_escapes() -> None:
    assert php_json.encode({"a/b": "😀 ü\n\x01"}) == rb'{"a\/b":"\ud83d\ude00 \u00fc\n\u0001"}'


@pytest.mark.parametrize("version", VERSIONS)
def test_every_recorded_webhook_is_signed_as_it_was(shared: Path, version: str) -> None:
    for path in sorted((shared / "fixtures" / "shopware" / version / "webhooks").glob("0*.json")):
        kept = json.loads(path.read_text())
        secret = kept.get("previous_secret") or kept["secret"]
        assert sign(kept["body_raw"].encode(), secret) == kept["headers"]["shopware-shop-signature"], path.name


def test_a_real_webhook_sent_by_the_demo_shop_has_the_same_body_and_headers(recordings: Path) -> None:
    kept = webhook(recordings, "0097-state_enter.order_transaction.state.paid")
    body = json.loads(kept["body_raw"])
    source = body["source"]
    signal = Signal(
        event=body["data"]["event"],
        event_id=source["eventId"],
        payload=body["data"]["payload"],
        url="http://127.0.0.1:9100/shopware/webhook",
        secret=kept["secret"],
        shop_id=source["shopId"],
        shop_url=source["url"],
        app_version=source["appVersion"],
    )
    sent = signal.body(datetime.fromtimestamp(body["timestamp"], UTC))
    assert sent == kept["body_raw"].encode()
    shown = list(kept["headers"].items())
    assert list(signal.headers(sent).items()) == shown[2:-1]


def test_the_signature_vectors_hold(shared: Path) -> None:
    vectors = json.loads((shared / "reference" / "shopware" / "signature-vectors.json").read_text())
    first, again = vectors["registration_first"], vectors["registration_again"]
    app, shop, rotated = vectors["appSecret"], vectors["shopSecret"], vectors["rotatedShopSecret"]
    assert sign(first["rawQuery"].encode(), app) == first["headers"]["shopware-app-signature"]
    assert sign(again["rawQuery"].encode(), shop) == again["headers"]["shopware-shop-signature"]
    told = proof(vectors["shopId"], vectors["shopUrl"], vectors["appName"], app)
    assert told == vectors["registration_proof"]["proof"]
    confirmed = vectors["confirmation_again"]
    assert sign(confirmed["body"].encode(), rotated) == confirmed["headers"]["shopware-shop-signature"]
    assert sign(confirmed["body"].encode(), shop) == confirmed["headers"]["shopware-shop-signature-previous"]
    for name in ("webhook", "webhook_escaped"):
        body = vectors[name]["body"]
        assert php_json.encode(json.loads(body)) == body.encode()
        assert sign(body.encode(), shop) == vectors[name]["headers"]["shopware-shop-signature"]
