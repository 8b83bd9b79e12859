"""The extension's folder is one that SuiteCommerce's tools take: its manifest names every file, and no other."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from companion.snippets.bundle import SOURCES

EXTENSION = SOURCES / "netsuite"
MANIFEST = json.loads((EXTENSION / "manifest.json").read_text())


def named(part: Any) -> Iterator[str]:
    """Every file that the manifest names, wherever."""
    if isinstance(part, dict):
        for value in part.values():
            yield from named(value)
    elif isinstance(part, list):
        yield from (one for one in part if isinstance(one, str))


def test_the_manifest_names_every_file_and_no_other() -> None:
    files = {path.relative_to(EXTENSION).as_posix() for path in EXTENSION.rglob("*") if path.is_file()}
    assert set(named(MANIFEST)) == files - {"manifest.json"}
    assert set(MANIFEST["javascript"]["entry_points"].values()) <= files


def test_the_manifest_has_the_parts_of_the_documented_one(shared: Path) -> None:
    documented = json.loads((shared / "reference" / "netsuite" / "sc_extension_manifest.json").read_text())
    assert documented.keys() - MANIFEST.keys() == {"templates"}
    assert MANIFEST["javascript"].keys() == documented["javascript"].keys()


def test_the_entry_is_an_amd_module_of_its_files_name() -> None:
    for place in MANIFEST["javascript"]["entry_points"].values():
        assert f"define('{Path(place).stem}'" in (EXTENSION / place).read_text()


@pytest.mark.parametrize("word", ["=>", "const ", "let ", "`", "?."])
def test_the_entry_keeps_to_what_old_builds_read(word: str) -> None:
    (entry,) = EXTENSION.rglob("*.js")
    code = "\n".join(line for line in entry.read_text().splitlines() if not line.lstrip().startswith("//"))
    assert word not in code


def test_the_setting_that_the_entry_reads_is_offered() -> None:
    (path,) = MANIFEST["configuration"]["files"]
    offered = json.loads((EXTENSION / path).read_text())
    (setting,) = offered["properties"]
    (entry,) = EXTENSION.rglob("*.js")
    assert f"getConfig('{setting}')" in entry.read_text()
    assert offered["properties"][setting]["subtab"] == offered["subtab"]["id"]
