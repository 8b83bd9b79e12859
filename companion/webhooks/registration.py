"""A shop's registration, in transactions: a registering shop becomes a store, a known one is guarded.

The rules are `platforms.shopware.handshake`'s; here they meet the tables. Answered within a second, so nothing is
called. What nothing but the app's own secret authenticates waits in `Store.approval` for `approve` or `reject`.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from companion import inbox, limits, stores
from companion.bootstrap import Services
from companion.errors import InvalidSignature, UnknownStore
from companion.models import Inbox, Store
from companion.platforms.shopware import handshake, lifecycle, signature
from companion.platforms.shopware.credentials import Pending, Shop, closed, opened
from companion.shopware_app import PLATFORM, ShopwareApp, known_apps
from companion.vault import Vault
from companion.webhooks.freshness import check_age


@dataclass(frozen=True, slots=True)
class Answer:
    """What a registering shop is told."""

    proof: str
    secret: str


def register(services: Services, query: bytes, app_signature: str, shop_signature: str) -> Answer:
    """Issue a new secret, pending until confirmed. Raises WebhookRejected; nothing is kept then."""
    request = handshake.read_request(query)
    now = services.now()
    secret = secrets.token_hex(32)
    with services.database.read() as session:
        app = _signing_app(session, services.vault, query, app_signature)
    check_age(request.sent_at, now, services.settings.webhook_tolerance_s)
    with services.database.write() as session:
        store = _locked(session, request.shop_id) or _added(session, services.vault, request, now)
        shop = opened(services.vault.open_json(store.credentials))
        proven = store.state != "removed" and handshake.is_proven(shop, query, shop_signature, now)
        pending = Pending(
            secret=secret,
            shop_url=request.shop_url,
            app=app.id,
            proven=proven,
            waits=bool(shop.secret) and not _may_replace(store, shop, request, app, proven),
            former=() if shop.secret else _former_secrets(session, services.vault, app),
        )
        _keep(services.vault, store, msgspec.structs.replace(shop, pending=pending))
    return Answer(signature.proof(request.shop_id, request.url, app.name, app.secret), secret)


def confirm(services: Services, body: bytes, claimed: str, claimed_previous: str) -> None:
    """Put a registration into force, or keep it until an admin says yes. Raises WebhookRejected."""
    request = handshake.read_confirmation(body)
    now = services.now()
    with services.database.write() as session:
        store = _locked(session, request.shop_id)
        if store is None:
            raise UnknownStore(f"shopId: the shop {request.shop_id} has not registered")
        before = opened(services.vault.open_json(store.credentials))
        after = handshake.confirm(before, request, body, claimed, claimed_previous, now)
        if after.secret != before.secret:
            _enter_into_force(session, store, after, now)
            inbox.refuse_held(session, store.id, now)
            if store.state == "removed":
                store.state = "inactive"
            if not before.secret:
                store.connected_at = now
        elif after.candidate != before.candidate:
            store.approval = "reregistration"
        _keep(services.vault, store, after)


def approve(services: Services, store_key: str) -> None:
    """Say yes to what waits: its keys come into force, its webhooks become due. Raises stores.NoSuchStore."""
    now = services.now()
    with services.database.write() as session:
        store = stores.by_key(session, store_key)
        session.refresh(store, with_for_update=True)
        before = opened(services.vault.open_json(store.credentials))
        after = handshake.approve(before, now)
        if after.secret != before.secret:
            _enter_into_force(session, store, after, now)
            store.state = _state_told(session, store)
        store.approval = ""
        _keep(services.vault, store, after)
        inbox.release_held(session, store.id, now)
        store_id = store.id
    services.wake("resolve", store_id)


def reject(services: Services, store_key: str) -> None:
    """Say no to what waits: it is forgotten, its webhooks are ignored. Raises stores.NoSuchStore."""
    with services.database.write() as session:
        store = stores.by_key(session, store_key)
        session.refresh(store, with_for_update=True)
        store.approval = ""
        _keep(services.vault, store, handshake.reject(opened(services.vault.open_json(store.credentials))))
        inbox.refuse_held(session, store.id, services.now())


def _signing_app(session: Session, vault: Vault, query: bytes, claimed: str) -> ShopwareApp:
    for app in known_apps(session, vault):
        if signature.registration_matches(query, app.secret, claimed):
            return app
    raise InvalidSignature(f"{handshake.APP_SIGNATURE}: no app of ours signs this registration")


def _may_replace(store: Store, shop: Shop, request: handshake.Request, app: ShopwareApp, proven: bool) -> bool:
    """Whether a confirmed shop's new registration takes effect without an admin's yes.

    A Klaviyo key never follows a shop to another host unseen; an uninstalled shop cannot prove itself any more,
    so its host has to do.
    """
    same_host = handshake.same_host(store.shop_url, request.shop_url)
    if proven:
        return same_host or store.klaviyo_key is None
    return same_host and store.state == "removed" and shop.app in (0, app.id)


def _added(session: Session, vault: Vault, request: handshake.Request, now: datetime) -> Store:
    """A new store, silent until it is confirmed."""
    store = stores.add(session, vault, platform=PLATFORM, shop_id=request.shop_id, shop_url=request.shop_url, now=now)
    store.state = "inactive"
    return store


def _former_secrets(session: Session, vault: Vault, app: ShopwareApp) -> tuple[str, ...]:
    """The secrets of the app's shops, one of which may be the newcomer's own.

    A shop that got a new id ("reinstall apps" after a change of its URL) signs its first webhook with the secret
    of its former registration, be that in force here or still waiting for a yes.
    """
    sealed = session.scalars(select(Store.credentials).where(Store.platform == PLATFORM))
    shops = [opened(vault.open_json(credentials)) for credentials in sealed]
    keys = [*shops, *(shop.candidate for shop in shops if shop.candidate)]
    return tuple(one.secret for one in keys if one.secret and one.app == app.id)


def _locked(session: Session, shop_id: str) -> Store | None:
    named = select(Store).where(Store.platform == PLATFORM, Store.shop_id == shop_id)
    return session.scalar(named.with_for_update())


def _enter_into_force(session: Session, store: Store, shop: Shop, now: datetime) -> None:
    """New keys: the shop's address is theirs, and what blocked its Admin API is repaired."""
    store.shop_url = shop.shop_url
    store.approval = ""
    limits.unblock(session, stores.shop_scope(store.id), now)


def _state_told(session: Session, store: Store) -> str:
    """The state that the held webhooks told last: the app's own events say it, any other proves that it is active."""
    held = select(Inbox.topic).where(Inbox.store_id == store.id, Inbox.state == "held").order_by(Inbox.id.desc())
    told = (lifecycle(topic) or "active" for topic in session.scalars(held))
    before = "inactive" if store.state == "removed" else store.state
    return next((state for state in told if state != "unchanged"), before)


def _keep(vault: Vault, store: Store, shop: Shop) -> None:
    store.credentials = vault.seal_json(closed(shop))
