"""The house's yes or no to a registration that nothing but the app's own secret authenticates."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Blueprint, flash, redirect, url_for
from sqlalchemy import func, select
from werkzeug import Response

from companion import audit
from companion.admin import guard
from companion.bootstrap import Services
from companion.models import Inbox, Store
from companion.platforms.shopware import handshake
from companion.platforms.shopware.credentials import opened
from companion.webhooks import registration


@dataclass(frozen=True, slots=True)
class Waiting:
    """A registration that wants to replace the one in force. `at` is None where the shop has not confirmed it."""

    old_url: str
    new_url: str
    at: datetime | None
    is_another_app: bool
    held: int

    @property
    def moves(self) -> bool:
        return not handshake.same_host(self.old_url, self.new_url)


def waiting(services: Services, store: Store) -> Waiting | None:
    """What waits for a yes at a store."""
    shop = opened(services.vault.open_json(store.credentials))
    wants = shop.candidate or (shop.pending if shop.pending and shop.pending.waits else None)
    if not store.approval or wants is None:
        return None
    with services.database.read() as session:
        held = session.scalar(select(func.count()).where(Inbox.store_id == store.id, Inbox.state == "held")) or 0
    at = datetime.fromtimestamp(shop.candidate.rotated_at, UTC) if shop.candidate else None
    return Waiting(store.shop_url, wants.shop_url, at, wants.app != shop.app, held)


def add(door: Blueprint, services: Services) -> None:
    """`/stores/<key>/approve` and `/reject`."""

    @door.post("/stores/<key>/approve")
    def approve(key: str) -> Response:
        return _decide(services, key, registration.approve, "approved a registration")

    @door.post("/stores/<key>/reject")
    def reject(key: str) -> Response:
        return _decide(services, key, registration.reject, "rejected a registration")


def _decide(services: Services, key: str, verb: Callable[[Services, str], None], what: str) -> Response:
    before = guard.found(services, key)
    verb(services, key)
    after = guard.found(services, key)
    with services.database.write() as session:
        urls = [{"shop_url": store.shop_url} for store in (before, after)]
        audit.record(session, services.now(), guard.visitor().who, what, before.id, *urls)
    flash(f"You {what}.", "good")
    return redirect(url_for("admin.setup", key=key), 303)
