"""Neto's loose JSON, tidied in one place: whatever shape a value came in, it leaves in one.

Scalars become text; empty ones, zero dates and empty objects are left out. A collection becomes a list of objects,
whether it came as a list, as a single object, wrapped in an object or a list of its own name, or as nothing at all:
its members are known by a field that each of them has.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

ZERO_DATE: Final = "0000-00-00"
DEEPEST: Final = 12
"""No record nests deeper; what does is not followed."""

MEMBERS: Final[Mapping[str, tuple[str, ...]]] = {
    "Order": ("OrderID",),
    "OrderLine": ("OrderLineID", "SKU"),
    "OrderLines": ("OrderLineID", "SKU"),
    "OrderPayment": ("Amount",),
    "Item": ("SKU",),
    "Categories": ("CategoryName",),
    "Images": ("URL",),
    "Rma": ("RmaID",),
    "RmaLines": ("RmaLineID", "SKU"),
    "Refunds": ("RefundAmount",),
    "Cart": ("CartID",),
    "Customer": ("Username",),
    "CurrencySettings": ("DEFAULTCURRENCY",),
    "Messages": ("Message",),
}
"""Every collection that is read, and what its members are known by."""


OBJECTS: Final = ("BillingAddress",)
"""What is read as an object inside another."""


def tidy(found: Mapping[str, Any]) -> dict[str, Any]:
    """An object with its values in one shape."""
    return dict(_told(found))


def members(value: Any, name: str) -> list[dict[str, Any]]:
    """The members of a collection, tidied, in whatever container they came; none without what it is known by."""
    marks = MEMBERS[name]
    found = (tidy(member) for member in _found(value, marks, 0))
    return [member for member in found if any(mark in member for mark in marks)]


def _told(found: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """What is read, and whatever else is text: an object that nobody reads is left out."""
    for name, value in found.items():
        if name in MEMBERS:
            yield name, members(value, name)
        elif name in OBJECTS:
            yield name, tidy(value) if isinstance(value, dict) else {}
        elif text := _text(value):
            yield name, text


def _found(value: Any, marks: tuple[str, ...], depth: int) -> Iterator[Mapping[str, Any]]:
    if depth > DEEPEST:
        return
    if isinstance(value, dict):
        if any(mark in value for mark in marks):
            yield value
        else:
            for inner in value.values():
                yield from _found(inner, marks, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            yield from _found(inner, marks, depth + 1)


def _text(value: Any) -> str:
    """A scalar as text. Lists of scalars are none: nothing that is read is one."""
    if value is None or isinstance(value, list | dict):
        return ""
    text = str(value).strip()
    return "" if text.startswith(ZERO_DATE) else text
