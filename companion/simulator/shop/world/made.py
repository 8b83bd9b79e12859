"""How the demo shop's set-up is made: documents with ids of their names, dated to the shop's opening."""

from datetime import UTC, datetime
from typing import Any

from companion.simulator.shop.marks import fixed_id, stamp

OPENED = datetime(2019, 1, 7, 8, 0, tzinfo=UTC)
GERMAN = fixed_id("language/de-DE")

Made = tuple[str, dict[str, Any]]
"""An entity's name and a document."""


def made(entity: str, name: str, /, **values: Any) -> Made:
    """A document whose id is made of `name`, unless it is given."""
    return entity, {"id": fixed_id(f"{entity}/{name}"), "createdAt": stamp(OPENED), **values}


def german(**texts: Any) -> dict[str, dict[str, Any]]:
    """The German texts of a document."""
    return {GERMAN: texts}
