"""An app's life, from the shop's side: the handshake, the lifecycle events, and what a new address means."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from companion.simulator.shop.apps import app as apps
from companion.simulator.shop.apps import lifecycle
from companion.simulator.shop.apps.app import App, NotInstalled
from companion.simulator.shop.apps.handshake import HandshakeFailed
from companion.simulator.shop.apps.manifest import InvalidManifest, load, parse
from companion.simulator.shop.installer import settle
from companion.simulator.shop.shop import Shop
from companion.simulator.shop.trade import checkout
from companion.simulator.shop.trade.spec import OrderSpec
from tests.simulator.shop.app_server import APP_SECRET, AppServer, Received, manifest, sign

LIFECYCLE = ("app.installed", "app.activated", "app.updated", "app.deactivated", "app.deleted")
Install = Callable[..., App]


def test_a_shop_registers_confirms_and_then_tells_of_the_installation(demo: Shop, server: AppServer) -> None:
    lifecycle.install(demo, parse(manifest(server, *LIFECYCLE)))
    asked, confirmed, *told = server.received
    query = asked.path.partition("?")[2]
    known = apps.identity(demo.database)
    assert query.startswith(f"shop-id={known.shop_id}&shop-url={demo.url}&timestamp=")
    assert asked.header("shopware-app-signature") == sign(query.encode(), APP_SECRET)
    assert [name for name, _ in asked.headers] == [
        *("Host", "User-Agent", "shopware-app-signature", "sw-version", "sw-context-language", "sw-user-language")
    ]
    assert confirmed.path == "/confirm"
    assert confirmed.header("shopware-shop-signature") == sign(confirmed.body, server.secrets[0])
    assert b'"shopUrl":"http:\\/\\/127.0.0.1' in confirmed.body
    assert list(confirmed.json) == ["apiKey", "secretKey", "timestamp", "shopUrl", "shopId"]
    assert isinstance(confirmed.json["timestamp"], str)
    assert [one.event for one in told] == ["app.installed", "app.activated"]
    assert [one.payload for one in told] == [{"appVersion": "1.0.0"}, []]


def test_an_app_server_without_proof_gets_no_keys(demo: Shop, server: AppServer) -> None:
    server.false_proof = True
    with pytest.raises(HandshakeFailed, match="invalid proof"):
        lifecycle.install(demo, parse(manifest(server)))
    assert [one.method for one in server.received] == ["GET"]
    assert apps.installed(demo.database) is None


def test_an_app_server_that_is_not_there_is_a_sentence_for_the_merchant(demo: Shop, server: AppServer) -> None:
    wanted = parse(manifest(server).replace(server.url.encode(), b"http://127.0.0.1:1"))
    with pytest.raises(HandshakeFailed, match="refused the registration"):
        lifecycle.install(demo, wanted)


def test_registering_again_brings_a_new_secret_and_with_dual_signatures_proves_the_old(
    demo: Shop, server: AppServer, install: Install
) -> None:
    install()
    lifecycle.reregister(demo, dual=True)
    asked, confirmed = server.received
    old, new = server.secrets
    assert asked.header("shopware-shop-signature") == sign(asked.path.partition("?")[2].encode(), old)
    assert confirmed.header("shopware-shop-signature") == sign(confirmed.body, new)
    assert confirmed.header("shopware-shop-signature-previous") == sign(confirmed.body, old)
    server.forget()
    lifecycle.reregister(demo)
    assert "shopware-shop-signature" not in dict(server.received[0].headers)


def test_an_app_that_is_off_is_told_of_nothing_but_its_own_life(
    demo: Shop, server: AppServer, install: Install
) -> None:
    install("checkout.order.placed", *LIFECYCLE)
    lifecycle.set_active(demo, active=False)
    checkout.place(demo, OrderSpec())
    assert server.events == ["app.deactivated"]
    lifecycle.set_active(demo, active=True)
    checkout.place(demo, OrderSpec())
    assert server.events == ["app.deactivated", "app.activated", "checkout.order.placed"]


def test_uninstalling_says_goodbye_and_takes_the_keys_away(demo: Shop, server: AppServer, install: Install) -> None:
    install("checkout.order.placed", *LIFECYCLE)
    lifecycle.uninstall(demo)
    assert server.events == ["app.deactivated", "app.deleted"]
    assert all(one.header("shopware-shop-signature") == sign(one.body, server.secrets[0]) for one in server.received)
    checkout.place(demo, OrderSpec())
    assert len(server.received) == 2
    with pytest.raises(NotInstalled):
        lifecycle.uninstall(demo)


def test_an_update_does_not_register_and_leaves_off_what_is_off(
    demo: Shop, server: AppServer, install: Install
) -> None:
    app = install("order.written", "app.updated")
    app.subscriptions[0].active = False
    apps.keep(demo.database, app)
    lifecycle.update(demo, parse(manifest(server, "order.written", "app.updated", version="1.1.0")))
    assert [one.payload for one in server.received] == [{"appVersion": "1.1.0"}]
    assert [one.active for one in apps.required(demo.database).subscriptions] == [False, True]


def test_a_shop_with_an_unresolved_address_is_silent_and_its_orders_are_never_told(
    demo: Shop, server: AppServer, install: Install
) -> None:
    install("checkout.order.placed")
    lifecycle.change_url(demo, "http://localhost:9999/")
    checkout.place(demo, OrderSpec())
    assert server.received == []


def test_a_shop_that_moved_registers_with_the_same_id_and_tells_nothing_of_an_installation(
    demo: Shop, server: AppServer, install: Install
) -> None:
    install("checkout.order.placed", "app.installed")
    known = apps.identity(demo.database)
    lifecycle.change_url(demo, "http://localhost:9999")
    lifecycle.move_permanently(demo)
    assert server.events == []
    assert f"shop-id={known.shop_id}&shop-url=http://localhost:9999&" in server.received[0].path
    checkout.place(demo, OrderSpec())
    assert server.webhooks[0].json["source"]["url"] == "http://localhost:9999"
    assert server.webhooks[0].header("shopware-shop-signature") == sign(server.webhooks[0].body, server.secrets[1])


def test_a_copy_of_a_shop_gets_a_new_id_and_signs_its_first_webhook_with_the_former_secret(
    demo: Shop, server: AppServer, install: Install
) -> None:
    install("checkout.order.placed", "app.installed")
    former = apps.identity(demo.database).shop_id
    lifecycle.change_url(demo, "http://localhost:9999")
    lifecycle.reinstall_apps(demo)
    checkout.place(demo, OrderSpec())
    first, second = server.webhooks
    old, new = server.secrets
    assert (first.event, second.event) == ("app.installed", "checkout.order.placed")
    assert first.header("shopware-shop-signature") == sign(first.body, old)
    assert second.header("shopware-shop-signature") == sign(second.body, new)
    assert first.json["source"]["shopId"] == second.json["source"]["shopId"] != former


def test_a_restart_changes_nothing_unless_the_manifest_or_the_address_did(demo: Shop, server: AppServer) -> None:
    wanted = parse(manifest(server, "order.written"))
    settle(demo, wanted)
    settle(demo, wanted)
    assert len(server.secrets) == 1
    settle(demo, parse(manifest(server, "order.written", "app.updated", version="1.0.1")))
    assert server.events == ["app.updated"]
    demo.database.set_setting("url", "http://127.0.0.1:1234")
    settle(demo, parse(manifest(server, "order.written", "app.updated", version="1.0.1")))
    assert len(server.secrets) == 2
    assert demo.url == demo.config.url


def test_an_app_is_found_in_a_folder_and_in_its_zip(server: AppServer, tmp_path: Path) -> None:
    xml = manifest(server, "order.written")
    (tmp_path / "manifest.xml").write_bytes(xml)
    with zipfile.ZipFile(tmp_path / "app.zip", "w") as archive:
        archive.writestr("DemoApp/manifest.xml", xml)
    assert load(tmp_path) == load(tmp_path / "app.zip") == load(tmp_path / "manifest.xml") == parse(xml)


def test_the_reference_manifest_is_read_whole(shared: Path) -> None:
    read = load(shared / "reference" / "shopware" / "manifest-example.xml")
    assert (read.name, read.version, len(read.webhooks)) == ("KlaviyoSync", "1.0.0", 21)
    assert {"order:read", "newsletter_recipient:update", "notification:create", "notification:read"} <= set(
        read.permissions
    )


@pytest.mark.parametrize(
    ("event", "reads", "reason"),
    [
        ("order_transaction.written", ("order_transaction",), "not hookable: order_transaction.written"),
        ("newsletter_recipient.written", ("newsletter_recipient",), "not hookable"),
        ("newsletter.confirm", ("order",), "needs the permission newsletter_recipient:read"),
        ("state_enter.order_delivery.state.shipped", ("product",), "needs the permission order:read"),
    ],
)
def test_a_manifest_that_a_shop_refuses_is_refused(
    server: AppServer, event: str, reads: tuple[str, ...], reason: str
) -> None:
    with pytest.raises(InvalidManifest, match=reason):
        parse(manifest(server, event, reads=reads))


@pytest.mark.parametrize("xml", [b"<manifest", b"<manifest/>", b"<manifest><meta><name>A</name></meta></manifest>"])
def test_what_is_no_manifest_is_refused(xml: bytes) -> None:
    with pytest.raises(InvalidManifest):
        parse(xml)


def test_a_slow_confirmation_fails_the_registration(
    demo: Shop, server: AppServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("companion.simulator.shop.apps.handshake.TIMEOUT_S", 0.2)
    server.slow_s = 1.0
    with pytest.raises(HandshakeFailed, match=r"no answer within 0\.2 s"):
        lifecycle.install(demo, parse(manifest(server)))


def test_every_delivery_has_an_id_of_its_own(demo: Shop, server: AppServer, install: Install) -> None:
    install("order.written", "checkout.order.placed", "checkout.order.placed")
    checkout.place(demo, OrderSpec())
    ids = [one.json["source"]["eventId"] for one in server.webhooks]
    assert len(set(ids)) == len(ids) == 3
    assert all(len(one) == 32 for one in ids)


def test_the_app_is_told_in_the_order_things_happen(demo: Shop, server: AppServer, install: Install) -> None:
    def written(one: Received) -> str:
        return f"{one.event} {one.payload[0]['operation']}" if isinstance(one.payload, list) else one.event

    install("checkout.order.placed", "order.written", "order_address.written", reads=("order", "order_address"))
    checkout.place(demo, OrderSpec())
    assert [written(one) for one in server.webhooks] == [
        "order.written insert",
        "order_address.written insert",
        "checkout.order.placed",
    ]
