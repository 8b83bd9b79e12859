"""Mailing lists and the ledger of consent."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

INDEXES = (
    ("subscribers_walked", ["store_id", "list_id", "id"], None),
    ("subscribers_todo", ["store_id", "list_id", "todo", "id"], "todo <> ''"),
    ("subscribers_due", ["store_id", "due_at"], "due_at IS NOT NULL"),
)


def upgrade() -> None:
    big_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "mailing_lists",
        sa.Column("store_id", big_id, nullable=False),
        sa.Column("list_id", sa.String(length=32), nullable=False),
        sa.Column("chosen_at", moment, nullable=False),
        sa.Column("suppressed_until", moment, nullable=True),
        sa.Column("list_suppressed_until", moment, nullable=True),
        sa.Column("joined_until", moment, nullable=True),
        sa.Column("read_at", moment, nullable=True),
        sa.Column("nameless", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"]),
        sa.PrimaryKeyConstraint("store_id", "list_id"),
    )
    op.create_table(
        "subscribers",
        sa.Column("id", big_id, nullable=False),
        sa.Column("store_id", big_id, nullable=False),
        sa.Column("list_id", sa.String(length=32), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("address", sa.String(length=100), nullable=True),
        sa.Column("status", sa.String(length=8), nullable=False),
        sa.Column("recipient_id", sa.String(length=64), nullable=False),
        sa.Column("channel_id", sa.String(length=64), nullable=False),
        sa.Column("opted_in_at", moment, nullable=True),
        sa.Column("platform_at", moment, nullable=True),
        sa.Column("platform_source", sa.String(length=8), nullable=False),
        sa.Column("profile_id", sa.String(length=32), nullable=False),
        sa.Column("member", sa.Boolean(), nullable=False),
        sa.Column("consent", sa.String(length=20), nullable=False),
        sa.Column("suppressions", sa.JSON(), nullable=True),
        sa.Column("klaviyo_at", moment, nullable=True),
        sa.Column("profile", sa.LargeBinary(), nullable=True),
        sa.Column("fingerprint", sa.LargeBinary(length=16), nullable=True),
        sa.Column("written", sa.LargeBinary(length=16), nullable=True),
        sa.Column("todo", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("decided_at", moment, nullable=True),
        sa.Column("subscribed_at", moment, nullable=True),
        sa.Column("removed_at", moment, nullable=True),
        sa.Column("refused", sa.Text(), nullable=True),
        sa.Column("due_at", moment, nullable=True),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("store_id", "list_id", "digest"),
    )
    for name, columns, where in INDEXES:
        partial = None if where is None else sa.text(where)
        op.create_index(name, "subscribers", columns, sqlite_where=partial, postgresql_where=partial)


def downgrade() -> None:
    for name, _columns, _where in INDEXES:
        op.drop_index(name, "subscribers")
    op.drop_table("subscribers")
    op.drop_table("mailing_lists")
