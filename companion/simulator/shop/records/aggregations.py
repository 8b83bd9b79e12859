"""Counting over a search's records: `terms` and `count` on a field of their own, which is all anybody asked for yet.

Source: aggregations observed on 6.6.7.1.
"""
# ruff: noqa: S608 - the names in the SQL are those of our own entities, every value is bound

from typing import Any

from companion.simulator.shop.records import filters, refusals
from companion.simulator.shop.records.criteria import Criteria
from companion.simulator.shop.records.database import Database
from companion.simulator.shop.records.filters import Sql


def aggregated(database: Database, criteria: Criteria) -> dict[str, Any] | list[Any]:
    """Name → result; PHP writes none as a list. Raises Refused for an unknown field or kind."""
    return {str(asked.get("name")): _result(database, criteria, asked) for asked in criteria.aggregations} or []


def _result(database: Database, criteria: Criteria, asked: dict[str, Any]) -> dict[str, Any]:
    name = str(asked.get("name"))
    where = filters.condition(criteria.entity, criteria.filters)
    field = filters.located(criteria.entity, str(asked.get("field", "id")), lambda sql, _: sql)
    if asked.get("type") == "terms":
        shown = {"name": name, "buckets": _buckets(database, criteria, where, field)}
    elif asked.get("type") == "count":
        sql = f'SELECT COUNT({field.text}) FROM "{criteria.entity.name}" WHERE {where.text}'
        shown = {"name": name, "count": database.rows(sql, (*field.values, *where.values))[0][0]}
    else:
        raise refusals.unreadable(f'The aggregation type "{asked.get("type")}" is not supported.')
    return shown | {"apiAlias": f"{name}_aggregation"}


def _buckets(database: Database, criteria: Criteria, where: Sql, field: Sql) -> list[dict[str, Any]]:
    sql = f'SELECT {field.text} AS term, COUNT(*) FROM "{criteria.entity.name}" WHERE {where.text} GROUP BY term'
    found = database.rows(f"{sql} ORDER BY term", (*field.values, *where.values))
    return [
        {"key": str(key), "count": count, "apiAlias": "aggregation_bucket"} for key, count in found if key is not None
    ]
