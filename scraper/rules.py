"""Page in, rules out: everything that one page states, and a finding for whatever it does not state clearly."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from aks_egress_catalog.model import (
    Catalog,
    Cloud,
    Condition,
    DestinationForm,
    Effect,
    Lifecycle,
    PageRef,
    Rule,
    Rules,
    Source,
    rule_id,
)
from scraper.conditions import digests
from scraper.context import Context, context_of, labelled
from scraper.findings import Finding, Place, Reporter, Severity
from scraper.page import Line, Page, Section, Table
from scraper.prose import hosts_in, read_line, replacements, report_ports, watch_line
from scraper.tables import Reading, TableReading, read_table, states_hosts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from scraper.witness import RowFacts

ATTRIBUTION: Final = (
    "Facts from the Microsoft Learn article on outbound network and FQDN rules for AKS clusters,"
    " (c) Microsoft and contributors, CC BY 4.0."
)
_LABEL_WORDS: Final = 6
_MOSTLY: Final = 0.5


@dataclass(frozen=True, kw_only=True, slots=True)
class PageReading:
    """What one page states. ``texts`` maps a rule id to its descriptions in source order."""

    page: Page
    rules: tuple[Rule, ...]
    rows: tuple[RowFacts, ...]
    texts: dict[str, tuple[str, ...]]
    watched: dict[str, tuple[str, ...]]
    findings: tuple[Finding, ...]

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that forbid to write a catalog of this page."""
        return tuple(finding for finding in self.findings if finding.severity is Severity.ERROR)


def read_page(page: Page, *, known: Catalog | None = None) -> PageReading:
    """Read the rules of a page. ``known`` is an earlier catalog, by which a renamed section is recognized."""
    reader = _PageReader(page)
    readings = reader.read_sections()
    readings = _keep_renamed_features(readings, known, reader.say)
    rules = _merge(_in_clouds(readings), page, reader.say)
    rules = _with_replacements(rules, readings, page)
    return PageReading(
        page=page,
        rules=tuple(rules[name][0] for name in sorted(rules)),
        rows=tuple(reader.rows),
        texts={name: rules[name][1] for name in sorted(rules) if rules[name][1]},
        watched={heading: digests(sentences) for heading, sentences in sorted(reader.watched.items())},
        findings=tuple(reader.say.findings),
    )


def catalog_of(reading: PageReading, *, pages: Iterable[PageRef] = ()) -> Catalog:
    """Put the rules of the authority into a catalog; ``pages`` are the other locales it was held against."""
    metadata = reading.page.metadata
    return Catalog(
        origin=metadata.origin,
        attribution=ATTRIBUTION,
        pages=tuple(sorted({page_ref(reading.page), *pages})),
        rules=Rules(reading.rules),
        watched=reading.watched,
    )


def page_ref(page: Page) -> PageRef:
    """Name the page that facts came from."""
    metadata = page.metadata
    return PageRef(locale=metadata.locale, url=metadata.url, commit=metadata.commit, date=metadata.updated)


class _PageReader:
    """Goes over the sections in order: tables first, then the prose around them, which needs to know them."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.english = page.metadata.locale.startswith("en-")
        self.say = Reporter.of(page.metadata.locale)
        self.rows: list[RowFacts] = []
        self.watched: dict[str, list[str]] = {}

    def read_sections(self) -> list[Reading]:
        placed = [(section, context_of(section, english=self.english)) for section in self.page.sections]
        readings = [reading for part in placed for reading in self._read_tables(*part)]
        if not self.rows:
            self.say.error("no-rules", "the page has no table of rules; is it the article at all?")
        self._compare_port_columns()
        hosts = {destination.value for reading in readings for destination in reading.destinations} - {"*"}
        ports = {reading.port for reading in readings if reading.port}
        keys = {_key(reading) for reading in readings}
        prose = [reading for part in placed for reading in self._read_prose(*part, hosts, ports)]
        new = [
            reading
            for reading in prose
            if reading.destinations[0].value not in hosts and _key(reading) not in keys
        ]
        return readings + new

    def _read_tables(self, section: Section, context: Context) -> list[Reading]:
        context = _placed(context, section)
        readings: list[Reading] = []
        before: Line | Table | None = None
        label = False
        for block in section.blocks:
            if isinstance(block, Table):
                say = self.say.at(heading=section.heading.id, table=block.index)
                inside, label = self._labelled(context, block, before, say, label=label)
                found = read_table(block, inside, say, english=self.english)
                self._keep(found, section)
                readings += found.readings
            before = block
        return readings

    def _labelled(
        self, context: Context, table: Table, before: Line | Table | None, say: Reporter, *, label: bool
    ) -> tuple[Context, bool]:
        """A tab, a fold or a list line right above a table may name its cloud (list lines: 2019 to 2020)."""
        for text in table.labels:
            context = labelled(context, text, english=self.english)
        names = isinstance(before, Line) and before.kind == "li" and _is_label(before.text)
        if names and isinstance(before, Line):
            return labelled(context, before.text, english=self.english), True
        if label and not context.cloud:
            say.hold("unlabelled-table", "tables above this one are labelled with a cloud, this one is not")
        return context, label

    def _keep(self, found: TableReading, section: Section) -> None:
        self.rows += found.rows
        if found.watched:
            self.watched.setdefault(section.heading.id, []).extend(found.watched)

    def _compare_port_columns(self) -> None:
        """A table without ports is normal on the pages of early 2019 and nowhere else."""
        bare = [row for row in self.rows if row.facts and all(fact.port == 0 for fact in row.facts)]
        if bare and len(bare) < len([row for row in self.rows if row.facts]):
            say = self.say.at(heading=bare[0].heading, table=bare[0].table)
            say.error("no-port", "the rows of this table state no port, though others of the page do")

    def _read_prose(
        self, section: Section, context: Context, hosts: set[str], ports: set[int]
    ) -> list[Reading]:
        say = self.say.at(heading=section.heading.id)
        readings: list[Reading] = []
        for line in (block for block in section.blocks if isinstance(block, Line)):
            found: list[Reading] = []
            if context.feature and context.about_rules:
                found = read_line(line, context, say)
                report_ports(line, ports, say)
            else:
                self._report_stray_hosts(line, hosts, say, known=not context.about_rules or not section.trail)
            readings += found
            watched = watch_line(line, say, gave_rules=bool(found))
            if watched:
                self.watched.setdefault(section.heading.id, []).extend(watched)
        if readings:
            context.report(say)
        self._point_elsewhere(section, context, say)
        return readings

    @staticmethod
    def _report_stray_hosts(line: Line, hosts: set[str], say: Reporter, *, known: bool) -> None:
        """A host in the article's frame is no rule; in a section that nobody knows it may be one."""
        for host, _ in hosts_in(line.text):
            if host not in hosts:
                tell = say.note if known else say.hold
                tell("stray-host", f"{host} is named outside the sections that state rules")

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
    name = section.heading.id or "page"
    fault = ("hold", "unknown-heading", f"{section.heading.text!r} is no section that is known to state rules")
    return replace(context, feature=name, about_rules=True, faults=(*context.faults, fault))


def _is_label(text: str) -> bool:
    return len(text.split()) <= _LABEL_WORDS and not any(mark in text.rstrip(":") for mark in ".:;,。：")


def _key(reading: Reading) -> tuple[object, ...]:
    return (reading.feature, reading.destinations[0].key, reading.protocol, reading.port)


def _keep_renamed_features(readings: list[Reading], known: Catalog | None, say: Reporter) -> list[Reading]:
    """An unknown section with mostly the destinations of a known feature that is gone is that feature, renamed."""
    if known is None:
        return readings
    here = _destinations((reading.feature, reading.destinations) for reading in readings)
    earlier = _destinations((rule.feature, rule.destinations) for rule in known.rules)
    names: dict[str, str] = {}
    for new in here.keys() - earlier.keys():
        scores = {
            old: len(here[new] & earlier[old]) / len(here[new] | earlier[old])
            for old in earlier.keys() - here.keys()
        }
        best = max(scores, key=lambda old: (scores[old], old), default="")
        if best and scores[best] > _MOSTLY:
            names[new] = best
            say.at(heading=new).hold("renamed-section", f"states what {best!r} stated and keeps its name")
    return [reading._replace(feature=names.get(reading.feature, reading.feature)) for reading in readings]


def _destinations(pairs: Iterable[tuple[str, Iterable[object]]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for feature, destinations in pairs:
        found.setdefault(feature, set()).update(map(str, destinations))
    return found


def _in_clouds(readings: list[Reading]) -> list[tuple[str, bool, Reading]]:
    """Say in which clouds a reading holds, and whether the page says so.

    A row that names no cloud is the public cloud's where others of its feature and kind name theirs; where
    none does, it holds in all of them.
    """
    known = set(Cloud)
    split = {(reading.feature, reading.kind) for reading in readings if reading.place.row and reading.cloud in known}
    placed: list[tuple[str, bool, Reading]] = []
    for reading in readings:
        if reading.cloud:
            placed.append((reading.cloud, True, reading))
        elif (reading.feature, reading.kind) in split:
            placed.append((Cloud.PUBLIC, True, reading))
        else:
            placed += [(cloud, False, reading) for cloud in Cloud]
    return placed


_Merged = dict[str, tuple[Rule, tuple[str, ...]]]


def _merge(placed: list[tuple[str, bool, Reading]], page: Page, say: Reporter) -> _Merged:
    merged: _Merged = {}
    for cloud, stated, reading in placed:
        rule = _rule(cloud, reading, page, stated=stated)
        texts = (reading.text,) if reading.text else ()
        if rule.id in merged:
            earlier, before = merged[rule.id]
            rule, texts = _join(earlier, rule, say.at(**_row_of(reading))), tuple(dict.fromkeys((*before, *texts)))
        merged[rule.id] = (rule, texts)
    return merged


def _row_of(reading: Reading) -> Mapping[str, object]:
    return {"heading": reading.place.heading, "table": reading.place.table, "row": reading.place.row}


def _rule(cloud: str, reading: Reading, page: Page, *, stated: bool) -> Rule:
    metadata = page.metadata
    source = Source(
        locale=metadata.locale,
        url=metadata.url,
        heading=reading.place.heading,
        table=reading.place.table,
        row=reading.place.row,
        commit=metadata.commit,
    )
    return Rule(
        cloud=cloud,
        feature=reading.feature,
        kind=reading.kind,
        level=reading.level,
        destinations=reading.destinations,
        protocol=reading.protocol,
        port=reading.port,
        application=reading.application,
        application_inferred=reading.application_inferred,
        cloud_stated=stated,
        conditions=reading.conditions,
        constraints=reading.constraints,
        sources=(source,),
    )


def _join(one: Rule, other: Rule, say: Reporter) -> Rule:
    """One rule listed in two places: two sources, the stricter level, and no condition that only one states."""
    for name in ("kind", "application", "conditions", "destinations"):
        if getattr(one, name) != getattr(other, name):
            say.hold("places-differ", f"{one.id} stands in two places that differ in {name}")
    removing = {c for c in (*one.conditions, *other.conditions) if c.effect is not Effect.REQUIRED_IF}
    shared = removing & set(one.conditions) & set(other.conditions)
    stressed = {c for c in (*one.conditions, *other.conditions) if c.effect is Effect.REQUIRED_IF}
    destinations = {destination.value: destination for destination in (*other.destinations, *one.destinations)}
    return replace(
        one,
        level=min(one.level, other.level, key=lambda level: level.strictness),
        destinations=tuple(sorted(destinations.values(), key=lambda destination: destination.breadth)),
        application_inferred=one.application_inferred and other.application_inferred,
        cloud_stated=one.cloud_stated or other.cloud_stated,
        conditions=tuple(sorted(shared | stressed, key=_text_of)),
        constraints=tuple(sorted({*one.constraints, *other.constraints})),
        sources=tuple(dict.fromkeys((*one.sources, *other.sources))),
    )


def _text_of(condition: Condition) -> str:
    return str(condition)


def _with_replacements(rules: _Merged, readings: list[Reading], page: Page) -> _Merged:
    """Mark a rule whose host the page says is replaced by that of another rule of the same cloud and feature."""
    lines = [(block.text, "") for part in page.sections for block in part.blocks if isinstance(block, Line)]
    rows = [(reading.text, reading.destinations[0].value) for reading in readings if reading.place.row]
    named = [found for text, own in dict.fromkeys((*rows, *lines)) for found in replacements(text, own)]
    for old, new, clouds in named:
        for name, (rule, texts) in list(rules.items()):
            successor = _successor(rule, old, new, rules)
            if successor and (not clouds or rule.cloud in clouds):
                rules[name] = (replace(rule, lifecycle=Lifecycle(replaced_by=successor)), texts)
    return rules


def _successor(rule: Rule, old: str, new: str, rules: _Merged) -> str | None:
    destination = rule.destinations[0]
    if destination.form is not DestinationForm.FQDN or destination.value != old or old == new:
        return None
    name = rule_id(rule.cloud, rule.feature, replace(destination, value=new or " "), rule.protocol, rule.port) if new else ""
    return name if name in rules else None
