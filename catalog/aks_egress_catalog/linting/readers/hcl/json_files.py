"""Terraform's JSON syntax: the tree of a file in, blocks and expressions out, as from HCL."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from aks_egress_catalog.linting.entry import Place
from aks_egress_catalog.linting.readers.syntax.hcl import HclText
from aks_egress_catalog.linting.readers.values.expression import (
    Expression,
    Known,
    Listing,
    Record,
    Repeated,
    Template,
)
from aks_egress_catalog.linting.readers.values.known import unknown
from aks_egress_catalog.linting.tree import Items, Node, Table, Text

_INTERPOLATION: Final = re.compile(r"(?<!\$)\$\{([^{}]*)\}")
_LABELLED: Final = {"resource": 2, "data": 2, "module": 1, "provider": 1, "output": 1}


def json_blocks(tree: Table, *, is_variables: bool) -> Iterator[tuple[str, str, Node]]:
    """Yield the blocks of a file as kind, name and value; what it defines has the kind ``local`` or ``var``."""
    for key, value in tree.pairs:
        for one in value.items if isinstance(value, Items) and not is_variables else (value,):
            if is_variables:
                yield "var", key.value, one
            elif key.value == "locals" and isinstance(one, Table):
                yield from (("local", name.value, inner) for name, inner in one.pairs)
            elif key.value == "variable" and isinstance(one, Table):
                yield from _defaults(one)
            elif isinstance(one, Table):
                blocks = _labelled(one, _LABELLED.get(key.value, 0), ())
                yield from ((key.value, ".".join(block.labels), block) for block in blocks)


def _defaults(variables: Table) -> Iterator[tuple[str, str, Node]]:
    for name, variable in variables.pairs:
        for one in variable.items if isinstance(variable, Items) else (variable,):
            if isinstance(one, Table):
                yield from (("var", name.value, value) for key, value in one.pairs if key.value == "default")


def _labelled(table: Table, depth: int, labels: tuple[str, ...]) -> Iterator[Table]:
    if depth == 0:
        yield replace(table, labels=labels)
        return
    for key, value in table.pairs:
        for one in value.items if isinstance(value, Items) else (value,):
            if isinstance(one, Table):
                yield from _labelled(one, depth - 1, (*labels, key.value))


def expression_of(node: Node) -> Expression:
    """Return a value of a file as an expression: strings are templates, ``dynamic`` makes blocks."""
    if isinstance(node, Text):
        return _template(node)
    if isinstance(node, Items):
        return Listing(tuple(expression_of(one) for one in node.items), node.place)
    if not isinstance(node, Table):
        return Known(node)
    pairs: list[tuple[Expression, Expression]] = []
    repeats = None
    for key, value in node.pairs:
        if key.value == "for_each" and node.labels:
            repeats = expression_of(value)
        elif key.value == "dynamic":
            pairs += _dynamic(value)
        elif not key.value.startswith("//"):
            pairs.append((Known(key), expression_of(value)))
    record = Record(tuple(pairs), node.place, node.labels)
    return record if repeats is None else Repeated(repeats, "each", record, even_if_unknown=True)


def _dynamic(node: Node) -> Iterator[tuple[Expression, Expression]]:
    for one in node.items if isinstance(node, Items) else (node,):
        for label, blocks in one.pairs if isinstance(one, Table) else ():
            for block in blocks.items if isinstance(blocks, Items) else (blocks,):
                inner = {key.value: value for key, value in block.pairs} if isinstance(block, Table) else {}
                name = inner.get("iterator", label)
                if "for_each" in inner and "content" in inner and isinstance(name, Text):
                    content = expression_of(inner["content"])
                    yield Known(label), Repeated(expression_of(inner["for_each"]), name.value, content)
                else:
                    yield Known(label), Known(unknown("dynamic", block.place, "it has no content, or no for_each"))


def _template(text: Text) -> Expression:
    if "${" not in text.value:
        return Known(text)
    pieces = _INTERPOLATION.split(text.value)
    if any("${" in piece.replace("$${", "") for piece in pieces[::2]):
        return Known(unknown(text.value, text.place, "this form is not evaluated"))
    parts = [
        _interpolated(piece, text.place) if n % 2 else piece.replace("$${", "${")
        for n, piece in enumerate(pieces)
        if piece
    ]
    return Template(tuple(parts), text.place, text.written or text.value)


def _interpolated(written: str, place: Place) -> Expression:
    text = HclText(place.path, f"x = {written}\n", at=place)
    return next((text.value(one) for one in text.blocks()), Known(unknown(written, place)))
