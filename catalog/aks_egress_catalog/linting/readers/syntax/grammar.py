"""The parsers of the extra ``lint``, loaded where one is needed."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING

from aks_egress_catalog.errors import InputError

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

_NAMES = {"tree_sitter_hcl": "Terraform", "tree_sitter_bicep": "Bicep"}


class MissingParserError(InputError):
    """The extra ``lint`` is not installed."""


@lru_cache(maxsize=len(_NAMES))
def _parser(grammar: str) -> Parser:
    try:
        tree_sitter = import_module("tree_sitter")
        language = import_module(grammar).language()
    except ImportError as error:
        message = f"reading {_NAMES[grammar]} needs tree-sitter: pip install aks-egress-catalog[lint]"
        raise MissingParserError(message) from error
    parser: Parser = tree_sitter.Parser(tree_sitter.Language(language))
    return parser


def parse(grammar: str, data: bytes) -> Node:
    """Parse a text in UTF-8; what is broken in it stands in the tree as nodes of the type ``ERROR``.

    Raises:
        MissingParserError: the extra ``lint`` is not installed.
    """
    return _parser(grammar).parse(data).root_node


def parse_part(grammar: str, data: bytes, start: int, end: int) -> Node:
    """Parse a part of a text; its nodes have the offsets of the whole."""
    parser = _parser(grammar)
    ranges = import_module("tree_sitter").Range((0, start), (0, end), start, end)
    parser.included_ranges = [ranges]
    try:
        return parser.parse(data).root_node
    finally:
        del parser.included_ranges


def faults(node: Node) -> Iterator[tuple[int, int]]:
    """Yield from which byte to which a parsed text is broken; the outermost spans only."""
    left = [node] if node.has_error else []
    while left:
        one = left.pop()
        if one.type == "ERROR" or one.is_missing:
            yield one.start_byte, one.end_byte
        else:
            left += (inner for inner in reversed(one.children) if inner.has_error or inner.is_missing)
