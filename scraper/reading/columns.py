"""The header of a table: which column is which, and whether the table states rules at all."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final

from scraper.cells.table_words import HEADERS, NETWORK_HEADERS, Column
from scraper.findings import Reporter
from scraper.page.marks import CODE_EDGE, clean, show
from scraper.page.page import Row, Table
from scraper.reading.context import Context

_HOST_LIKE: Final = re.compile(
    r"(?:^|[\s,*])(?:[\w<>*-]+\.)+(?:com|net|org|io|us|cn|gov|ms|azure|cloud|dev)\b|\b\d+\.\d+\.\d+\.\d+\b"
    r"|\b(?:AzureCloud|RegionCIDRs|APIServer)"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Columns:
    """Which column of a table is which; ``network``: its rows are network rules, not application rules."""

    index: dict[Column, int]
    network: bool
    width: int

    def cell(self, row: Row, column: Column) -> str | None:
        """Give the cell of a column, or ``None`` where the table has no such column."""
        return row.cells[self.index[column]] if column in self.index else None


def read_header(table: Table, context: Context, report: Reporter) -> tuple[Table, Columns | None]:
    """Name the columns of a table; every header is known or reported. ``None`` where it is no table of rules."""
    if not table.header and table.rows and any(_column(cell) for cell in table.rows[0].cells):
        table = replace(table, header=tuple(map(clean, table.rows[0].cells)), rows=table.rows[1:])
    if table.spanned_header:
        report.error("spanned-header", "a cell of the header reaches over several columns; which column is which?")
    names = [_column(text) for text in table.header]
    if Column.DESTINATION not in names:
        _report_foreign_table(table, context, report)
        return table, None
    repeated = {name for name in names if name and names.count(name) > 1}
    if repeated:
        report.error("repeated-column", f"two columns of the table are {' and '.join(sorted(repeated))}")
        return table, None
    for text, name in zip(table.header, names, strict=True):
        if name is None:
            report.hold("unknown-column", f"the column {show(text)} is not known; what does it say of its row?")
    index = {name: place for place, name in enumerate(names) if name}
    destination = table.header[index[Column.DESTINATION]].casefold()
    network = destination in NETWORK_HEADERS or Column.PROTOCOL in index
    return table, Columns(index=index, network=network, width=len(names))


def _column(text: str) -> Column | None:
    return HEADERS.get(clean(text).casefold())


def _report_foreign_table(table: Table, context: Context, report: Reporter) -> None:
    header = " | ".join(show(text) for text in table.header) or "no header"
    cells = [clean(cell) for row in table.rows for cell in row.cells]
    host = next((cell for cell in cells if _HOST_LIKE.search(cell)), None)
    if host:
        report.error(
            "no-destination-column", f"a table with {header} holds {show(host)} but no known destination column"
        )
    elif context.about_rules:
        report.hold("unknown-table", f"a table with {header} states no destination; what is it?")
    else:
        report.note("foreign-table", f"a table with {header} outside the rules is not read")


def compare_kind(columns: Columns, context: Context, report: Reporter) -> None:
    """Report a heading that speaks of another kind of rule than the columns are for."""
    if (context.network_only and not columns.network) or (context.fqdn_only and columns.network):
        kinds = ("network", "FQDN") if context.network_only else ("FQDN", "network")
        report.hold(
            "kind-differs", f"the heading speaks of {kinds[0]} rules, the columns are those of {kinds[1]} rules"
        )


def states_hosts(table: Table) -> bool:
    """Whether a table is one of rules."""
    return any(_column(text) is Column.DESTINATION for text in table.header) or any(
        _HOST_LIKE.search(cell.replace(CODE_EDGE, "")) for row in table.rows for cell in row.cells
    )
