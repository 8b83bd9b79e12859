"""The tables of a store's set-up: what is known of its Klaviyo key, and an order to try choices on. Only tables."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from companion.models import Base


class KeyCheck(Base):
    """The last look at a store's Klaviyo key. `key` is one that was pasted (sealed), None: the one in force.

    `state`: due (to be asked, or asked again), good (it is in force), refused (nothing was changed; `reason` says why).
    `account` is what Klaviyo told of the account in force, `scopes` each scope of the key that was looked at: true,
    false, or null for not known.
    """

    __tablename__ = "key_checks"

    store_id: Mapped[int] = mapped_column(ForeignKey("stores.id"), primary_key=True, autoincrement=False)
    key: Mapped[bytes | None] = mapped_column(LargeBinary)
    state: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str | None] = mapped_column(Text)
    account: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    scopes: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    asked_by: Mapped[str] = mapped_column(String(80))
    asked_at: Mapped[datetime]
    attempts: Mapped[int]
    due_at: Mapped[datetime]
    checked_at: Mapped[datetime | None]


class Sample(Base):
    """The newest order with custom fields that came into a store, for previews.

    `ids` and `texts` are what `mappings.custom_fields.Custom` holds.
    """

    __tablename__ = "samples"

    store_id: Mapped[int] = mapped_column(ForeignKey("stores.id"), primary_key=True, autoincrement=False)
    label: Mapped[str] = mapped_column(String(64))
    ids: Mapped[dict[str, Any]] = mapped_column(JSON)
    texts: Mapped[dict[str, Any]] = mapped_column(JSON)
    at: Mapped[datetime]
