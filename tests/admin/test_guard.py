"""Nothing behind the doors is open, a viewer changes nothing, and every answer carries its headers."""

import re
from collections.abc import Callable

import pytest
from flask import Flask

from companion.bootstrap import Services
from companion.models import Store
from tests.admin.conftest import Desk
from tests.build import put

POST_FORM = re.compile(r'<form[^>]*method="post".*?</form>', re.DOTALL)
OPEN = {"admin.sign_in", "admin.try_to_sign_in", "admin.static"}


def addresses(app: Flask, store: Store) -> list[tuple[str, str, str]]:
    """Every route of the pages as (endpoint, method, path)."""
    known = {"key": store.key, "channel": "c1", "id_": "1", "filename": "admin.css", "platform": "neto"}
    return [
        (rule.endpoint, method, re.sub(r"<(?:[^>]+:)?(\w+)>", lambda name: known[name[1]], rule.rule))
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/admin")
        for method in sorted((rule.methods or set()) & {"GET", "POST"})
    ]


def test_no_page_opens_without_a_session(app: Flask, store: Store) -> None:
    found = addresses(app, store)
    assert len(found) > 40
    for endpoint, method, path in found:
        with app.test_client().open(path, method=method) as reply:
            status = reply.status_code
        expected = {200} if endpoint in OPEN and method == "GET" else {302, 401, 403}
        assert status in expected, f"{method} {path} gave {status}"


def test_nothing_is_changed_without_a_token(admin: Desk, app: Flask, store: Store) -> None:
    for endpoint, method, path in addresses(app, store):
        if method == "POST" and endpoint.startswith("admin."):
            assert admin.client.post(path).status_code == 403, path
    admin.get("/admin/")


def test_a_viewer_sees_every_page_and_changes_nothing(viewer: Desk, app: Flask, store: Store) -> None:
    for endpoint, method, path in addresses(app, store):
        if not endpoint.startswith("admin.") or endpoint in {*OPEN, "admin.sign_out"} or path.endswith("/1"):
            continue
        if method == "GET":
            viewer.get(path)
            main = viewer.page.partition("<main")[2]
            buttons = [form for form in POST_FORM.findall(main) if "<button" in form]
            assert not buttons, f"{path} offers a viewer {buttons}"
        else:
            viewer.get("/admin/changes")
            viewer.post(path, 403)
            assert "looking only" in viewer.page


def test_another_stores_rows_are_not_found(admin: Desk, new_store: Callable[..., Store], services: Services) -> None:
    mine, other = new_store(), new_store("An0therSh0p")
    put(services, mine, 1)
    admin.get(f"/admin/stores/{mine.key}/messages/1")
    admin.get(f"/admin/stores/{other.key}/messages/1", 404)
    admin.get("/admin/stores/nobody/", 404)
    assert "There is no such store." in admin.page


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("messages?q=%00", 400),
        ("settings/channels/%00", 400),
        ("messages/9223372036854775808", 404),
        ("messages/9223372036854775807", 404),
    ],
)
def test_what_no_database_can_hold_is_refused_politely(admin: Desk, store: Store, path: str, status: int) -> None:
    admin.get(f"/admin/stores/{store.key}/{path}", status)


@pytest.mark.parametrize("path", ["/admin/", "/admin/sign-in", "/admin/stores/nobody/"])
def test_every_answer_forbids_scripts_of_others_and_frames(admin: Desk, path: str) -> None:
    reply = admin.client.get(path)
    policy = reply.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert reply.headers["Cache-Control"] == "no-store"


def test_no_template_writes_script_or_style_into_a_page(admin: Desk, app: Flask, store: Store) -> None:
    for endpoint, method, path in addresses(app, store):
        if method == "GET" and endpoint.startswith("admin.") and endpoint != "admin.static" and "/1" not in path:
            page = admin.client.get(path).text
            assert not re.search(r"<script(?![^>]*src=)|<style|\sstyle=|\son[a-z]+=", page), path


def test_the_webhook_door_needs_no_token(app: Flask) -> None:
    assert app.test_client().post("/shopware/webhook", data=b"{}").status_code == 400
