"""The texts of selections: what a shop's custom fields of kind select offer, read seldom and remembered for a while.

An app that was installed before this was asked for may not read them: then there are no texts, and nothing is held.
Source: Shopware, CustomFieldDefinition; `config.options` is `[{"value": ..., "label": {locale: text}}]`.
"""

import threading
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from companion.errors import Bury, Pause, Retry
from companion.platforms.base import Access
from companion.platforms.shopware import criteria
from companion.platforms.shopware.admin_api import AdminApi

REMEMBERED: Final = timedelta(minutes=10)
PATIENCE: Final = 3
"""How often orders wait for a shop that cannot answer this; then they go on without texts."""

Options = dict[str, dict[str, dict[str, str]]]
"""`{custom field: {id: {locale: text}}}`"""


class Memory:
    """The selections of every shop, each asked for at most every ten minutes."""

    def __init__(self, api: AdminApi) -> None:
        self._api = api
        self._turn = threading.Lock()
        self._known: dict[str, tuple[datetime, Options]] = {}
        self._failures: Counter[str] = Counter()

    def of(self, access: Access, orders: Iterable[Mapping[str, Any]]) -> Options:
        """The selections of a shop, where any of these orders has custom fields. Raises Retry."""
        if not any(_is_custom(order) for order in orders):
            return {}
        with self._turn:
            at, known = self._known.get(access.store_key, (None, {}))
        if at is not None and access.now() < at + REMEMBERED:
            return known
        found = self._asked(access, known)
        with self._turn:
            self._known[access.store_key] = (access.now(), found)
            self._failures.pop(access.store_key, None)
        return found

    def _asked(self, access: Access, known: Options) -> Options:
        try:
            rows = self._api.search(access, "custom-field", criteria.selections()).get("data")
        except (Pause, Bury):
            return {}
        except Retry:
            with self._turn:
                self._failures[access.store_key] += 1
                has_patience = self._failures[access.store_key] <= PATIENCE
            if has_patience and not known:
                raise
            return known
        found = rows if isinstance(rows, list) else []
        return {str(row.get("name")): _options(row) for row in found if isinstance(row, dict)}


def _is_custom(order: Mapping[str, Any]) -> bool:
    named = order.get("orderCustomer")
    account = named.get("customer") if isinstance(named, dict) else None
    return any(isinstance(one, dict) and one.get("customFields") for one in (order, named, account))


def _options(row: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """A select's options; whatever is shaped otherwise offers none."""
    config = row.get("config")
    options = config.get("options") if isinstance(config, dict) else None
    found: dict[str, dict[str, str]] = {}
    for option in options if isinstance(options, list) else ():
        labels = option.get("label") if isinstance(option, dict) else None
        if isinstance(labels, dict):
            found[str(option.get("value"))] = {
                str(locale): str(text) for locale, text in labels.items() if isinstance(text, str) and text
            }
    return found
