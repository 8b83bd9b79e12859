"""Reads Twig with a parser that none of us wrote, and says what is wrong with a template.

The grammar is tolerant where Twig is not: it takes any word for a tag and any end for an end. So tags are checked
against those that Shopware knows, and each end against its beginning.
"""

from collections.abc import Iterator
from typing import Final

import tree_sitter_jinja
from tree_sitter import Language, Node, Parser

PARSER: Final = Parser(Language(tree_sitter_jinja.language()))
BEGINNINGS: Final = {"{%", "{%-"}
ENCLOSING: Final = {"block", "if", "for"}
SINGLE: Final = {"set", "do", "else", "elseif", "sw_extends", "sw_include"}
"""Those that the templates use. `set` without a value would enclose, too; it is not used so."""


def faults(template: str) -> list[str]:
    """What Twig would refuse, each with its line. Empty for a template that is right."""
    root = PARSER.parse(template.encode()).root_node
    wrong = [f"line {node.start_point.row + 1}: no Twig" for node in _all(root) if node.is_error or node.is_missing]
    return wrong or list(_unbalanced(root))


def _all(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from _all(child)


def _unbalanced(root: Node) -> Iterator[str]:
    opened: list[str] = []
    for node in _all(root):
        word = node.next_sibling
        if node.type not in BEGINNINGS or word is None:
            continue
        tag = (word.text or b"").decode()
        line = word.start_point.row + 1
        if tag in ENCLOSING:
            opened.append(tag)
        elif tag.startswith("end"):
            beginning = opened.pop() if opened else "nothing"
            if tag != f"end{beginning}":
                yield f"line {line}: {tag} ends {beginning}"
        elif tag not in SINGLE:
            yield f"line {line}: {tag} is no tag"
    yield from (f"{tag} has no end" for tag in opened)
