"""The rows of the settings page that choose custom fields, what is wrong with them, and what they say of a real order.

Fields of the form: `custom:<group>:<number>:source`, `:property` and `:form`; for a channel also `own_custom`. A row
without source and property is none.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from companion.store_settings import chosen_fields
from mappings import custom_fields
from mappings.custom_fields import Custom, CustomField

GROUPS: Final[Mapping[str, str]] = {"order": "Properties of an order's events", "profile": "Properties of its customer"}
SPARE: Final = 2
MOST: Final = 50


@dataclass(frozen=True, slots=True)
class Row:
    """One row. `shown` is what it says of the sample, None where there is nothing to show."""

    name: str
    source: str
    property: str
    form: str
    problems: Mapping[str, str]
    shown: str | None


@dataclass(frozen=True, slots=True)
class Known:
    """A custom field that a real order has: its path, what it holds, and as text where that is another."""

    path: str
    value: str
    text: str


def rows(group: str, own: Sequence[Mapping[str, Any]], problems: Mapping[str, str], sample: Custom | None) -> list[Row]:
    """The rows of a group: those chosen, and spare ones."""
    spare: list[Mapping[str, Any]] = [{"source": "", "property": "", "form": "id"}] * min(SPARE, MOST - len(own))
    return [_row(group, number, kept, problems, sample) for number, kept in enumerate([*own, *spare])]


def general(group: str, problems: Mapping[str, str]) -> str:
    """What is wrong with a group as a whole."""
    return next((said for path, said in problems.items() if path.endswith(f"custom_fields.{group}")), "")


def read(form: Mapping[str, str]) -> dict[str, list[dict[str, str]]]:
    """The choices as the form has them."""
    return {group: list(_typed(form, group)) for group in GROUPS}


def known(sample: Custom | None) -> list[Known]:
    """Every custom field of the sample."""
    return [
        Known(_path(root, name), _said(kept), _said(sample.texts[root][name]))
        for root, fields in (sample.ids if sample else {}).items()
        for name, kept in sorted(fields.items())
        if sample and kept not in (None, "", [], {})
    ]


def _typed(form: Mapping[str, str], group: str) -> Iterator[dict[str, str]]:
    for number in range(MOST):
        source, name = (form.get(f"custom:{group}:{number}:{part}", "").strip() for part in ("source", "property"))
        if source or name:
            yield {"source": source, "property": name, "form": form.get(f"custom:{group}:{number}:form", "id")}


def _row(group: str, number: int, kept: Mapping[str, Any], problems: Mapping[str, str], sample: Custom | None) -> Row:
    end = f"custom_fields.{group}.{number}."
    wrong = {path.rpartition(end)[2]: said for path, said in problems.items() if end in path}
    shown = None
    if kept["source"] and not wrong and sample is not None and custom_fields.problem(kept["source"]) is None:
        shown = _said(custom_fields.value(_field(kept), sample))
    return Row(f"custom:{group}:{number}", kept["source"], kept["property"], kept["form"], wrong, shown)


def _field(kept: Mapping[str, Any]) -> CustomField:
    (field,) = chosen_fields([kept])
    return field


def _path(root: str, name: str) -> str:
    """A technical name as JMESPath writes it."""
    return f"{root}.{name}" if name.isidentifier() and name.isascii() else f'{root}."{name}"'


def _said(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(_said, value)) if isinstance(value, list) else str(value)
