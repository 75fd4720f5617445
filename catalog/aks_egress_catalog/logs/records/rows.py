"""Rows of Log Analytics, in CSV or JSON: which table they are of, where its columns stand, and the flows that they are.

Each table, firewall and form of row has its prototypes; a row then costs a look-up of these, one of its values, and
the parsing of its time.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Sequence
from operator import itemgetter
from typing import Any, Final

from aks_egress_catalog.logs.context import Context
from aks_egress_catalog.logs.flow import Flow
from aks_egress_catalog.logs.records.azure_message import Sentences
from aks_egress_catalog.logs.records.prototypes import Decoded, Prototypes, RowPrototypes, new_flow
from aks_egress_catalog.logs.records.tables import FIREWALL_TABLES, IncompleteError, Table
from aks_egress_catalog.logs.records.tables_network import NETWORK_TABLES
from aks_egress_catalog.logs.records.times import Times
from aks_egress_catalog.logs.records.values import LONGEST_VALUE, device_of, number_of, utc

DIAGNOSTICS: Final = "AzureDiagnostics"
TABLES: Final = {table.name: table for table in (*NETWORK_TABLES, *FIREWALL_TABLES)}
_ZONE: Final = re.compile(r"\s*\[([^\]]*)\]\s*$")
_OFFSET: Final = re.compile(r"(?:UTC|GMT)\s*([+-])(\d{1,2})(?::?(\d{2}))?$")
_TYPED: Final = re.compile(r"_[sdgtb]$")
_TIME: Final = ("timegenerated", "time", "timestamp", "flowstarttime")
_DEVICE: Final = ("_resourceid", "resourceid", "resource")
_ROW_BY: Final = frozenset(("timegenerated", "flowstarttime", "flowstarttime_t", "msg_s"))
_ROW_BY_ACTION_AND: Final = frozenset(("fqdn", "targetfqdn", "destinationip", "targetip"))
_MOST: Final = 1000
_LONGEST_HEADER: Final = 20_000
_ALIASES: Final = {"destinationport": "targetport", "destinationip": "targetip", "fqdn": "targetfqdn"}
"""Names that the queries of Microsoft's documentation give to columns which they cut out of sentences."""
_COUNTS: Final = ("count_", "count", "hits")
"""Where a query that counts rows puts their number."""


RowReader = Callable[[list[Any]], Decoded]


class Header:
    """The columns of some rows. A row gets an empty text at its end, where each column is that it has not."""

    def __init__(self, names: Sequence[str], context: Context) -> None:
        self._context = context
        plain = [_ZONE.sub("", name.strip('\ufeff" ')).casefold() for name in names]
        self._at = {_TYPED.sub("", name): place for place, name in reversed(list(enumerate(plain)))}
        self._at |= {name: place for place, name in reversed(list(enumerate(plain)))}
        for name, other in _ALIASES.items():
            if other in self._at:
                self._at.setdefault(name, self._at[other])
        self.width = len(names)
        self._type = self._place("type")
        self._time = self._place(*_TIME)
        self._device = self._place(*_DEVICE)
        self._category = self._place("category")
        self._message = self._place("msg_s", "msg")
        self._count = self._place(*_COUNTS)
        zones = [found[1] for name in names if (found := _ZONE.search(name))]
        self._times = Times(context, "exports in a local format", _zone(zones[0]) if zones else None)
        self._known: dict[tuple[str, str], RowReader] = {}

    def _place(self, *names: str) -> int:
        return next((self._at[name] for name in names if name in self._at), self.width)

    def flow_of(self, row: list[Any]) -> Decoded:
        """Give the flow of a row.

        Raises:
            ValueError: it has more or fewer values than there are columns, or values that cannot be.
        """
        if len(row) != self.width:
            raise ValueError(f"{len(row)} values, not {self.width}")
        row.append("")
        try:
            return self._known[row[self._type], row[self._device]](row)
        except KeyError:
            return self._new(row[self._type], row[self._device])(row)

    def _new(self, kind: str, device: str) -> RowReader:
        """Find out how to read the rows of a table and a firewall."""
        if len(kind) + len(device) > LONGEST_VALUE:
            raise ValueError("a table and a resource id longer than any")
        table = self._table(kind)
        if kind == DIAGNOSTICS or (not kind and "msg_s" in self._at):
            read = self._sentence_reader(Sentences(device_of(device)))
        elif table:
            read = self._table_reader(table, device)
        else:
            read = _of_another_kind(f"table {str(kind)[:50] or '(unknown)'}")
        if self._count < self.width:
            read = self._counted(read)
        if len(self._known) >= _MOST:
            self._known.clear()
        self._known[kind, device] = read
        return read

    def _counted(self, read: RowReader) -> RowReader:
        """Give the function that reads rows which stand for several each."""

        def counted(row: list[Any]) -> Decoded:
            decoded = read(row)
            return decoded._replace(hits=max(1, number_of(row[self._count]))) if isinstance(decoded, Flow) else decoded

        return counted

    def _table_reader(self, table: Table, device: str) -> RowReader:
        """Give the function that reads rows of a table: all in one, for calls are what a row costs most."""
        columns = [self._place(column.casefold()) for column in (*table.columns, *table.optional)]
        prototypes = Prototypes(maker(table, device))
        pick = _places_picker(columns)
        pick_all = _places_picker([*columns, *(self._place(column.casefold()) for column in table.late)])
        source_at = self._place(table.source.casefold()) if table.source else self.width
        action_at, time_at, read_time = self._place("action"), self._time, self._times.read
        parts, first, context = prototypes.parts, prototypes.first, self._context
        passes = table.is_decided and not context.allowed
        if table.note:
            context.note(table.note)

        def read(row: list[Any]) -> Decoded:
            if passes and row[action_at] == "Allow":
                context.passed_over["allowed"] += 1
                return None
            key, source, time = pick(row), row[source_at], read_time(row[time_at])
            if source.__class__ is not str:
                raise TypeError("a source that is no text")
            try:
                head, tail = parts[key]
            except (KeyError, TypeError):  # new, or with a list or an object among its values
                try:
                    return first(key, time, source)
                except IncompleteError:
                    return first(pick_all(row), time, source)
            return new_flow(Flow, head + (time, source) + tail)  # noqa: RUF005  - unpacking costs twice as much

        return read

    def _sentence_reader(self, sentences: Sentences) -> RowReader:
        def read(row: list[Any]) -> Decoded:
            category = str(row[self._category] or "AzureFirewall")
            if not category.startswith("AzureFirewall"):
                return f"category {category[:50]}"
            return sentences.flow_of(row[self._message], self._times.read(row[self._time]))

        return read

    def _table(self, kind: str) -> Table | None:
        """Find the table by its name, or by its marks among the columns; what it needs has to be there."""
        if kind:
            found = TABLES.get(kind)
            return found if found and self._has(found.columns) else None
        return next((table for table in TABLES.values() if table.marks and self._has(table.marks)), None)

    def _has(self, columns: Sequence[str] | frozenset[str]) -> bool:
        return all(column.casefold() in self._at for column in columns)


class Rows:
    """Rows as JSON objects. Those with the names that Log Analytics gives are read by name, others by a header."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._headers: dict[tuple[str, ...], Header] = {}
        self._times = Times(context, "exports in a local format")
        self._records = Times(context, "records", dt.UTC, day_first=False)
        self._known: dict[tuple[str, str], RowPrototypes] = {}

    def time(self, text: str) -> dt.datetime | None:
        """Read the time of a record: of UTC, mostly ISO, from some writers month/day/year."""
        try:
            return utc(text)
        except ValueError:
            return self._records.read(text)

    def flow_of(self, row: dict[str, Any]) -> Decoded:
        """Give the flow of a row."""
        try:
            known = self._known[row["Type"], row["_ResourceId"]]
            return known.flow_of_row(row, self._times.read(row["TimeGenerated"]))
        except (KeyError, IncompleteError):
            return self._by_header(row)

    def _by_header(self, row: dict[str, Any]) -> Decoded:
        names = tuple(row)
        if not is_row(row):
            raise ValueError("no row of Log Analytics")
        if names not in self._headers:
            if sum(map(len, names)) > _LONGEST_HEADER:
                raise ValueError("longer than any header")
            if len(self._headers) >= _MOST:
                self._headers.clear()
            self._headers[names] = Header(names, self._context)
        kind, device = row.get("Type", ""), row.get("_ResourceId", "")
        table = TABLES.get(kind)
        if table and table.source and (kind, device) not in self._known:
            if len(self._known) >= _MOST:
                self._known.clear()
            self._known[kind, device] = RowPrototypes(maker(table, device), picker(table), table.source)
        return self._headers[names].flow_of(list(row.values()))


def is_row(names: Iterable[str]) -> bool:
    """Say by its columns whether something is a row of Log Analytics: by its time, or as what a query left of one.

    >>> is_row(["TimeGenerated [UTC]"]), is_row(["Action", "Fqdn", "count_"]), is_row(["Action", "Name"])
    (True, True, False)
    """
    found = {_ZONE.sub("", name).casefold() for name in names}
    return bool(found & _ROW_BY or ("action" in found and found & _ROW_BY_ACTION_AND))


def _of_another_kind(why: str) -> RowReader:
    return lambda _: why


def maker(table: Table, device: str) -> Callable[..., Decoded]:
    """Give the function that makes prototypes of a table's rows of one firewall."""
    name = device_of(device)
    return lambda *values: table.make(name, *values)


def picker(table: Table) -> Callable[[dict[str, Any]], tuple[Any, ...]]:
    """Give the function that takes the values of a table out of an object, also of columns that may not be there."""
    columns, optional = table.columns, table.optional
    if len(columns) > 1 and not optional:
        return itemgetter(*columns)
    return lambda row: (*[row[name] for name in columns], *[row.get(name, "") for name in optional])


def _places_picker(places: Sequence[int]) -> Callable[[Any], tuple[Any, ...]]:
    """Give the function that takes the values at some places out of a row, as a tuple however few they are."""
    if len(places) > 1:
        return itemgetter(*places)
    return lambda row: tuple(row[place] for place in places)


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
