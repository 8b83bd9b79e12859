"""Alembic's entry: runs on the connection it is handed, never on one of its own."""

from alembic import context

from companion.models import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
