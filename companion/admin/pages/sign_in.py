"""Signing in with a password, and out again."""

import logging
import math
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from werkzeug import Response

from companion import audit
from companion.admin import guard
from companion.admin.forms import SignIn
from companion.admin.passwords import Busy, Passwords, Patience, Role
from companion.admin.sessions import HOUSE, mark
from companion.admin.shown import span
from companion.bootstrap import Services

log = logging.getLogger(__name__)


def add(door: Blueprint, services: Services, passwords: Passwords) -> None:
    """`/sign-in` and `/sign-out`."""
    patience = Patience()

    @door.get("/sign-in")
    def sign_in() -> Any:
        if guard.visitor() is not None:
            return redirect(url_for("admin.overview"), 303)
        return _page(SignIn(), passwords, 200)

    @door.post("/sign-in")
    def try_to_sign_in() -> Any:
        form, address, now = SignIn(request.form), request.remote_addr or "", services.now()
        if not form.validate():
            return _page(form, passwords, 400)
        if wait_s := patience.attempt(address, now):
            return _put_off(form, passwords, 429, wait_s, f"Too many wrong attempts. Try again in {span(wait_s)}.")
        try:
            role = passwords.role(form.password.data or "")
        except Busy as error:
            return _put_off(form, passwords, 503, 1, str(error))
        if role is None:
            log.warning("sign-in refused")
            form.password.errors = ["This is not the password."]
            return _page(form, passwords, 401)
        patience.succeeded(address)
        _let_in(services, passwords, role)
        return redirect(_wanted(), 303)

    _add_way_out(door)


def _add_way_out(door: Blueprint) -> None:
    @door.post("/sign-out")
    def sign_out() -> Response:
        session.clear()
        flash("You are signed out.", "good")
        return redirect(url_for("admin.sign_in"), 303)


def _let_in(services: Services, passwords: Passwords, role: Role) -> None:
    now = services.now()
    session.clear()
    session.update(
        door=HOUSE.name,
        role=role,
        at=now.timestamp(),
        mark=mark(services.settings.secret_key, passwords.of(role)),
    )
    with services.database.write() as database:
        audit.record(database, now, role, "signed in")


def _wanted() -> str:
    """The page asked for before, if it is one of ours."""
    wanted = request.args.get("next", "")
    parts = urlsplit(wanted)
    ours = not parts.scheme and not parts.netloc and parts.path.startswith(HOUSE.path + "/") and "\\" not in wanted
    return wanted if ours else url_for("admin.overview")


def _put_off(form: SignIn, passwords: Passwords, status: int, wait_s: float, said: str) -> Any:
    form.password.errors = [said]
    return _page(form, passwords, status, {"Retry-After": str(math.ceil(wait_s))})


def _page(form: SignIn, passwords: Passwords, status: int, headers: dict[str, str] | None = None) -> Any:
    return render_template("admin/sign_in.html", form=form, is_closed=not passwords.are_set), status, headers or {}
