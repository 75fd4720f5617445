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
from scraper.reading.tables import Requirement, TableReading, read_table
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
    requirements = reader.read_sections()
    requirements = keep_renamed_features(requirements, known, reader.report)
    rules = merge(in_clouds(requirements), page, reader.report)
    if page.lost and not any(finding.severity is Severity.ERROR for finding in reader.report.findings):
        reader.report.error("lost-rows", f"{page.lost}; is a comment or an element left open?")
    rules = with_replacements(rules, requirements, page, reader.report)
    return PageReading(
        page=page,
        rules=tuple(rules[name][0] for name in sorted(rules)),
        rows=tuple(reader.rows),
        texts={name: rules[name][1] for name in sorted(rules) if rules[name][1]},
        watched={heading: digests(sentences) for heading, sentences in sorted(reader.watched.items())},
        dates=tuple(sorted(reader.dates, key=lambda named: named.order)),
        findings=tuple(reader.report.findings),
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
    """Goes over the sections in order: tables first, then the prose around them, which is compared with them."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.english = page.metadata.locale.startswith("en-")
        self.report = Reporter.of(page.metadata.locale)
        self.rows: list[RowFacts] = []
        self.watched: dict[str, list[str]] = {}
        self.dates: set[NamedDate] = set()

    def read_sections(self) -> list[Requirement]:
        placed = [(section, context_of(section, english=self.english)) for section in self.page.sections]
        requirements = [requirement for part in placed for requirement in self._read_tables(*part)]
        if self.english:
            for section, context in placed:
                self.dates |= set(read_dates(section, context, self.report.at(heading=section.heading.id)))
        if not self.rows:
            self.report.error("no-rules", "the page has no table of rules; is it the article at all?")
        self._compare_port_columns()
        hosts = {destination.value for requirement in requirements for destination in requirement.destinations} - {"*"}
        ports = {requirement.port for requirement in requirements if requirement.port}
        endpoints = {(one.value, requirement.port) for requirement in requirements for one in requirement.destinations}
        keys = {_key(requirement) for requirement in requirements}
        self._report_uses(requirements, endpoints)
        prose = [requirement for part in placed for requirement in self._read_prose(*part, hosts, ports)]
        return requirements + [
            requirement
            for requirement in prose
            if _key(requirement) not in keys and not _is_known(requirement, endpoints)
        ]

    def _read_tables(self, section: Section, context: Context) -> list[Requirement]:
        context = _placed(context, section)
        requirements: list[Requirement] = []
        above: list[Line] = []
        seen: set[Kind] = set()
        for block in section.blocks:
            if isinstance(block, Line):
                above.append(block)
                continue
            report = self.report.at(heading=section.heading.id, table=block.index)
            label = label_above(above, context, report)
            inside = context
            for text in (*block.labels, *label):
                inside = labelled(inside, text)
            found = read_table(block, inside, report, english=self.english)
            self._keep(found, section)
            requirements += found.requirements
            kinds = {requirement.kind for requirement in found.requirements}
            if kinds & seen and not label and not block.labels:
                report.hold("unlabelled-table", "a table above it is of the same kind; what tells them apart?")
            seen |= kinds
            above = []
        if requirements and self.english:
            report_clouds(section, {context.cloud} | {requirement.cloud for requirement in requirements}, self.report)
        return requirements

    def _keep(self, found: TableReading, section: Section) -> None:
        self.rows += found.rows
        if found.watched:
            self.watched.setdefault(section.heading.id, []).extend(found.watched)

    def _report_uses(self, requirements: list[Requirement], endpoints: set[tuple[str, int | None]]) -> None:
        for place, requirement in {
            requirement.place: requirement for requirement in requirements if any(mentions(requirement.text))
        }.items():
            report = self.report.at(heading=place.heading, table=place.table, row=place.row, column="use")
            report_uses(requirement, endpoints, report)

    def _compare_port_columns(self) -> None:
        """A table without ports is normal on the pages of early 2019 and nowhere else."""
        bare = [row for row in self.rows if row.facts and all(fact.port == 0 for fact in row.facts)]
        if bare and len(bare) < len([row for row in self.rows if row.facts]):
            report = self.report.at(heading=bare[0].heading, table=bare[0].table)
            report.error("no-port", "the rows of this table state no port, though others of the page do")

    def _read_prose(self, section: Section, context: Context, hosts: set[str], ports: set[int]) -> list[Requirement]:
        report = self.report.at(heading=section.heading.id)
        requirements: list[Requirement] = []
        report_strays(section.heading.text, hosts, report, known=False)
        for line in (block for block in section.blocks if isinstance(block, Line)):
            found: list[Requirement] = []
            if context.feature and context.about_rules:
                found = read_line(line, context, report)
                report_ports(line.text, ports, report)
            else:
                report_strays(line.text, hosts, report, known=not context.about_rules or not section.trail)
            requirements += found
            watched = watch_line(line, report, gave_rules=bool(found))
            if watched:
                self.watched.setdefault(section.heading.id, []).extend(watched)
        if requirements:
            context.report_faults(report)
        self._point_elsewhere(section, context, report)
        return requirements

    @staticmethod
    def _point_elsewhere(section: Section, context: Context, report: Reporter) -> None:
        anchors = sorted({a for block in section.blocks if isinstance(block, Line) for a in block.anchors})
        if context.feature and context.faults and anchors and not section.tables:
            report.note("points-elsewhere", f"states no rules of its own and points to {', '.join(anchors)}")


def _placed(context: Context, section: Section) -> Context:
    """A table of rules where no heading names a feature still has a place: its heading's own id."""
    if context.feature and context.about_rules:
        return context
    if not any(states_hosts(table) for table in section.tables):
        return context
    name = slug_of(section.heading)
    fault = ("hold", "unknown-heading", f"{section.heading.text!r} is no section that is known to state rules")
    return replace(context, feature=name, about_rules=True, faults=(*context.faults, fault))


def _is_known(requirement: Requirement, endpoints: set[tuple[str, int | None]]) -> bool:
    """Whether a rule of the tables has what the text names: its host, and its port where it names one."""
    host = requirement.destinations[0].value
    if host == "*":
        return False
    return (host, requirement.port) in endpoints if requirement.port else host in {value for value, _ in endpoints}


def _key(requirement: Requirement) -> tuple[object, ...]:
    return (requirement.feature, requirement.destinations[0].key, requirement.protocol, requirement.port)
