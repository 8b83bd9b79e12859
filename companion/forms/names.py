"""What a form's id, a slot's name and a language look like, wherever they come from. Pure."""

import re
from typing import Final

from companion.errors import CompanionError

FORM_ID: Final = re.compile(r"[A-Za-z0-9]{6}")
SLOT: Final = re.compile(r"[a-z][a-z0-9_-]{0,39}")
LANGUAGE: Final = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8}){0,2}")
CHANNEL: Final = re.compile(r"[A-Za-z0-9_.-]{1,64}")


class InvalidName(CompanionError):
    """A name that cannot be one; the text says of what, and what it has to look like."""


def form_id(said: str) -> str:
    """A Klaviyo form's id: six letters and digits. Raises InvalidName."""
    return _checked(FORM_ID, said, "a form's id", "six letters and digits, as `companion forms list` shows them")


def slot(said: str) -> str:
    """A slot's name as the theme has it. Raises InvalidName."""
    return _checked(SLOT, said, "a slot's name", "small letters, digits and dashes, e.g. footer")


def language(said: str) -> str:
    """A document's language in small letters (`de`, `de-at`); empty for all. Raises InvalidName."""
    said = said.strip().lower().replace("_", "-")
    return said and _checked(LANGUAGE, said, "a language", "a page's lang attribute, e.g. de or de-AT")


def channel(said: str) -> str:
    """A sales channel's id; empty for all. Raises InvalidName."""
    return said and _checked(CHANNEL, said, "a sales channel's id", "up to 64 letters and digits")


def _checked(pattern: re.Pattern[str], said: str, what: str, like: str) -> str:
    if pattern.fullmatch(said) is None:
        raise InvalidName(f"{said[:40]!r} is not {what}: {like}")
    return said
