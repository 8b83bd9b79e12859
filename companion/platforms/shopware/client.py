"""Reads orders from a shop's Admin API, with their history and their products, in as few calls as it can.

A hundred orders cost two calls for the orders, one for about thirty orders' history, and one for each language and
hundred products. The records keep the shop's own shape; what they mean is decided in `mappings.shopware`.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec

from companion.errors import Retry
from companion.platforms.base import Access, Record, Ref
from companion.platforms.shopware import criteria
from companion.platforms.shopware.admin_api import AdminApi
from companion.platforms.shopware.options import Memory

IDS: Final = 500
"""Ids in one filter."""

api: Final = AdminApi()
options: Final = Memory(api)


class _Part(msgspec.Struct):
    id: str


class _Capture(msgspec.Struct):
    refunds: list[_Part] | None = None


class _Payment(_Part):
    captures: list[_Capture] | None = None


class _Line(msgspec.Struct, rename="camel"):
    product_id: str | None = None


class _Order(msgspec.Struct, rename="camel"):
    """What an order leads to: whose history belongs to it, and which products."""

    id: str
    language_id: str = ""
    deliveries: list[_Part] | None = None
    transactions: list[_Payment] | None = None
    line_items: list[_Line] | None = None

    def subjects(self) -> Iterator[str]:
        yield self.id
        for part in (*(self.deliveries or ()), *(self.transactions or ())):
            yield part.id
        for payment in self.transactions or ():
            for capture in payment.captures or ():
                yield from (refund.id for refund in capture.refunds or ())

    def products(self) -> set[str]:
        return {line.product_id for line in self.line_items or () if line.product_id}


def fetch_records(access: Access, refs: Sequence[Ref]) -> Sequence[Record]:
    """Read orders. Those the shop no longer has are left out. Raises Retry, Bury or Pause.

    Each body is `{"order": {...}, "history": [...], "products": {id: {...}}, "options": {...}}`; the options are those
    of the shop's custom fields, `{field: {id: {locale: text}}}`.
    """
    ids = list(dict.fromkeys(ref.id for ref in refs if ref.resource == "order"))
    found = [row for some in _chunks(ids, access.page) for row in read(access, "order", criteria.orders(some))]
    orders = [_outline(row) for row in found]
    history = _history(access, orders)
    products = _products(access, orders)
    offered = options.of(access, found)
    selections = {"options": offered} if offered else {}
    return [
        Record(
            "order",
            order.id,
            {"order": row, "history": history.get(order.id, []), "products": products[order.id], **selections},
        )
        for order, row in zip(orders, found, strict=True)
    ]


def _history(access: Access, orders: Iterable[_Order]) -> Mapping[str, list[dict[str, Any]]]:
    """Every state entered, by order."""
    owners = {subject: order.id for order in orders for subject in order.subjects()}
    found: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for some in _chunks(list(owners), IDS):
        page, rows, limit = 0, 0, criteria.rows(access.page)
        while rows == page * limit:
            page += 1
            entries = read(access, "state-machine-history", criteria.history(some, page, limit))
            rows += len(entries)
            for entry in entries:
                found[owners.get(str(entry.get("referencedId")), "")].append(entry)
    return found


def _products(access: Access, orders: Sequence[_Order]) -> Mapping[str, dict[str, Any]]:
    """The products of each order, in the order's language, by order and id."""
    wanted: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for order in orders:
        wanted[order.language_id] |= dict.fromkeys(sorted(order.products()))
    known = {
        (language, row["id"]): row
        for language, ids in wanted.items()
        for some in _chunks(list(ids), criteria.rows(access.page))
        for row in read(access, "product", criteria.products(some, language), criteria.language(language))
    }
    return {
        order.id: {id_: known[order.language_id, id_] for id_ in order.products() if (order.language_id, id_) in known}
        for order in orders
    }


def read(
    access: Access, entity: str, asked: criteria.Criteria, headers: Mapping[str, str] | None = None
) -> list[dict[str, Any]]:
    """The records of an answer. Something that answers 200 without them is not the shop, but in front of it."""
    rows = api.search(access, entity, asked, headers).get("data")
    if not isinstance(rows, list) or not all(isinstance(row, dict) and isinstance(row.get("id"), str) for row in rows):
        raise Retry(f"The shop answered a search for {entity} without records.")
    return rows


def _outline(row: dict[str, Any]) -> _Order:
    """What an order leads to; nothing, where it is malformed: its mapping will say so, with the path."""
    try:
        return msgspec.convert(row, _Order)
    except msgspec.ValidationError:
        return _Order(row["id"])


def _chunks(ids: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    return (ids[start : start + size] for start in range(0, len(ids), size))
