"""Find records and load what is associated with them: one query per entity and level, as the shop itself does.

An association that was not asked for stays absent, so that a client that forgets one notices.
"""
# ruff: noqa: S608 - the names in the SQL are those of our own entities, every value is bound

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from companion.simulator.shop.marks import SYSTEM_LANGUAGE
from companion.simulator.shop.records import filters
from companion.simulator.shop.records.criteria import EXACT_TOTAL, NEXT_PAGES, Criteria
from companion.simulator.shop.records.database import Database, Document, extract
from companion.simulator.shop.records.entities import ENTITIES
from companion.simulator.shop.records.entity import Entity, Field
from companion.simulator.shop.records.filters import Sql

OWN_FIELDS = frozenset(("id", "parentId", "childCount", "createdAt", "updatedAt", "productNumber", "stock"))
"""What a variant never takes from its parent."""

SHARED_LISTS = ("media", "visibilities", "translations")
"""Associations whose records are the parent's where a variant has none."""


@dataclass(slots=True)
class Record:
    """A document and the associations that were loaded for it.

    `parent` is what the record inherits texts from, empty for one without a parent, None where nothing is inherited.
    `joined`: loaded along with its owner, which the API shows. `related` has for each association that was loaded a
    Record, a list of them, or None where nothing was found.
    """

    entity: Entity
    document: Document
    parent: Document | None = None
    joined: bool = False
    related: dict[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return str(self.document["id"])


@dataclass(frozen=True, slots=True)
class Found:
    """A page of a search. `total` counts as the criteria's total-count-mode wants it."""

    total: int
    records: list[Record]


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads in one language; `inheriting` gives variants what only their parents have."""

    database: Database
    language: str = SYSTEM_LANGUAGE
    inheriting: bool = False

    def search(self, criteria: Criteria) -> Found:
        """Raises Refused for a filter or a sorting the API refuses."""
        where = self._where(criteria)
        records = self._records(criteria.entity, self._page(criteria, where))
        self.load(criteria.entity, records, criteria.associations)
        return Found(self._total(criteria, where, len(records)), records)

    def search_ids(self, criteria: Criteria) -> tuple[int, list[str]]:
        where = self._where(criteria)
        ids = [str(document["id"]) for document in self._page(criteria, where)]
        return self._total(criteria, where, len(ids)), ids

    def one(self, name: str, id_: str, associations: Mapping[str, Criteria]) -> Record:
        """One record with associations. Raises LookupError for an unknown id."""
        records = self._records(ENTITIES[name], [self.database.get(name, id_)])
        self.load(ENTITIES[name], records, associations)
        return records[0]

    def load(self, entity: Entity, records: list[Record], asked: Mapping[str, Criteria]) -> None:
        """Load associations into records, those that come by themselves included."""
        automatic = {
            known.name: Criteria(ENTITIES[known.target]) if known.target else Criteria(entity)
            for known in entity.fields.values()
            if known.automatic
        }
        for name, criteria in {**automatic, **asked}.items():
            known = entity.fields[name]
            if not records:
                return
            if not known.target:
                for record in records:
                    record.related[name] = [] if known.kind == "many" else None
            elif known.backwards:
                self._load_owned(known, records, criteria)
            else:
                self._load_named(known, records, criteria)

    def _load_named(self, known: Field, records: list[Record], criteria: Criteria) -> None:
        """Associations whose ids the records hold themselves; equal ids share one record."""
        ids = {id_ for record in records for id_ in _ids(record.document.get(known.by))}
        where = filters.condition(criteria.entity, criteria.filters, self.language)
        sql = f'SELECT body FROM "{known.target}" WHERE id IN (SELECT value FROM json_each(?)) AND {where.text}'
        found = self._documents(Sql(sql, (orjson.dumps(sorted(ids)).decode(), *where.values)))
        targets = {record.id: record for record in self._records(criteria.entity, found)}
        for record in targets.values():
            record.joined = known.kind == "one" and not criteria.associations
        self.load(criteria.entity, list(targets.values()), criteria.associations)
        for record in records:
            named = [targets[id_] for id_ in _ids(record.document.get(known.by)) if id_ in targets]
            record.related[known.name] = named if known.kind == "many" else next(iter(named), None)

    def _load_owned(self, known: Field, records: list[Record], criteria: Criteria) -> None:
        """Associations whose records hold our id."""
        owners = {id_ for record in records for id_ in self._owners(known, record)}
        owned = self._owned_by(known, owners, criteria)
        self.load(criteria.entity, [one for many in owned.values() for one in many], criteria.associations)
        for many in owned.values():
            many[0].joined = known.kind == "one" and not criteria.associations
        for record in records:
            many = next((owned[id_] for id_ in self._owners(known, record) if id_ in owned), [])
            if criteria.limit:
                many = many[criteria.limit * (criteria.page - 1) : criteria.limit * criteria.page]
            record.related[known.name] = many if known.kind == "many" else next(iter(many), None)

    def _owned_by(self, known: Field, owners: set[str], criteria: Criteria) -> dict[str, list[Record]]:
        owner = extract(known.target, known.by)
        where = filters.condition(criteria.entity, criteria.filters, self.language)
        order = filters.order(criteria.entity, criteria.sorting, self.language)
        sql = (
            f'SELECT body FROM "{known.target}" WHERE {owner} IN (SELECT value FROM json_each(?)) AND {where.text}'
            f" ORDER BY {order.text or 'rowid'}"
        )
        values = (orjson.dumps(sorted(owners)).decode(), *where.values, *order.values)
        owned: dict[str, list[Record]] = defaultdict(list)
        for record in self._records(criteria.entity, self._documents(Sql(sql, values))):
            owned[str(record.document[known.by])].append(record)
        return owned

    def _owners(self, known: Field, record: Record) -> tuple[str, ...]:
        """Whose id to look for: the record's own, then its parent's where a variant inherits."""
        parent = record.document.get("parentId")
        inherits = self.inheriting and record.entity.name == "product" and known.name in SHARED_LISTS
        return (record.id, str(parent)) if inherits and parent else (record.id,)

    def _records(self, entity: Entity, documents: list[Document]) -> list[Record]:
        if self.inheriting and entity.name == "product":
            return self._inherited(entity, documents)
        return [Record(entity, document) for document in documents]

    def _inherited(self, entity: Entity, variants: list[Document]) -> list[Record]:
        ids = orjson.dumps(sorted({str(one["parentId"]) for one in variants if one.get("parentId")})).decode()
        found = self._documents(Sql("SELECT body FROM product WHERE id IN (SELECT value FROM json_each(?))", (ids,)))
        parents = {str(document["id"]): document for document in found}
        records = []
        for variant in variants:
            parent = parents.get(variant.get("parentId", ""), {})
            own_texts = {name: variant.get(name) for name in (*entity.translated, "texts")}
            records.append(Record(entity, inherited(variant, parent) | own_texts, parent))
        return records

    def _where(self, criteria: Criteria) -> Sql:
        where = filters.condition(criteria.entity, criteria.filters, self.language)
        if not criteria.ids:
            return where
        ids = orjson.dumps(list(criteria.ids)).decode()
        return Sql(f"id IN (SELECT value FROM json_each(?)) AND {where.text}", (ids, *where.values))

    def _page(self, criteria: Criteria, where: Sql) -> list[Document]:
        name = criteria.entity.name
        order = filters.order(criteria.entity, criteria.sorting, self.language)
        limit = criteria.limit or -1
        found = self._documents(
            Sql(
                f'SELECT body FROM "{name}" WHERE {where.text} ORDER BY {order.text or "rowid"} LIMIT ? OFFSET ?',
                (*where.values, *order.values, limit, limit * (criteria.page - 1)),
            )
        )
        if criteria.ids and not criteria.sorting:
            position = {id_: number for number, id_ in enumerate(criteria.ids)}
            found.sort(key=lambda document: position[document["id"]])
        return found

    def _total(self, criteria: Criteria, where: Sql, shown: int) -> int:
        if criteria.total not in (EXACT_TOTAL, NEXT_PAGES):
            return shown
        sql = f'SELECT COUNT(*) FROM "{criteria.entity.name}" WHERE {where.text}'
        total = int(self.database.rows(sql, where.values)[0][0])
        return total if criteria.total == EXACT_TOTAL else min(total, (criteria.limit or 1) * 5 + 1)

    def _documents(self, sql: Sql) -> list[Document]:
        return [orjson.loads(body) for (body,) in self.database.rows(sql.text, sql.values)]


def inherited(variant: Document, parent: Document) -> Document:
    """A variant with what only its parent has."""
    given = {name: value for name, value in parent.items() if name not in OWN_FIELDS}
    return {**given, **{name: value for name, value in variant.items() if value is not None}}


def _ids(value: Any) -> Iterable[str]:
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else value
