"""The parsers of the extra ``lint``, loaded where one is needed."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from importlib import import_module
from time import monotonic
from typing import TYPE_CHECKING, Final

from aks_egress_catalog.errors import InputError

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

LARGEST: Final = 5_000_000
"""So many bytes are parsed; a thousand rules have a tenth."""
_PIECE: Final = 1 << 20
_LONGEST: Final = 10.0
"""Seconds for one text. Sound ones of the largest size take two."""
_NAMES: Final = {"tree_sitter_hcl": "Terraform", "tree_sitter_bicep": "Bicep"}


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


def parse(grammar: str, data: bytes) -> Node | None:
    """Parse a text in UTF-8; what is broken in it stands in the tree as nodes of the type ``ERROR``.

    None: the text is too large, or so broken that the parser does not come to an end.

    Raises:
        MissingParserError: the extra ``lint`` is not installed.
    """
    parser = _parser(grammar)
    if len(data) > LARGEST:
        return None
    ends = monotonic() + _LONGEST
    try:
        # A parser stops only where it is given the text piece by piece.
        tree = parser.parse(
            lambda offset, _: data[offset : offset + _PIECE], progress_callback=lambda *_: monotonic() > ends
        )
    except ValueError:
        parser.reset()
        return None
    return tree.root_node


def faults(node: Node) -> Iterator[tuple[int, int]]:
    """Yield from which byte to which a parsed text is broken; the outermost spans only."""
    left = [node] if node.has_error else []
    while left:
        one = left.pop()
        if one.type == "ERROR" or one.is_missing:
            yield one.start_byte, one.end_byte
        else:
            left += (inner for inner in reversed(one.children) if inner.has_error or inner.is_missing)
