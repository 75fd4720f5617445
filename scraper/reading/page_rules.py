"""Page in, rules out: everything that one page states, and a finding for whatever it does not state clearly."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from aks_egress_catalog.catalog import Catalog, NamedDate, PageRef
from aks_egress_catalog.model import Kind, Rule, Rules
from scraper.findings import Finding, Reporter, Severity
from scraper.language.headings import announces_rules
from scraper.language.reviewed import Reviewed
from scraper.page.article import OUTSIDE
from scraper.page.page import Line, Page, Section
from scraper.reading.columns import states_hosts
from scraper.reading.context import Context, context_of, labelled, slug_of
from scraper.reading.labels import label_above
from scraper.reading.meaning import Found, SentenceReader, place_of_line
from scraper.reading.merge import in_clouds, keep_renamed_features, merge, with_replacements
from scraper.reading.nearest import with_nearest
from scraper.reading.prose import read_line, report_strays
from scraper.reading.tables import Requirement, read_table
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
    dates: tuple[NamedDate, ...]
    findings: tuple[Finding, ...]

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that forbid to write a catalog of this page."""
        return tuple(finding for finding in self.findings if finding.severity is Severity.ERROR)


def read_page(page: Page, *, reviewed: Reviewed, known: Catalog | None = None) -> PageReading:
    """Read the rules of a page. ``reviewed`` says what its sentences mean.

    ``known`` is an earlier catalog, by which a renamed section is recognized, and a meaning that went.
    """
    reader = _PageReader(page, reviewed)
    requirements = reader.read_sections(known)
    requirements = keep_renamed_features(requirements, known, reader.report)
    rules = merge(in_clouds(requirements, reader.report), page, reader.report)
    if page.lost and not any(finding.severity is Severity.ERROR for finding in reader.report.findings):
        reader.report.error("lost-rows", f"{page.lost}; is a comment or an element left open?")
    rules = with_replacements(rules, reader.sentences.found)
    reading = PageReading(
        page=page,
        rules=tuple(rules[name][0] for name in sorted(rules)),
        rows=tuple(reader.rows),
        texts={name: rules[name][1] for name in sorted(rules) if rules[name][1]},
        dates=_dates(reader.sentences.found) if reader.english else (),
        findings=tuple(reader.report.findings),
    )
    if known is None:
        return reading
    return replace(
        reading, findings=with_nearest(reading.findings, reader.sentences.found, reviewed, known=known, now=reading)
    )


def catalog_of(reading: PageReading, *, pages: Iterable[PageRef] = ()) -> Catalog:
    """Put the rules of the authority into a catalog; ``pages`` are the other locales it was held against."""
    metadata = reading.page.metadata
    return Catalog(
        origin=metadata.origin,
        attribution=ATTRIBUTION,
        pages=tuple(sorted({page_ref(reading.page), *pages}, key=lambda page: page.locale)),
        rules=Rules(reading.rules),
        watched={},
        dates=reading.dates,
    )


def page_ref(page: Page) -> PageRef:
    """Name the page that facts came from."""
    metadata = page.metadata
    return PageRef(locale=metadata.locale, url=metadata.url, commit=metadata.commit, updated=metadata.updated)


class _PageReader:
    """Goes over the sections in order: tables first, then the prose around them, which is compared with them."""

    def __init__(self, page: Page, reviewed: Reviewed) -> None:
        self.page = page
        self.english = page.metadata.locale.startswith("en-")
        self.sentences = SentenceReader(reviewed, english=self.english)
        self.report = Reporter.of(page.metadata.locale)
        self.rows: list[RowFacts] = []

    def read_sections(self, known: Catalog | None) -> list[Requirement]:
        placed = [(section, context_of(section, english=self.english)) for section in self.page.sections]
        requirements = [requirement for part in placed for requirement in self._read_tables(*part)]
        if not self.rows:
            self.report.error("no-rules", "the page has no table of rules; is it the article at all?")
        self._compare_port_columns()
        self._expect_rules(placed, known)
        hosts = {destination.value for requirement in requirements for destination in requirement.destinations} - {"*"}
        endpoints = {(one.value, requirement.port) for requirement in requirements for one in requirement.destinations}
        keys = {_key(requirement) for requirement in requirements}
        prose = [requirement for part in placed for requirement in self._read_prose(*part, hosts)]
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
            found = read_table(block, inside, report, self.sentences)
            self.rows += found.rows
            requirements += found.requirements
            kinds = {requirement.kind for requirement in found.requirements}
            if kinds & seen and not label and not block.labels:
                report.hold("unlabelled-table", "a table above it is of the same kind; what tells them apart?")
            seen |= kinds
            above = []
        return requirements

    def _expect_rules(self, placed: list[tuple[Section, Context]], known: Catalog | None) -> None:
        """Hold each heading that announces rules, or under which the last release had some, and that yields none.

        A table that became a list, a picture or nothing is no empty table: only its heading shows that it is gone.
        """
        stated = {(row.heading, row.table) for row in self.rows if row.facts}
        headings = {heading for heading, _ in stated}
        yielding = {
            id(heading)
            for section, _ in placed
            if section.heading.id in headings
            for heading in (*section.trail, section.heading)
        }
        sources = (source for rule in known.rules for source in rule.sources) if known else ()
        lost = {source.heading for source in sources if source.table and (source.heading, source.table) not in stated}
        for section, context in placed:
            heading = section.heading
            bare = id(heading) not in yielding and announces_rules(heading.text)
            if context.about_rules and (bare or heading.id in lost):
                message = f"{heading.text!r} announces rules, or had some, and no table states them"
                self.report.at(heading=heading.id).hold("rules-expected", message)

    def _compare_port_columns(self) -> None:
        """A table without ports is normal on the pages of early 2019 and nowhere else."""
        bare = [row for row in self.rows if row.facts and all(fact.port == 0 for fact in row.facts)]
        if bare and len(bare) < len([row for row in self.rows if row.facts]):
            report = self.report.at(heading=bare[0].heading, table=bare[0].table)
            report.error("no-port", "the rows of this table state no port, though others of the page do")

    def _read_prose(self, section: Section, context: Context, hosts: set[str]) -> list[Requirement]:
        report = self.report.at(heading=section.heading.id)
        requirements: list[Requirement] = []
        report_strays(section.heading.text, hosts, report, known=False)
        if context.about_rules and context.faults and not section.tables:
            place = place_of_line(context.cloud, context.feature)
            self.sentences.read(section.heading.text, [place], report)  # no table is there to hold it for its words
        for line in (block for block in section.blocks if isinstance(block, Line)):
            if OUTSIDE in line.labels and not (context.about_rules and context.feature):
                continue  # what Learn puts around an article, and not into a section of rules
            if context.about_rules:
                requirements += read_line(line, context, report, self.sentences)
            if not context.about_rules or not context.feature:
                report_strays(line.marked, hosts, report, known=not context.about_rules or not section.trail)
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


def _dates(found: Iterable[Found]) -> tuple[NamedDate, ...]:
    named = {
        NamedDate(date=day.date, cloud=day.cloud or "", feature=day.feature or "", heading=heading)
        for _, entry, heading in found
        for day in entry.days
    }
    return tuple(sorted(named, key=lambda named: named.order))


def _is_known(requirement: Requirement, endpoints: set[tuple[str, int | None]]) -> bool:
    """Whether a rule of the tables has what the text names: its host, and its port where it names one."""
    host = requirement.destinations[0].value
    if host == "*":
        return False
    return (host, requirement.port) in endpoints if requirement.port else host in {value for value, _ in endpoints}


def _key(requirement: Requirement) -> tuple[object, ...]:
    return (requirement.feature, requirement.destinations[0].key, requirement.protocol, requirement.port)
