"""CSV rows, also over several lines, of which a stray quote costs none but its own."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from typing import Final

from aks_egress_catalog.logs.context import Context

_MOST_LINES: Final = 50
"""So many lines may one row have; a quote that is still open then was none."""
_MOST_CHARACTERS: Final = 100_000
"""Less than Python's csv allows for one field."""


class CsvRows:
    r"""The rows of some lines, ``None`` for a line that is none; ``line`` is the text of the row given last.

    Lines that were read ahead in vain lie in ``context.back`` until it is their turn, so that whoever goes on with the
    lines instead misses none.

    >>> list(CsvRows(['a,"b', 'c",d', '"e', "f"], Context()))
    [['a', 'b\nc', 'd'], ['f'], None]
    """

    def __init__(self, lines: Iterable[str], context: Context, delimiter: str = ",") -> None:
        self.line = ""
        self._lines = iter(lines)
        self._back = context.back
        self._broken: list[str] = []
        self._delimiter = delimiter

    def __iter__(self) -> Iterator[list[str] | None]:
        reader = csv.reader(self._whole(), delimiter=self._delimiter)
        while True:
            try:
                for row in reader:
                    yield row
                    if self._broken:
                        yield from self._skipped()
            except csv.Error:
                yield None
                continue
            yield from self._skipped()
            return

    def _skipped(self) -> Iterator[None]:
        while self._broken:
            self.line = self._broken.pop()
            yield None

    def _whole(self) -> Iterator[str]:
        """Join the lines of a row: those from an odd number of quotes to the next odd one."""
        for line in self._lines:
            if line.count('"') % 2 == 0:
                self.line = line
                yield line
                continue
            self._back.append(line)
            while self._back:
                yield from self._joined()

    def _joined(self) -> Iterator[str]:
        """Give the row that begins with the last of the lines that were put back."""
        taken = [self._back.pop()]
        while sum(line.count('"') for line in taken) % 2:
            following = self._back.pop() if self._back else next(self._lines, None)
            if following is not None:
                taken.append(following)
            if following is None or len(taken) > _MOST_LINES or sum(map(len, taken)) > _MOST_CHARACTERS:
                self._broken.append(taken[0])
                self._back += reversed(taken[1:])
                return
        self.line = "\n".join(taken)
        yield self.line
