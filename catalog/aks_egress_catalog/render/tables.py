"""Tables and lines on a terminal: nothing of a page can steer it, and nothing is cut off."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from rich.console import Console
from rich.table import Table
from rich.text import Text

from aks_egress_catalog.text.visible import visible

_GAP, _NARROWEST = 2, 12
"""Between two columns, and what the widest one keeps."""
_WHOLE: Final = ("destination", "rule")
"""Columns that keep to one line as long as half of the terminal is enough: what is in them gets copied."""


class GroupedLine(NamedTuple):
    """One row under its heading; ``details`` stand below it, each on a line of its own."""

    heading: str
    row: tuple[str, ...]
    details: tuple[str, ...] = ()


class Terminal:
    """Prints lines in which nothing from a page can steer the terminal."""

    def __init__(self, *, stderr: bool = False) -> None:
        width = None if (sys.stderr if stderr else sys.stdout).isatty() else 1000
        self.console = Console(soft_wrap=True, markup=False, highlight=False, width=width, stderr=stderr)

    def print(self, line: str, *, style: str | None = None, end: str = "\n") -> None:
        """Print one line; a terminal goes on in the next where it is too long."""
        self.console.print(visible(line), style=style, end=end)


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str]], *, stderr: bool = False) -> None:
    """Print rows under column names. What is too wide for the terminal goes on in the next line, and is never cut."""
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
    excess = sum(widths) + _GAP * len(widths) - terminal.console.width
    if excess > 0:
        widest = widths.index(max(widths))
        widths[widest] = max(widths[widest] - excess, _NARROWEST)
    terminal.console.print(_table(columns, widths, (), heading=True))
    last = None
    for line in shown:
        if line.heading != last:
            if last is not None:
                terminal.print("")
            terminal.print(line.heading)
            last = line.heading
        terminal.console.print(_table(columns, widths, (line.row,), heading=False))
        for detail in line.details:
            terminal.print(f"      {detail}")


def _table(columns: Sequence[str], widths: Sequence[int], rows: Iterable[Sequence[str]], *, heading: bool) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", show_header=heading)
    table.add_column("", width=0)  # rows are indented under their heading
    for column, width in zip(columns, widths, strict=True):
        table.add_column(column, overflow="fold", width=width)
    for row in rows:
        table.add_row("", *map(Text, row))
    return table
