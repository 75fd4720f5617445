"""A node of the grammar of Bicep in, an expression out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from aks_egress_catalog.linting.entry import Place
from aks_egress_catalog.linting.readers.syntax.bicep_masks import SPREAD_KEY
from aks_egress_catalog.linting.readers.syntax.positions import PartPositions
from aks_egress_catalog.linting.readers.values.expression import (
    Call,
    Choice,
    Each,
    Expression,
    Known,
    Listing,
    Member,
    Name,
    Operation,
    Record,
    Spread,
    Template,
)
from aks_egress_catalog.linting.readers.values.known import null, unknown
from aks_egress_catalog.linting.tree import Text

if TYPE_CHECKING:
    from tree_sitter import Node

_ESCAPE: Final = re.compile(r"\\(?:u\{([0-9a-fA-F]{1,6})\}|(.))", re.DOTALL)
_ESCAPED: Final = {"n": "\n", "r": "\r", "t": "\t"}
_BUILT_IN: Final = ("az", "sys")
"""``az.environment()`` is ``environment()``."""
EXISTING: Final = "existing"
"""The key of a resource that is made elsewhere: the file says nothing of its settings."""
_DEEPEST: Final = 80


class BicepExpressions:
    """The expressions of one text, ``data`` in UTF-8. ``spreads`` are the bytes at which something is spread."""

    def __init__(self, positions: PartPositions, data: bytes, spreads: set[int]) -> None:
        self._positions = positions
        self._data = data
        self._spreads = spreads
        self._depth = 0
        self._ways: Mapping[str, Callable[[Node], Expression]] = {
            "string": self._string,
            "number": self._plain,
            "boolean": self._plain,
            "null": lambda node: Known(null(self.place(node))),
            "identifier": lambda node: Name(self.text(node), self.place(node), self.text(node)),
            "array": self._array,
            "object": self.record,
            "for_statement": self._for,
            "if_statement": self._last,
            "parenthesized_expression": self._last,
            "member_expression": self._member,
            "subscript_expression": self._subscript,
            "resource_expression": self._unknown,
            "call_expression": self._call,
            "ternary_expression": self._choice,
            "binary_expression": self._binary,
            "unary_expression": self._unary,
        }

    def expression(self, node: Node) -> Expression:
        """Return a node of the grammar as an expression."""
        if self._depth > _DEEPEST:
            return Known(unknown(self.text(node), self.place(node), "nested too deep"))
        self._depth += 1
        try:
            return self._ways.get(node.type, self._unknown)(node)
        finally:
            self._depth -= 1

    def record(self, node: Node, labels: tuple[str, ...] = ()) -> Record:
        """Return an object as an expression; resources within one stand under ``resource``, with type and symbol."""
        pairs: list[tuple[Expression, Expression]] = []
        for one in node.named_children:
            inner = [child for child in one.named_children if child.type not in ("comment", "ERROR", "decorators")]
            if one.type != "object_property" or not inner:
                continue
            if inner[0].type == "resource_declaration":
                key = Known(Text(value="resource", place=self.place(inner[0])))
                pairs.append((key, self.resource(inner[0], labels[0] if labels else "")))
            elif len(inner) > 1:
                pairs.append(self._property(inner[0], inner[-1]))
        return Record(tuple(pairs), self.place(node), labels)

    def resource(self, node: Node, parent_type: str = "") -> Expression:
        """Return a resource or a module as an expression, with its type and its symbol as labels."""
        symbols = [self.text(one) for one in node.named_children if one.type == "identifier"]
        types = [self.text(one).strip("'") for one in node.named_children if one.type == "string"]
        kind = types[0] if types else ""
        if parent_type and "/" not in kind.partition("@")[0]:
            kind = f"{parent_type.partition('@')[0]}/{kind}"
        labels = (kind, symbols[0] if symbols else "")
        bodies = [one for one in node.named_children if one.type in ("object", "if_statement", "for_statement")]
        if not bodies:
            return self._unknown(node)
        body = self._body(bodies[-1], labels)
        if isinstance(body, Record) and any(one.type == "existing" for one in node.children):
            mark = Known(Text(value=EXISTING, place=body.place)), Known(Text(value="true", place=body.place))
            return Record((*body.pairs, mark), body.place, body.labels)
        return body

    def _body(self, node: Node, labels: tuple[str, ...]) -> Expression:
        if node.type == "object":
            return self.record(node, labels)
        inner = [one for one in node.named_children if one.type in ("object", "if_statement", "for_statement")]
        body = self._body(inner[-1], labels) if inner else self._unknown(node)
        return self._loop(node, body, even_if_unknown=True) if node.type == "for_statement" else body

    def _property(self, key: Node, value: Node) -> tuple[Expression, Expression]:
        name = self.text(key)
        if key.type == "string":
            return self._string(key), self.expression(value)
        made = self.expression(value)
        return Known(Text(value=name, place=self.place(key))), Spread(made) if name == SPREAD_KEY else made

    def _array(self, node: Node) -> Expression:
        """Return a list. The grammar reads ``f(x)[2]`` as three elements of a list: what touches goes together."""
        items: list[Expression] = []
        start = end = -1
        for one in (child for child in node.named_children if child.type not in ("comment", "ERROR")):
            if one.start_byte == end and items:
                items[-1] = self._grafted(items[-1], one, start)
            else:
                start = one.start_byte
                made = self.expression(one)
                items.append(Spread(made) if start in self._spreads else made)
            end = one.end_byte
        return Listing(tuple(items), self.place(node))

    def _grafted(self, of: Expression, node: Node, start: int) -> Expression:
        """Return ``of[2].x``, where ``[2].x`` is the node and ``of`` begins at ``start``."""
        if isinstance(of, Spread):
            return Spread(self._grafted(of.of, node, start))
        place = self._positions.place_of_bytes(start, node.end_byte)
        written = self._data[start : node.end_byte].decode("utf-8", "replace")
        inner, key = node.child_by_field_name("object"), node.child_by_field_name("property")
        if inner is not None and key is not None:
            name = Known(Text(value=self.text(key), place=self.place(key)))
            return Member(self._grafted(of, inner, start), name, place, written)
        if node.type == "array" and node.named_children:
            return Member(of, self.expression(node.named_children[-1]), place, written)
        if node.type == "parenthesized_expression" and isinstance(of, Name):
            return self._called(of.name, node.named_children, place, written)
        return Known(unknown(written, place))

    def _for(self, node: Node) -> Expression:
        body = node.child_by_field_name("body")
        return self._loop(node, self._unknown(node) if body is None else self.expression(body))

    def _loop(self, node: Node, value: Expression, *, even_if_unknown: bool = False) -> Expression:
        body = node.child_by_field_name("body")
        inner = [one for one in node.named_children if one.type != "comment" and one != body]
        names = [self.text(one) for one in inner[:1]]
        if inner and inner[0].type == "for_loop_parameters":
            names = [self.text(one) for one in inner[0].named_children]
        if len(inner) < 2 or not names:
            return self._unknown(node)
        index = names[1] if len(names) > 1 else ""
        return Each(
            self.expression(inner[1]),
            index,
            names[0],
            value,
            self.place(node),
            self.text(node),
            even_if_unknown=even_if_unknown,
        )

    def _member(self, node: Node) -> Expression:
        of, name = node.child_by_field_name("object"), node.child_by_field_name("property")
        if of is None or name is None:
            return self._unknown(node)
        key = Known(Text(value=self.text(name), place=self.place(name)))
        return Member(self.expression(of), key, self.place(node), self.text(node))

    def _subscript(self, node: Node) -> Expression:
        of, index = node.child_by_field_name("object"), node.child_by_field_name("index")
        if of is None or index is None:
            return self._unknown(node)
        return Member(self.expression(of), self.expression(index), self.place(node), self.text(node))

    def _call(self, node: Node) -> Expression:
        function, arguments = node.child_by_field_name("function"), node.child_by_field_name("arguments")
        if function is None or arguments is None:
            return self._unknown(node)
        return self._called(self.text(function), arguments.named_children, self.place(node), self.text(node))

    def _called(self, name: str, arguments: Sequence[Node], place: Place, written: str) -> Expression:
        """Return a call; ``map`` and ``filter`` with a lambda are loops."""
        inner = [one for one in arguments if one.type != "comment"]
        name = name.partition(".")[2] if name.partition(".")[0] in _BUILT_IN else name
        if name not in ("map", "filter") or len(inner) != 2:
            return Call(name, tuple(self.expression(one) for one in inner), place, written)
        item, body = self._lambda(inner[1])
        if not item:
            return Known(unknown(written, place))
        array = self.expression(inner[0])
        if name == "map":
            return Each(array, "", item, body, place, written)
        return Each(array, "", item, Name(item, place, item), place, written, condition=body)

    def _lambda(self, node: Node) -> tuple[str, Expression]:
        """Return the name and the body of ``x => …``. The grammar reads ``x => x.a`` as ``(x => x).a``: undo that."""
        if node.type == "lambda_expression" and len(node.named_children) > 1:
            return self.text(node.named_children[0]), self.expression(node.named_children[-1])
        of = node.child_by_field_name("object")
        key = node.child_by_field_name("property") or node.child_by_field_name("index")
        if of is None or key is None:
            return "", self._unknown(node)
        name, inner = self._lambda(of)
        is_property = node.type == "member_expression"
        made = Known(Text(value=self.text(key), place=self.place(key))) if is_property else self.expression(key)
        return name, Member(inner, made, self.place(node), self.text(node))

    def _choice(self, node: Node) -> Expression:
        fields = [node.child_by_field_name(one) for one in ("condition", "consequence", "alternative")]
        parts = [self.expression(one) for one in fields if one is not None]
        if len(parts) != len(fields):
            return self._unknown(node)
        return Choice(parts[0], parts[1], parts[2], self.place(node), self.text(node))

    def _binary(self, node: Node) -> Expression:
        fields = [node.child_by_field_name(one) for one in ("left", "operator", "right")]
        left, operator, right = fields
        if left is None or operator is None or right is None:
            return self._unknown(node)
        operands = (self.expression(left), self.expression(right))
        return Operation(self.text(operator), operands, self.place(node), self.text(node))

    def _unary(self, node: Node) -> Expression:
        operator, operand = (node.child_by_field_name(one) for one in ("operator", "argument"))
        if operator is None or operand is None:
            return self._unknown(node)
        return Operation(self.text(operator), (self.expression(operand),), self.place(node), self.text(node))

    def _last(self, node: Node) -> Expression:
        return self.expression(node.named_children[-1]) if node.named_children else self._unknown(node)

    def _plain(self, node: Node) -> Expression:
        return Known(Text(value=self.text(node), place=self.place(node)))

    def _string(self, node: Node) -> Expression:
        quotes = 3 if self.text(node).startswith("'''") else 1
        start, end = node.start_byte + quotes, node.end_byte - quotes
        place = self._positions.place_of_bytes(start, max(start, end))
        written = self._data[start:end].decode("utf-8", "replace")
        parts = tuple(self._parts(node, is_verbatim=quotes > 1))
        if all(isinstance(one, str) for one in parts):
            value = "".join(map(str, parts))
            return Known(Text(value=value, place=place, written=written if written != value else ""))
        return Template(parts, place, written)

    def _parts(self, node: Node, *, is_verbatim: bool) -> Iterator[str | Expression]:
        for one in node.named_children:
            if one.type == "interpolation":
                yield self.expression(one.named_children[-1]) if one.named_children else self._unknown(one)
            else:
                yield self.text(one) if is_verbatim else _ESCAPE.sub(_unescaped, self.text(one))

    def _unknown(self, node: Node) -> Expression:
        return Known(unknown(self.text(node), self.place(node)))

    def place_of_bytes(self, start: int, end: int) -> Place:
        """Return where some bytes of the text stand."""
        return self._positions.place_of_bytes(start, end)

    def place(self, node: Node) -> Place:
        """Return where a node stands."""
        return self._positions.place_of_bytes(node.start_byte, node.end_byte)

    def text(self, node: Node) -> str:
        """Return the words of a node."""
        return self._data[node.start_byte : node.end_byte].decode("utf-8", "replace")


def _unescaped(found: re.Match[str]) -> str:
    return chr(int(found[1], 16) % 0x110000) if found[1] else _ESCAPED.get(found[2], found[2])
