"""What every shape is made of: no unknown members, and absence is not null."""

from datetime import datetime
from typing import Any

from msgspec import Struct, UnsetType

Text = str | UnsetType | None
Flag = bool | UnsetType | None
Number = int | float | UnsetType | None
Moment = datetime | UnsetType | None
Coordinate = str | int | float | UnsetType | None
Table = dict[str, Any] | UnsetType | None


class Shape(Struct, forbid_unknown_fields=True, gc=False):
    """A JSON object with exactly these members."""
