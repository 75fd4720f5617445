"""Azure Firewall's structured logs as diagnostic settings write them: JSON lines of storage accounts and Event Hubs.

An envelope (``time``, ``resourceId``, ``category``) around ``properties``, which are the columns of the table of that
name. Records of AzureDiagnostics, with a sentence in ``properties.msg``, come in the same files.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from aks_egress_catalog.logs.context import Context
from aks_egress_catalog.logs.flow import Flow, Skipped
from aks_egress_catalog.logs.records.json_text import decode_lines
from aks_egress_catalog.logs.records.json_text import decode_values as decode_found
from aks_egress_catalog.logs.records.rows import Rows
from aks_egress_catalog.logs.records.tables import FIREWALL_TABLES, LEGACY_TABLES, Decoded
from aks_egress_catalog.logs.records.values import device_of, utc

NAME: Final = "azure-structured"
_RECORD: Final = re.compile(r'"[Cc]ategory"\s*:\s*"AZFW')
_TABLES: Final = {table.name: table for table in (*FIREWALL_TABLES, *LEGACY_TABLES)}
_READ: Final = {name: (table.flow, table.pick) for name, table in _TABLES.items() if table.columns}


def recognises(head: str) -> bool:
    """Say whether a text has records of structured logs."""
    return _RECORD.search(head) is not None


def decode(lines: Iterable[str], context: Context) -> Iterator[Flow | Skipped]:
    """Decode lines with one record or more each."""
    yield from decode_lines(lines, context, record_reader(context), None if context.allowed else passes)


def decode_values(values: Iterable[tuple[str, Any] | Skipped], context: Context) -> Iterator[Flow | Skipped]:
    """Decode the records of a document."""
    yield from decode_found(values, record_reader(context))


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

    def flow_of(record: dict[str, Any]) -> Decoded:
        try:
            flow, pick = _READ[record["category"]]
            return flow(utc(record["time"]), device_of(record["resourceId"]), *pick(record["properties"]))
        except (KeyError, ValueError):  # an unusual record: another category, or some key is not there
            return _unusual(record, rows)

    return flow_of


def _unusual(record: dict[str, Any], rows: Rows) -> Decoded:
    """Look for the parts of a record under any spelling, and do without those that a flow does not need."""
    parts = {name.lower(): part for name, part in record.items()}
    properties = parts.get("properties")
    if "category" not in parts and "timegenerated" in parts:
        return rows.flow_of(record)
    category = parts["category"]
    if category not in _TABLES:
        return f"category {str(category)[:50]}"
    if not isinstance(properties, dict):
        return rows.flow_of(record | {"Type": category})
    table = _TABLES[category]
    values = [properties.get(name, "") for name in (*table.columns, *table.optional)]
    if not any(values) and table.columns:
        raise ValueError("a record without its columns")
    return table.flow(utc(parts.get("time", "")), device_of(parts.get("resourceid", "")), *values)
