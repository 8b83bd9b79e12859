"""Fields that a merchant has invented, told under names the merchant chooses: a JMESPath source, a property, a form.

The source looks into `{"order": {...}, "customer": {...}}`, the shop's custom fields under their technical names. What
cannot be read is left out: it never holds anything back. Source: https://jmespath.org/specification.html
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, Literal, get_args

import jmespath
from jmespath.exceptions import JMESPathError
from jmespath.parser import ParsedResult

Form = Literal["id", "text"]
FORMS: Final[tuple[Form, ...]] = get_args(Form)
ROOTS: Final = ("order", "customer")
LONGEST: Final = 200
LISTS: Final = 3
"""How many lists a source may make of its own: each can double what it holds."""

UNREADABLE: Final = (JMESPathError, TypeError, ValueError, ArithmeticError, LookupError, RecursionError, AttributeError)
"""What evaluating somebody's expression on somebody's data can end with."""


@dataclass(frozen=True, slots=True)
class CustomField:
    """One choice. `form` says whether a selection is told by its id or by the text that people see."""

    source: str
    property: str
    form: Form = "id"


@dataclass(frozen=True, slots=True)
class Custom:
    """A record's custom fields, by roots: as the shop keeps them, and with selections as people see them."""

    ids: Mapping[str, Any]
    texts: Mapping[str, Any]

    def __bool__(self) -> bool:
        return any(self.ids.values())


NOTHING: Final = Custom({}, {})


def told(wanted: Iterable[CustomField], custom: Custom) -> dict[str, Any]:
    """The properties; those that are empty, unreadable or no plain values are left out."""
    found = {one.property: value(one, custom) for one in wanted}
    return {name: value for name, value in found.items() if value is not None}


def value(wanted: CustomField, custom: Custom) -> Any:
    """What a field says of a record; None where it says nothing that Klaviyo could use. Never raises."""
    try:
        found = _compiled(wanted.source).search(custom.texts if wanted.form == "text" else custom.ids)
    except UNREADABLE:
        return None
    return found if _is_plain(found) and found not in ("", []) else None


def problem(source: str) -> str | None:
    """What is wrong with a source, as a sentence; None for a good one."""
    if len(source) > LONGEST:
        return f"The path is longer than {LONGEST} characters."
    try:
        parsed = _compiled(source)
    except UNREADABLE as error:
        position = getattr(error, "lex_position", None)
        near = f" It breaks off at character {position + 1}." if isinstance(position, int) and position >= 0 else ""
        return f"{source!r} is no path: write one like order.gift_note.{near}"
    names = list(_nodes(parsed.parsed))
    if sum(kind in ("multi_select_list", "multi_select_dict") for kind, _ in names) > LISTS:
        return f"The path makes more than {LISTS} lists of its own."
    roots = [name for kind, name in names if kind == "field"]
    if not roots or roots[0] not in ROOTS:
        return f"The path begins with {' or '.join(f'{root}.' for root in ROOTS)}, e.g. order.gift_note."
    return None


def documents(found: Mapping[str, Any], options: Mapping[str, Mapping[str, Mapping[str, str]]], locale: str) -> Custom:
    """Custom fields by root, read with the shop's selections: `{field: {id: {locale: text}}}`."""
    ids = {root: fields for root, fields in found.items() if isinstance(fields, Mapping) and fields}
    texts = {
        root: {name: _text(kept, options.get(name, {}), locale) for name, kept in fields.items()}
        for root, fields in ids.items()
    }
    return Custom(ids, texts)


def _text(kept: Any, options: Mapping[str, Mapping[str, str]], locale: str) -> Any:
    """A selection's text in this language, in English or in any; whatever is no selection stays as it is."""
    if isinstance(kept, list):
        return [_text(one, options, locale) for one in kept]
    labels = options.get(kept, {}) if isinstance(kept, str) else {}
    return labels.get(locale) or labels.get("en-GB") or next(iter(labels.values()), kept)


@lru_cache(maxsize=1024)
def _compiled(source: str) -> ParsedResult:
    return jmespath.compile(source)


def _nodes(node: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    """Kind and name of everything in an expression, in the order it is written in."""
    yield node["type"], str(node.get("value", ""))
    for child in node["children"]:
        if isinstance(child, Mapping):  # a slice has numbers
            yield from _nodes(child)


def _is_plain(found: Any) -> bool:
    """What segments can use: text, numbers, yes and no, lists of them."""
    values = found if isinstance(found, list) else [found]
    return all(isinstance(one, str | int | float) for one in values)
