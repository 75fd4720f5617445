"""Tables and lines on a terminal: nothing of a page can steer it, and nothing is cut off.

rich is imported where something has a colour, or a table with cells that go on in the next line: its import takes a
third as long as a whole command, and most commands write plain lines into a pipe or a file.
"""

from __future__ import annotations

import os
import sys
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Final, NamedTuple

from aks_egress_catalog.text.visible import visible

if TYPE_CHECKING:
    from rich.console import Console

_GAP, _NARROWEST = 2, 12
"""Between two columns, and what the widest one keeps."""
_ENDLESS: Final = 1000
"""The width of what is no terminal: nothing has to go on in the next line."""
_WHOLE: Final = ("destination", "rule")
"""Columns that keep to one line as long as half of the terminal is enough: what is in them gets copied."""


def door(protocol: str | None, port: str | int | None) -> str:
    """Write a transport and a port in one column."""
    return f"{protocol} {port}" if protocol else ""


class GroupedLine(NamedTuple):
    """One row under its heading; ``details`` stand below it, each on a line of its own."""

    heading: str
    row: tuple[str, ...]
    details: tuple[str, ...] = ()


class Terminal:
    """Prints lines in which nothing from a page can steer the terminal."""

    def __init__(self, *, stderr: bool = False) -> None:
        self._stderr = stderr
        self._stream = sys.stderr if stderr else sys.stdout
        self._is_terminal = self._stream.isatty()
        self._is_plain = not (self._is_terminal or os.environ.get("FORCE_COLOR"))

    @cached_property
    def console(self) -> Console:
        """What knows colours and how wide the terminal is."""
        from rich.console import Console

        width = None if self._is_terminal else _ENDLESS
        return Console(soft_wrap=True, markup=False, highlight=False, width=width, stderr=self._stderr)

    @property
    def width(self) -> int:
        """How many characters a line has room for."""
        return self.console.width if self._is_terminal else _ENDLESS

    def print(self, line: str, *, style: str | None = None, end: str = "\n") -> None:
        """Print one line; a terminal goes on in the next where it is too long."""
        if style and not self._is_plain:
            self.console.print(visible(line), style=style, end=end)
        else:
            self._stream.write(visible(line) + end)
            self._stream.flush()  # a pipe that is closed is noticed here, where the command can still end


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str]], *, stderr: bool = False) -> None:
    """Print rows under column names. What is too wide for the terminal goes on in the next line, and is never cut."""
    from rich.table import Table
    from rich.text import Text

    shown = [[visible(value) for value in row] for row in rows]
    console = Terminal(stderr=stderr).console
    out = Table(box=None, pad_edge=False, header_style="bold")
    for place, column in enumerate(columns):
        longest = max((len(row[place]) for row in shown), default=0)
        whole = column in _WHOLE and len(column) <= longest <= console.width // 2
        out.add_column(column, overflow="fold", width=longest if whole else None)
    for row in shown:
        out.add_row(*map(Text, row))
    console.print(out)


def print_grouped(columns: Sequence[str], lines: Iterable[GroupedLine]) -> None:
    """Print rows, each under its heading: what many rows share takes no column, so that 80 characters are enough.

    The columns are as wide as their longest value, in all groups alike; where that is too much for the terminal, the
    widest one gives way, and its values go on in the next line. Lines of one heading follow each other.
    """
    shown = [line._replace(row=tuple(map(visible, line.row))) for line in lines]
    terminal = Terminal()
    widths = [max(len(name), *(len(line.row[place]) for line in shown)) for place, name in enumerate(columns)]
    excess = sum(widths) + _GAP * len(widths) - terminal.width
    if excess > 0:
        widest = widths.index(max(widths))
        widths[widest] = max(widths[widest] - excess, _NARROWEST)
    for text in _folded(columns, widths):
        terminal.print(text, style="bold")
    last = None
    for line in shown:
        if line.heading != last:
            if last is not None:
                terminal.print("")
            terminal.print(line.heading)
            last = line.heading
        for text in _folded(line.row, widths):
            terminal.print(text)
        for detail in line.details:
            terminal.print(f"      {detail}")


def _folded(row: Sequence[str], widths: Sequence[int]) -> Iterator[str]:
    """Write a row in as many lines as its highest cell takes, indented under its heading."""
    cells = [
        textwrap.wrap(value, width, break_on_hyphens=False) if len(value) > width else [value]
        for value, width in zip(row, widths, strict=True)
    ]
    for place in range(max(map(len, cells))):
        parts = (cell[place] if place < len(cell) else "" for cell in cells)
        padded = (part.ljust(width) for part, width in zip(parts, widths, strict=True))
        yield (" " * _GAP).join(("", *padded)).rstrip()
