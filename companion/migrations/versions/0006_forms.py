"""Sign-up forms: the account's, the slots, and where slots were seen."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    big_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "forms_cached",
        sa.Column("store_id", big_id, nullable=False),
        sa.Column("form_id", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=500), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("type", sa.String(length=16), nullable=False),
        sa.Column("version", sa.String(length=40), nullable=False),
        sa.Column("stale", sa.Boolean(), nullable=False),
        sa.Column("seen_at", moment, nullable=False),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"]),
        sa.PrimaryKeyConstraint("store_id", "form_id"),
    )
    op.create_table(
        "slots",
        sa.Column("store_id", big_id, nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("channel_id", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("form_id", sa.String(length=16), nullable=False),
        sa.Column("changed_at", moment, nullable=False),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"]),
        sa.PrimaryKeyConstraint("store_id", "name", "channel_id", "language"),
    )
    op.create_table(
        "slot_sightings",
        sa.Column("store_id", big_id, nullable=False),
        sa.Column("slot", sa.String(length=40), nullable=False),
        sa.Column("channel_id", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("seen_at", moment, nullable=False),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"]),
        sa.PrimaryKeyConstraint("store_id", "slot", "channel_id", "language"),
    )


def downgrade() -> None:
    for name in ("slot_sightings", "slots", "forms_cached"):
        op.drop_table(name)
