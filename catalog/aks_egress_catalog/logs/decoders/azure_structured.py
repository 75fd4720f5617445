"""Azure Firewall's structured logs as diagnostic settings write them: JSON lines of storage accounts and Event Hubs.

An envelope (``time``, ``resourceId``, ``category``) around ``properties``, which are the columns of the table of that
name. Records of AzureDiagnostics, with a sentence in ``properties.msg``, come in the same files.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from aks_egress_catalog.logs.context import Context
from aks_egress_catalog.logs.flow import Flow, Skipped
from aks_egress_catalog.logs.records.azure_message import Sentences
from aks_egress_catalog.logs.records.json_text import decode_lines
from aks_egress_catalog.logs.records.json_text import decode_values as decode_found
from aks_egress_catalog.logs.records.prototypes import Decoded, Prototypes, RowPrototypes
from aks_egress_catalog.logs.records.rows import Rows, is_row, maker, picker
from aks_egress_catalog.logs.records.tables import FIREWALL_TABLES, Table
from aks_egress_catalog.logs.records.values import LONGEST_VALUE, UTC, device_of, fromisoformat

NAME: Final = "azure-structured"
_RECORD: Final = re.compile(r'"[Cc]ategory"\s*:\s*"AZFW')
_TABLES: Final = {table.name: table for table in FIREWALL_TABLES}
_LEGACY: Final = ("AzureFirewallApplicationRule", "AzureFirewallNetworkRule", "AzureFirewallDnsProxy")
_MOST: Final = 1000


def recognises(head: str) -> bool:
    """Say whether a text has records of structured logs."""
    return _RECORD.search(head) is not None


def decode(lines: Iterable[str], context: Context) -> Iterator[Flow | Skipped]:
    """Decode lines with one record or more each."""
    return decode_lines(lines, context, record_reader(context), None if context.allowed else passes)


def decode_values(values: Iterable[tuple[str, Any] | Skipped], context: Context) -> Iterator[Flow | Skipped]:
    """Decode the records of a document."""
    return decode_found(values, record_reader(context))


def passes(line: str) -> str:
    """Say by its text that a line is one record of an allowed flow.

    It cannot err: a quote in a text is written with a backslash, so this is a key and its value, and the only one.
    """
    if '"Action":"Allow"' in line and line.count('"category"') == 1 == line.count('"Action"') and line[-1] == "}":
        return "allowed"
    return ""


def record_reader(context: Context) -> Callable[[Any], Decoded]:
    """Give the function that turns a record into a flow."""
    rows = Rows(context)
    known: dict[tuple[str, str], RowPrototypes | Sentences] = {}

    def flow_of(record: dict[str, Any]) -> Decoded:
        try:
            time = fromisoformat(record["time"])
            if time.tzinfo is not UTC:
                time = time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
            return known[record["category"], record["resourceId"]].flow_of_row(record["properties"], time)
        except (KeyError, ValueError):  # the first of its kind, or an unusual record: some key is not there
            return _unusual(record, rows, known)

    return flow_of


def _unusual(record: dict[str, Any], rows: Rows, known: dict[tuple[str, str], RowPrototypes | Sentences]) -> Decoded:
    """Look for the parts of a record under any spelling, and do without those that a flow does not need."""
    parts = {name.lower(): part for name, part in record.items()}
    properties, device = parts.get("properties"), parts.get("resourceid") or ""
    if "properties" not in parts and (is_row(record) or "category" not in parts):
        return rows.flow_of(record)
    category, time = parts["category"], rows.time(parts.get("time") or "")
    if category in _LEGACY:
        sentences: Sentences = _kept(known, (category, device), Sentences(device_of(device)))
        return sentences.flow_of_row(properties, time)
    if category not in _TABLES:
        return f"category {str(category)[:50]}"
    if not isinstance(properties, dict):
        return rows.flow_of(record | {"Type": category})
    table = _TABLES[category]
    if table.columns and table.source and (category, device) not in known:
        _kept(known, (category, device), RowPrototypes(maker(table, device), picker(table), table.source))
    return _one(table, device, properties, time)


def _kept(known: dict[tuple[str, str], Any], key: tuple[str, str], value: Any) -> Any:
    if len(known) >= _MOST:
        known.clear()
    return known.setdefault(key, value)


def _one(table: Table, device: str, properties: dict[str, Any], time: dt.datetime | None) -> Decoded:
    """Give the flow of the columns that there are."""
    names = (*table.columns, *table.optional, *table.late)
    values = [properties.get(name, "") for name in names]
    if table.columns and not any(values):
        raise ValueError("a record without its columns")
    source = properties.get(table.source) or ""
    if not isinstance(source, str) or len(source) > LONGEST_VALUE:
        raise TypeError("no source")
    return Prototypes(maker(table, device)).flow(tuple(values), time, source)
