"""Page in, rules out: everything that one page states, and a finding for whatever it does not state clearly."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from aks_egress_catalog.catalog import Catalog, NamedDate, PageRef
from aks_egress_catalog.model import Kind, Rule, Rules
from scraper.findings import Finding, Reporter, Severity
from scraper.language.conditions import digests
from scraper.language.mentions import mentions
from scraper.page.page import Line, Page, Section
from scraper.reading.columns import states_hosts
from scraper.reading.context import Context, context_of, labelled, slug_of
from scraper.reading.dates import read_dates
from scraper.reading.labels import label_above, report_clouds
from scraper.reading.merge import in_clouds, keep_renamed_features, merge, with_replacements
from scraper.reading.prose import read_line, report_ports, report_strays, report_uses, watch_line
from scraper.reading.tables import Reading, TableReading, read_table
from scraper.row_facts import RowFacts

ATTRIBUTION: Final = (
    "Facts from the Microsoft Learn article on outbound network and FQDN rules for AKS clusters,"
    " (c) Microsoft and contributors, CC BY 4.0."
)


@dataclass(frozen=True, kw_only=True, slots=True)
class PageReading:
    """What one page states. ``texts`` maps a rule id to its descriptions in source order."""

    page: Page
    rules: tuple[Rule, ...]
    rows: tuple[RowFacts, ...]
    texts: dict[str, tuple[str, ...]]
    watched: dict[str, tuple[str, ...]]
    dates: tuple[NamedDate, ...]
    findings: tuple[Finding, ...]

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that forbid to write a catalog of this page."""
        return tuple(finding for finding in self.findings if finding.severity is Severity.ERROR)


def read_page(page: Page, *, known: Catalog | None = None) -> PageReading:
    """Read the rules of a page. ``known`` is an earlier catalog, by which a renamed section is recognized."""
    reader = _PageReader(page)
    readings = reader.read_sections()
    readings = keep_renamed_features(readings, known, reader.say)
    rules = merge(in_clouds(readings), page, reader.say)
    if page.lost and not any(finding.severity is Severity.ERROR for finding in reader.say.findings):
        reader.say.error("lost-rows", f"{page.lost}; is a comment or an element left open?")
    rules = with_replacements(rules, readings, page, reader.say)
    return PageReading(
        page=page,
        rules=tuple(rules[name][0] for name in sorted(rules)),
        rows=tuple(reader.rows),
        texts={name: rules[name][1] for name in sorted(rules) if rules[name][1]},
        watched={heading: digests(sentences) for heading, sentences in sorted(reader.watched.items())},
        dates=tuple(sorted(reader.dates, key=lambda named: named.order)),
        findings=tuple(reader.say.findings),
    )


def catalog_of(reading: PageReading, *, pages: Iterable[PageRef] = ()) -> Catalog:
    """Put the rules of the authority into a catalog; ``pages`` are the other locales it was held against."""
    metadata = reading.page.metadata
    return Catalog(
        origin=metadata.origin,
        attribution=ATTRIBUTION,
        pages=tuple(sorted({page_ref(reading.page), *pages}, key=lambda page: page.locale)),
        rules=Rules(reading.rules),
        watched=reading.watched,
        dates=reading.dates,
    )


def page_ref(page: Page) -> PageRef:
    """Name the page that facts came from."""
    metadata = page.metadata
    return PageRef(locale=metadata.locale, url=metadata.url, commit=metadata.commit, updated=metadata.updated)


class _PageReader:
    """Goes over the sections in order: tables first, then the prose around them, which needs to know them."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.english = page.metadata.locale.startswith("en-")
        self.say = Reporter.of(page.metadata.locale)
        self.rows: list[RowFacts] = []
        self.watched: dict[str, list[str]] = {}
        self.dates: set[NamedDate] = set()

    def read_sections(self) -> list[Reading]:
        placed = [(section, context_of(section, english=self.english)) for section in self.page.sections]
        readings = [reading for part in placed for reading in self._read_tables(*part)]
        if self.english:
            for section, context in placed:
                self.dates |= set(read_dates(section, context, self.say.at(heading=section.heading.id)))
        if not self.rows:
            self.say.error("no-rules", "the page has no table of rules; is it the article at all?")
        self._compare_port_columns()
        hosts = {destination.value for reading in readings for destination in reading.destinations} - {"*"}
        ports = {reading.port for reading in readings if reading.port}
        endpoints = {(one.value, reading.port) for reading in readings for one in reading.destinations}
        keys = {_key(reading) for reading in readings}
        self._tell_endpoints_of_uses(readings, endpoints)
        prose = [reading for part in placed for reading in self._read_prose(*part, hosts, ports)]
        return readings + [
            reading for reading in prose if _key(reading) not in keys and not _is_known(reading, endpoints)
        ]

    def _read_tables(self, section: Section, context: Context) -> list[Reading]:
        context = _placed(context, section)
        readings: list[Reading] = []
        above: list[Line] = []
        seen: set[Kind] = set()
        for block in section.blocks:
            if isinstance(block, Line):
                above.append(block)
                continue
            say = self.say.at(heading=section.heading.id, table=block.index)
            label = label_above(above, context, say)
            inside = context
            for text in (*block.labels, *label):
                inside = labelled(inside, text)
            found = read_table(block, inside, say, english=self.english)
            self._keep(found, section)
            readings += found.readings
            kinds = {reading.kind for reading in found.readings}
            if kinds & seen and not label and not block.labels:
                say.hold("unlabelled-table", "a table above it is of the same kind; what tells them apart?")
            seen |= kinds
            above = []
        if readings and self.english:
            report_clouds(section, {context.cloud} | {reading.cloud for reading in readings}, self.say)
        return readings

    def _keep(self, found: TableReading, section: Section) -> None:
        self.rows += found.rows
        if found.watched:
            self.watched.setdefault(section.heading.id, []).extend(found.watched)

    def _tell_endpoints_of_uses(self, readings: list[Reading], endpoints: set[tuple[str, int | None]]) -> None:
        for place, reading in {reading.place: reading for reading in readings if any(mentions(reading.text))}.items():
            say = self.say.at(heading=place.heading, table=place.table, row=place.row, column="use")
            report_uses(reading, endpoints, say)

    def _compare_port_columns(self) -> None:
        """A table without ports is normal on the pages of early 2019 and nowhere else."""
        bare = [row for row in self.rows if row.facts and all(fact.port == 0 for fact in row.facts)]
        if bare and len(bare) < len([row for row in self.rows if row.facts]):
            say = self.say.at(heading=bare[0].heading, table=bare[0].table)
            say.error("no-port", "the rows of this table state no port, though others of the page do")

    def _read_prose(self, section: Section, context: Context, hosts: set[str], ports: set[int]) -> list[Reading]:
        say = self.say.at(heading=section.heading.id)
        readings: list[Reading] = []
        report_strays(section.heading.text, hosts, say, known=False)
        for line in (block for block in section.blocks if isinstance(block, Line)):
            found: list[Reading] = []
            if context.feature and context.about_rules:
                found = read_line(line, context, say)
                report_ports(line.text, ports, say)
            else:
                report_strays(line.text, hosts, say, known=not context.about_rules or not section.trail)
            readings += found
            watched = watch_line(line, say, gave_rules=bool(found))
            if watched:
                self.watched.setdefault(section.heading.id, []).extend(watched)
        if readings:
            context.report(say)
        self._point_elsewhere(section, context, say)
        return readings

    @staticmethod
    def _point_elsewhere(section: Section, context: Context, say: Reporter) -> None:
        anchors = sorted({a for block in section.blocks if isinstance(block, Line) for a in block.anchors})
        if context.feature and context.faults and anchors and not section.tables:
            say.note("points-elsewhere", f"states no rules of its own and points to {', '.join(anchors)}")


def _placed(context: Context, section: Section) -> Context:
    """A table of rules where no heading names a feature still has a place: its heading's own id."""
    if context.feature and context.about_rules:
        return context
    if not any(states_hosts(table) for table in section.tables):
        return context
    name = slug_of(section.heading)
    fault = ("hold", "unknown-heading", f"{section.heading.text!r} is no section that is known to state rules")
    return replace(context, feature=name, about_rules=True, faults=(*context.faults, fault))


def _is_known(reading: Reading, endpoints: set[tuple[str, int | None]]) -> bool:
    """Say whether a rule of the tables has what the text names: its host, and its port where it names one."""
    host = reading.destinations[0].value
    if host == "*":
        return False
    return (host, reading.port) in endpoints if reading.port else host in {value for value, _ in endpoints}


def _key(reading: Reading) -> tuple[object, ...]:
    return (reading.feature, reading.destinations[0].key, reading.protocol, reading.port)
