"""CSV rows, also over several lines, of which a stray quote costs none but its own.

Most rows have no quoted value, or one (the time, which has a comma in it): they are split here, which is cheaper than
``csv.reader``. All others go there, a row at a time.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import Final

_ONE_QUOTED: Final = 3
_MOST_LINES: Final = 50
"""So many lines may one row have; a quote that is still open then was none."""
_MOST_CHARACTERS: Final = 100_000
"""Less than Python's csv allows for one field."""


def cells(line: str, delimiter: str) -> list[str] | None:
    """Split a line with one quoted value or none; ``None`` where it is not so simple.

    >>> cells('a,"b,c",d', ","), cells('a,"b""c"', ",")
    (['a', 'b,c', 'd'], None)
    """
    pieces = line.split('"')
    if len(pieces) == 1:
        return line.split(delimiter)
    if len(pieces) != _ONE_QUOTED:
        return None
    before, inside, after = pieces
    if (before and before[-1] != delimiter) or (after and after[0] != delimiter):
        return None
    row = before.split(delimiter)
    row[-1] = inside
    if after:
        row += after[1:].split(delimiter)
    return row


def joined(
    line: str, lines: Iterator[str], back: list[str], delimiter: str, width: int
) -> tuple[str, list[str] | None]:
    r"""Read a row that begins with a line, of as many lines as it needs: its text, and its values (``None``: no row).

    Of several lines it has to have ``width`` values. Lines that were read ahead in vain go to ``back``, the last one
    first; those that lie there come before ``lines``.

    >>> joined('a,"b', iter(['c",d']), [], ",", 3)
    ('a,"b\nc",d', ['a', 'b\nc', 'd'])
    >>> joined('a,"b', iter(["c", "d"]), back := [], ",", 3), back
    (('a,"b', None), ['d', 'c'])
    """
    taken = [line]
    while sum(one.count('"') for one in taken) % 2:
        following = back.pop() if back else next(lines, None)
        if following is not None:
            taken.append(following)
        if following is None or len(taken) > _MOST_LINES or sum(map(len, taken)) > _MOST_CHARACTERS:
            back += reversed(taken[1:])
            return line, None
    text = "\n".join(taken)
    try:
        row = next(csv.reader((text,), delimiter=delimiter))
    except csv.Error:
        row = []
    if len(taken) == 1 or len(row) == width:
        return text, row or None
    back += reversed(taken[1:])
    return line, None
