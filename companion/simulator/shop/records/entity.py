"""What an entity is: its fields in the order the API shows them, read from a compact notation.

A token of the notation is a field: flags, a name, a kind and what it points to.

    name                 a plain value
    name=                the id of the live version
    name@                an address below the shop's own
    name>struct          a nested structure; `name>struct+` a list of them
    name?  name*         an association to one, to many, that this shop has nothing for
    name?entity.field    to one: our `field` holds its id
    name?entity/field    to one: its `field` holds our id
    name*entity/field    to many: their `field` holds our id
    name*entity.field    to many: our `field` is the list of their ids
    -name                not shown in webhooks;  +name  shown only there;  !name  loaded without being asked for
"""

import re
from dataclasses import dataclass, field
from typing import Literal

TOKEN = re.compile(r"(?P<flags>[-+!]*)(?P<name>\w+)(?P<kind>[=@>?*]?)(?P<target>\w*)(?P<by>(?:[./]\w+)?)(?P<list>\+?)")
PREFIX = ("extensions", "_uniqueIdentifier", "versionId", "translated", "createdAt", "updatedAt")

Audience = Literal["admin", "webhook"]
Kind = Literal["plain", "live", "address", "struct", "one", "many"]
KINDS: dict[str, Kind] = {"": "plain", "=": "live", "@": "address", ">": "struct", "?": "one", "*": "many"}


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `target` is an entity or a structure; `by` the field that holds the id, theirs where `backwards`."""

    name: str
    kind: Kind
    target: str = ""
    by: str = ""
    backwards: bool = False
    listed: bool = False
    audiences: frozenset[Audience] = frozenset(("admin", "webhook"))
    automatic: bool = False

    @property
    def is_association(self) -> bool:
        return self.kind in ("one", "many")


@dataclass(frozen=True, slots=True)
class Entity:
    """One kind of record. `translated` names the fields that have a text per language, in the API's order."""

    name: str
    fields: dict[str, Field]
    translated: tuple[str, ...] = ()
    versioned: bool = False
    indexed: tuple[str, ...] = field(default=())


def fields(notation: str) -> dict[str, Field]:
    """Read a notation. Raises ValueError for a token that is none."""
    return {found.name: found for found in map(_field, notation.split())}


def entity(name: str, notation: str, *, translated: str = "", versioned: bool = False, indexed: str = "") -> Entity:
    shown = {key: Field(key, "plain") for key in PREFIX} | fields(notation)
    return Entity(name, shown, tuple(translated.split()), versioned, tuple(indexed.split()))


def _field(token: str) -> Field:
    match = TOKEN.fullmatch(token)
    if match is None:
        raise ValueError(f"{token!r} is no field")
    flags, by = match["flags"], match["by"]
    return Field(
        name=match["name"],
        kind=KINDS[match["kind"]],
        target=match["target"],
        by=by[1:],
        backwards=by.startswith("/"),
        listed=bool(match["list"]),
        audiences=_audiences(flags),
        automatic="!" in flags,
    )


def _audiences(flags: str) -> frozenset[Audience]:
    if "-" in flags:
        return frozenset(("admin",))
    return frozenset(("webhook",)) if "+" in flags else frozenset(("admin", "webhook"))
