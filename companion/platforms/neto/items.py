"""The things in orders, looked up in batches and remembered for a day: categories, brand, address and picture.

A variant's parent is looked up with it. What the shop does not have is remembered as missing, for an hour: nothing that
is missing holds an order back.
"""

import threading
from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from companion.platforms.base import Access
from companion.platforms.neto.api import api

BATCH: Final = 100
REMEMBERED: Final = timedelta(hours=24)
MISSED: Final = timedelta(hours=1)
MOST: Final = 50_000
"""Things remembered in all; those not asked for the longest go first."""

OUTPUTS: Final = ("ParentSKU", "Brand", "Name", "Categories", "Images", "ItemURL", "IsNetoUtility")

Item = dict[str, Any]


class Items:
    """What is remembered of all shops' things; safe to share between threads."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, str], tuple[datetime, Item | None]] = OrderedDict()
        self._turn = threading.Lock()

    def of(self, access: Access, skus: Collection[str]) -> Mapping[str, Item]:
        """The things by SKU, and their parents. Raises Retry or Pause."""
        found = self._looked_up(access, skus)
        parents = {item["ParentSKU"] for item in found.values() if "ParentSKU" in item} - found.keys()
        return {**found, **self._looked_up(access, parents)}

    def forget(self, store_key: str, skus: Iterable[str]) -> None:
        """They have changed: look them up again when they are next asked for."""
        with self._turn:
            for sku in skus:
                self._kept.pop((store_key, sku), None)

    def _looked_up(self, access: Access, skus: Collection[str]) -> dict[str, Item]:
        found, unknown = self._remembered(access, skus)
        for start in range(0, len(unknown), BATCH):
            some = unknown[start : start + BATCH]
            rows = api.get(access, "GetItem", {"SKU": some}, OUTPUTS, limit=BATCH).rows
            # a shop compares SKUs without case, so what it calls them is not what the order does
            by_sku = {row["SKU"].lower(): row for row in rows if "SKU" in row}
            known = {sku: by_sku.get(sku.lower()) for sku in some}
            self._remember(access, known)
            found |= {sku: item for sku, item in known.items() if item is not None}
        return found

    def _remembered(self, access: Access, skus: Collection[str]) -> tuple[dict[str, Item], list[str]]:
        found: dict[str, Item] = {}
        unknown: list[str] = []
        with self._turn:
            for sku in sorted(set(skus) - {""}):
                until, item = self._kept.get((access.store_key, sku), (None, None))
                if until is None or until <= access.now():
                    unknown.append(sku)
                    continue
                self._kept.move_to_end((access.store_key, sku))
                if item is not None:
                    found[sku] = item
        return found, unknown

    def _remember(self, access: Access, known: Mapping[str, Item | None]) -> None:
        now = access.now()
        with self._turn:
            for sku, item in known.items():
                self._kept[access.store_key, sku] = (now + (MISSED if item is None else REMEMBERED), item)
            while len(self._kept) > MOST:
                self._kept.popitem(last=False)


items: Final = Items()
