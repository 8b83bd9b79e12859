"""The newest order with custom fields of each store: what a merchant's choice of fields is tried on, without asking the
shop. One row a store, forgotten with the bodies of webhooks.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Final, cast

from sqlalchemy import Table, delete, update
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlalchemy.orm import Session

from companion.set_up_models import Sample
from mappings.custom_fields import Custom
from mappings.model import Fact, Order

TABLE: Final = cast("Table", Sample.__table__)
ADD: Final = {
    "sqlite": insert_sqlite(TABLE).on_conflict_do_nothing(),
    "postgresql": insert_postgresql(TABLE).on_conflict_do_nothing(),
}


def keep(session: Session, store_id: int, found: Iterable[Fact], now: datetime) -> None:
    """Keep the newest of these orders that has custom fields, in place of the one before."""
    orders = (fact for fact in found if isinstance(fact, Order))
    newest = max((order for order in orders if order.custom), key=lambda order: order.placed_at, default=None)
    if newest is None:
        return
    said = {"label": newest.number, "ids": dict(newest.custom.ids), "texts": dict(newest.custom.texts), "at": now}
    connection = session.connection()
    connection.execute(ADD[connection.dialect.name], {"store_id": store_id, **said})
    session.execute(update(TABLE).where(TABLE.c.store_id == store_id).values(said))


def of(session: Session, store_id: int) -> tuple[str, Custom] | None:
    """The order's number and its custom fields."""
    row = session.get(Sample, store_id)
    return None if row is None else (row.label, Custom(row.ids, row.texts))


def forget(session: Session, before: datetime) -> None:
    """Remove samples older than this."""
    session.execute(delete(TABLE).where(TABLE.c.at < before))
