"""The tables of consent: the lists that subscribers go to, and the ledger of every address on them.

Tables and nothing but tables, as `companion.models`; rows are handled by `companion.consent`.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from companion.models import Base, BigId


class MailingList(Base):
    """One Klaviyo list that a store's subscribers go to, and how far it was read.

    Until `suppressed_until` and `list_suppressed_until` all opt-outs are known, everywhere and on lists; until
    `joined_until` all who joined. At `read_at` all members were read; `nameless` of them have no e-mail address.
    """

    __tablename__ = "mailing_lists"

    store_id: Mapped[int] = mapped_column(ForeignKey("stores.id"), primary_key=True)
    list_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    chosen_at: Mapped[datetime]
    suppressed_until: Mapped[datetime | None]
    list_suppressed_until: Mapped[datetime | None]
    joined_until: Mapped[datetime | None]
    read_at: Mapped[datetime | None]
    nameless: Mapped[int] = mapped_column(default=0)


class Subscriber(Base):
    """The ledger of one address on one list: what the platform, Klaviyo and we ourselves did, and when.

    `digest` is the address's hash; `address` is kept only while the platform has such a recipient. The platform's side:
    `status` (active, inactive, absent), `opted_in_at`, seen at `platform_at` by a webhook or a run. Klaviyo's side:
    `member`, `consent`, `suppressions` ([[reason, time, list]]), seen at `klaviyo_at`. Ours: `profile` is what waits to
    be written, `fingerprint` what should stand there, `written` what does; `todo` and `reason` are the last decision.
    `due_at` is set while a webhook's news waits to be acted upon.
    """

    __tablename__ = "subscribers"
    __table_args__ = (
        UniqueConstraint("store_id", "list_id", "digest"),
        Index("subscribers_walked", "store_id", "list_id", "id"),
        Index(
            "subscribers_todo",
            *("store_id", "list_id", "todo", "id"),
            sqlite_where=text("todo <> ''"),
            postgresql_where=text("todo <> ''"),
        ),
        Index(
            "subscribers_due",
            *("store_id", "due_at"),
            sqlite_where=text("due_at IS NOT NULL"),
            postgresql_where=text("due_at IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    store_id: Mapped[int] = mapped_column(ForeignKey("stores.id"))
    list_id: Mapped[str] = mapped_column(String(32))
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    address: Mapped[str | None] = mapped_column(String(100))
    status: Mapped[str] = mapped_column(String(8), default="absent")
    recipient_id: Mapped[str] = mapped_column(String(64), default="")
    channel_id: Mapped[str] = mapped_column(String(64), default="")
    opted_in_at: Mapped[datetime | None]
    platform_at: Mapped[datetime | None]
    platform_source: Mapped[str] = mapped_column(String(8), default="")
    profile_id: Mapped[str] = mapped_column(String(32), default="")
    member: Mapped[bool] = mapped_column(default=False)
    consent: Mapped[str] = mapped_column(String(20), default="")
    suppressions: Mapped[list[Any] | None] = mapped_column(JSON(none_as_null=True))
    klaviyo_at: Mapped[datetime | None]
    profile: Mapped[bytes | None] = mapped_column(LargeBinary)
    fingerprint: Mapped[bytes | None] = mapped_column(LargeBinary(16))
    written: Mapped[bytes | None] = mapped_column(LargeBinary(16))
    todo: Mapped[str] = mapped_column(String(12), default="")
    reason: Mapped[str] = mapped_column(String(40), default="")
    decided_at: Mapped[datetime | None]
    subscribed_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]
    refused: Mapped[str | None] = mapped_column(Text)
    due_at: Mapped[datetime | None]
