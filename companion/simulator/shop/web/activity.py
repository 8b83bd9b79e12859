"""What is going on in the shop, for eyes and for tests: its state and the webhooks it sent."""

from typing import Any

from companion.simulator.shop.apps import app as apps
from companion.simulator.shop.shop import Shop

COLUMNS = ("id", "at", "order_id", "event", "event_id", "attempt", "outcome", "status", "ms", "bytes")
NUMBER = """(SELECT json_extract(body, '$.orderNumber') FROM "order" WHERE "order".id = order_id)"""


def state(shop: Shop) -> dict[str, Any]:
    """Without any secret."""
    app = apps.installed(shop.database)
    known = apps.identity(shop.database)
    return {
        "shop_id": known.shop_id,
        "url": known.url,
        "resolved": known.is_resolved,
        "webhooks": shop.database.setting("webhooks"),
        "lose_webhooks": shop.database.setting("lose_webhooks", False),
        "queued": shop.courier.waiting(),
        "orders": count(shop, "order"),
        "customers": count(shop, "customer"),
        "recipients": count(shop, "newsletter_recipient"),
        "app": {"name": app.name, "version": app.version, "active": app.active} if app else None,
    }


def webhooks(shop: Shop, order_id: str | None = None, after: int = 0, limit: int = 1000) -> list[dict[str, Any]]:
    """Attempts to deliver, the newest first, with the order's number; `status` 0 where there was no answer."""
    rows = shop.database.rows(
        f"SELECT {', '.join(COLUMNS)}, {NUMBER} FROM webhook_log WHERE id > ?"  # noqa: S608 the columns are ours
        f"{' AND order_id = ?' if order_id else ''} ORDER BY id DESC LIMIT ?",
        (after, *((order_id,) if order_id else ()), limit),
    )
    return [dict(zip((*COLUMNS, "number"), row, strict=True)) for row in rows]


def count(shop: Shop, table: str) -> int:
    return int(shop.database.rows(f'SELECT COUNT(*) FROM "{table}"')[0][0])  # noqa: S608 the tables are ours
