"""`make run`: soon."""

from pathlib import Path


def demo(port: int, data: Path) -> None: ...
