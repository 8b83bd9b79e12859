"""Who gets in by password, how long, and what happens to everyone else."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from urllib.parse import urlencode

import pytest
from flask import Flask

from companion import audit, bootstrap
from companion.admin.passwords import ATTEMPTS, Passwords, Patience
from companion.app import create_app
from companion.bootstrap import Services
from companion.config import Settings
from tests.admin import house
from tests.admin.conftest import TOKEN, Desk
from tests.fakes import Clock

NewDesk = Callable[[], Desk]


def test_a_page_asked_for_without_a_session_leads_to_the_sign_in_and_from_there_back(desk: NewDesk) -> None:
    browser = desk()
    reply = browser.get("/admin/changes?a=b", 302)
    assert reply.location == "/admin/sign-in?next=/admin/changes?a%3Db"
    browser.get(reply.location)
    assert browser.post(reply.location, password=house.PASSWORD).location == "/admin/changes?a=b"


@pytest.mark.parametrize("elsewhere", ["https://evil.net/admin/", "//evil.net/admin/", "/\\evil.net", "/healthz"])
def test_signing_in_never_leads_to_another_place(desk: NewDesk, elsewhere: str) -> None:
    browser = desk()
    browser.get("/admin/sign-in")
    assert (
        browser.post(f"/admin/sign-in?{urlencode({'next': elsewhere})}", password=house.PASSWORD).location == "/admin/"
    )


def test_a_wrong_password_is_refused_at_its_field(desk: NewDesk) -> None:
    browser = desk()
    browser.get("/admin/sign-in")
    browser.post("/admin/sign-in", 401, password="wrong")
    assert 'aria-invalid="true"' in browser.page
    assert "This is not the password." in browser.page
    browser.get("/admin/", 302)


def test_an_empty_password_is_not_tried(desk: NewDesk) -> None:
    browser = desk()
    browser.get("/admin/sign-in")
    browser.post("/admin/sign-in", 400, password="")
    assert "Type the password." in browser.page


def test_after_ten_wrong_passwords_even_the_right_one_has_to_wait(desk: NewDesk, clock: Clock) -> None:
    browser = desk()
    browser.get("/admin/sign-in")
    for _ in range(ATTEMPTS):
        browser.post("/admin/sign-in", 401, password="wrong")
    refused = browser.post("/admin/sign-in", 429, password=house.PASSWORD)
    assert int(refused.headers["Retry-After"]) > 500
    assert "Too many wrong attempts. Try again in 10 min." in browser.page
    clock.advance(601)
    browser.post("/admin/sign-in", password=house.PASSWORD)


def test_patience_is_counted_for_each_address_and_forgets_the_oldest() -> None:
    patience, clock = Patience(), Clock()
    for _ in range(ATTEMPTS):
        assert patience.attempt("192.0.2.1", clock()) == 0
    assert patience.attempt("192.0.2.1", clock()) == 600
    assert patience.attempt("192.0.2.2", clock()) == 0
    for number in range(10_000):
        patience.attempt(f"address {number}", clock())
    assert patience.attempt("192.0.2.1", clock()) == 0


def test_changing_the_address_within_one_ipv6_network_gains_no_attempts() -> None:
    patience, clock = Patience(), Clock()
    waits = [patience.attempt(f"2001:db8:1:2::{number:x}", clock()) for number in range(ATTEMPTS + 1)]
    assert waits == [0.0] * ATTEMPTS + [600]
    assert patience.attempt("2001:db8:1:3::1", clock()) == 0


def test_many_wrong_passwords_at_once_leave_the_threads_to_the_shops(app: Flask) -> None:
    def attempt(number: int) -> int:
        browser = Desk(app.test_client())
        browser.get("/admin/sign-in", environ_base={"REMOTE_ADDR": f"192.0.2.{number}"})
        token = TOKEN.search(browser.page)
        assert token is not None
        together.wait()
        form = {"csrf_token": token[1], "password": "wrong"}
        return browser.client.post(
            "/admin/sign-in", data=form, environ_base={"REMOTE_ADDR": f"192.0.2.{number}"}
        ).status_code

    together = threading.Barrier(12)
    with ThreadPoolExecutor(12) as crowd:
        answers = list(crowd.map(attempt, range(12)))
    assert set(answers) <= {401, 503}
    assert answers.count(401) >= 3


@pytest.mark.parametrize(("proxies", "statuses"), [(0, [429, 429]), (1, [303, 429])])
def test_behind_a_proxy_attempts_count_for_the_visitor_and_not_for_the_proxy(
    services: Services, settings: Settings, proxies: int, statuses: list[int]
) -> None:
    app = create_app(replace(services, settings=replace(settings, trusted_proxies=proxies)))
    desks = {address: Desk(app.test_client()) for address in ("198.51.100.9", "198.51.100.7")}

    def attempt(address: str, password: str) -> int:
        said = {"X-Forwarded-For": f"203.0.113.99, {address}", "X-Forwarded-Proto": "https"}
        browser = desks[address]
        browser.get("/admin/sign-in", headers=said)
        token = TOKEN.search(browser.page)
        form = {"csrf_token": token[1] if token else "", "password": password}
        seen = {**said, "Referer": "https://localhost/admin/sign-in"}
        return browser.client.post("/admin/sign-in", data=form, headers=seen).status_code

    for _ in range(ATTEMPTS):
        assert attempt("198.51.100.7", "wrong") == 401
    assert [attempt("198.51.100.9", house.PASSWORD), attempt("198.51.100.7", house.PASSWORD)] == statuses


def test_a_sign_in_without_its_token_is_refused(desk: NewDesk) -> None:
    desk().post("/admin/sign-in", 403, password=house.PASSWORD)


def test_the_session_ends_after_twelve_hours(admin: Desk, clock: Clock) -> None:
    clock.advance(12 * 3600 - 1)
    admin.get("/admin/")
    clock.advance(2)
    admin.get("/admin/", 302)


def test_a_changed_password_ends_every_session(admin: Desk, services: Services, settings: Settings) -> None:
    changed = replace(services, settings=replace(settings, admin_password="another password"))
    client = create_app(changed).test_client()
    cookie = admin.client.get_cookie("companion_admin", path="/admin")
    assert cookie is not None
    client.set_cookie("companion_admin", cookie.value, path="/admin")
    assert client.get("/admin/").status_code == 302


def test_signing_out_ends_the_session(admin: Desk) -> None:
    admin.get("/admin/")
    admin.post("/admin/sign-out")
    admin.get("/admin/", 302)


def test_without_a_password_the_pages_are_closed_to_everyone(settings: Settings) -> None:
    services = bootstrap.build(replace(settings, admin_password="", viewer_password=""))
    browser = Desk(create_app(services).test_client())
    browser.get("/admin/sign-in")
    assert "COMPANION_ADMIN_PASSWORD" in browser.page
    for password in ("", "x"):
        assert Passwords(services.settings).role(password) is None
    services.database.dispose()


def test_a_password_may_be_set_as_it_is_or_as_a_hash() -> None:
    plain = Passwords(Settings(admin_password="as it is", viewer_password="other"))
    assert (plain.role("as it is"), plain.role("other"), plain.role("else")) == ("admin", "viewer", None)
    broken = Passwords(Settings(admin_password="$argon2 of nothing"))
    assert broken.role("$argon2 of nothing") is None


def test_a_sign_in_is_in_the_trail(viewer: Desk, services: Services) -> None:
    with services.database.read() as session:
        assert [(change.who, change.what) for change, _ in audit.listed(session)] == [("viewer", "signed in")]


def test_the_cookie_stays_with_the_house(app: Flask) -> None:
    browser = Desk(app.test_client())
    cookie = browser.get("/admin/sign-in").headers["Set-Cookie"]
    assert cookie.startswith("companion_admin=")
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/admin"} <= set(cookie.split("; "))


def test_without_tls_the_cookie_works_on_this_machine(services: Services, settings: Settings) -> None:
    local = replace(services, settings=replace(settings, public_url="http://127.0.0.1:8080"))
    cookie = create_app(local).test_client().get("/admin/sign-in").headers["Set-Cookie"]
    assert "Secure" not in cookie
