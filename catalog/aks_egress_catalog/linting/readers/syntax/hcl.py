"""HCL in, expressions and blocks out. Broken files are read as far as they can be; where they are broken is told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from aks_egress_catalog.linting.entry import Place
from aks_egress_catalog.linting.readers.syntax.grammar import faults, parse
from aks_egress_catalog.linting.readers.syntax.hcl_expressions import HclExpressions
from aks_egress_catalog.linting.readers.syntax.positions import OnePlace, Positions
from aks_egress_catalog.linting.readers.syntax.repair import without_open_strings
from aks_egress_catalog.linting.readers.values.expression import (
    Expression,
    Known,
    Record,
    Repeated,
)
from aks_egress_catalog.linting.readers.values.known import null, unknown
from aks_egress_catalog.linting.tree import Text

if TYPE_CHECKING:
    from tree_sitter import Node

_GRAMMAR: Final = "tree_sitter_hcl"
_REPEATS: Final = "for_each"
_DEEPEST: Final = 40


@dataclass(frozen=True, kw_only=True, slots=True)
class Block:
    """A block or an attribute of a body, not translated yet. ``x = …`` has no labels."""

    name: str
    labels: tuple[str, ...]
    node: Node
    place: Place
    is_block: bool


class HclText:
    """One text of HCL: its blocks, and each block or value as an expression when it is asked for."""

    def __init__(self, path: str, text: str, *, at: Place | None = None) -> None:
        """Parse a text. ``at`` is where all of it stands, if it was taken out of another file."""
        self._positions = Positions(path, text) if at is None else OnePlace(at)
        data = text.encode("utf-8", "surrogatepass")
        self._expressions = HclExpressions(self._positions, data)
        self._root = parse(_GRAMMAR, data)
        self._blanked: list[Place] = []
        if self._root is not None and self._root.has_error:
            repaired, spans = without_open_strings(text, '"', ("#", "//"))
            self._blanked = [self._positions.place(*span) for span in spans]
            self._root = parse(_GRAMMAR, repaired.encode("utf-8", "surrogatepass")) if spans else self._root

    def faults(self) -> Iterator[Place]:
        """Yield where the text is no HCL; its beginning, where none of it could be parsed."""
        yield from self._blanked
        spans = [(0, 0)] if self._root is None else faults(self._root)
        yield from (self._positions.place_of_bytes(*span) for span in spans)

    def blocks(self) -> Iterator[Block]:
        """Yield what stands at the top of the text, also around what is broken."""
        return iter(()) if self._root is None else self._blocks(self._root)

    def inside(self, block: Block) -> Iterator[Block]:
        """Yield what stands at the top of a block."""
        return (one for body in block.node.named_children if body.type == "body" for one in self._blocks(body))

    def record(self, block: Block, depth: int = 0) -> Expression:
        """Return a block with its labels as an expression; one with ``for_each`` is for each element of it."""
        if depth > _DEEPEST:
            return Known(unknown(block.name, block.place, "nested too deep"))
        pairs: list[tuple[Expression, Expression]] = []
        repeats: Expression | None = None
        for one in self.inside(block):
            if one.name == _REPEATS and not one.is_block:
                repeats = self.value(one)
            elif one.is_block and one.name == "dynamic" and one.labels:
                pairs.append((self._key(one, one.labels[0]), self._dynamic(one, depth + 1)))
            else:
                pairs.append(
                    (self._key(one, one.name), self.record(one, depth + 1) if one.is_block else self.value(one))
                )
        record = Record(tuple(pairs), block.place, block.labels)
        if repeats is None or block.name not in ("resource", "module"):
            return record
        return Repeated(repeats, "each", record, even_if_unknown=True)

    def value(self, attribute: Block) -> Expression:
        """Return the value of an attribute."""
        found = [one for one in attribute.node.named_children if one.type == "expression"]
        return self._expressions.expression(found[0]) if found else Known(null(attribute.place))

    def text_of(self, block: Block) -> str:
        """Return the text of a block."""
        return self._expressions.text(block.node)

    def _blocks(self, body: Node, depth: int = 0) -> Iterator[Block]:
        for node in body.named_children:
            kind = node.type
            if kind in ("body", "ERROR"):
                if depth < _DEEPEST:
                    yield from self._blocks(node, depth + 1)
            elif kind in ("attribute", "block"):
                words = [one for one in node.named_children if one.type in ("identifier", "string_lit")]
                names = [self._expressions.text(one).strip('"') for one in words]
                if names:
                    yield Block(
                        name=names[0],
                        labels=tuple(names[1:]) if kind == "block" else (),
                        node=node,
                        place=self._expressions.place(node),
                        is_block=kind == "block",
                    )

    def _key(self, block: Block, name: str) -> Known:
        return Known(Text(value=name, place=block.place))

    def _dynamic(self, block: Block, depth: int) -> Expression:
        inner = {one.name: one for one in self.inside(block)}
        content, collection = inner.get("content"), inner.get(_REPEATS)
        if content is None or collection is None:
            return Known(unknown(f'dynamic "{block.labels[0]}"', block.place, "it has no content, or no for_each"))
        name = self._expressions.text(inner["iterator"].node).partition("=")[2].strip() if "iterator" in inner else ""
        return Repeated(self.value(collection), name or block.labels[0], self.record(content, depth + 1))
