"""Neto's blocks, as text: whatever a shop prints in them stays inside its attribute."""

import re
from pathlib import Path

import pytest

from companion.snippets.bundle import SOURCES
from tests.snippets.base_tags import rendered

BLOCKS = sorted((SOURCES / "neto").glob("*.html"))
NASTY = """O'Neill "Pro" <b>&</b> </script><script>alert(1)</script>"""
NAMES = (
    "sku",
    "parent_sku",
    "name",
    "brand",
    "url",
    "store_price",
    "user:email",
    "user:username",
    "user:bill_first_name",
)


def name(path: Path) -> str:
    return path.name


@pytest.mark.parametrize("path", BLOCKS, ids=name)
def test_every_value_is_escaped_in_a_double_quoted_attribute(path: Path) -> None:
    block = path.read_text()
    without_conditions = re.sub(r"\[%if .*?%\]", "", block)
    without_escaped = re.sub(r"\[%escape%\].*?\[%/escape%\]", "", without_conditions)
    assert "[@" not in without_escaped
    for attribute in re.findall(r'="([^"]*)"', block):
        assert attribute.count("[%escape%]") == attribute.count("[%/escape%]")
    assert re.sub(r'="[^"]*"', "", block).count("[%") == 0


@pytest.mark.parametrize("path", BLOCKS, ids=name)
def test_no_tag_stands_inside_a_script(path: Path) -> None:
    assert [text for text in re.findall(r"<script[^>]*>(.*?)</script>", path.read_text()) if text] == []


@pytest.mark.parametrize("path", BLOCKS, ids=name)
def test_no_name_gets_out_of_its_place(path: Path) -> None:
    plain = rendered(path.read_text(), dict.fromkeys(NAMES, "x"), ["x"])
    nasty = rendered(path.read_text(), dict.fromkeys(NAMES, NASTY), [NASTY])
    assert [nasty.count(sign) for sign in '"<>'] == [plain.count(sign) for sign in '"<>']


@pytest.mark.parametrize("word", ["user:", "cart_items"])
def test_a_block_that_a_cache_may_keep_states_no_customer(word: str) -> None:
    assert word not in (SOURCES / "neto" / "product_page.html").read_text()
