"""Who may pass: one check before every page of a door, and the headers of every answer.

Fail closed: whatever is not listed as open needs a session of this door, and a change needs the admin's role and a
CSRF token. Inside a shop only that shop's store exists.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast

from flask import Blueprint, Response, abort, g, redirect, render_template, request, session, url_for
from flask_wtf.csrf import CSRFError, CSRFProtect
from werkzeug.exceptions import Forbidden, HTTPException, NotFound

from companion import stores
from companion.admin import in_shop
from companion.admin.passwords import Passwords, Role
from companion.admin.sessions import HOUSE, IN_SHOP, LONGEST, is_opened_by_shop, mark
from companion.bootstrap import Services
from companion.models import Store
from companion.stores import NoSuchStore

OPEN: Final = frozenset({"admin.sign_in", "admin.try_to_sign_in", "admin.static"})
CHANGES_NOTHING: Final = frozenset({"GET", "HEAD", "OPTIONS"})
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors "
)
HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
}


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who is looking. `store_id` is set for someone who came from inside a shop and sees that store only."""

    who: str
    role: Role
    store_id: int | None = None


def visitor() -> Visitor:
    """Whom the guard let in."""
    return cast("Visitor", g.visitor)


def watch_house(door: Blueprint, services: Services, csrf: CSRFProtect, passwords: Passwords) -> None:
    """Guard the door to the whole house."""

    @door.before_request
    def let_in() -> Response | None:
        _check_text()
        if is_opened_by_shop():
            return in_shop.enter(services)
        if request.method not in CHANGES_NOTHING:
            csrf.protect()
        g.visitor = _by_password(services, passwords)
        if request.endpoint in OPEN:
            return None
        if g.visitor is None:
            wanted = request.full_path.rstrip("?") if request.method == "GET" else None
            return cast("Response", redirect(url_for("admin.sign_in", next=wanted), 302))
        _check_role()
        return None

    _answer_politely(door)


def watch_in_shop(door: Blueprint, services: Services, csrf: CSRFProtect) -> None:
    """Guard the door inside a shop's administration."""

    @door.before_request
    def let_in() -> Response | None:
        _check_text()
        store = _opened_by(services)
        if store is None:
            abort(401, "This page has been open too long. Open the app's module in the shop's administration again.")
        if (request.view_args or {}).get("key", store.key) != store.key:
            abort(404)
        g.frame = in_shop.origin(store)
        g.visitor = Visitor(session["who"], "admin", store.id)
        if request.method not in CHANGES_NOTHING:
            csrf.protect()
        return None

    _answer_politely(door)


def _by_password(services: Services, passwords: Passwords) -> Visitor | None:
    role: Role | None = session.get("role")
    if role is None or session.get("door") != HOUSE.name or _is_over(services.now()):
        return None
    if not passwords.of(role) or session.get("mark") != mark(services.settings.secret_key, passwords.of(role)):
        return None
    return Visitor(role, role)


def _opened_by(services: Services) -> Store | None:
    """The store whose administration opened this session, while it is installed and its keys are the same."""
    if session.get("door") != IN_SHOP.name or _is_over(services.now()):
        return None
    with services.database.read() as database:
        store = database.get(Store, session["store"])
    return store if store is not None and in_shop.holds(services, store, session["mark"]) else None


def _is_over(now: datetime) -> bool:
    return now > datetime.fromtimestamp(session["at"], now.tzinfo) + LONGEST


def _check_text() -> None:
    """No database keeps a NUL character in a text, and nobody types one."""
    said = [request.path, *request.args.values(), *request.form.values()]
    if any("\0" in text for text in said):
        abort(400, "There is a character in it that is no text.")


def _check_role() -> None:
    if visitor().role != "admin" and request.method not in CHANGES_NOTHING and request.endpoint != "admin.sign_out":
        abort(403, "You are signed in for looking only. Changes need the admin's password.")


def _answer_politely(door: Blueprint) -> None:
    @door.after_request
    def secure(response: Response) -> Response:
        response.headers.update(HEADERS)
        response.headers["Content-Security-Policy"] = POLICY + g.get("frame", "'none'")
        if request.endpoint != "admin.static":
            response.headers["Cache-Control"] = "no-store"
        return response

    @door.errorhandler(NoSuchStore)
    def no_such_store(_error: NoSuchStore) -> tuple[str, int]:
        return _page(NotFound("There is no such store."))

    @door.errorhandler(CSRFError)
    def forged(_error: Any) -> tuple[str, int]:
        return _page(Forbidden("This page is out of date. Go back, reload it and try again."))

    @door.errorhandler(HTTPException)
    def refused(error: HTTPException) -> tuple[str, int]:
        return _page(error)


def _page(error: HTTPException) -> tuple[str, int]:
    return render_template("admin/refused.html", error=error), error.code or 500


def found(services: Services, key: str) -> Store:
    """The store a page is about. Raises NoSuchStore."""
    with services.database.read() as database:
        return stores.by_key(database, key)
