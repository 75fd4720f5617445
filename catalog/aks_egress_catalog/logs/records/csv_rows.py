"""CSV rows, also over several lines, of which a stray quote costs none but its own.

Most rows have no quoted value, or one (the time, which has a comma in it): they are split here, which is cheaper than
``csv.reader``. All others go there, a row at a time.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import Final

_MOST_LINES: Final = 50
"""So many lines may one row have; a quote that is still open then was none."""
_MOST_CHARACTERS: Final = 100_000
"""Less than Python's csv allows for one field."""


def cells(line: str, delimiter: str) -> list[str] | None:
    """Split a line with one quoted value or none; ``None`` where it is not so simple.

    >>> cells('a,"b,c",d', ","), cells('a,"b""c"', ",")
    (['a', 'b,c', 'd'], None)
    """
    before, quote, rest = line.partition('"')
    if not quote:
        return line.split(delimiter)
    inside, quote, after = rest.partition('"')
    if not quote or '"' in after or (before and before[-1] != delimiter) or (after and after[0] != delimiter):
        return None
    row = before.split(delimiter)
    row[-1] = inside
    if after:
        row += after[1:].split(delimiter)
    return row


def joined(line: str, lines: Iterator[str], back: list[str], delimiter: str) -> tuple[str, list[str] | None]:
    r"""Read a row that begins with a line, of as many lines as it needs: its text, and its values (``None``: no row).

    Lines that were read ahead in vain go to ``back``, the last one first. Those that lie there come before ``lines``.

    >>> joined('a,"b', iter(['c",d']), [], ",")
    ('a,"b\nc",d', ['a', 'b\nc', 'd'])
    >>> joined('a,"b', iter(["c", "d"]), back := [], ","), back
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
        return text, next(csv.reader((text,), delimiter=delimiter))
    except csv.Error:
        return text, None
