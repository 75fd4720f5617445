"""JSON in, a tree with the place of every value out; ARM's comments and trailing commas are taken too.

The text is scanned once and without recursion, so that it takes linear time and no depth of nesting breaks it. Keys
that stand twice are kept twice.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from aks_egress_catalog.errors import InputError
from aks_egress_catalog.linting.entry import Place
from aks_egress_catalog.linting.readers.syntax.positions import Positions
from aks_egress_catalog.linting.readers.values.known import null
from aks_egress_catalog.linting.tree import Items, Node, Table, Text

_MOST_NESTED: Final = 200
_SPACE: Final = re.compile(r"(?:[ \t\r\n\ufeff]+|//[^\n]*|/\*(?:[^*]|\*(?!/))*\*/)*")
_TOKEN: Final = re.compile(
    r"""(?P<mark>[{}\[\]:,])
      | "(?P<string>[^"\\]*(?:\\.[^"\\]*)*)"
      | (?P<number>-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.+-])
      | (?P<word>true|false|null)(?!\w)""",
    re.VERBOSE | re.DOTALL | re.ASCII,
)
_ESCAPE: Final = re.compile(
    r'\\(?:u([0-9a-fA-F]{4})(?:\\u([dD][c-fC-F][0-9a-fA-F]{2}))?|(["\\/bfnrt])|(.?))', re.DOTALL
)
_ESCAPED: Final = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_HIGH: Final = range(0xD800, 0xDC00)
_CLOSES: Final = {"{": "}", "[": "]"}


class JsonError(InputError):
    """A text that is no JSON, why, and where."""

    def __init__(self, reason: str, *, place: Place) -> None:
        super().__init__(f"{place}: {reason}")
        self.reason = reason
        self.place = place


@dataclass(slots=True)
class _Open:
    """A list or a table whose end has not been reached. ``expects`` says what may come next."""

    mark: str
    start: int
    expects: str
    items: list[Node] = field(default_factory=list)
    pairs: list[tuple[Text, Node]] = field(default_factory=list)
    key: Text | None = None


def read_json(path: str, text: str) -> Node:
    """Read a text of JSON.

    Raises:
        JsonError: it is no JSON, or nested deeper than any list of rules is.

    >>> read_json("a.json", '{"a": [1, /* one */ 2,]}').pairs[0][1].items[1].place.column
    21
    """
    return _Scanner(Positions(path, text)).read()


class _Scanner:
    def __init__(self, positions: Positions) -> None:
        self._positions = positions
        self._text = positions.text
        self._open: list[_Open] = []
        self._root: Node | None = None

    def read(self) -> Node:
        offset = self._skip(0)
        while offset < len(self._text):
            found = _TOKEN.match(self._text, offset)
            if found is None:
                raise self._error("neither a value nor a comma, nor the end of anything", offset)
            if self._root is not None:
                raise self._error("text behind the end", offset)
            if found["mark"]:
                self._mark(found["mark"], offset)
            else:
                self._add(self._scalar(found, offset))
            offset = self._skip(found.end())
        if self._root is None:
            raise self._error("it ends too early", offset)
        return self._root

    def _skip(self, offset: int) -> int:
        found = _SPACE.match(self._text, offset)
        return found.end() if found else offset

    def _scalar(self, found: re.Match[str], offset: int) -> Text:
        raw = found["string"]
        if raw is None:
            place = self._positions.place(found.start(), found.end())
            return null(place) if found[0] == "null" else Text(value=found[0], place=place)
        value = _ESCAPE.sub(lambda one: self._unescaped(one, offset), raw) if "\\" in raw else raw
        place = self._positions.place(offset + 1, found.end() - 1)
        return Text(value=value, place=place, written=raw if raw != value else "")

    def _unescaped(self, found: re.Match[str], offset: int) -> str:
        first, second, letter, other = found.groups()
        if first is None:
            if letter is None:
                raise self._error(f"\\{other} stands for nothing", offset + 1 + found.start())
            return _ESCAPED.get(letter, letter)
        code = int(first, 16)
        if second is None:
            return chr(code)
        if code in _HIGH:
            return chr(0x10000 + ((code - 0xD800) << 10) + int(second, 16) - 0xDC00)
        return chr(code) + chr(int(second, 16))

    def _mark(self, mark: str, offset: int) -> None:
        inner = self._open[-1] if self._open else None
        if mark in _CLOSES:
            self._begin(mark, offset)
        elif inner is not None and mark == _CLOSES[inner.mark] and inner.expects != "value after key":
            self._end(offset)
        elif inner is not None and (mark, inner.expects) == (":", "colon"):
            inner.expects = "value after key"
        elif inner is not None and (mark, inner.expects) == (",", "comma"):
            inner.expects = "key" if inner.mark == "{" else "value"
        else:
            raise self._error(f"no {mark} belongs here", offset)

    def _begin(self, mark: str, offset: int) -> None:
        self._check_value(offset)
        if len(self._open) >= _MOST_NESTED:
            raise self._error(f"nested more than {_MOST_NESTED} deep", offset)
        self._open.append(_Open(mark, offset, "key" if mark == "{" else "value"))

    def _end(self, offset: int) -> None:
        inner = self._open.pop()
        if inner.key is not None:
            raise self._error("a key without a value", offset)
        place = self._positions.place(inner.start, offset + 1)
        self._add(
            Table(pairs=tuple(inner.pairs), place=place)
            if inner.mark == "{"
            else Items(items=tuple(inner.items), place=place)
        )

    def _check_value(self, offset: int) -> None:
        if self._open and self._open[-1].expects not in ("value", "value after key"):
            raise self._error(f"a {self._open[-1].expects} belongs here", offset)

    def _add(self, node: Node) -> None:
        inner = self._open[-1] if self._open else None
        if inner is None:
            self._root = node
        elif inner.expects == "key" and isinstance(node, Text) and self._text[node.place.start - 1] == '"':
            inner.key, inner.expects = node, "colon"
        else:
            self._check_value(node.place.start)
            if inner.key is not None:
                inner.pairs.append((inner.key, node))
                inner.key = None
            else:
                inner.items.append(node)
            inner.expects = "comma"

    def _error(self, reason: str, offset: int) -> JsonError:
        at = min(offset, len(self._text))
        return JsonError(f"this is no JSON: {reason}", place=self._positions.place(at, at))
