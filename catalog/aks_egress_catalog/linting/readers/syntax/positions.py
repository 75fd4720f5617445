"""From an offset in a text to a place: the line and the column that an editor shows."""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import accumulate
from typing import Final

from aks_egress_catalog.linting.entry import Place

_LINE_END: Final = re.compile("\n")


class Positions:
    r"""The places of one text. Offsets count from 0 in characters, or in bytes of UTF-8, as parsers give them.

    >>> str(Positions("a.tf", "ü\nxy").place_of_bytes(3, 5))
    'a.tf:2:1'
    """

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text
        self._line_starts = [0, *(found.end() for found in _LINE_END.finditer(text))]
        self._bytes_before: list[int] | None = None
        if not text.isascii():
            sizes = (len(letter.encode("utf-8", "surrogatepass")) for letter in text)
            self._bytes_before = list(accumulate(sizes, initial=0))

    def place(self, start: int, end: int) -> Place:
        """Return the place of the characters from ``start`` up to ``end``."""
        line = bisect_right(self._line_starts, start)
        end_line = line if end == start else bisect_right(self._line_starts, end, lo=line - 1)
        return Place(
            path=self.path,
            line=line,
            column=start - self._line_starts[line - 1] + 1,
            end_line=end_line,
            end_column=end - self._line_starts[end_line - 1] + 1,
            start=start,
            end=end,
        )

    def place_of_bytes(self, start: int, end: int) -> Place:
        """Return the place of some bytes of the text in UTF-8."""
        return self.place(self.character(start), self.character(end))

    def character(self, offset: int) -> int:
        """Return which character a byte belongs to."""
        return offset if self._bytes_before is None else bisect_right(self._bytes_before, offset) - 1

    def behind(self, offset: int) -> PartPositions:
        """Return the places of the part of the text that begins at a byte."""
        return PartPositions(self, offset)


class PartPositions:
    """The places of a part of a text, by bytes that count from its beginning."""

    def __init__(self, whole: Positions, offset: int) -> None:
        self._whole = whole
        self._offset = offset

    def place_of_bytes(self, start: int, end: int) -> Place:
        """Return the place of some bytes of the part."""
        return self._whole.place_of_bytes(start + self._offset, end + self._offset)


class OnePlace(Positions):
    """The places of a text that was taken out of another: all of it is where it was taken from."""

    def __init__(self, at: Place) -> None:
        super().__init__(at.path, "")
        self._at = at

    def place(self, start: int, end: int) -> Place:  # noqa: ARG002  - every span is at that place
        """Return the one place."""
        return self._at
