"""A node of the grammar of HCL in, an expression out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from aks_egress_catalog.linting.entry import Place
from aks_egress_catalog.linting.readers.syntax.positions import Positions
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

_ESCAPE: Final = re.compile(r'\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([nrt"\\]))|([$%])\4\{')
_ESCAPED: Final = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
_SCOPES: Final = ("local", "var")
"""``local.x`` is one name, not a part of something."""
_DEEPEST: Final = 50


class HclExpressions:
    """The expressions of one text, ``data`` in UTF-8."""

    def __init__(self, positions: Positions, data: bytes) -> None:
        self._positions = positions
        self._data = data
        self._depth = 0
        self._ways: Mapping[str, Callable[[Node], Expression]] = {
            "expression": self.expression,
            "literal_value": self._inner,
            "template_expr": self._inner,
            "collection_value": self._inner,
            "for_expr": self._inner,
            "operation": self._inner,
            "variable_expr": self._name,
            "string_lit": self._template,
            "quoted_template": self._template,
            "heredoc_template": self._heredoc,
            "numeric_lit": self._plain,
            "bool_lit": self._plain,
            "null_lit": self._null,
            "tuple": self._tuple,
            "object": self._object,
            "function_call": self._call,
            "conditional": self._choice,
            "for_tuple_expr": self._for,
            "for_object_expr": self._for,
            "unary_operation": self._operation,
            "binary_operation": self._operation,
        }

    def expression(self, node: Node) -> Expression:
        """Return a node of the grammar as an expression."""
        return self._chain(node.named_children, node)

    def _chain(self, nodes: Sequence[Node], whole: Node) -> Expression:
        """Return a value with what is taken out of it: ``local.x["y"][0]`` are four nodes side by side."""
        if self._depth > _DEEPEST:
            return Known(unknown(self.text(whole), self.place(whole), "nested too deep"))
        self._depth += 1
        try:
            return self._taken(nodes, whole)
        finally:
            self._depth -= 1

    def _taken(self, nodes: Sequence[Node], whole: Node) -> Expression:
        nodes = [one for one in nodes if one.type != "comment"]
        if not nodes:
            return self._unknown(whole)
        found, rest = self._first(nodes[0]), nodes[1:]
        if isinstance(found, Name) and found.name in _SCOPES and rest and rest[0].type == "get_attr":
            place, written = self._span(nodes[0], rest[0])
            found, rest = Name(f"{found.name}.{self.text(rest[0])[1:]}", place, written), rest[1:]
        for n, one in enumerate(rest):
            place, written = self._span(nodes[0], one)
            if one.type == "splat":
                return self._splat(found, one, rest[n + 1 :], whole)
            found = Member(found, self._member_key(one), place, written)
        return found

    def _member_key(self, node: Node) -> Expression:
        if node.type == "get_attr":
            return Known(Text(value=self.text(node)[1:].strip(), place=self.place(node)))
        inner = node.named_children[0] if node.named_children else node
        if inner.type == "new_index" and inner.named_children:
            return self.expression(inner.named_children[0])
        return Known(Text(value=self.text(inner).lstrip("."), place=self.place(node)))

    def _splat(self, of: Expression, splat: Node, behind: Sequence[Node], whole: Node) -> Expression:
        place, written = self.place(whole), self.text(whole)
        inside = [*splat.named_children[0].named_children, *behind] if splat.named_children else [*behind]
        value: Expression = Name("*", place, written)
        for one in inside:
            value = Member(value, self._member_key(one), place, written)
        return Each(of, "", "*", value, place, written)

    def _first(self, node: Node) -> Expression:
        return self._ways.get(node.type, self._unknown)(node)

    def _inner(self, node: Node) -> Expression:
        return self._first(node.named_children[0]) if node.named_children else self._unknown(node)

    def _name(self, node: Node) -> Expression:
        return Name(self.text(node), self.place(node), self.text(node))

    def _plain(self, node: Node) -> Expression:
        return Known(Text(value=self.text(node), place=self.place(node)))

    def _null(self, node: Node) -> Expression:
        return Known(null(self.place(node)))

    def _tuple(self, node: Node) -> Expression:
        return Listing(tuple(self.expression(one) for one in _expressions(node)), self.place(node))

    def _choice(self, node: Node) -> Expression:
        parts = [self.expression(one) for one in _expressions(node)]
        if len(parts) != 3:
            return self._unknown(node)
        return Choice(parts[0], parts[1], parts[2], self.place(node), self.text(node))

    def _object(self, node: Node) -> Expression:
        pairs: list[tuple[Expression, Expression]] = []
        for one in node.named_children:
            key, value = one.child_by_field_name("key"), one.child_by_field_name("val")
            if one.type == "object_elem" and key is not None and value is not None:
                name = self.expression(key)
                # A bare word is the key itself; (word) in brackets is what the word stands for.
                if isinstance(name, Name) and not self.text(key).startswith("("):
                    name = Known(Text(value=self.text(key), place=name.place))
                pairs.append((name, self.expression(value)))
        return Record(tuple(pairs), self.place(node))

    def _call(self, node: Node) -> Expression:
        name = self.text(node.named_children[0])
        lists = [one for one in node.named_children if one.type == "function_arguments"]
        arguments = [self.expression(one) for found in lists for one in _expressions(found)]
        if arguments and any(one.type == "ellipsis" for found in lists for one in found.children):
            arguments[-1] = Spread(arguments[-1])
        return Call(name, tuple(arguments), self.place(node), self.text(node))

    def _for(self, node: Node) -> Expression:
        intro = next((one for one in node.named_children if one.type == "for_intro"), None)
        conditions = [one for one in node.named_children if one.type == "for_cond"]
        made = [self.expression(one) for one in _expressions(node)]
        names = [self.text(one) for one in intro.named_children if one.type == "identifier"] if intro else []
        grouped = any(one.type == "ellipsis" for one in node.children)
        if intro is None or not names or not made or not _expressions(intro) or grouped:
            return self._unknown(node)
        return Each(
            self.expression(_expressions(intro)[0]),
            names[0] if len(names) > 1 else "",
            names[-1],
            made[-1],
            self.place(node),
            self.text(node),
            key=made[0] if node.type == "for_object_expr" and len(made) > 1 else None,
            condition=self.expression(_expressions(conditions[0])[0]) if conditions else None,
        )

    def _operation(self, node: Node) -> Expression:
        """Return an operation. The operands are nodes side by side as well, with the operator between them."""
        operators = [n for n, one in enumerate(node.children) if not one.is_named and one.type not in "()"]
        if not operators:
            return self._unknown(node)
        at = operators[0]
        sides = [node.children[:at], node.children[at + 1 :]]
        operands = [self._chain([one for one in side if one.is_named], node) for side in sides if side]
        return Operation(node.children[at].type, tuple(operands), self.place(node), self.text(node))

    def _template(self, node: Node) -> Expression:
        start, end = node.start_byte + 1, node.end_byte - 1
        place = self._positions.place_of_bytes(start, max(start, end))
        written = self._data[start:end].decode("utf-8", "replace")
        parts = tuple(self._parts(node))
        if all(isinstance(one, str) for one in parts):
            value = "".join(map(str, parts))
            return Known(Text(value=value, place=place, written=written if written != value else ""))
        return Template(parts, place, written)

    def _heredoc(self, node: Node) -> Expression:
        return Template(tuple(self._parts(node)), self.place(node), self.text(node))

    def _parts(self, node: Node) -> Iterator[str | Expression]:
        for one in node.named_children:
            if one.type == "template_literal":
                yield _ESCAPE.sub(_unescaped, self.text(one))
            elif one.type == "template_interpolation":
                inner = _expressions(one)
                yield self.expression(inner[0]) if inner else self._unknown(one)
            elif one.type == "template_directive":
                yield self._unknown(one)

    def _unknown(self, node: Node) -> Expression:
        return Known(unknown(self.text(node), self.place(node), "this form is not evaluated"))

    def _span(self, first: Node, last: Node) -> tuple[Place, str]:
        data = self._data[first.start_byte : last.end_byte]
        return self._positions.place_of_bytes(first.start_byte, last.end_byte), data.decode("utf-8", "replace")

    def place(self, node: Node) -> Place:
        """Return where a node stands."""
        return self._positions.place_of_bytes(node.start_byte, node.end_byte)

    def text(self, node: Node) -> str:
        """Return the words of a node."""
        return self._data[node.start_byte : node.end_byte].decode("utf-8", "replace")


def _expressions(node: Node) -> list[Node]:
    return [one for one in node.named_children if one.type == "expression"]


def _unescaped(found: re.Match[str]) -> str:
    short, long, letter, marker = found.groups()
    if marker:
        return f"{marker}{{"
    return _ESCAPED[letter] if letter else chr(int(short or long, 16) % 0x110000)
