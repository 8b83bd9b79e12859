"""Which webhooks follow what, how they look, and how they go out: in the request, from the queue, or not at all."""

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from companion.simulator.shop.apps import app as apps
from companion.simulator.shop.apps import courier
from companion.simulator.shop.apps.app import App
from companion.simulator.shop.marks import LIVE_VERSION
from companion.simulator.shop.shop import Shop
from companion.simulator.shop.trade import checkout, office
from companion.simulator.shop.trade.spec import OrderSpec
from companion.simulator.shop.web import activity
from companion.simulator.shop.world.made import GERMAN
from tests.simulator.shop.app_server import AppServer, sign
from tests.simulator.shop.recorded import webhook

Install = Callable[..., App]
STATES = (
    "state_enter.order.state.in_progress",
    "state_enter.order.state.completed",
    "state_enter.order.state.cancelled",
    "state_enter.order_transaction.state.paid",
    "state_enter.order_transaction.state.refunded_partially",
    "state_enter.order_delivery.state.shipped",
)


@pytest.fixture
def quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(courier, "RETRY_AFTER_S", (0.02, 0.04, 0.06))


def queue(demo: Shop) -> None:
    demo.database.set_setting("webhooks", "queue")


def test_a_webhook_has_the_headers_of_a_real_one_in_their_order(
    demo: Shop, server: AppServer, install: Install, recordings: Path
) -> None:
    install("checkout.order.placed")
    checkout.place(demo, OrderSpec(locale="de-DE"))
    sent = server.webhooks[0]
    recorded = webhook(recordings, "0035-checkout.order.placed")["headers"]
    assert [name for name, _ in sent.headers] == list(recorded)
    same = ("User-Agent", "Content-Type", "sw-version", "sw-user-language")
    assert {name: sent.header(name) for name in same} == {name: recorded[name] for name in same}
    assert sent.header("sw-context-language") == GERMAN
    assert sent.header("shopware-shop-signature") == sign(sent.body, server.secrets[0])
    assert list(sent.json) == ["data", "source", "timestamp"]
    assert list(sent.json["source"]) == ["url", "eventId", "shopId", "appVersion"]
    assert abs(sent.json["timestamp"] - time.time()) < 10
    assert sent.body.isascii()


def test_a_placed_order_shows_what_a_real_shop_shows_and_hides_what_it_hides(
    demo: Shop, server: AppServer, install: Install, recordings: Path
) -> None:
    install("checkout.order.placed", *STATES)
    order_id = checkout.place(demo, OrderSpec(codes=("WELCOME10",), payment="card"))
    office.transition(demo, order_id, "order_transaction", "paid")
    placed, paid = (one.payload["order"] for one in server.webhooks)
    recorded = json.loads(webhook(recordings, "0016-checkout.order.placed")["body_raw"])["data"]["payload"]["order"]
    assert list(placed) == list(recorded)
    assert (placed["billingAddress"], placed["language"]) == (None, None)
    for part in ("orderCustomer", "currency", "price", "shippingCosts", "stateMachineState"):
        assert list(placed[part]) == list(recorded[part]), part
    for part in ("deliveries", "transactions", "lineItems", "addresses"):
        assert list(placed[part][0]) == list(recorded[part][0]), part
    assert set(recorded["lineItems"][0]["payload"]) == set(placed["lineItems"][0]["payload"])
    assert set(recorded["lineItems"][-1]["payload"]) == set(placed["lineItems"][-1]["payload"])
    assert placed["lineItems"][0]["cover"]["url"].startswith(demo.url)
    assert paid["language"]["locale"]["code"] in ("en-GB", "de-DE")
    assert paid["transactions"][0]["stateMachineState"] is None
    assert paid["lineItems"][0]["cover"] is None


def test_only_the_orders_own_state_is_also_told_as_written(demo: Shop, server: AppServer, install: Install) -> None:
    install("order.written", *STATES)
    order_id = checkout.place(demo, OrderSpec())
    server.forget()
    office.complete(demo, order_id)
    office.transition(demo, order_id, "order_transaction", "paid")
    office.transition(demo, order_id, "order_delivery", "ship")
    assert server.events == [
        "order.written",
        "state_enter.order.state.in_progress",
        "order.written",
        "state_enter.order.state.completed",
        "state_enter.order_transaction.state.paid",
        "state_enter.order_delivery.state.shipped",
    ]


def test_an_import_goes_past_the_checkout(demo: Shop, server: AppServer, install: Install) -> None:
    install("checkout.order.placed", "order.written")
    order_id = checkout.place(demo, OrderSpec(by="import", state="completed", payment_state="paid", no_delivery=True))
    assert server.events == ["order.written"]
    assert server.webhooks[0].payload[0]["operation"] == "insert"
    assert demo.database.of("state_machine_history", "referencedId", order_id) == []
    assert demo.database.of("order_customer", "orderId", order_id)[0]["customerId"] is None


def test_an_order_by_an_administrator_is_told_like_any_other(demo: Shop, server: AppServer, install: Install) -> None:
    install("checkout.order.placed")
    checkout.place(demo, OrderSpec(by="administrator"))
    assert server.webhooks[0].payload["order"]["createdById"]


def test_an_edit_is_told_in_drafts_of_which_a_subscription_to_the_live_version_hears_one(
    demo: Shop, server: AppServer, install: Install
) -> None:
    install("order.written", "order_address.written", reads=("order", "order_address"))
    order_id = checkout.place(demo, OrderSpec())
    server.forget()
    office.edit(demo, order_id, "Ring twice")
    assert server.events == ["order_address.written", "order.written"]
    draft, live = (one.payload[0] for one in server.webhooks)
    assert draft["versionId"] != LIVE_VERSION == live["versionId"]
    assert demo.database.get("order", order_id)["customerComment"] == "Ring twice"


def test_a_tracking_code_is_told_to_nobody_but_moves_the_delivery(
    demo: Shop, server: AppServer, install: Install
) -> None:
    install("order.written", *STATES)
    order_id = checkout.place(demo, OrderSpec())
    server.forget()
    office.set_tracking_code(demo, order_id, "00340434161094000001")
    delivery = demo.database.of("order_delivery", "orderId", order_id)[0]
    assert (server.events, delivery["trackingCodes"]) == ([], ["00340434161094000001"])
    assert delivery["updatedAt"]


def test_a_payment_does_not_move_the_orders_own_date(demo: Shop) -> None:
    order_id = checkout.place(demo, OrderSpec())
    office.transition(demo, order_id, "order_transaction", "paid")
    assert demo.database.get("order", order_id).get("updatedAt") is None


def test_a_shopper_waits_for_the_app_and_its_failure_is_ignored(
    demo: Shop, server: AppServer, install: Install
) -> None:
    install("checkout.order.placed", "order.written")
    server.answers, server.slow_s = lambda _: 500, 0.15
    started = time.monotonic()
    checkout.place(demo, OrderSpec())
    assert time.monotonic() - started >= 0.3
    assert len(server.webhooks) == 2
    assert [one["outcome"] for one in activity.webhooks(demo)] == ["refused", "refused"]
    assert [one.errors for one in apps.required(demo.database).subscriptions] == [0, 0]


def test_an_app_that_does_not_answer_costs_no_more_than_the_time_limit(
    demo: Shop, server: AppServer, install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(courier, "SYNC_TIMEOUT_S", 0.2)
    install("checkout.order.placed")
    server.slow_s = 2.0
    started = time.monotonic()
    checkout.place(demo, OrderSpec())
    assert time.monotonic() - started < 1.0
    assert activity.webhooks(demo)[0]["outcome"] == "no answer within 0.2 s"


@pytest.mark.usefixtures("quick_retries")
def test_the_queue_tries_again_with_the_same_id_and_a_new_signature(
    demo: Shop, server: AppServer, install: Install
) -> None:
    install("checkout.order.placed")
    queue(demo)
    answers = iter((500, 503, 202))
    server.answers = lambda _: next(answers)
    checkout.place(demo, OrderSpec())
    sent = server.wait_for(3)
    assert len({one.json["source"]["eventId"] for one in sent}) == 1
    assert all(one.header("shopware-shop-signature") == sign(one.body, server.secrets[0]) for one in sent)


@pytest.mark.usefixtures("quick_retries")
def test_after_four_attempts_an_event_is_given_up_and_after_ten_the_subscription(
    demo: Shop, server: AppServer, install: Install
) -> None:
    install("order.written", "checkout.order.placed")
    queue(demo)
    server.answers = lambda one: 500 if one.event == "order.written" else 202
    for _ in range(11):
        checkout.place(demo, OrderSpec())
    server.wait_for(11 * 4 + 11)
    deadline = time.monotonic() + 10
    while demo.courier.waiting() and time.monotonic() < deadline:
        time.sleep(0.02)
    written, placed = apps.required(demo.database).subscriptions
    assert (written.active, placed.active) == (False, True)
    server.forget()
    checkout.place(demo, OrderSpec())
    assert [one.event for one in server.wait_for(1)] == ["checkout.order.placed"]


def test_what_waits_in_the_queue_outlives_the_shop(demo: Shop, server: AppServer, install: Install) -> None:
    install("checkout.order.placed")
    queue(demo)
    demo.courier.stop()
    checkout.place(demo, OrderSpec())
    assert (server.events, demo.courier.waiting()) == ([], 1)
    again = courier.Courier(demo.database, demo.now)
    again.start()
    assert [one.event for one in server.wait_for(1)] == ["checkout.order.placed"]
    again.stop()


def test_webhooks_can_be_lost_on_purpose(demo: Shop, server: AppServer, install: Install) -> None:
    install("checkout.order.placed")
    demo.database.set_setting("lose_webhooks", True)
    checkout.place(demo, OrderSpec())
    assert server.received == []
    assert activity.webhooks(demo)[0]["outcome"] == "lost"


def test_an_event_without_the_privilege_is_not_sent(demo: Shop, server: AppServer, install: Install) -> None:
    app = install("checkout.order.placed")
    app.permissions = ["product:read"]
    apps.keep(demo.database, app)
    checkout.place(demo, OrderSpec())
    assert server.received == []
