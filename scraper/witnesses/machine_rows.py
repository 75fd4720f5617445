"""The machine cells of a page: each row of its rule tables, reduced to what can be compared across languages.

Translation damages machine cells without changing their meaning: blanks around dots, letter case, translated
placeholders and separators. ``MachineRow.tokens`` is what is left of a destination cell once that is taken off:
``<Location> . hcp.azmk8s.io (только)`` and ``<region>.hcp.azmk8s.io`` both become ``{}.hcp.azmk8s.io``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

from scraper.cells.table_words import HEADERS, Column
from scraper.page.marks import CODE_EDGE, clean, words_of
from scraper.page.page import Page, Row, Section, Table

_SHORT_CELL: Final = 24
"""A port cell is shorter than this in every language."""
_TOKEN: Final = re.compile(r"[*\w{}-]*(?:\.[*\w{}-]*)+(?::[\d.]+)?|(?<!\w)\*:\d+|\b[a-z]+:\d+|\b[a-z]+$")
"""A dotted word with its port, ``*:1194``, a name with its port, or a bare name at the end of the cell."""

_Columns = tuple[Column | None, ...]


class RowPlace(NamedTuple):
    """Where a row stands: heading id, table under that heading and row in it, both counted from 1."""

    heading: str
    table: int
    row: int


@dataclass(frozen=True, kw_only=True, slots=True)
class MachineRow:
    """One row of a rule table. ``text`` is its description in the page's language."""

    place: RowPlace
    parent: str
    """The ids of the headings above it, without the suffix of repeated ids, which moves when sections are added."""
    cells: tuple[tuple[Column, str], ...]
    tokens: tuple[str, ...]
    """The values of the destination cell, sorted, in one spelling for all languages."""
    text: str

    def cell(self, column: Column) -> str:
        """Give a machine cell as written, or an empty text where the table has no such column."""
        return dict(self.cells).get(column, "")


MachineTables = list[tuple[MachineRow, ...]]


def machine_tables(page: Page, pattern: Page | None) -> MachineTables:
    """Reduce the rule tables of a page.

    ``pattern`` is the en-us page: a table whose headers are in an unknown language takes the columns of an en-us table.
    """
    known = [(_parent(part), table) for part, table in _all_tables(pattern)] if pattern else []
    found: MachineTables = []
    for section, table in _all_tables(page):
        columns = _columns(table)
        if Column.DESTINATION not in columns:
            columns = _columns_like(table, _parent(section), known)
        if Column.DESTINATION in columns:
            rows = [_machine_row(section, table, number, row, columns) for number, row in enumerate(table.rows, 1)]
            found.append(tuple(rows))
    return found


def _parent(section: Section) -> str:
    return "/".join(re.sub(r"-\d+\Z", "", part.id) for part in (*section.trail[1:], section.heading))


def _columns_like(table: Table, parent: str, known: list[tuple[str, Table]]) -> _Columns:
    """Headers in an unknown language: the columns of the en-us table in the same place, or of one that fits."""
    wide = [(place, other) for place, other in known if len(other.header) == len(table.header)]
    same = [_columns(other) for place, other in wide if place == parent and other.index == table.index]
    fitting = [_columns(other) for _, other in wide if _ports_fit(table, _columns(other))]
    return next(iter(same + fitting), ())


def _ports_fit(table: Table, columns: _Columns) -> bool:
    ports = [row.cells[columns.index(Column.PORT)] for row in table.rows if Column.PORT in columns[: len(row.cells)]]
    return bool(ports) and all(re.search(r"\d", cell) and len(cell) < _SHORT_CELL for cell in ports)


def _all_tables(page: Page) -> Iterator[tuple[Section, Table]]:
    return ((section, table) for section in page.sections for table in section.tables)


def _columns(table: Table) -> _Columns:
    return tuple(HEADERS.get(text.casefold()) for text in table.header)


def _machine_row(section: Section, table: Table, number: int, row: Row, columns: _Columns) -> MachineRow:
    cells = {column: cell for column, cell in zip(columns, row.cells, strict=False) if column}
    return MachineRow(
        place=RowPlace(section.heading.id, table.index, number),
        parent=_parent(section),
        cells=tuple((column, clean(cell)) for column, cell in cells.items() if column is not Column.USE),
        tokens=_tokens(cells.get(Column.DESTINATION, "")),
        text=words_of(cells.get(Column.USE, "")),
    )


@lru_cache(maxsize=4096)
def _tokens(cell: str) -> tuple[str, ...]:
    """Reduce a destination cell to its values: one spelling for what translation may do without harm."""
    text = unicodedata.normalize("NFKC", cell.replace(CODE_EDGE, " ")).casefold()
    text = re.sub(r"<[^<>]*>|(?<=azurecloud\.)region\b", "{}", re.sub(r"\([^()]*\)", " ", text))
    text = re.sub(r"\s*\.\s*", ".", text)
    return tuple(sorted(token.strip() for token in _TOKEN.findall(text.strip())))


def plain_port(cell: str) -> str:
    """Write a port or protocol cell in one spelling.

    >>> plain_port("HTTPS： 443、TCP:22")
    '443,tcp:22'
    """
    text = unicodedata.normalize("NFKC", cell).casefold().replace("、", ",")
    return re.sub(r"https:(?=443\b)|http:(?=80\b)", "", re.sub(r"\s+", "", text))
