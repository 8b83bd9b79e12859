"""Filters and sortings of a criteria as SQL over the shop's documents. Pure: nothing is read.

Null behaves as in Shopware's SQL: a comparison with it is neither true nor false, so `not` finds no nulls either.
Source: Shopware, search criteria, filters; SqlQueryParser's rules as observed on 6.6.7.1.
"""
# ruff: noqa: S608 - the names in the SQL are those of our own entities, every value is bound

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson

from companion.simulator.shop.marks import LIVE_VERSION, SYSTEM_LANGUAGE, read_stamp, stamp
from companion.simulator.shop.records import refusals
from companion.simulator.shop.records.criteria import Sorting
from companion.simulator.shop.records.database import extract
from companion.simulator.shop.records.entities import ENTITIES
from companion.simulator.shop.records.entity import Entity, Field

MOMENT = re.compile(r"(At|DateTime|Date|Login|Earliest|Latest|From|Until|birthday)$")
CUSTOM = re.compile(r"[A-Za-z0-9_.]+")
BOUNDS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
JUNCTIONS = {"and": " AND ", "or": " OR ", "&&": " AND ", "||": " OR "}


@dataclass(frozen=True, slots=True)
class Sql:
    """A piece of SQL and the values of its question marks."""

    text: str
    values: tuple[Any, ...] = ()


Leaf = Callable[[Sql, str], Sql]
"""Makes a condition of a field's SQL and its name."""


def condition(entity: Entity, filters: tuple[dict[str, Any], ...], language: str = SYSTEM_LANGUAGE) -> Sql:
    """All filters at once. Raises Refused for what Shopware refuses."""
    return _joined([_condition(entity, given, language) for given in filters], " AND ")


def order(entity: Entity, sorting: tuple[Sorting, ...], language: str = SYSTEM_LANGUAGE) -> Sql:
    """What follows ORDER BY. A field of many is sorted by its least or, descending, its greatest value."""
    parts: list[str] = []
    values: list[Any] = []
    for by in sorting:
        found = _sorted_by(entity, by.path, by.descending, language)
        parts.append(found.text + (" DESC" if by.descending else ""))
        values.extend(found.values)
    return Sql(", ".join(parts), tuple(values))


def located(entity: Entity, path: str, leaf: Leaf, language: str = SYSTEM_LANGUAGE) -> Sql:
    """Apply a condition to the field at the end of a path. Raises Refused for an unknown field."""
    head, _, rest = path.removeprefix(f"{entity.name}.").partition(".")
    field = entity.fields.get(head)
    if field is None:
        raise refusals.unmapped_field(entity.name, path)
    if not field.is_association:
        return leaf(_value(entity, field, rest, language), head)
    if not field.target:
        return Sql("0")
    return _through(entity, field, located(ENTITIES[field.target], rest or "id", leaf, language))


def _condition(entity: Entity, given: dict[str, Any], language: str) -> Sql:
    kind = given.get("type")
    if kind in ("and", "or", "multi", "not", "nand", "nor"):
        junction = JUNCTIONS.get({"nand": "and", "nor": "or"}.get(kind, kind), "")
        junction = junction or JUNCTIONS.get(str(given.get("operator", "and")).lower(), " AND ")
        joined = _joined([_condition(entity, one, language) for one in given.get("queries", ())], junction)
        return Sql(f"NOT ({joined.text})", joined.values) if kind in ("not", "nand", "nor") else joined
    path = given.get("field")
    if not path:
        raise refusals.invalid_filter(f'Parameter "field" for {kind} filter is missing.')
    return located(entity, str(path), _leaf(kind, given), language)


def _leaf(kind: Any, given: dict[str, Any]) -> Leaf:
    value = given.get("value")
    if kind == "range":
        return lambda sql, name: _range(sql, name, given.get("parameters") or {})
    if kind == "equals":
        if value == "":
            raise refusals.invalid_filter('Parameter "value" for equals filter is missing.')
        return lambda sql, name: _equals(sql, name, value)
    if kind in ("equalsAny", "equalsAll"):
        wanted = value.split("|") if isinstance(value, str) else list(value or ())
        if not wanted:
            raise refusals.invalid_filter(f'Parameter "value" for {kind} filter is missing.')
        return lambda sql, name: _any(sql, [_comparable(name, one) for one in wanted])
    if kind in ("contains", "prefix", "suffix"):
        before, after = ("%" if kind != "prefix" else "", "%" if kind != "suffix" else "")
        pattern = before + re.sub(r"([%_\\])", r"\\\1", str(value)) + after
        return lambda sql, _: Sql(f"{sql.text} LIKE ? ESCAPE '\\'", (*sql.values, pattern))
    raise refusals.invalid_filter(f'The filter type "{kind}" is not supported.')


def _equals(sql: Sql, name: str, value: Any) -> Sql:
    if value is None:
        return Sql(f"{sql.text} IS NULL", sql.values)
    return Sql(f"{sql.text} = ?", (*sql.values, _comparable(name, value)))


def _range(sql: Sql, name: str, parameters: dict[str, Any]) -> Sql:
    bounds = [
        Sql(f"{sql.text} {BOUNDS[bound]} ?", (*sql.values, _comparable(name, value)))
        for bound, value in parameters.items()
        if bound in BOUNDS and value is not None
    ]
    if not bounds:
        raise refusals.invalid_filter('Parameter "parameters" for range filter is missing.')
    return _joined(bounds, " AND ")


def _any(sql: Sql, wanted: list[Any]) -> Sql:
    return Sql(f"{sql.text} IN (SELECT value FROM json_each(?))", (*sql.values, orjson.dumps(wanted).decode()))


def _comparable(name: str, value: Any) -> Any:
    """A moment is compared as documents write it, whatever form it is asked in; what is none finds nothing."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, str) and MOMENT.search(name):
        try:
            return stamp(read_stamp(value))
        except ValueError:
            return value
    return value


def _joined(parts: list[Sql], junction: str) -> Sql:
    if not parts:
        return Sql("1")
    values = tuple(value for part in parts for value in part.values)
    return Sql("(" + junction.join(part.text for part in parts) + ")", values)


def _value(entity: Entity, field: Field, rest: str, language: str) -> Sql:
    if field.name == "id":
        return Sql(f'"{entity.name}".id')
    if field.kind == "live" or (field.name == "versionId" and entity.versioned):
        return Sql(f"'{LIVE_VERSION}'")
    if rest and not CUSTOM.fullmatch(rest):
        raise refusals.unmapped_field(entity.name, f"{field.name}.{rest}")
    own = extract(entity.name, f"{field.name}.{rest}" if rest else field.name)
    if field.name in entity.translated and language != SYSTEM_LANGUAGE:
        return Sql(f"COALESCE({extract(entity.name, f'texts.{language}.{field.name}')}, {own})")
    return Sql(own)


def _through(entity: Entity, field: Field, inner: Sql) -> Sql:
    """A condition on a record by a condition on the records it is associated with."""
    target = field.target
    if field.backwards:
        owners = f'SELECT {extract(target, field.by)} FROM "{target}" WHERE {inner.text}'
        return Sql(f'"{entity.name}".id IN ({owners})', inner.values)
    ids = f'SELECT id FROM "{target}" WHERE {inner.text}'
    if field.kind == "one":
        return Sql(f"{extract(entity.name, field.by)} IN ({ids})", inner.values)
    listed = f"json_each(\"{entity.name}\".body, '$.{field.by}') AS listed"
    return Sql(f"EXISTS (SELECT 1 FROM {listed} WHERE listed.value IN ({ids}))", inner.values)


def _sorted_by(entity: Entity, path: str, descending: bool, language: str) -> Sql:
    head, _, rest = path.removeprefix(f"{entity.name}.").partition(".")
    field = entity.fields.get(head)
    if field is None or (field.is_association and not field.target):
        raise refusals.unmapped_field(entity.name, path)
    if not field.is_association:
        return _value(entity, field, rest, language)
    inner = _sorted_by(ENTITIES[field.target], rest or "id", descending, language)
    joined = (
        f'{extract(field.target, field.by)} = "{entity.name}".id'
        if field.backwards
        else f'"{field.target}".id = {extract(entity.name, field.by)}'
    )
    extreme = "MAX" if descending else "MIN"
    return Sql(f'(SELECT {extreme}({inner.text}) FROM "{field.target}" WHERE {joined})', inner.values)
