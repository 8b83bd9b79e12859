"""The tables of sign-up forms: those the account has, which of them fills which slot, and where slots were seen.

Tables and nothing but tables, as `companion.models`; rows are handled by `companion.forms`.
"""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from companion.models import Base


class CachedForm(Base):
    """A form of the store's Klaviyo account, as it was last read.

    `status` is draft or live, `type` banner, embed, flyout, full_page or popup; empty while no version was read.
    `version` is Klaviyo's time of the form's last change; `stale`: its type has still to be read.
    """

    __tablename__ = "forms_cached"

    store_id: Mapped[int] = mapped_column(ForeignKey("stores.id"), primary_key=True)
    form_id: Mapped[str] = mapped_column(String(16), primary_key=True)
    name: Mapped[str] = mapped_column(String(500))
    status: Mapped[str] = mapped_column(String(16))
    type: Mapped[str] = mapped_column(String(16), default="")
    version: Mapped[str] = mapped_column(String(40))
    stale: Mapped[bool] = mapped_column(default=True)
    seen_at: Mapped[datetime]


class Slot(Base):
    """Which form fills a slot. An empty channel or language means all of them; an empty form: none, on purpose."""

    __tablename__ = "slots"

    store_id: Mapped[int] = mapped_column(ForeignKey("stores.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    channel_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    language: Mapped[str] = mapped_column(String(16), primary_key=True)
    form_id: Mapped[str] = mapped_column(String(16))
    changed_at: Mapped[datetime]


class SlotSighting(Base):
    """Where a slot was last seen alive, once a day; nothing of who saw it."""

    __tablename__ = "slot_sightings"

    store_id: Mapped[int] = mapped_column(ForeignKey("stores.id"), primary_key=True)
    slot: Mapped[str] = mapped_column(String(40), primary_key=True)
    channel_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    language: Mapped[str] = mapped_column(String(16), primary_key=True)
    host: Mapped[str] = mapped_column(String(255))
    seen_at: Mapped[datetime]
