"""One table in, requirements out: what each row states, before the clouds are known in which it holds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from aks_egress_catalog.model import (
    Application,
    Condition,
    Constraint,
    Destination,
    DestinationForm,
    Kind,
    Level,
    Protocol,
    rule_id,
)
from scraper.cells.destinations import NOTE
from scraper.cells.ports import WEB_PORTS, PortSpec, read_ports, read_protocols
from scraper.cells.table_words import Column
from scraper.findings import Place, Reporter
from scraper.language.reviewed import ANY_CLOUD
from scraper.page.marks import LOST_TABLE, show, words_of
from scraper.page.page import Row, Table
from scraper.reading.alternatives import Alternatives, read_alternatives
from scraper.reading.columns import Columns, compare_kind, read_header
from scraper.reading.context import Context
from scraper.reading.meaning import NO_MEANING, Meaning, SentenceReader
from scraper.row_facts import Fact, RowFacts, words_alone


class Requirement(NamedTuple):
    """One requirement as one place of the page states it. ``cloud`` is empty where that place names none."""

    place: Place
    feature: str
    cloud: str
    level: Level
    kind: Kind
    destinations: tuple[Destination, ...]
    protocol: Protocol | None
    port: int | None
    application: Application | None = None
    application_inferred: bool = False
    conditions: tuple[Condition, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    text: str = ""
    by_suffix: bool = False
    """Nothing but the host's own suffix, or those of its twins in the same cell, names the cloud."""

    @property
    def beside(self) -> str:
        """The place of a sentence that describes it: the id of its rule, with any cloud where none is named."""
        return rule_id(self.cloud or ANY_CLOUD, self.feature, self.destinations[0], self.protocol, self.port)

    def meaning(self, meaning: Meaning) -> Requirement:
        """The requirement as the sentences beside it make it."""
        if meaning is NO_MEANING:
            return self
        return self._replace(
            conditions=tuple(sorted({*self.conditions, *meaning.conditions}, key=str)),
            constraints=meaning.constraints,
            level=meaning.level or self.level,
        )


class TableReading(NamedTuple):
    """What a table states: requirements, and the same as bare facts of each row."""

    requirements: tuple[Requirement, ...] = ()
    rows: tuple[RowFacts, ...] = ()


def read_table(table: Table, context: Context, report: Reporter, reader: SentenceReader) -> TableReading:
    """Read every row of a table; faults of one row never hide those of another."""
    table, columns = read_header(table, context, report)
    if columns is None:
        return TableReading()
    if not table.rows:
        report.hold("empty-table", "the table has no row; have its rules gone?")
    context.report_faults(report)
    compare_kind(columns, context, report)
    requirements: list[Requirement] = []
    rows: list[RowFacts] = []
    for number, row in enumerate(table.rows, start=1):
        here = report.at(row=number)
        found = _read_row(row, columns, context, here, reader)
        requirements += found
        rows.append(_row_facts(found, row, columns, here.place))
    return TableReading(requirements=tuple(requirements), rows=tuple(rows))


def _row_facts(requirements: list[Requirement], row: Row, columns: Columns, place: Place) -> RowFacts:
    facts = [
        Fact(str(destination), one.protocol or "", one.port or 0, one.application or "", one.cloud)
        for one in requirements
        for destination in one.destinations
    ]
    groups = [frozenset(map(str, one.destinations)) for one in requirements if len(one.destinations) > 1]
    whole = len(row.cells) == columns.width
    use, cell = (columns.cell(row, one) or "" if whole else "" for one in (Column.USE, Column.DESTINATION))
    return RowFacts(
        heading=place.heading,
        table=place.table,
        row=place.row,
        facts=frozenset(facts),
        joined=frozenset(groups),
        use=words_alone(" ".join((use, *NOTE.findall(cell)))),
    )


def _read_row(
    row: Row, columns: Columns, context: Context, report: Reporter, reader: SentenceReader
) -> list[Requirement]:
    if row.spanned:
        report.error("spanned-row", f"a cell reaches over several rows or columns: {_whole(row)}")
        return []
    if len(row.cells) != columns.width:
        report.error("row-length", f"{len(row.cells)} cells under {columns.width} columns: {_whole(row)}")
        return []
    before = len(report.findings)
    stated = read_alternatives(row, columns, context, report, reader)
    ports = _read_transport(row, columns, report)
    use = _read_use(row, columns, report.at(column=Column.USE))
    requirements = [
        requirement
        for one in stated
        for requirement in _combine(one, ports, columns, context, text=words_of(use), report=report)
    ]
    if not requirements and len(report.findings) == before:
        report.error("no-rule", f"the row gives no rule: {_whole(row)}")
    places = [requirement.beside for requirement in requirements]
    meanings = reader.read(use, places, report.at(column=Column.USE))
    return [requirement.meaning(meanings.get(requirement.beside, NO_MEANING)) for requirement in requirements]


def _read_use(row: Row, columns: Columns, report: Reporter) -> str:
    """The description of a row, with its marks."""
    use = columns.cell(row, Column.USE) or ""
    if LOST_TABLE in use:
        report.error("lost-table", "a table stands inside the cell and cannot be read")
    if Column.USE in columns.index and not words_of(use):
        report.note("no-description", f"the row says nothing of its use: {_whole(row)}")
    return use


def _whole(row: Row) -> str:
    return show(" | ".join(row.cells))


def _read_transport(row: Row, columns: Columns, report: Reporter) -> tuple[PortSpec, ...] | None:
    """The ports of a row, with the transport of the protocol column; ``None`` after an error was reported."""
    port_cell, protocol_cell = columns.cell(row, Column.PORT), columns.cell(row, Column.PROTOCOL)
    before = len(report.findings)
    ports = read_ports(port_cell, report.at(column=Column.PORT)) if port_cell is not None else ()
    protocols = read_protocols(protocol_cell, report.at(column=Column.PROTOCOL)) if protocol_cell is not None else ()
    if any(finding.severity == "error" for finding in report.findings[before:]):
        return None
    if not protocols:
        return ports
    if len(protocols) > 1 and len(ports) > 1:
        report.error("crossed-lists", "several protocols stand beside several ports; which port goes with which?")
        return None
    for port in ports:
        if port.protocol and protocols != (port.protocol,):
            report.at(column=Column.PROTOCOL).error(
                "protocol-differs", f"the protocol column says {' and '.join(protocols)}, the port cell {port.protocol}"
            )
            return None
    return tuple(port._replace(protocol=protocol) for port in ports or (PortSpec(port=0),) for protocol in protocols)


def _combine(
    one: Alternatives,
    ports: tuple[PortSpec, ...] | None,
    columns: Columns,
    context: Context,
    *,
    text: str,
    report: Reporter,
) -> Iterator[Requirement]:
    if ports is None:
        return
    fqdn = not columns.network and all(d.form is DestinationForm.FQDN for d in one.destinations)
    before: Protocol | None = None
    for spec in _own_port(one, ports, report):
        settled = _settle(spec, columns, report, before=before)
        if settled:
            before = settled.protocol
            yield Requirement(
                place=report.place,
                feature=context.feature,
                cloud=one.cloud,
                level=context.level,
                kind=Kind.FQDN if fqdn else Kind.NETWORK,
                destinations=one.destinations,
                protocol=settled.protocol,
                port=settled.port or None,
                application=settled.application,
                application_inferred=settled.application is not spec.application,
                conditions=one.conditions,
                text=text,
                by_suffix=one.by_suffix,
            )


def _own_port(one: Alternatives, ports: tuple[PortSpec, ...], report: Reporter) -> tuple[PortSpec, ...]:
    """A port written beside the destination must agree with the port column, or stand for it."""
    if one.port is None:
        return ports or (PortSpec(port=0),)
    stated = {spec.port for spec in ports} - {0}
    if stated and stated != {one.port}:
        cell = ", ".join(map(str, sorted(stated)))
        report.at(column=Column.PORT).error(
            "port-differs", f"{one.destinations[0]} carries port {one.port}, the port column says {cell}"
        )
        return ()
    return tuple(spec._replace(port=one.port) for spec in ports or (PortSpec(port=one.port),))


def _settle(spec: PortSpec, columns: Columns, report: Reporter, *, before: Protocol | None) -> PortSpec | None:
    """Give a port its transport.

    A bare 443 or 80 of an application rule is HTTPS or HTTP; any other bare port has the transport of the one
    before it, or none that could be known.
    """
    if spec.port == 0 and Column.PORT not in columns.index:
        return PortSpec(port=0)
    if spec.protocol:
        return spec
    if spec.port in WEB_PORTS and not columns.network:
        return PortSpec(port=spec.port, protocol=Protocol.TCP, application=WEB_PORTS[spec.port])
    if before:
        return spec._replace(protocol=before)
    report.at(column=Column.PORT).error("no-transport", f"port {spec.port} stands without TCP, UDP, HTTP or HTTPS")
    return None
