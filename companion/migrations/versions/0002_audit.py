"""The audit trail, and what the admin pages look things up by."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

INDEXES = (
    ("inbox_received", "inbox", ["store_id", "received_at"], None),
    ("inbox_quarantined", "inbox", ["store_id", "id"], "outcome = 'quarantined'"),
    ("outbox_live", "outbox", ["store_id", "created_at"], "priority = 0"),
    ("outbox_buried", "outbox", ["store_id", "id"], "state = 'buried'"),
)


def upgrade() -> None:
    big_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "audit",
        sa.Column("id", big_id, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("who", sa.String(length=80), nullable=False),
        sa.Column("what", sa.String(length=120), nullable=False),
        sa.Column("store_id", big_id, nullable=True),
        sa.Column("before", sa.JSON(), nullable=True),
        sa.Column("after", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    for name, table, columns, where in INDEXES:
        partial = None if where is None else sa.text(where)
        op.create_index(name, table, columns, sqlite_where=partial, postgresql_where=partial)


def downgrade() -> None:
    for name, table, _columns, _where in INDEXES:
        op.drop_index(name, table)
    op.drop_table("audit")
