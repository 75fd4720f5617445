"""Bicep in, expressions and statements out. Broken files are read as far as they can be; where is told."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from aks_egress_catalog.linting.entry import Place
from aks_egress_catalog.linting.readers.syntax.bicep_expressions import BicepExpressions
from aks_egress_catalog.linting.readers.syntax.bicep_masks import mask
from aks_egress_catalog.linting.readers.syntax.grammar import LARGEST, faults, parse
from aks_egress_catalog.linting.readers.syntax.positions import Positions
from aks_egress_catalog.linting.readers.syntax.repair import without_open_strings
from aks_egress_catalog.linting.readers.values.expression import Expression

if TYPE_CHECKING:
    from tree_sitter import Node

_GRAMMAR: Final = "tree_sitter_bicep"
_STATEMENT: Final = re.compile(
    rb"^(?:@|(?:param|var|resource|module|output|type|func|import|using|targetScope|metadata|assert)\b)", re.MULTILINE
)
_WORDS: Final = {
    "parameter_declaration": "param",
    "variable_declaration": "var",
    "resource_declaration": "resource",
    "module_declaration": "module",
    "assignment_expression": "var",
}
_DEEPEST: Final = 40
_MOST_PARTS: Final = 2000
_NO_VALUE: Final = ("identifier", "type", "comment", "ERROR", "decorators")


@dataclass(frozen=True, kw_only=True, slots=True)
class Statement:
    """``param``, ``var``, ``resource`` or ``module``, not translated yet; ``expressions`` are those of its part."""

    word: str
    name: str
    node: Node
    expressions: BicepExpressions
    place: Place


class BicepText:
    """One text of Bicep: its statements, and each as an expression when it is asked for."""

    def __init__(self, path: str, text: str, *, is_parameters: bool) -> None:
        self._positions = Positions(path, text)
        self._masked = mask(text, is_parameters=is_parameters)
        self._blanked: list[Place] = []
        self._parts = list(self._parse(self._masked.text, whole=True))
        if any(root is None or root.has_error for root, _ in self._parts):
            # One broken statement takes those behind it along: each is parsed for itself, then.
            repaired, spans = without_open_strings(self._masked.text, "'", ("//",))
            self._blanked = [self._positions.place(*span) for span in spans]
            self._parts = list(self._parse(repaired, whole=False))

    def _parse(self, text: str, *, whole: bool) -> Iterator[tuple[Node | None, BicepExpressions]]:
        data = text.encode("utf-8", "surrogatepass")
        spreads = {len(text[:one].encode("utf-8", "surrogatepass")) for one in self._masked.spreads}
        starts = [0, len(data)]
        if not whole and len(data) <= LARGEST:
            starts[1:1] = [found.start() for found in _STATEMENT.finditer(data) if found.start()][:_MOST_PARTS]
        for start, end in pairwise(starts):
            part = data[start:end]
            here = {one - start for one in spreads if start <= one < end}
            expressions = BicepExpressions(self._positions.behind(start), part, here)
            if part.strip():
                yield parse(_GRAMMAR, part), expressions

    def faults(self) -> Iterator[Place]:
        """Yield where the text is no Bicep; the beginning of what could not be parsed at all."""
        yield from self._blanked
        for root, expressions in self._parts:
            spans = [(0, 0)] if root is None else faults(root)
            yield from (expressions.place_of_bytes(*span) for span in spans)

    def statements(self) -> Iterator[Statement]:
        """Yield the statements that say something of rules, in their order."""
        for root, expressions in self._parts:
            if root is not None:
                yield from _statements(root, expressions)

    def value(self, statement: Statement) -> Expression | None:
        """Return what a statement says its name is; None for a parameter without a default."""
        if statement.word in ("resource", "module"):
            return statement.expressions.resource(statement.node)
        right = statement.node.child_by_field_name("right")
        values = [one for one in statement.node.named_children if one.type not in _NO_VALUE]
        if right is None and len(values) == 0:
            inner = [one for one in statement.node.named_children if one.type == "identifier"]
            return statement.expressions.expression(inner[-1]) if len(inner) > 1 else None
        return statement.expressions.expression(values[-1] if right is None else right)

    def text_of(self, statement: Statement) -> str:
        """Return the text of a statement."""
        return statement.expressions.text(statement.node)


def _statements(node: Node, expressions: BicepExpressions, depth: int = 0) -> Iterator[Statement]:
    for one in node.named_children:
        if one.type == "ERROR":
            if depth < _DEEPEST:
                yield from _statements(one, expressions, depth + 1)
        elif one.type in _WORDS:
            names = [inner for inner in one.named_children if inner.type == "identifier"]
            if names:
                yield Statement(
                    word=_WORDS[one.type],
                    name=expressions.text(names[0]),
                    node=one,
                    expressions=expressions,
                    place=expressions.place(one),
                )
