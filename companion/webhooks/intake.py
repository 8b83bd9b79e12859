"""Accept one webhook: whose it is, whether it is genuine and fresh, and on to the disk.

Runs inside the shopper's checkout, so it never calls the shop or Klaviyo and never maps. The usual webhook costs one
durable insert and no other statement; the app's own events and whatever changes a store take a transaction.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from sqlalchemy import select

from companion import inbox
from companion.bootstrap import Services
from companion.errors import InvalidSignature, UnknownStore
from companion.inbox import InboxRow
from companion.models import Store
from companion.platforms.base import Credentials, Delivery, Envelope, Lifecycle, Platform
from companion.webhooks.freshness import check_age

BELIEVED: Final = timedelta(seconds=2)
"""How long a store read from the database is believed; a signature that fails asks again at once."""


@dataclass(frozen=True, slots=True)
class _Known:
    """What verification needs of a store, and until when it is believed."""

    id: int
    state: str
    credentials: Credentials
    until: datetime


class Door:
    """One platform's door. It remembers for two seconds the stores whose webhooks it has just taken."""

    def __init__(self, services: Services, platform: Platform) -> None:
        self._services = services
        self._platform = platform
        self._known: dict[str, _Known] = {}

    def accept(self, delivery: Delivery) -> None:
        """Store a webhook durably and wake the work on it; a redelivery changes nothing.

        Raises WebhookRejected (nothing is stored) or what the database raises.
        """
        services, now = self._services, self._services.now()
        envelope = self._platform.read(delivery)
        store, genuine = self._verified(delivery, envelope.shop_id, now)
        if envelope.sent_at is not None:
            check_age(envelope.sent_at, now, services.settings.webhook_tolerance_s)
        if genuine and store.state == "active" and self._platform.lifecycle(envelope.topic) is None:
            services.intake.add(_row(store.id, envelope, delivery, now, "due"))
        else:
            self._add_with_care(store.id, envelope, delivery, now)
        services.wake("resolve", store.id)

    def _verified(self, delivery: Delivery, shop_id: str, now: datetime) -> tuple[_Known, bool]:
        """The store and whether its registration is in force; credentials that may be out of date are read again."""
        recent = self._known.get(shop_id)
        if recent is not None and now < recent.until:
            try:
                return recent, self._platform.verify(delivery, recent.credentials, now)
            except InvalidSignature:
                pass
        current = self._read(shop_id, now)
        return current, self._platform.verify(delivery, current.credentials, now)

    def _read(self, shop_id: str, now: datetime) -> _Known:
        columns = select(Store.id, Store.state, Store.credentials)
        with self._services.database.read() as session:
            found = columns.where(Store.platform == self._platform.name, Store.shop_id == shop_id)
            row = session.execute(found).one_or_none()
        if row is None:
            raise UnknownStore(f"shopId: no store is connected to the shop {shop_id}")
        known = _Known(row.id, row.state, self._services.vault.open_json(row.credentials), now + BELIEVED)
        self._known[shop_id] = known
        return known

    def _add_with_care(self, store_id: int, envelope: Envelope, delivery: Delivery, now: datetime) -> None:
        """Store a webhook that changes its store, or that waits for a yes, against the store as it is right now.

        The app's own events take effect here, in the order of their arrival: a shop that is uninstalled and installed
        again within a second must find itself removed. A business webhook proves that a silent app is active.
        """
        with self._services.database.write() as session:
            store = session.get_one(Store, store_id, with_for_update=True)
            genuine = self._platform.verify(delivery, self._services.vault.open_json(store.credentials), now)
            fresh = inbox.add(session, [_row(store_id, envelope, delivery, now, "due" if genuine else "held")])
            if not genuine:
                store.approval = "reregistration"
            elif fresh:
                store.state = _state_after(store.state, self._platform.lifecycle(envelope.topic))
        self._known.pop(envelope.shop_id, None)


def _state_after(state: str, told: Lifecycle | None) -> str:
    """The state a store is in once it has been told this by the app's own events, or None by any other."""
    if told is None:
        return "active" if state == "inactive" else state
    return state if told == "unchanged" else told


def _row(
    store_id: int, envelope: Envelope, delivery: Delivery, now: datetime, state: Literal["due", "held"]
) -> InboxRow:
    return InboxRow(store_id, envelope.webhook_id, envelope.topic, delivery.body, now, state)
