"""An expression of ARM, ``[concat(parameters('a'), '.io')]``, in; the same in the common form out."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from aks_egress_catalog.linting.entry import Place
from aks_egress_catalog.linting.readers.values.expression import (
    Call,
    Choice,
    Expression,
    Known,
    Member,
    Name,
    Operation,
)
from aks_egress_catalog.linting.readers.values.known import unknown
from aks_egress_catalog.linting.tree import Text

_TOKEN: Final = re.compile(
    r"\s*(?:'((?:[^']|'')*)'|([A-Za-z_][\w.]*(?=\s*\())|([A-Za-z_]\w*)|(-?\d+(?:\.\d+)?)|([().,\[\]]))"
)
_DEEPEST: Final = 60
ArmExpression = Known | Name | Member | Call | Choice | Operation
_OPERATORS: Final = {"and": "&&", "or": "||", "not": "!", "equals": "=="}
_NAMED: Final = ("parameters", "variables")


def arm_expression(text: Text, scope: str) -> ArmExpression:
    """Return a string of a template as an expression; what is in no brackets is a text.

    ``scope`` goes before the names of parameters and variables: each nested template has its own.
    """
    value = text.value
    if value.startswith("[["):
        return Known(Text(value=value[1:], place=text.place, written=value))
    if not (value.startswith("[") and value.endswith("]")):
        return Known(text)
    try:
        found = _Parser(value[1:-1], text, scope).read()
    except ValueError:
        return Known(unknown(value, text.place, "this form is not evaluated"))
    # The whole string is what somebody wrote; the expression within it has no place of its own.
    return found if isinstance(found, Known) else replace(found, place=text.place, written=text.written or value)


class _Parser:
    def __init__(self, source: str, text: Text, scope: str) -> None:
        self._source = source
        self._text = text
        self._scope = scope
        self._offset = 0
        self._depth = 0

    def read(self) -> ArmExpression:
        found = self._expression()
        if self._source[self._offset :].strip():
            raise ValueError(self._source)
        return found

    def _expression(self) -> ArmExpression:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise ValueError(self._source)
        start = self._offset + len(self._source[self._offset :]) - len(self._source[self._offset :].lstrip())
        string, function, _, number, _ = self._next()
        if function:
            found: ArmExpression = self._call(function, start)
        elif string is not None:
            # Within JSON escapes the offsets of the file are others; then the whole string is the place.
            place = self._place(start + 1, self._offset - 1)
            found = Known(Text(value=string.replace("''", "'"), place=place))
        elif number:
            found = Known(Text(value=number, place=self._text.place))
        else:
            raise ValueError(self._source)
        found = self._members(found, start)
        self._depth -= 1
        return found

    def _call(self, function: str, start: int) -> ArmExpression:
        self._expect("(")
        arguments: list[Expression] = []
        while not self._takes(")"):
            if arguments:
                self._expect(",")
            arguments.append(self._expression())
        written, place = self._source[start : self._offset], self._place(start, self._offset)
        first = arguments[0] if len(arguments) == 1 else None
        if function.lower() in _NAMED and isinstance(first, Known) and isinstance(first.node, Text):
            return Name(f"{self._scope}{function.lower()}.{first.node.value.lower()}", place, written)
        if function.lower() == "if" and len(arguments) == 3:
            return Choice(arguments[0], arguments[1], arguments[2], place, written)
        if function.lower() in _OPERATORS and arguments:
            return Operation(_OPERATORS[function.lower()], tuple(arguments), place, written)
        return Call(function, tuple(arguments), place, written)

    def _members(self, of: ArmExpression, start: int) -> ArmExpression:
        while True:
            if self._takes("."):
                name = self._next()[2]
                if not name:
                    raise ValueError(self._source)
                key: Expression = Known(Text(value=name, place=self._text.place))
            elif self._takes("["):
                key = self._expression()
                self._expect("]")
            else:
                return of
            of = Member(of, key, self._place(start, self._offset), self._source[start : self._offset])

    def _next(self) -> tuple[str | None, ...]:
        found = _TOKEN.match(self._source, self._offset)
        if found is None:
            raise ValueError(self._source)
        self._offset = found.end()
        return found.groups()

    def _takes(self, mark: str) -> bool:
        found = _TOKEN.match(self._source, self._offset)
        if found is None or found[5] != mark:
            return False
        self._offset = found.end()
        return True

    def _expect(self, mark: str) -> None:
        if not self._takes(mark):
            raise ValueError(self._source)

    def _place(self, start: int, end: int) -> Place:
        whole = self._text.place
        if self._text.written or whole.line != whole.end_line:
            return whole
        first, last = (1 + offset for offset in (start, end))
        return Place(
            path=whole.path,
            line=whole.line,
            column=whole.column + first,
            end_line=whole.line,
            end_column=whole.column + last,
            start=whole.start + first,
            end=whole.start + last,
        )
