"""All that two real shops sent, byte for byte with their own signatures, through the door and on to Klaviyo."""

import io
import logging
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import responses
from flask.testing import FlaskClient
from sqlalchemy import select

from companion import delivery, logs, resolve
from companion.bootstrap import Services
from companion.models import App, Inbox
from companion.webhooks import registration
from tests.fakes import Clock, FakeKlaviyo
from tests.mappings.recorded import VERSIONS
from tests.webhooks import recorded
from tests.webhooks.shop import stores

Json = dict[str, Any]
Told = tuple[str, str, float | None]
"""(order number, metric, value)."""

INSTALLED, MOVED = 2, 208
"""The confirmation of the first installation; the first webhook of the shop at its new address, which is held."""

BOTH: list[Told] = [
    ("10000", "Placed Order", 107.77),
    ("10000", "Ordered Product", 49.8),
    ("10000", "Ordered Product", 49.95),
    ("10000", "Ordered Product", 19.99),
    ("10000", "Fulfilled Order", 107.77),
    ("10000", "Refunded Order", None),  # in part; the shop kept no amount
    ("10000", "Refunded Order", 107.77),
    ("10001", "Placed Order", 64.96),
    ("10001", "Ordered Product", 59.97),
    ("10001", "Cancelled Order", 64.96),
    ("10002", "Placed Order", 68.19),
    ("10002", "Ordered Product", 14.5),
    ("10002", "Ordered Product", 24.9),
    ("MP-900001", "Placed Order", 24.9),
    ("MP-900001", "Ordered Product", 24.9),
    ("MP-900001", "Fulfilled Order", 24.9),
]
"""What was done in both shops: a whole life, a cancelled guest order, one from the administration, one imported."""

ONLY_IN_6_6: list[Told] = [
    ("10003", "Placed Order", 29.89),
    ("10003", "Ordered Product", 24.9),
    ("10004", "Placed Order", 29.89),  # placed while the app was inactive, told when both were written later
    ("10004", "Ordered Product", 24.9),
    ("10005", "Placed Order", 29.89),
    ("10005", "Ordered Product", 24.9),
    ("10006", "Placed Order", 49.88),
    ("10006", "Ordered Product", 19.99),
    ("10006", "Ordered Product", 24.9),
    ("10006", "Cancelled Order", 49.88),
    ("10007", "Placed Order", 24.98),
    ("10007", "Ordered Product", 19.99),
    ("10007", "Cancelled Order", 24.98),
    ("10009", "Placed Order", 99.74),
    ("10009", "Ordered Product", 49.8),
    ("10009", "Ordered Product", 49.95),
]
"""Order 10008 is missing: it was deleted before anybody read it."""

EVENTS = {"6.6.7.1": BOTH + ONLY_IN_6_6, "6.5.8.14": BOTH}


@dataclass
class Replay:
    """A recorded shop before the door. Its clock stands at the moment of each request."""

    services: Services
    client: FlaskClient
    clock: Clock
    version: str

    def send(self, exchange: Json) -> int:
        """Send a request as it was recorded; a registration's answer must be the recorded one."""
        self.clock.time = recorded.arrived_at(exchange)
        path, _, query = exchange["path"].partition("?")
        answer = self.client.open(
            path.replace("/register/confirm", "/confirm"),
            method=exchange["method"],
            query_string=query,
            data=exchange["body_raw"].encode(),
            headers=exchange["headers"],
        )
        if exchange["method"] == "GET":
            assert answer.get_json()["proof"] == exchange["answered_body"]["proof"]
            assert answer.get_json()["secret"] == exchange["answered_body"]["secret"]
        return answer.status_code

    def exchanges(self) -> Iterator[Json]:
        """Everything in its order; after the installation Klaviyo is connected, after the move an admin says yes."""
        for exchange in recorded.exchanges(self.version):
            yield exchange
            if exchange["n"] == INSTALLED:
                self.connect()
            if exchange["n"] == MOVED:
                registration.approve(self.services, stores(self.services)[0].key)

    def connect(self) -> None:
        """The merchant pastes a Klaviyo key."""
        with self.services.database.write() as session:
            store = session.merge(stores(self.services)[0])
            store.klaviyo_key = self.services.vault.seal("pk_good")
            store.klaviyo_account = "ACC123"

    def work(self) -> None:
        """Resolve and deliver until nothing waits."""
        with responses.RequestsMock(assert_all_requests_are_fired=False) as http:
            recorded.serve_admin_api(http, self.version)
            for store in stores(self.services):
                for job in (resolve.resolve_store, delivery.deliver_volume, delivery.deliver_live):
                    while (wait_s := job(self.services, store.id)) is not None:
                        self.clock.advance(wait_s)


@pytest.fixture(params=VERSIONS)
def replay(
    request: pytest.FixtureRequest,
    services: Services,
    client: FlaskClient,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> Replay:
    """Before the first request: the merchant has the app that the recorded shop had."""
    first = recorded.registrations(request.param)[0]
    with services.database.write() as session:
        secret = services.vault.seal(first["app_secret"])
        session.add(App(platform="shopware", merchant="a", name=first["app_name"], secret=secret, created_at=clock()))
    given = iter([one["answered_body"]["secret"] for one in recorded.registrations(request.param)])
    monkeypatch.setattr("secrets.token_hex", lambda _=None: next(given))
    return Replay(services, client, clock, request.param)


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Whatever the service logs, at the most talkative level, as it is written in production."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(logs.JsonFormatter())
    root, before = logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield written
    root.removeHandler(handler)
    root.setLevel(before)


def told(klaviyo: FakeKlaviyo) -> list[Told]:
    """What Klaviyo keeps, sorted."""
    found = [
        (event["properties"]["OrderNumber"], event["metric"]["data"]["attributes"]["name"], event.get("value"))
        for event in klaviyo.accepted.values()
    ]
    return sorted(found, key=str)


def stored(services: Services) -> Counter[str]:
    with services.database.read() as session:
        return Counter(session.scalars(select(Inbox.webhook_id)))


def test_everything_a_real_shop_sent_is_taken_and_becomes_the_right_events_each_once(
    replay: Replay, klaviyo: FakeKlaviyo
) -> None:
    answers = Counter((exchange["method"], replay.send(exchange)) for exchange in replay.exchanges())
    installed, webhooks = len(recorded.registrations(replay.version)), len(recorded.webhooks(replay.version))
    assert answers == {("GET", 200): installed, ("POST", 204): installed, ("POST", 202): webhooks}
    replay.work()
    assert told(klaviyo) == sorted(EVENTS[replay.version], key=str)
    assert klaviyo.repeated == 0
    with replay.services.database.read() as session:
        outcomes = set(session.scalars(select(Inbox.outcome)))
    assert outcomes == {"delivered", "duplicate", "ignored"}
    first, *moved = [(store.state, store.shop_url, store.approval) for store in stores(replay.services)]
    if replay.version == "6.6.7.1":
        assert first == ("active", "http://localhost:8000", "")
        assert moved == [("active", "http://127.0.0.1:8000", "")]
    else:
        assert (first, moved) == (("active", "http://127.0.0.1:8001", ""), [])


def test_altered_or_repeated_recordings_change_nothing_and_no_log_line_tells_of_a_person_or_a_secret(
    replay: Replay, klaviyo: FakeKlaviyo, log: io.StringIO
) -> None:
    for exchange in replay.exchanges():
        if exchange in recorded.webhooks(replay.version):
            assert replay.send(recorded.altered(exchange)) == 401
            assert replay.send(exchange) == 202
        replay.send(exchange)
    replay.work()
    assert stored(replay.services).keys() == {recorded.event_id(one) for one in recorded.webhooks(replay.version)}
    assert told(klaviyo) == sorted(EVENTS[replay.version], key=str)
    written = log.getvalue()
    assert written.count("webhook rejected") == len(recorded.webhooks(replay.version))
    assert written.count("webhook settled") == stored(replay.services).total()
    assert [word for word in recorded.personal(replay.version) if word in written] == []
