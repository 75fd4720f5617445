"""JSON of any size taken apart as it comes: the elements of ``[…]`` and ``{"records": […]}``, one after the other.

In memory is what one element needs, up to :data:`LONGEST_VALUE`. An element that is broken costs only itself: the
reading goes on at the next object behind it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from aks_egress_catalog.logs.flow import Skipped
from aks_egress_catalog.logs.lines import SHOWN
from aks_egress_catalog.logs.records.json_text import LISTS, scan

LONGEST_VALUE: Final = 16_000_000
"""Characters of an element; the minutes of a flow log are a tenth of that."""
DEEPEST: Final = 6
_GAP: Final = re.compile(r"[\s,:\ufeff]*")
_WRAPPER: Final = re.compile(r'\{\s*"(?:' + "|".join(sorted(LISTS)) + r')"\s*:\s*\[')
_NEXT: Final = re.compile(r"[\n}\]]\s*,?\s*(?=\{)")
"""Behind something broken: where the next object begins."""
_AHEAD: Final = 1000
_NEAR: Final = 16
"""An error so near to the end of what was read may only be for want of the rest."""

Found = tuple[str, Any] | Skipped


class _BrokenError(Exception):
    """No JSON from here on."""


def values_of(pieces: Iterable[str]) -> Iterator[Found]:
    """Give the elements of a document, each with the key of the list that it is in; other members with their own.

    >>> list(values_of(['{"tables": [{"columns": [{"name": "a"}], "rows": [[1], ', '[2]]}]}']))
    [('columns', [{'name': 'a'}]), ('rows', [1]), ('rows', [2])]
    """
    document = _Document(pieces)
    yield from document.elements("", closing="", depth=0)


class _Document:
    """The text from some place on, as much as was needed of it."""

    def __init__(self, pieces: Iterable[str]) -> None:
        self._pieces = iter(pieces)
        self._text = ""
        self._place = 0
        self._ended = False

    def elements(self, key: str, *, closing: str, depth: int) -> Iterator[Found]:
        """Give what stands from here to the bracket that closes the list ``key``, or to the end of the text."""
        while first := self._next():
            if first == closing:
                self._place += 1
                return
            if first == "[" and not closing and not depth:
                self._place += 1
                yield from self.elements("", closing="]", depth=depth + 1)
            elif first in "]}":
                self._place += 1  # more brackets closed than opened: nothing is lost by it
            elif first == "{" and depth < DEEPEST and (key in ("tables", "Tables") or self._is_wrapper()):
                self._place += 1
                yield from self._members(depth + 1)
            else:
                yield self._element(key)

    def _members(self, depth: int) -> Iterator[Found]:
        """Give the members of an object that holds lists, to its end."""
        while first := self._next():
            if first == "}":
                self._place += 1
                return
            name = self._element("")
            if isinstance(name, Skipped):
                yield name
                return
            key = str(name[1])
            if self._next() == "[" and key in LISTS:
                self._place += 1
                yield from self.elements(key, closing="]", depth=depth)
            elif self._next():
                value = self._element(key)
                if isinstance(value, Skipped) or value[0] == "columns":
                    yield value

    def _next(self) -> str:
        """Pass over white space, commas and colons, and look at the next character; empty at the end."""
        while True:
            self._place = _GAP.match(self._text, self._place).end()  # type: ignore[union-attr]  # it matches anything
            if self._place < len(self._text):
                return self._text[self._place]
            if not self._more():
                return ""

    def _more(self) -> bool:
        piece = next(self._pieces, None)
        if piece is None:
            self._ended = True
            return False
        self._text, self._place = self._text[self._place :] + piece, 0
        return True

    def _is_wrapper(self) -> bool:
        while len(self._text) - self._place < _AHEAD and self._more():
            pass
        return _WRAPPER.match(self._text, self._place) is not None

    def _element(self, key: str) -> Found:
        try:
            return key, self._value()
        except _BrokenError as error:
            shown = self._text[self._place : self._place + SHOWN]
            self._resume()
            return Skipped(shown, unreadable=True, why=str(error))

    def _value(self) -> Any:
        """Scan the value that begins here, and read as much for it as it needs."""
        while True:
            try:
                value, end = scan(self._text, self._place)
            except RecursionError:
                raise _BrokenError("nested too deeply") from None
            except (ValueError, StopIteration) as error:
                if not self._is_for_want_of_more(error):
                    raise _BrokenError("no JSON") from None
            else:
                if end < len(self._text) or self._ended or isinstance(value, dict | list | str):
                    self._place = end
                    return value
            self._double()

    def _is_for_want_of_more(self, error: ValueError | StopIteration) -> bool:
        if self._ended:
            return False
        if isinstance(error, json.JSONDecodeError):
            return error.msg.startswith("Unterminated string") or error.pos >= len(self._text) - _NEAR
        return isinstance(error, StopIteration) and error.value >= len(self._text) - _NEAR

    def _double(self) -> None:
        """Read as much again as there is, so that a long value is scanned a few times only."""
        aim = 2 * (len(self._text) - self._place)
        if aim > 2 * LONGEST_VALUE:
            raise _BrokenError(f"longer than {LONGEST_VALUE:,} characters")
        while len(self._text) - self._place < aim and self._more():
            pass

    def _resume(self) -> None:
        """Go on at the next object behind something broken."""
        self._place += 1
        while not (found := _NEXT.search(self._text, self._place)):
            self._place = max(self._place, len(self._text) - _NEAR)
            if not self._more():
                self._place = len(self._text)
                return
        self._place = found.end()
