"""Queries run for real: on DuckDB, by duckdb-kql, over rows as the tables of Log Analytics have them.

duckdb-kql has neither ``externaldata`` nor ``ipv4_is_in_any_range``: the one becomes a table with the rows of the file,
the other a comparison of numbers, ``parse_ipv4`` of the address with those of the ranges.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import ipaddress
import json
import re
from collections.abc import Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from multiprocessing import get_context
from typing import Any, Final

import duckdb_kql

APPLICATION: Final = {
    "TimeGenerated": "datetime",
    "Protocol": "string",
    "SourceIp": "string",
    "SourcePort": "int",
    "Fqdn": "string",
    "TargetUrl": "string",
    "DestinationPort": "int",
    "Action": "string",
    "ActionReason": "string",
    "Policy": "string",
    "RuleCollectionGroup": "string",
    "RuleCollection": "string",
    "Rule": "string",
    "WebCategory": "string",
    "IsTlsInspected": "bool",
    "IsExplicitProxyRequest": "bool",
}
NETWORK: Final = {
    "TimeGenerated": "datetime",
    "Protocol": "string",
    "SourceIp": "string",
    "SourcePort": "int",
    "DestinationIp": "string",
    "DestinationPort": "int",
    "Action": "string",
    "ActionReason": "string",
    "Policy": "string",
    "RuleCollectionGroup": "string",
    "RuleCollection": "string",
    "Rule": "string",
}
DIAGNOSTICS: Final = {
    "TimeGenerated": "datetime",
    "ResourceType": "string",
    "Category": "string",
    "OperationName": "string",
    "Resource": "string",
    "msg_s": "string",
}
COLUMNS: Final = {"AZFWApplicationRule": APPLICATION, "AZFWNetworkRule": NETWORK, "AzureDiagnostics": DIAGNOSTICS}
"""The columns of each table that a query may name, with their types; all other columns are common to all tables."""
RULES: Final = dict.fromkeys(("Pattern", "On", "Verdict", "Reason", "Of"), "string") | {"Use": "int", "Tier": "int"}
_SQL: Final = {"datetime": "TIMESTAMP", "string": "VARCHAR", "int": "INTEGER", "bool": "BOOLEAN"}
_IN_RANGES: Final = re.compile(r'ipv4_is_in_any_range\((\w+), (?:dynamic\((\[.*?\])\)|split\("([^"]*)", ","\))\)')
_EXTERNAL: Final = re.compile(r'externaldata\([^)]*\)\s*\["[^"]*"\] with \([^)]*\)')
_WATCHLIST: Final = "function _GetWatchlist(name:string) { RulesFile }"
NOON: Final = dt.datetime(2026, 11, 20, 12)  # noqa: DTZ001  - DuckDB's times have no zone; UTC is meant

Rows = Iterable[Mapping[str, Any]]


def application(fqdn: str, port: int | None = 443, **other: Any) -> dict[str, Any]:
    """A row of AZFWApplicationRule: a host that no rule matched."""
    given = {"Fqdn": fqdn, "DestinationPort": port, "Protocol": "HTTPS", "Action": "Deny", **_SOURCE}
    return {"ActionReason": "Default Action", "TargetUrl": "", **given, **other}


def network(address: str, port: int | None, protocol: str = "TCP", **other: Any) -> dict[str, Any]:
    """A row of AZFWNetworkRule: an address that no rule matched."""
    given = {"DestinationIp": address, "DestinationPort": port, "Protocol": protocol, "Action": "Deny", **_SOURCE}
    return {"ActionReason": "Default Action", **given, **other}


def diagnostics(message: str, **other: Any) -> dict[str, Any]:
    """A row of AzureDiagnostics."""
    kind = {"ResourceType": "AZUREFIREWALLS", "Category": "AzureFirewallApplicationRule", "TimeGenerated": NOON}
    return {**kind, "msg_s": message, **other}


_SOURCE: Final = {"SourceIp": "10.240.0.5", "SourcePort": 49211, "TimeGenerated": NOON}


@cache
def _process() -> ProcessPoolExecutor:
    """A process for DuckDB alone: it looks at the variables of its caller, and aborts in one that has run much else."""
    return ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn"))


def run(query: str, tables: Mapping[str, Rows], *, file: str = "") -> list[dict[str, Any]]:
    """Run a query over some tables; ``file`` is what ``externaldata`` and watchlists read."""
    rows = {name: list(some) for name, some in tables.items()}
    return _process().submit(run_here, translated(query), rows, file).result()


def run_here(query: str, tables: Mapping[str, Rows], file: str) -> list[dict[str, Any]]:
    """Run a query in this process, which should have run nothing else."""
    connection = duckdb_kql.connect()
    try:
        for table, columns in COLUMNS.items():
            _fill(connection, table, columns, tables.get(table, ()))
        _fill(connection, "RulesFile", RULES, list(csv.DictReader(io.StringIO(file))))
        found = duckdb_kql.execute(connection, query, functions=[_WATCHLIST])  # a relation would be bound twice
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    finally:
        connection.close()


def _fill(connection: Any, table: str, columns: Mapping[str, str], rows: Rows) -> None:
    declared = ", ".join(f'"{name}" {_SQL[kind]}' for name, kind in columns.items())
    connection.execute(f'CREATE TABLE "{table}" ({declared})')
    values = [[row.get(name) for name in columns] for row in rows]
    if values:
        places = ", ".join("?" for _ in columns)
        connection.executemany(f'INSERT INTO "{table}" VALUES ({places})', values)  # noqa: S608  - names from above


def translated(query: str) -> str:
    """Put what duckdb-kql has in the place of what it lacks."""
    return _EXTERNAL.sub("RulesFile", _IN_RANGES.sub(_compared, query))


def _compared(found: re.Match[str]) -> str:
    column, ranges = found[1], json.loads(found[2]) if found[2] else found[3].split(",") if found[3] else []
    networks = [ipaddress.ip_network(one) for one in ranges]
    number = f"parse_ipv4({column})"
    tests = (f"({number} >= {int(net[0])} and {number} <= {int(net[-1])})" for net in networks)
    return f"({' or '.join(tests) or 'false'})"


def with_parameters(query: str, *, subnets: str = "10.1.0.0/16,10.2.0.0/16", grain: str = "1h") -> str:
    """Put the parameters of the workbook into one of its queries, as Azure does before it runs."""
    given = {"Subnets": subnets, "TimeRange:grain": grain, "Rules": "https://example.com/kql-rules.csv"}
    for name, value in given.items():
        query = query.replace(f"{{{name}}}", value)
    return query
