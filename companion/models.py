"""The tables, and nothing but tables. Rows are handled by the modules named after the tables.

Times are aware UTC, kept as such on PostgreSQL and as UTC without zone on SQLite.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

BigId = BigInteger().with_variant(Integer, "sqlite")


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC datetime on every database. Naive values are refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


class Base(DeclarativeBase):
    type_annotation_map = {datetime: UtcDateTime, dict[str, Any]: JSON, str: String}  # noqa: RUF012 SQLAlchemy's own idiom


class Store(Base):
    """One merchant's shop. `credentials` and `klaviyo_key` are sealed; the platform owns the former's shape.

    `state`: active (webhooks flow), inactive (the app is switched off in the shop), removed (uninstalled).
    `approval`: what an admin has to say yes to (`reregistration`), or empty. `paused` says why nothing is sent.
    """

    __tablename__ = "stores"
    __table_args__ = (UniqueConstraint("platform", "shop_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    key: Mapped[str] = mapped_column(String(64), unique=True)
    platform: Mapped[str] = mapped_column(String(32))
    shop_id: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(200))
    shop_url: Mapped[str] = mapped_column(String(500))
    state: Mapped[str] = mapped_column(String(16), default="active")
    approval: Mapped[str] = mapped_column(String(32), default="")
    paused: Mapped[str | None] = mapped_column(Text)
    credentials: Mapped[bytes | None] = mapped_column(LargeBinary)
    klaviyo_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    klaviyo_account: Mapped[str] = mapped_column(String(32), default="")
    klaviyo_account_name: Mapped[str] = mapped_column(String(200), default="")
    settings: Mapped[dict[str, Any]] = mapped_column(default=dict)
    connected_at: Mapped[datetime]
    created_at: Mapped[datetime]


class App(Base):
    """One build of a platform's app for one merchant, with a secret of its own (sealed)."""

    __tablename__ = "apps"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    platform: Mapped[str] = mapped_column(String(32))
    merchant: Mapped[str] = mapped_column(String(200))
    name: Mapped[str] = mapped_column(String(64))
    secret: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("platform", "merchant"),)


class Inbox(Base):
    """A webhook as it came in. `state`: due, held (waits for an approval), settled; `outcome` says how it ended.

    Outcomes: delivered (its messages are in the outbox), duplicate, ignored, quarantined.
    """

    __tablename__ = "inbox"
    __table_args__ = (
        UniqueConstraint("store_id", "webhook_id"),
        Index(
            "inbox_due",
            "store_id",
            "due_at",
            "id",
            sqlite_where=text("state = 'due'"),
            postgresql_where=text("state = 'due'"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    store_id: Mapped[int] = mapped_column(ForeignKey("stores.id"))
    webhook_id: Mapped[str] = mapped_column(String(64))
    topic: Mapped[str] = mapped_column(String(120))
    body: Mapped[bytes | None] = mapped_column(LargeBinary)
    received_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(12), default="due")
    outcome: Mapped[str | None] = mapped_column(String(16))
    path: Mapped[str | None] = mapped_column(String(300))
    reason: Mapped[str | None] = mapped_column(Text)
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]


class Outbox(Base):
    """A message for Klaviyo: `profile` and `event` are the bytes that will be sent.

    `state`: due, delivered, buried, held. The row outlives its bytes: (store, metric, unique_id) is the
    fingerprint by which a fact is told once, for ever. `priority` 0 is live, 1 is history.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("store_id", "metric", "unique_id"),
        Index(
            "outbox_due",
            "store_id",
            "priority",
            "due_at",
            "id",
            sqlite_where=text("state = 'due'"),
            postgresql_where=text("state = 'due'"),
        ),
        Index("outbox_label", "store_id", "label"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    store_id: Mapped[int] = mapped_column(ForeignKey("stores.id"))
    metric: Mapped[str] = mapped_column(String(64))
    unique_id: Mapped[str] = mapped_column(String(255))
    label: Mapped[str] = mapped_column(String(64), default="")
    priority: Mapped[int] = mapped_column(default=0)
    profile: Mapped[bytes | None] = mapped_column(LargeBinary)
    event: Mapped[bytes | None] = mapped_column(LargeBinary)
    signalled_at: Mapped[datetime]
    created_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(12), default="due")
    reason: Mapped[str | None] = mapped_column(Text)
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]


class Limit(Base):
    """One rate limit shared by every process: `scope` is an account or a shop, `endpoint` what is limited.

    `next_at` paces to the steady window; `blocked_until` obeys Retry-After, an exhausted window or a run of
    `failures`; `steady` is the limit a minute as last told by the remote.
    """

    __tablename__ = "limits"

    scope: Mapped[str] = mapped_column(String(80), primary_key=True)
    endpoint: Mapped[str] = mapped_column(String(40), primary_key=True)
    next_at: Mapped[datetime]
    blocked_until: Mapped[datetime]
    failures: Mapped[int] = mapped_column(default=0)
    steady: Mapped[int | None]
    reason: Mapped[str | None] = mapped_column(Text)


class Audit(Base):
    """Who changed what, and when. `store_id` is None for what concerns the whole house.

    `before` and `after` hold what a person would want to compare, and never a secret.
    """

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[datetime]
    who: Mapped[str] = mapped_column(String(80))
    what: Mapped[str] = mapped_column(String(120))
    store_id: Mapped[int | None] = mapped_column(ForeignKey("stores.id"))
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    after: Mapped[dict[str, Any] | None] = mapped_column(JSON)


def _index(name: str, *columns: Any, where: str | None = None) -> Index:
    """An index that pages look things up by; a partial one where only few rows are ever asked for."""
    partial = None if where is None else text(where)
    return Index(name, *columns, sqlite_where=partial, postgresql_where=partial)


_index("inbox_received", Inbox.store_id, Inbox.received_at)
_index("inbox_quarantined", Inbox.store_id, Inbox.id, where="outcome = 'quarantined'")
_index("outbox_live", Outbox.store_id, Outbox.created_at, where="priority = 0")
_index("outbox_buried", Outbox.store_id, Outbox.id, where="state = 'buried'")


class Run(Base):
    """A walk through many records, page by page. `kind`: history, changes, subscribers.

    `state`: running, held (waits for a person's yes), paused, finished, cancelled, failed; `reason` says why, or what a
    running one waits for. `options` is what was asked for, `plan` what was expected, `result` what came of it; their
    shapes and the cursor's belong to the kind. `done` of `total` records are handled, `told` is how many messages were
    new, `rate` the records a second lately. `claims` counts the leases: only the holder of the last may change it.
    """

    __tablename__ = "runs"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    store_id: Mapped[int] = mapped_column(ForeignKey("stores.id"))
    kind: Mapped[str] = mapped_column(String(32))
    state: Mapped[str] = mapped_column(String(12), default="running")
    reason: Mapped[str | None] = mapped_column(Text)
    options: Mapped[dict[str, Any]] = mapped_column(JSON)
    plan: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    cursor: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    result: Mapped[dict[str, Any]] = mapped_column(JSON)
    total: Mapped[int | None]
    done: Mapped[int] = mapped_column(default=0)
    told: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)
    rate: Mapped[float | None]
    requested_by: Mapped[str] = mapped_column(String(80), default="")
    claims: Mapped[int] = mapped_column(default=0)
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class RunFailure(Base):
    """A record that a run could not tell. `due`: it is to be tried again."""

    __tablename__ = "run_failures"
    __table_args__ = (UniqueConstraint("run_id", "resource", "record_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id"))
    resource: Mapped[str] = mapped_column(String(32))
    record_id: Mapped[str] = mapped_column(String(64))
    label: Mapped[str] = mapped_column(String(64), default="")
    path: Mapped[str] = mapped_column(String(300))
    reason: Mapped[str] = mapped_column(Text)
    due: Mapped[bool] = mapped_column(default=False)
    at: Mapped[datetime]


_index("runs_due", Run.store_id, Run.due_at, where="state = 'running'")
_index("runs_listed", Run.store_id, Run.id)
Index(
    "runs_open",
    Run.store_id,
    Run.kind,
    unique=True,
    sqlite_where=text("state in ('running', 'held', 'paused')"),
    postgresql_where=text("state in ('running', 'held', 'paused')"),
)
