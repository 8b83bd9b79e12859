"""The pages without a browser, the control API, and the process as it is started."""

import json
import re
import urllib.request
from http.client import RemoteDisconnected
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from companion.simulator.shop import Config, create_app
from companion.simulator.shop.app import EXTENSION
from tests.simulator.shop.app_server import AppServer, manifest
from tests.simulator.shop.conftest import Browser
from tests.simulator.shop.process import running


def placed(browser: Browser, **spec: Any) -> str:
    return str(browser.post("/_shop/orders", json={"spec": spec}).json["ids"][0])


def test_an_order_is_placed_and_moved_by_plain_forms(browser: Browser) -> None:
    form = {"product": ["NL-2002", "NL-3001"], "code": "WELCOME10", "payment": "card", "by": "administrator"}
    page = browser.post("/orders", data=form, follow_redirects=True)
    assert "Order 10000 is placed." in page.text
    entry = browser.get("/_shop/ledger").json["orders"][0]
    assert [one["number"] for one in entry["lines"]] == ["NL-2002", "NL-3001", None]
    assert entry["createdByAdministrator"]
    path = f"/orders/{entry['id']}"
    for step, shown in (
        ("order:complete", "Done"),
        ("order_transaction:paid", "Paid"),
        ("order_delivery:ship", "Shipped"),
    ):
        page = browser.post(f"{path}/steps", data={"step": step}, follow_redirects=True)
        assert f">{shown}</p>" in page.text
    page = browser.post(
        f"{path}/steps", data={"step": "order_transaction:refund_partially", "amount": "1,50"}, follow_redirects=True
    )
    assert "1.50" in page.text
    assert browser.get("/_shop/ledger").json["orders"][0]["refunded"] == "1.50"


def test_a_step_that_is_not_allowed_is_a_sentence_and_no_change(browser: Browser) -> None:
    order_id = placed(browser)
    refused = browser.post(f"/orders/{order_id}/steps", data={"step": "order_delivery:retour"})
    assert refused.status_code == 409
    assert "is not allowed" in refused.text
    back = browser.post(
        f"/orders/{order_id}/steps",
        data={"step": "order_delivery:retour"},
        headers={"Referer": f"http://localhost/orders/{order_id}"},
        follow_redirects=True,
    )
    assert "is not allowed" in back.text
    assert browser.get("/orders/nothing").status_code == 404


def test_forms_of_other_sites_change_nothing(browser: Browser) -> None:
    for site in ("cross-site", "same-site"):
        assert browser.post("/orders", data={}, headers={"Sec-Fetch-Site": site}).status_code == 403
    assert browser.get("/_shop/state").json["orders"] == 0


def test_pages_take_nothing_from_elsewhere(browser: Browser) -> None:
    order_id = placed(browser)
    for path in ("/", "/app", "/newsletter", f"/orders/{order_id}"):
        page = browser.get(path)
        assert page.status_code == 200
        assert "default-src 'none'" in page.headers["Content-Security-Policy"]
        assert "//" not in page.text.replace("http://127.0.0.1:8082", "").replace("<!DOCTYPE html>", "")
        assert " style=" not in page.text
        assert "<script>" not in page.text


def test_every_product_has_its_picture(browser: Browser) -> None:
    pictures = re.findall(r'src="(/media/[^"]+)"', browser.get("/").text)
    assert len(pictures) == 14
    for picture in pictures:
        answer = browser.get(picture)
        assert (answer.status_code, answer.mimetype) == (200, "image/svg+xml")
        assert answer.text.count("<path") + answer.text.count("<rect") > 3
    assert browser.get("/media/NL-9999/x.svg").status_code == 404


def test_the_newsletter_page_signs_up_and_follows_the_link(browser: Browser) -> None:
    page = browser.post(
        "/newsletter", data={"email": "till@shop-customer.net", "double_opt_in": "1"}, follow_redirects=True
    )
    assert "waits for the click" in page.text
    recipient = browser.get("/_shop/newsletter").json["recipients"][-1]
    page = browser.get(f"/newsletter-subscribe?em=x&hash={recipient['hash']}", follow_redirects=True)
    assert "till@shop-customer.net is confirmed." in page.text
    for verb in ("unsubscribe", "opt-out-silently", "delete"):
        assert browser.post(f"/newsletter/{recipient['id']}/{verb}").status_code == 302
    assert browser.get("/newsletter-subscribe?hash=nothing").status_code == 404


def test_the_control_api_places_moves_and_tells(browser: Browser) -> None:
    assert len(browser.post("/_shop/orders", json={"count": 3}).json["ids"]) == 3
    specs = [{"codes": ["WELCOME10"]}, {"by": "import", "state": "completed"}]
    ids = browser.post("/_shop/orders", json={"specs": specs}).json["ids"]
    move = {"machine": "order_transaction", "action": "paid"}
    assert browser.post(f"/_shop/orders/{ids[0]}/transitions", json=move).json["target"] == "paid"
    assert browser.post(f"/_shop/orders/{ids[0]}/transitions", json=move).status_code == 409
    assert browser.post("/_shop/orders/unknown/transitions", json=move).status_code == 404
    assert browser.post(f"/_shop/orders/{ids[0]}/transitions", json={"machine": "x"}).status_code == 400
    assert browser.post("/_shop/orders", json={"spec": {"colour": "red"}}).status_code == 400
    assert browser.post("/_shop/orders", data=b"{").status_code == 400
    assert browser.post(f"/_shop/orders/{ids[0]}/complete").json["target"] == "completed"
    assert browser.post(f"/_shop/orders/{ids[0]}/tracking", json={"text": "123"}).json == {}
    assert browser.post(f"/_shop/orders/{ids[0]}/edit", json={"text": "hello"}).json == {}
    ledger = browser.get("/_shop/ledger").json["orders"]
    assert len(ledger) == 5
    assert [one["id"] for one in browser.get("/_shop/ledger?after=10002").json["orders"]] == ids
    assert browser.get(f"/_shop/orders/{ids[1]}").json["imported"]
    assert browser.post("/_shop/history", json={"orders": 5, "years": 1}).json["orders"] == 5


def test_the_control_api_leads_an_app_through_its_life(browser: Browser, server: AppServer, tmp_path: Path) -> None:
    path = tmp_path / "manifest.xml"
    path.write_bytes(manifest(server, "checkout.order.placed"))
    assert browser.post("/_shop/app/install", json={}).status_code == 400
    assert browser.post("/_shop/app/activate").status_code == 409
    assert browser.post("/_shop/app/install", json={"manifest": str(path)}).json["active"]
    assert browser.get("/_shop/app").json["secret"] == server.secrets[-1]
    for verb in ("deactivate", "activate", "reregister"):
        assert browser.post(f"/_shop/app/{verb}").status_code == 200
    assert browser.post("/_shop/app/update", json={"manifest": str(path)}).status_code == 200
    assert not browser.post("/_shop/app/url", json={"url": "http://localhost:1"}).json["resolved"]
    assert browser.post("/_shop/app/url/move").status_code == 200
    browser.post("/_shop/app/url", json={"url": "http://localhost:2"})
    assert browser.post("/_shop/app/url/reinstall").status_code == 200
    assert browser.get("/_shop/state").json["resolved"]
    assert browser.post("/_shop/settings", json={"webhooks": "queue"}).json["webhooks"] == "queue"
    assert browser.post("/_shop/settings", json={"webhooks": "pigeon"}).status_code == 400
    assert browser.post("/_shop/app/uninstall").status_code == 200
    server.false_proof = True
    assert browser.post("/_shop/app/install", json={"manifest": str(path)}).status_code == 502


def test_a_shop_with_a_manifest_has_the_app_installed_when_it_is_there(server: AppServer, tmp_path: Path) -> None:
    (tmp_path / "manifest.xml").write_bytes(manifest(server, "app.installed"))
    built: Flask = create_app(Config(data=tmp_path / "data", manifest=tmp_path / "manifest.xml"))
    try:
        browser: Browser = built.test_client()
        assert browser.get("/_shop/state").json["app"]["active"]
        assert server.events == ["app.installed"]
    finally:
        built.extensions[EXTENSION].close()


def test_settings_come_from_variables_and_wrong_ones_are_named() -> None:
    given = {
        "DEMO_SHOP_PORT": "9999",
        "DEMO_SHOP_DATA": "/somewhere",
        "DEMO_SHOP_MANIFEST": "/app",
        "DEMO_SHOP_WEBHOOKS": "queue",
        "DEMO_SHOP_DUAL_SIGNATURES": "1",
    }
    wanted = Config("http://127.0.0.1:9999", Path("/somewhere"), Path("/app"), "queue", True)
    assert Config.from_environment(given) == wanted
    assert Config.from_environment({}) == Config()
    assert Config.from_environment({"DEMO_SHOP_URL": "https://shop.net/"}).url == "https://shop.net"
    for name, value in (("PORT", "a"), ("WEBHOOKS", "b")):
        with pytest.raises(ValueError, match=f"DEMO_SHOP_{name}"):
            Config.from_environment({f"DEMO_SHOP_{name}": value})


def test_the_process_serves_and_can_drop_a_connection(tmp_path: Path) -> None:
    with running(tmp_path) as url:
        assert len(post(f"{url}/_shop/orders", {"count": 2})["ids"]) == 2
        post(f"{url}/_shop/faults", {"kind": "reset", "times": 1})
        with pytest.raises((ConnectionResetError, RemoteDisconnected)):
            urllib.request.urlopen(f"{url}/api/_info/health-check", timeout=5)
        urllib.request.urlopen(f"{url}/api/_info/health-check", timeout=5).close()


def post(url: str, body: dict[str, Any]) -> Any:
    request = urllib.request.Request(url, json.dumps(body).encode(), method="POST")
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)
