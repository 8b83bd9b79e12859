"""Recorded answers of a real shop, taken apart into the demo shop's documents, so that it can be asked the same."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from companion.simulator.shop.marks import SYSTEM_LANGUAGE
from companion.simulator.shop.records.database import Database
from companion.simulator.shop.records.entities import ENTITIES
from companion.simulator.shop.records.entity import Entity, Field

OWN_LISTS = {"assignedCategoryIds", "assignedPropertyIds", "tagIds", "optionIds"}
"""Lists of ids that the demo shop keeps in the record and Shopware in tables of their own."""

Documents = Iterator[tuple[Entity, dict[str, Any]]]


def exchange(folder: Path, name: str) -> tuple[dict[str, Any], Any]:
    """The request of a recorded call and the body of its answer."""
    kept = json.loads((folder / "admin-api" / f"{name}.json").read_text())
    return kept["request"], kept["response"]["body"]


def webhook(folder: Path, name: str) -> dict[str, Any]:
    """A recorded webhook: headers, body_raw, secret."""
    kept: dict[str, Any] = json.loads((folder / "webhooks" / f"{name}.json").read_text())
    return kept


def keep(database: Database, records: list[dict[str, Any]], language: str = SYSTEM_LANGUAGE) -> None:
    """Put records of an answer, and whatever is associated with them, into the demo shop's tables."""
    with database.write():
        for record in records:
            for entity, document in _documents(record, language):
                known = database.find(entity.name, document["id"]) or {}
                database.put(entity.name, known | document)


def without_ranking(answer: Any) -> Any:
    """An answer without what the shop's database said about the order of its rows."""
    if isinstance(answer, dict):
        return {name: without_ranking(value) for name, value in answer.items() if name != "search"}
    return [without_ranking(one) for one in answer] if isinstance(answer, list) else answer


def _documents(record: dict[str, Any], language: str) -> Documents:
    entity = ENTITIES[record["apiAlias"]]
    document: dict[str, Any] = {"id": record["_uniqueIdentifier"]}
    for field in entity.fields.values():
        shown = record.get(field.name)
        if field.is_association:
            yield from _associated(field, shown, document, language)
        elif field.name not in entity.translated or language == SYSTEM_LANGUAGE:
            document[field.name] = shown
    if language != SYSTEM_LANGUAGE and entity.translated:
        document["texts"] = {language: {name: record.get(name) for name in entity.translated}}
    yield entity, {name: value for name, value in document.items() if value is not None}


def _associated(field: Field, shown: Any, document: dict[str, Any], language: str) -> Documents:
    records = shown if isinstance(shown, list) else [shown] if shown else []
    if shown and field.by in OWN_LISTS:
        document[field.by] = [record["id"] for record in records]
    for record in records if field.target else ():
        yield from _documents(record, language)
