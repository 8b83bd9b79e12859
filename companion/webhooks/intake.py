"""Accept one webhook: whose it is, whether it is genuine and fresh, and on to the disk.

Runs inside the shopper's checkout, so it never calls the shop or Klaviyo and never maps. The usual webhook costs one
durable insert and no other statement; the app's own events and whatever changes a store take a transaction.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from weakref import WeakKeyDictionary

from sqlalchemy import select

from companion import inbox
from companion.bootstrap import Services
from companion.db import Database
from companion.errors import InvalidSignature, StaleWebhook, UnknownStore
from companion.inbox import InboxRow
from companion.models import Store
from companion.platforms.base import Credentials, Delivery, Envelope, Platform

FRESH: Final = timedelta(seconds=2)
"""How long a store read from the database is believed; a signature that fails asks again at once."""


@dataclass(frozen=True, slots=True)
class _Known:
    """What verification needs of a store, and until when it is believed."""

    id: int
    state: str
    credentials: Credentials
    until: datetime


_known: WeakKeyDictionary[Database, dict[tuple[str, str], _Known]] = WeakKeyDictionary()


def accept(services: Services, platform: Platform, delivery: Delivery) -> None:
    """Store a webhook durably and wake the work on it; a redelivery changes nothing.

    Raises WebhookRejected (nothing is stored) or what the database raises.
    """
    now = services.now()
    envelope = platform.read(delivery)
    store, genuine = _verified(services, platform, delivery, envelope, now)
    _check_age(envelope, now, services.settings.webhook_tolerance_s)
    if genuine and store.state == "active" and platform.lifecycle(envelope.topic) is None:
        services.intake.add(_row(store.id, envelope, delivery, now))
    else:
        _add_with_care(services, platform, delivery, envelope, store.id, now)
    services.wake("resolve", store.id)


def _verified(
    services: Services, platform: Platform, delivery: Delivery, envelope: Envelope, now: datetime
) -> tuple[_Known, bool]:
    """The store and whether its registration is in force; credentials that may be out of date are read again."""
    recent = _known.setdefault(services.database, {}).get((platform.name, envelope.shop_id))
    if recent is not None and now < recent.until:
        try:
            return recent, platform.verify(delivery, recent.credentials, now)
        except InvalidSignature:
            pass
    current = _read(services, platform.name, envelope.shop_id, now)
    return current, platform.verify(delivery, current.credentials, now)


def _read(services: Services, platform: str, shop_id: str, now: datetime) -> _Known:
    columns = select(Store.id, Store.state, Store.credentials)
    with services.database.read() as session:
        row = session.execute(columns.where(Store.platform == platform, Store.shop_id == shop_id)).one_or_none()
    if row is None:
        raise UnknownStore(f"shopId: no store is connected to the shop {shop_id}")
    known = _Known(row.id, row.state, services.vault.open_json(row.credentials), now + FRESH)
    _known[services.database][platform, shop_id] = known
    return known


def _check_age(envelope: Envelope, now: datetime, tolerance_s: int) -> None:
    if envelope.sent_at is None:
        return
    off = (now - envelope.sent_at).total_seconds()
    if abs(off) > tolerance_s:
        raise StaleWebhook(f"timestamp: is {abs(off):.0f} s in the {'past' if off > 0 else 'future'}")


def _add_with_care(
    services: Services,
    platform: Platform,
    delivery: Delivery,
    envelope: Envelope,
    store_id: int,
    now: datetime,
) -> None:
    """Store a webhook that changes its store, or that waits for a yes, against the store as it is right now.

    The app's own events take effect here, in the order of their arrival: a shop that is uninstalled and installed
    again within a second must find itself removed. A business webhook proves that a silent app is active.
    """
    with services.database.write() as session:
        store = session.get_one(Store, store_id, with_for_update=True)
        genuine = platform.verify(delivery, services.vault.open_json(store.credentials), now)
        row = _row(store_id, envelope, delivery, now, held=not genuine)
        fresh = bool(inbox.add(session, [row]))
        if not genuine:
            store.approval = "reregistration"
        elif fresh:
            store.state = platform.lifecycle(envelope.topic) or ("active" if store.state == "inactive" else store.state)
    _known[services.database].pop((platform.name, envelope.shop_id), None)


def _row(store_id: int, envelope: Envelope, delivery: Delivery, now: datetime, *, held: bool = False) -> InboxRow:
    return InboxRow(
        store_id=store_id,
        webhook_id=envelope.webhook_id,
        topic=envelope.topic,
        body=delivery.body,
        received_at=now,
        state="held" if held else "due",
    )
