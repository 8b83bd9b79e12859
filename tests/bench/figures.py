"""A figure, its yardstick, and how they are printed."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """`good` says whether the yardstick is met; a figure without one is for information."""

    name: str
    measured: str
    yardstick: str
    good: bool | None = None


def printed(figures: Iterable[Figure]) -> bool:
    """Print a table as it comes in; return whether every yardstick was met."""
    met = True
    for figure in figures:
        mark = {True: "ok", False: "MISSED", None: ""}[figure.good]
        print(f"{figure.name:<52} {figure.measured:<34} {figure.yardstick:<44} {mark}", flush=True)
        met = met and figure.good is not False
    return met
