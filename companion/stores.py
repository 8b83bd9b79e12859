"""The stores' verbs: add, find, change settings, pause, resume. One store is one shop of one merchant."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from companion import audit, limits, store_settings
from companion.errors import CompanionError
from companion.klaviyo.client import Account
from companion.models import Store
from companion.platforms.base import Credentials
from companion.vault import Vault
from mappings.model import Tracking


class NoSuchStore(CompanionError):
    """No store has this key."""


class OtherAccount(CompanionError):
    """The key belongs to another Klaviyo account than the one this store is pinned to."""


def add(
    session: Session,
    vault: Vault,
    *,
    platform: str,
    shop_id: str,
    shop_url: str,
    now: datetime,
    key: str = "",
    name: str = "",
    credentials: Credentials | None = None,
) -> Store:
    """Add a shop. Without a key, one is made of the host (`shop-example-net`, `shop-example-net-2`)."""
    host = urlsplit(shop_url).hostname or shop_id
    store = Store(
        key=key or _free_key(session, host),
        platform=platform,
        shop_id=shop_id,
        name=name or host,
        shop_url=shop_url,
        state="active",
        approval="",
        credentials=vault.seal_json(credentials or {}),
        settings={},
        connected_at=now,
        created_at=now,
    )
    session.add(store)
    session.flush()
    return store


def by_key(session: Session, key: str) -> Store:
    """Raises NoSuchStore."""
    store = session.scalar(select(Store).where(Store.key == key))
    if store is None:
        raise NoSuchStore(f"there is no store {key!r}; `companion store list` shows them")
    return store


def by_key_or_shop(session: Session, name: str) -> Store:
    """The store of this key, or the one shop with this id: a theme knows its shop, not our key. Raises NoSuchStore."""
    found = session.scalars(select(Store).where(or_(Store.key == name, Store.shop_id == name)).limit(2)).all()
    return next((store for store in found if store.key == name), None) or (
        found[0] if len(found) == 1 else by_key(session, name)
    )


def by_shop(session: Session, platform: str, shop_id: str) -> Store | None:
    """The store that a shop's own id names."""
    return session.scalar(select(Store).where(Store.platform == platform, Store.shop_id == shop_id))


def listed(session: Session) -> Sequence[Store]:
    """All stores by key."""
    return session.scalars(select(Store).order_by(Store.key)).all()


def change_settings(store: Store, changes: Mapping[str, Any]) -> None:
    """Replace the top-level settings named, and take back those that are None.

    Raises store_settings.InvalidSettings; nothing is changed then.
    """
    new = {**store.settings, **changes}
    store.settings = store_settings.checked({name: value for name, value in new.items() if value is not None})


def choose(
    session: Session, key: str, chosen: Callable[[Mapping[str, Any]], Mapping[str, Any]], who: str, now: datetime
) -> None:
    """Change what `chosen` makes of the store's settings, and note it in the trail. Raises as change_settings."""
    store = by_key(session, key)
    before = store.settings
    change_settings(store, chosen(before))
    audit.record(session, now, who, "changed settings", store.id, before, store.settings)


def tracking(store: Store, now: datetime, flow_window_h: int) -> Callable[[str], Tracking]:
    """The merchant's choices by sales channel id.

    What happened before the shop was connected, or too long ago to answer with a flow, is told as backfill.
    """
    oldest = max(store.connected_at, now - timedelta(hours=flow_window_h))
    known: dict[str, Tracking] = {}

    def of_channel(channel_id: str) -> Tracking:
        if channel_id not in known:
            known[channel_id] = store_settings.tracking(store.settings, channel_id, store.platform, oldest)
        return known[channel_id]

    return of_channel


def check_account(store: Store, account: Account) -> None:
    """A store never changes the account it sends to. Raises OtherAccount."""
    if store.klaviyo_account and store.klaviyo_account != account.id:
        raise OtherAccount(
            f"this key belongs to account {account.id} ({account.name}), but the store sends to "
            f"{store.klaviyo_account} ({store.klaviyo_account_name}); use a key of that account"
        )


def pause(store: Store, reason: str) -> None:
    """Stop sending; webhooks are still accepted."""
    store.paused = reason


def resume(session: Session, store: Store, now: datetime) -> None:
    """Send again, and ask the shop again, at once."""
    store.paused = None
    for scope in (shop_scope(store.id), store.klaviyo_account):
        limits.unblock(session, scope, now)


def shop_scope(store_id: int) -> str:
    """The scope under which a shop's own limits are kept."""
    return f"shop:{store_id}"


def key_of(host: str) -> str:
    """The key that the first store of a host is given."""
    return re.sub(r"[^a-z0-9]+", "-", host.lower()).strip("-")[:50] or "store"


def _free_key(session: Session, host: str) -> str:
    base = key_of(host)
    taken = set(session.scalars(select(Store.key).where(Store.key.startswith(base))))
    numbered = (f"{base}-{number}" for number in range(2, len(taken) + 3))
    return next(key for key in (base, *numbered) if key not in taken)
