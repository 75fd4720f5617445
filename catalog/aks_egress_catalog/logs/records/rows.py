"""Rows of Log Analytics, in CSV or JSON: which table they are of, where its columns stand, and the flows that they are.

A header is looked at once and becomes a plan; a row then costs one ``itemgetter`` and one call.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any, Final, NamedTuple

from aks_egress_catalog.logs.context import Context
from aks_egress_catalog.logs.records.tables import DIAGNOSTICS, FIREWALL_TABLES, Decoded, Table
from aks_egress_catalog.logs.records.tables_network import NETWORK_TABLES
from aks_egress_catalog.logs.records.times import Times
from aks_egress_catalog.logs.records.values import device_of

TABLES: Final = {table.name: table for table in (*NETWORK_TABLES, DIAGNOSTICS, *FIREWALL_TABLES)}
_ZONE: Final = re.compile(r"\s*\[([^\]]*)\]\s*$")
_OFFSET: Final = re.compile(r"(?:UTC|GMT)\s*([+-])(\d{1,2})(?::?(\d{2}))?$")
_TYPED: Final = re.compile(r"_[sdgtb]$")
_TIME: Final = ("timegenerated", "time", "timestamp", "flowstarttime")
_DEVICE: Final = ("_resourceid", "resourceid", "resource")
_MOST_PLANS: Final = 500


class Plan(NamedTuple):
    """How to read rows of one header: ``pick`` takes time, device and the values of the table out of a row."""

    table: Table
    pick: Callable[[Sequence[Any]], tuple[Any, ...]]
    width: int


class Header:
    """The names of the columns of some rows."""

    def __init__(self, names: Sequence[str], context: Context) -> None:
        plain = [_ZONE.sub("", name.strip('\ufeff" ')).casefold() for name in names]
        self._at = {_TYPED.sub("", name): place for place, name in reversed(list(enumerate(plain)))}
        self._at |= {name: place for place, name in reversed(list(enumerate(plain)))}
        self.width = len(names)
        self.type_at = self._at.get("type", self.width)
        zones = [found[1] for name in names if (found := _ZONE.search(name))]
        self.times = Times(context, "exports in a local format", _zone(zones[0]) if zones else None)
        self._plans: dict[str, Plan | None] = {}

    def plan(self, kind: Any) -> Plan | None:
        """Give the plan for rows whose column ``Type`` says ``kind``; ``None`` where no table is known for them."""
        if kind not in self._plans:
            if len(self._plans) >= _MOST_PLANS:
                self._plans.clear()
            table = TABLES.get(kind) or (self._by_marks() if kind == "" else None)
            self._plans[kind] = self._planned(table) if table else None
        return self._plans[kind]

    def _by_marks(self) -> Table | None:
        """Find the table whose marks are all among the columns."""
        for table in TABLES.values():
            if table.marks and all(mark.casefold() in self._at for mark in table.marks):
                return table
        return None

    def _planned(self, table: Table) -> Plan | None:
        wanted = [self._at.get(column.casefold()) for column in table.columns]
        if table.columns and all(place is None for place in wanted):
            return None
        nowhere = self.width  # each row gets an empty text at its end
        places = [
            *(next((self._at[name] for name in names if name in self._at), nowhere) for names in (_TIME, _DEVICE)),
            *(nowhere if place is None else place for place in wanted),
            *(self._at.get(column.casefold(), nowhere) for column in table.optional),
        ]
        return Plan(table, itemgetter(*places), self.width)

    def flow_of(self, row: list[Any]) -> Decoded:
        """Give the flow of a row, which gets an empty text at its end.

        Raises:
            ValueError: it has more or fewer values than there are columns.
        """
        if len(row) != self.width:
            raise ValueError(f"{len(row)} values, not {self.width}")
        row.append("")
        plan = self.plan(row[self.type_at])
        if plan is None:
            return f"table {str(row[self.type_at])[:50] or '(unknown)'}"
        time, device, *values = plan.pick(row)
        return plan.table.flow(self.times.read(time), device_of(device), *values)


class Rows:
    """Rows as JSON objects; rows with the same keys share a header."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._headers: dict[tuple[str, ...], Header] = {}

    def flow_of(self, row: dict[str, Any]) -> Decoded:
        """Give the flow of a row."""
        names = tuple(row)
        header = self._headers.get(names)
        if header is None:
            if len(self._headers) >= _MOST_PLANS:
                self._headers.clear()
            header = self._headers[names] = Header(names, self._context)
        return header.flow_of(list(row.values()))


def _zone(name: str) -> dt.tzinfo | None:
    """Read the zone that the portal puts behind the name of a time column.

    >>> _zone("UTC"), _zone("UTC+02:00"), _zone("Local Time")
    (datetime.timezone.utc, datetime.timezone(datetime.timedelta(seconds=7200)), None)
    """
    if name.strip().upper() in ("UTC", "GMT", "Z"):
        return dt.UTC
    if found := _OFFSET.match(name.strip()):
        offset = dt.timedelta(hours=int(found[2]), minutes=int(found[3] or 0))
        return dt.timezone(-offset if found[1] == "-" else offset)
    return None
