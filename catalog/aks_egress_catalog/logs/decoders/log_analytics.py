"""Exports of Log Analytics: CSV as the portal writes it, JSON rows, arrays of them, ``{tables: [{columns, rows}]}``.

Azure Firewall's tables, AzureDiagnostics, ContainerNetworkLogs, NTANetAnalytics; by the column ``Type`` or by columns
that only one table has. CSV also comes with semicolons or tabs, as spreadsheets save it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any, Final

from aks_egress_catalog.logs.context import Context
from aks_egress_catalog.logs.flow import Flow, Skipped
from aks_egress_catalog.logs.records.csv_rows import cells, joined
from aks_egress_catalog.logs.records.json_text import decode_lines, decoded_value, each, flat
from aks_egress_catalog.logs.records.prototypes import Decoded
from aks_egress_catalog.logs.records.rows import Header, Rows
from aks_egress_catalog.logs.records.values import FAULTS

NAME: Final = "log-analytics"
_HEADER: Final = re.compile(
    r'^\ufeff?(?:[^{}\[\n]*[",;\t]"?(?:TimeGenerated|FlowStartTime)\b|"?(?:TimeGenerated|FlowStartTime)\b[^{}\n]*[,;\t]'
    r'|(?:"?\w+"?[,;\t])*"?(?:msg_s|Fqdn|FQDN|TargetFqdn|ActionReason)"?(?:[,;\t]"?\w+"?)*\r?$)',
    re.MULTILINE,
)
_MARKS: Final = ("TimeGenerated", "FlowStartTime", "msg_s", "Fqdn", "FQDN", "ActionReason")
"""Every header and every row has one of these; without, no expression has to be tried."""
_ROW: Final = re.compile(r'[{,]\s*"(?:TimeGenerated|FlowStartTime)(?:_t)?(?: \[[^"]*\])?"\s*:')
_TIMELESS: Final = re.compile(r'[{,]\s*"(?:msg_s|Fqdn|FQDN|TargetFqdn)"\s*:')
_ENVELOPE: Final = re.compile(r'"[Pp]roperties"\s*:')
"""Around rows of diagnostic settings, never around those of queries."""
_TABLES: Final = re.compile(r'\{\s*"[Tt]ables"\s*:\s*\[')


def recognises(head: str) -> bool:
    """Say whether a text begins as an export of Log Analytics."""
    if not any(map(head.__contains__, _MARKS)):
        return _TABLES.search(head) is not None
    if _HEADER.search(head) or _ROW.search(head) or _TABLES.search(head):
        return True
    return _TIMELESS.search(head) is not None and not _ENVELOPE.search(head)


def decode(lines: Iterable[str], context: Context) -> Iterator[Flow | Skipped]:
    """Decode CSV, or JSON with a row a line."""
    return chain.from_iterable(_parts(iter(lines), context))


def _parts(lines: Iterator[str], context: Context) -> Iterator[Iterable[Flow | Skipped]]:
    """Give the lines in front of the first row or header, and the rest."""
    for line in lines:
        if line.lstrip("\ufeff ")[:1] in ("{", "["):
            yield decode_lines(chain([line], lines), context, Rows(context).flow_of, None)
        elif _HEADER.match(line):
            yield _Csv(max(",;\t", key=line.count), lines, context).decode(chain([line], lines))
        elif line.strip():
            yield (Skipped(line, unreadable=True, why="in front of any header"),)
        else:
            context.passed_over["blank"] += 1


class _Csv:
    """Rows of CSV, beneath the header that came last."""

    def __init__(self, delimiter: str, lines: Iterator[str], context: Context) -> None:
        self._delimiter = delimiter
        self._lines = lines
        self._context = context
        self._header = Header((), context)

    def decode(self, lines: Iterable[str], *, again: bool = False) -> Iterator[Flow | Skipped]:
        """Decode lines; ``again`` says that they are those that were read ahead in vain."""
        delimiter, back, flow_of = self._delimiter, self._context.back, self._header.flow_of
        for line in lines:
            row = cells(line, delimiter)
            text = line
            if row is None:
                text, row = joined(line, self._lines, back, delimiter, self._header.width)
            try:
                decoded = flow_of(row)  # type: ignore[arg-type]  # None, a broken line, is a fault
            except FAULTS as error:
                yield from self._otherwise(text, Skipped(text, unreadable=True, why=str(error)[:100]))
                flow_of = self._header.flow_of  # it may have been a header
            else:
                if decoded.__class__ is Flow:
                    yield decoded
                elif decoded is not None:
                    yield from self._otherwise(text, decoded)
                    flow_of = self._header.flow_of
            if back and not again:
                yield from self.decode(iter(lambda: back.pop() if back else None, None), again=True)
                flow_of = self._header.flow_of

    def _otherwise(self, text: str, decoded: Decoded | Skipped) -> Iterator[Flow | Skipped]:
        """Give what is no plain flow: a header, several flows, a row of another kind, or one that nobody can read."""
        if _HEADER.match(text) and (names := joined(text, iter(()), [], self._delimiter, 0)[1]):
            self._header = Header(names, self._context)
            self._context.passed_over["header"] += 1
        elif isinstance(decoded, Skipped):
            yield decoded
        else:
            yield from each(decoded, text)


def decode_values(values: Iterable[tuple[str, Any] | Skipped], context: Context) -> Iterator[Flow | Skipped]:
    """Decode a document: rows as objects, or as lists beneath the columns of their table."""
    rows = Rows(context)
    header = Header((), context)
    for found in values:
        if isinstance(found, Skipped):
            yield found
        elif found[0] == "columns":
            header = Header([_column(one) for one in flat(found[1])], context)
        elif found[0] in ("rows", "Rows") and isinstance(found[1], list):
            yield from decoded_value(found[1], header.flow_of)
        else:
            for value in flat(found[1]):
                yield from decoded_value(value, rows.flow_of)


def _column(column: Any) -> str:
    """Name a column: ``{"name": …}`` of the API, ``{"ColumnName": …}`` of its first version."""
    return str(column.get("name") or column.get("ColumnName") or "") if isinstance(column, dict) else str(column)
