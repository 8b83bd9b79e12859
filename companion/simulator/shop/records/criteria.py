"""What a search asks for: the criteria of Shopware's API, read from JSON and checked. Nothing is looked up here.

Source: Shopware, search criteria; RequestCriteriaBuilder and its limits as observed on 6.6.7.1.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from companion.simulator.shop.records import refusals
from companion.simulator.shop.records.entities import ENTITIES
from companion.simulator.shop.records.entity import Entity

MAX_LIMIT = 500
NO_TOTAL, EXACT_TOTAL, NEXT_PAGES = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Sorting:
    """One field to sort by, dotted through associations."""

    path: str
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Criteria:
    """One search. `limit` None means no limit, which only associations have."""

    entity: Entity
    ids: tuple[str, ...] = ()
    page: int = 1
    limit: int | None = None
    total: int = NO_TOTAL
    filters: tuple[dict[str, Any], ...] = ()
    sorting: tuple[Sorting, ...] = ()
    associations: dict[str, "Criteria"] = field(default_factory=dict)
    includes: dict[str, tuple[str, ...]] | None = None
    aggregations: tuple[dict[str, Any], ...] = ()

    def entities(self) -> Iterator[str]:
        """Every entity that is read: the root, the associations, and what filters and sortings pass through."""
        yield self.entity.name
        for path in (*self._filtered(self.filters), *(by.path for by in self.sorting)):
            yield from _passed(self.entity, path)
        for criteria in self.associations.values():
            yield from criteria.entities()

    def _filtered(self, filters: tuple[dict[str, Any], ...]) -> Iterator[str]:
        for given in filters:
            if "queries" in given:
                yield from self._filtered(tuple(given["queries"]))
            elif "field" in given:
                yield str(given["field"])


def read(entity: Entity, payload: Any) -> Criteria:
    """The criteria of a request's JSON. Raises Refused."""
    if not isinstance(payload, dict):
        raise refusals.unreadable("The JSON payload is malformed.")
    limit = _positive(payload, "limit", MAX_LIMIT)
    if limit > MAX_LIMIT:
        raise refusals.limit_exceeded(limit, MAX_LIMIT)
    return _read(entity, payload, limit, _positive(payload, "page", 1))


def _read(entity: Entity, payload: dict[str, Any], limit: int | None, page: int) -> Criteria:
    includes = payload.get("includes")
    return Criteria(
        entity=entity,
        ids=tuple(map(str, payload.get("ids") or ())),
        page=page,
        limit=limit,
        total=int(payload.get("total-count-mode") or NO_TOTAL),
        filters=_filters(payload),
        sorting=_sorting(payload.get("sort")),
        associations=_associations(entity, payload.get("associations") or {}),
        includes={alias: tuple(names) for alias, names in includes.items()} if includes else None,
        aggregations=tuple(payload.get("aggregations") or ()),
    )


def _filters(payload: dict[str, Any]) -> tuple[dict[str, Any], ...]:
    given = payload.get("filter") or []
    if isinstance(given, dict):
        given = [{"type": "equals", "field": name, "value": value} for name, value in given.items()]
    return (*given, *(payload.get("post-filter") or ()))


def _sorting(given: Any) -> tuple[Sorting, ...]:
    """A list of objects, or a text: names parted by commas, a minus before the descending ones."""
    if isinstance(given, str):
        return tuple(Sorting(name.lstrip("-"), name.startswith("-")) for name in given.split(","))
    return tuple(
        Sorting(str(one["field"]), str(one.get("order", "ASC")).upper() == "DESC")
        for one in given or ()
        if "field" in one
    )


def _associations(entity: Entity, given: dict[str, Any]) -> dict[str, Criteria]:
    asked = {}
    for name, payload in given.items():
        found = entity.fields.get(name)
        if found is None or not found.is_association:
            raise refusals.association_not_found(name)
        if found.target:
            payload = payload if isinstance(payload, dict) else {}
            limit = _positive(payload, "limit", 0) or None
            asked[name] = _read(ENTITIES[found.target], payload, limit, _positive(payload, "page", 1))
        else:
            asked[name] = Criteria(entity=NOTHING)
    return asked


def _positive(payload: dict[str, Any], name: str, default: int) -> int:
    value = payload.get(name)
    if value is None or value == "":
        return default
    if not str(value).isdecimal() or int(value) < 1:
        raise refusals.invalid_number(name, value)
    return int(value)


def _passed(entity: Entity, path: str) -> Iterator[str]:
    head, _, rest = path.removeprefix(f"{entity.name}.").partition(".")
    found = entity.fields.get(head)
    if found is not None and found.is_association and found.target:
        yield found.target
        yield from _passed(ENTITIES[found.target], rest)


NOTHING = Entity("", {})
"""Stands for entities that exist in Shopware and of which this shop has no record."""
