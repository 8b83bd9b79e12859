"""The app's templates as a shop gets them are Twig, read by a parser of somebody else."""

import pytest

from companion.platforms.shopware import storefront
from tests.snippets.twig_grammar import faults

FILES = {path: text.decode() for path, text in storefront.files("https://companion.shop-owner.net").items()}
TEMPLATES = sorted(path for path in FILES if path.endswith(".twig"))


def test_there_are_templates() -> None:
    assert "Resources/views/storefront/base.html.twig" in TEMPLATES


@pytest.mark.parametrize("path", TEMPLATES)
def test_every_template_is_twig(path: str) -> None:
    assert faults(FILES[path]) == []


@pytest.mark.parametrize("path", [path for path in TEMPLATES if path.startswith("Resources/views/")])
def test_every_override_extends_the_template_in_its_own_place(path: str) -> None:
    place = path.removeprefix("Resources/views/")
    assert FILES[path].startswith(f"{{% sw_extends '@Storefront/{place}' %}}")
    assert "{{ parent() }}" in FILES[path]


@pytest.mark.parametrize("path", TEMPLATES)
def test_nothing_is_left_to_fill_in(path: str) -> None:
    assert "__" not in FILES[path]


@pytest.mark.parametrize(
    ("template", "fault"),
    [
        ("{{ product.name | }}", "line 1: no Twig"),
        ("{{ product.name", "line 1: no Twig"),
        ("{% if product %}{{ product.name }}", "line 1: no Twig"),
        ("{% set found = { 'id': %}", "line 1: no Twig"),
        ("{% blok buy %}{% set found = 1 %}", "line 1: blok is no tag"),
        ("{% set found = 1 %}\n{% endif %}", "line 2: endif ends nothing"),
    ],
)
def test_the_parser_refuses_what_twig_refuses(template: str, fault: str) -> None:
    assert fault in faults(template)
