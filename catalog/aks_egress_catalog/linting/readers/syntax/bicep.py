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
from aks_egress_catalog.linting.readers.syntax.grammar import faults, parse, parse_part
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
_NO_VALUE: Final = ("identifier", "type", "comment", "ERROR", "decorators")


@dataclass(frozen=True, kw_only=True, slots=True)
class Statement:
    """``param``, ``var``, ``resource`` or ``module``, not translated yet."""

    word: str
    name: str
    node: Node
    place: Place


class BicepText:
    """One text of Bicep: its statements, and each as an expression when it is asked for."""

    def __init__(self, path: str, text: str, *, is_parameters: bool) -> None:
        self._positions = Positions(path, text)
        masked = mask(text, is_parameters=is_parameters)
        data = masked.text.encode("utf-8", "surrogatepass")
        spreads = {len(masked.text[:one].encode("utf-8", "surrogatepass")) for one in masked.spreads}
        original = text.encode("utf-8", "surrogatepass")
        self._expressions = BicepExpressions(self._positions, data if spreads else original, spreads)
        self._roots = [parse(_GRAMMAR, data)]
        self._blanked: list[Place] = []
        if self._roots[0].has_error:  # one broken statement takes those behind it along: each for itself, then
            repaired, spans = without_open_strings(masked.text, "'", ("//",))
            self._blanked = [self._positions.place(*span) for span in spans]
            self._roots = list(_parts(repaired.encode("utf-8", "surrogatepass")))

    def faults(self) -> Iterator[Place]:
        """Yield where the text is no Bicep."""
        yield from self._blanked
        yield from (self._positions.place_of_bytes(*span) for root in self._roots for span in faults(root))

    def statements(self) -> Iterator[Statement]:
        """Yield the statements that say something of rules, in their order."""
        for root in self._roots:
            yield from self._statements(root)

    def value(self, statement: Statement) -> Expression | None:
        """Return what a statement says its name is; None for a parameter without a default."""
        if statement.word in ("resource", "module"):
            return self._expressions.resource(statement.node)
        right = statement.node.child_by_field_name("right")
        values = [one for one in statement.node.named_children if one.type not in _NO_VALUE]
        if right is None and len(values) == 0:
            inner = [one for one in statement.node.named_children if one.type == "identifier"]
            return self._expressions.expression(inner[-1]) if len(inner) > 1 else None
        return self._expressions.expression(values[-1] if right is None else right)

    def text_of(self, statement: Statement) -> str:
        """Return the text of a statement."""
        return self._expressions.text(statement.node)

    def _statements(self, node: Node) -> Iterator[Statement]:
        for one in node.named_children:
            if one.type == "ERROR":
                yield from self._statements(one)
            elif one.type in _WORDS:
                names = [inner for inner in one.named_children if inner.type == "identifier"]
                if names:
                    word, name = _WORDS[one.type], self._expressions.text(names[0])
                    yield Statement(word=word, name=name, node=one, place=self._expressions.place(one))


def _parts(data: bytes) -> Iterator[Node]:
    starts = [0, *(found.start() for found in _STATEMENT.finditer(data)), len(data)]
    for start, end in pairwise(starts):
        if data[start:end].strip():
            yield parse_part(_GRAMMAR, data, start, end)
