"""A shop as the service meets it: it registers, confirms and signs by itself, with nothing of ours in between."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from types import MappingProxyType
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from companion import shopware_app
from companion.bootstrap import Services
from companion.models import Inbox, Store
from companion.platforms.shopware.credentials import Shop as Kept
from companion.platforms.shopware.credentials import opened
from companion.shopware_app import ShopwareApp
from tests.fakes import Clock

Json = Any


def sign(message: bytes, secret: str) -> str:
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()


def php_json(value: Json) -> bytes:
    """JSON the way a shop writes it: compact, `/` escaped, nothing but ASCII."""
    return json.dumps(value, separators=(",", ":")).replace("/", "\\/").encode()


def envelope(shop_id: str, topic: str, payload: Json, event_id: str, timestamp: float) -> bytes:
    source = {"url": "https://shop.shop-owner.net", "eventId": event_id, "shopId": shop_id, "appVersion": "1.0.0"}
    return php_json({"data": {"payload": payload, "event": topic}, "source": source, "timestamp": int(timestamp)})


def order(number: int) -> Json:
    """The payload of a webhook about an order, as far as it is of any use."""
    return {"order": {"id": f"{number:032x}"}}


def an_app(services: Services, merchant: str = "a merchant") -> ShopwareApp:
    with services.database.write() as session:
        return shopware_app.ensure_app(session, services.vault, merchant, "CompanionForKlaviyo", services.now())


@dataclass
class Shop:
    """One Shopware with the app of one merchant. `secret` is the one it holds, "" before it has registered."""

    client: FlaskClient
    clock: Clock
    app: ShopwareApp
    id: str = "3gnV137pFAuEqLj6"
    url: str = "https://shop.shop-owner.net"
    secret: str = ""
    numbers: "count[int]" = field(default_factory=lambda: count(1))

    def register(
        self, headers: Mapping[str, str] = MappingProxyType({}), *, proven: bool = False, query: str = ""
    ) -> TestResponse:
        """Ask for a secret; `proven`: sign with the one we hold, too, as cores from 2025 on do."""
        query = query or f"shop-id={self.id}&shop-url={self.url}&timestamp={int(self.clock().timestamp())}"
        signed = {"shopware-app-signature": sign(query.encode(), self.app.secret)}
        if proven:
            signed["shopware-shop-signature"] = sign(query.encode(), self.secret)
        return self.client.get("/shopware/register", query_string=query, headers={**signed, **headers})

    def confirmation(self, key: str = "SWIAONE") -> bytes:
        given = {"apiKey": key, "secretKey": f"{key}-secret", "timestamp": str(int(self.clock().timestamp()))}
        return php_json({**given, "shopUrl": self.url, "shopId": self.id})

    def confirm(self, secret: str, *, previous: str = "", key: str = "SWIAONE") -> TestResponse:
        body = self.confirmation(key)
        headers = {"shopware-shop-signature": sign(body, secret)}
        if previous:
            headers["shopware-shop-signature-previous"] = sign(body, previous)
        return self.client.post("/shopware/confirm", data=body, headers=headers)

    def install(self, *, key: str = "SWIAONE") -> None:
        """Register and confirm, as shops up to 6.6 do; from then on the new secret signs."""
        answer = self.register()
        assert answer.status_code == 200, answer.text
        self.secret = answer.get_json()["secret"]
        assert self.confirm(self.secret, key=key).status_code == 204

    def activate(self) -> None:
        """Install the app and switch it on."""
        self.install()
        assert self.send("app.installed", {"appVersion": "1.0.0"}) == 202
        assert self.send("app.activated", []) == 202

    def rotate(self) -> TestResponse:
        """Register again with both signatures; return the answer to the confirmation."""
        secret = self.register(proven=True).get_json()["secret"]
        answer = self.confirm(secret, previous=self.secret, key="SWIATWO")
        self.secret = secret
        return answer

    def send(self, topic: str, payload: Json = None, *, secret: str = "", event_id: str = "") -> int:
        """Send a webhook; return the status it was answered with."""
        event_id = event_id or f"{next(self.numbers):032x}"
        body = envelope(self.id, topic, payload, event_id, self.clock().timestamp())
        headers = {"shopware-shop-signature": sign(body, secret or self.secret)}
        return self.client.post("/shopware/webhook", data=body, headers=headers).status_code

    def placed(self, number: int = 1, *, secret: str = "") -> int:
        return self.send("checkout.order.placed", order(number), secret=secret)


def stores(services: Services) -> list[Store]:
    with services.database.read() as session:
        return session.query(Store).order_by(Store.id).all()


def the_store(services: Services) -> Store:
    (store,) = stores(services)
    return store


def kept(services: Services, store: Store | None = None) -> Kept:
    """What is kept, sealed, of a shop."""
    return opened(services.vault.open_json((store or the_store(services)).credentials))


def webhooks(services: Services) -> list[tuple[str, str]]:
    """(topic, state or outcome) of all that was stored, in order."""
    with services.database.read() as session:
        rows = session.query(Inbox).order_by(Inbox.id).all()
    return [(row.topic, row.outcome or row.state) for row in rows]
