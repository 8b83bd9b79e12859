"""The part of the settings page that the store's platform asks for: its own settings, as fields to be typed.

Which there are is the platform's business, what is valid that of `store_settings`. Fields of the form: `shop:<name>`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from companion.bootstrap import Services
from companion.platforms.base import Platform, Setting
from companion.store_settings import LIMITS


@dataclass(frozen=True, slots=True)
class Field:
    """One setting on the page: what is typed or kept, what holds where nothing is, its limits, its problem."""

    of: Setting
    value: Any
    usual: str
    limits: tuple[int, int] | None
    problem: str

    @property
    def name(self) -> str:
        return f"shop:{self.of.name}"

    @property
    def label(self) -> str:
        return f"{self.of.label} ({self.of.unit})" if self.of.unit else self.of.label


def fields(services: Services, platform: Platform, own: Mapping[str, Any], problems: Mapping[str, str]) -> list[Field]:
    """The platform's settings, with what the store has chosen itself."""
    return [
        Field(
            setting,
            _shown(own.get(setting.name)),
            _usual(services, platform, setting),
            LIMITS.get(setting.name),
            next((said for path, said in problems.items() if path.partition(".")[0] == setting.name), ""),
        )
        for setting in platform.settings
    ]


def read(form: Mapping[str, str], platform: Platform) -> dict[str, Any]:
    """The settings as the form has them. Left empty, one is what a new store begins with, or none at all."""
    return {one.name: _typed(form.get(f"shop:{one.name}", "").strip(), one, platform) for one in platform.settings}


def _typed(said: str, setting: Setting, platform: Platform) -> Any:
    if setting.kind == "switch":
        return said == "on"
    if setting.kind == "list":
        return [line.strip() for line in said.splitlines() if line.strip()]
    if not said:
        return platform.defaults.get(setting.name)
    return _number(said) if setting.kind == "number" else said


def _number(said: str) -> int | float | str:
    """The number; what is none stays what it is, to be refused and shown again."""
    for kind in (int, float):
        try:
            return kind(said)
        except ValueError:
            continue
    return said


def _shown(kept: Any) -> Any:
    if isinstance(kept, Sequence) and not isinstance(kept, str):
        return "\n".join(kept)
    return f"{kept:g}" if isinstance(kept, float) else kept


def _usual(services: Services, platform: Platform, setting: Setting) -> str:
    """What holds where nothing is typed: the platform's, or the service's own setting of this name."""
    usual = platform.defaults.get(setting.name, setting.usual)
    if usual is None and setting.kind == "number":
        usual = getattr(services.settings, setting.name)
    return f"{usual:g}" if isinstance(usual, float) else str("" if usual is None else usual)
