"""Records as the API and the webhooks show them: every field in its order, empty ones included.

The webhooks show less than the API; which fields, the entities say. Money and dates are in the documents already.
Source: Admin API and webhooks observed on 6.6.7.1.
"""

from typing import Any

from companion.simulator.shop.marks import LIVE_VERSION, SYSTEM_LANGUAGE
from companion.simulator.shop.records.entities import STRUCTS
from companion.simulator.shop.records.entity import Audience, Entity, Field
from companion.simulator.shop.records.reader import Record

Includes = dict[str, tuple[str, ...]]


class Encoder:
    """Encodes for one answer. Records that are shared are encoded once."""

    def __init__(
        self,
        shop_url: str,
        language: str = SYSTEM_LANGUAGE,
        audience: Audience = "admin",
        includes: Includes | None = None,
    ) -> None:
        self._shop_url = shop_url
        self._language = language
        self._audience = audience
        self._includes = includes or {}
        self._plans: dict[str, list[Field]] = {}
        self._done: dict[int, tuple[Record, dict[str, Any]]] = {}

    def root(self, record: Record) -> dict[str, Any]:
        """A record of the answer's first level."""
        return self._encoded(record, root=True)

    def _encoded(self, record: Record, *, root: bool = False) -> dict[str, Any]:
        entity, document = record.entity, record.document
        shown: dict[str, Any] = {}
        for field in self._plan(entity):
            name = field.name
            if field.kind == "plain":
                shown[name] = self._plain(record, name, root=root)
            elif field.is_association:
                shown[name] = self._associated(record, name)
            else:
                shown[name] = self._special(field, document.get(name))
        shown["apiAlias"] = entity.name
        return shown

    def _plain(self, record: Record, name: str, *, root: bool) -> Any:
        entity, document = record.entity, record.document
        if name == "extensions":
            return _extensions(record)
        if name == "_uniqueIdentifier":
            return document["id"]
        if name == "versionId":
            return LIVE_VERSION if entity.versioned else None
        if name == "translated":
            return self._translated(record, root=root)
        if name == "customFields" and record.parent is not None:
            return document.get(name) or ({} if root else [])
        if name in entity.translated and self._language != SYSTEM_LANGUAGE and name != "customFields":
            return self._texts(document).get(name)
        return document.get(name)

    def _translated(self, record: Record, *, root: bool) -> Any:
        """The texts, behind them the system language's and the parent's where it is inherited from.

        PHP writes an empty map of a related record as a list.
        """
        if not record.entity.translated:
            return []
        document, parent = record.document, record.parent or {}
        sources = (self._texts(document), document, self._texts(parent), parent)
        texts = {
            name: next((source[name] for source in sources if source.get(name) is not None), None)
            for name in record.entity.translated
        }
        if not texts["customFields"]:
            texts["customFields"] = {} if root and self._audience == "admin" else []
        return texts

    def _texts(self, document: dict[str, Any]) -> dict[str, Any]:
        return (document.get("texts") or {}).get(self._language, {}) if self._language != SYSTEM_LANGUAGE else {}

    def _associated(self, record: Record, name: str) -> Any:
        related = record.related.get(name)
        if isinstance(related, list):
            return [self._shared(one) for one in related]
        return None if related is None else self._shared(related)

    def _shared(self, record: Record) -> dict[str, Any]:
        done = self._done.get(id(record))
        if done is None:
            done = self._done[id(record)] = (record, self._encoded(record))
        return done[1]

    def _special(self, field: Field, value: Any) -> Any:
        if field.kind == "live":
            return LIVE_VERSION
        if value is None:
            return None
        if field.kind == "address":
            return self._shop_url + value if value == "" or value.startswith("/") else value
        return self._structure(field, value)

    def _structure(self, field: Field, value: Any) -> Any:
        if field.listed:
            return [self._struct(field.target, one) for one in value]
        name = f"cart_price_{value['type']}" if field.target == "price_definition" else field.target
        return self._struct(name, value)

    def _struct(self, name: str, value: dict[str, Any]) -> dict[str, Any]:
        alias, fields = STRUCTS[name]
        wanted = self._includes.get(alias)
        shown: dict[str, Any] = {}
        if wanted is None or "extensions" in wanted:
            shown["extensions"] = []
        for field in fields.values():
            if wanted is None or field.name in wanted:
                inner = value.get(field.name)
                shown[field.name] = self._structure(field, inner) if field.kind == "struct" and inner else inner
        shown["apiAlias"] = alias
        return shown

    def _plan(self, entity: Entity) -> list[Field]:
        """The fields to show of an entity: its audience's, of these the included ones."""
        plan = self._plans.get(entity.name)
        if plan is None:
            wanted = self._includes.get(entity.name)
            plan = [
                field
                for field in entity.fields.values()
                if self._audience in field.audiences and (wanted is None or field.name in wanted)
            ]
            self._plans[entity.name] = plan
        return plan


def _extensions(record: Record) -> dict[str, Any]:
    keys = {"extensions": [], "apiAlias": f"{record.entity.name}_foreign_keys_extension"}
    if not record.joined:
        return {"foreignKeys": keys}
    return {"foreignKeys": keys, "internal_mapping_storage": {"extensions": [], "apiAlias": None}}
