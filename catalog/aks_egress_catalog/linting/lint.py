"""Readings in, findings out: the policies among them, each held against the clusters behind it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from aks_egress_catalog.catalog import Catalog
from aks_egress_catalog.cluster.advisories import rules_by_id
from aks_egress_catalog.cluster.clusters_file import NamedCluster
from aks_egress_catalog.cluster.profile import Profile
from aks_egress_catalog.cluster.regions import TAG_REGIONS, cloud_of
from aks_egress_catalog.cluster.resolve import Resolution, Target
from aks_egress_catalog.history.revisions import Life
from aks_egress_catalog.linting.entry import AZURE_FORMATS, Form, Reading
from aks_egress_catalog.linting.findings.entries import of_entries
from aks_egress_catalog.linting.findings.finding import Code, Finding, Severity
from aks_egress_catalog.linting.findings.missing import of_dns_proxy, of_needs
from aks_egress_catalog.linting.ignoring.comments import Silenced
from aks_egress_catalog.linting.judging.book import Book
from aks_egress_catalog.linting.judging.case import Case
from aks_egress_catalog.linting.judging.coverage import satisfies
from aks_egress_catalog.linting.judging.needs import Need, merged, needs_of
from aks_egress_catalog.linting.judging.policies import Group, groups_of
from aks_egress_catalog.model import Cloud, Feature

_TAG_REGIONS: Final = {name: region for region, name in TAG_REGIONS.items()}


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """A cluster behind a list: its rules, and the sources of its traffic (empty: nobody said them)."""

    name: str
    resolution: Resolution
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Read:
    """What one file gave, in figures."""

    path: str
    format: str
    entries: int
    skipped: int


@dataclass(frozen=True, kw_only=True)
class Lint:
    """The answer: findings by their places, what was read, and for which clusters.

    ``profiles`` are what the list was held against; ``notes`` what the caller should know of it. ``silenced`` are
    findings that a comment or a baseline is for: they fail nothing.
    """

    data_version: str
    profiles: tuple[dict[str, Any], ...]
    findings: tuple[Finding, ...]
    read: tuple[Read, ...]
    notes: tuple[str, ...]
    silenced: tuple[Silenced, ...] = ()
    cases: tuple[Case, ...] = field(default=(), repr=False, compare=False)
    """The policies that were judged, for who mends them."""

    def counted(self) -> dict[Code, int]:
        """How many findings there are of each code."""
        return dict(Counter(finding.code for finding in self.findings))

    def fails(self, fail_on: Severity) -> bool:
        """Say whether any finding is as grave as a severity, or graver."""
        return any(finding.level.rank <= fail_on.rank for finding in self.findings)


def lint_readings(
    readings: Sequence[Reading],
    catalog: Catalog,
    *,
    lives: Mapping[str, Life],
    clusters: Sequence[Cluster] | None,
    refused: Iterable[Finding] = (),
) -> Lint:
    """Hold what was read against what the clusters need; without clusters, against what the lists themselves speak of.

    ``lives`` tells what left the article. ``refused`` are the files that could not be read.
    """
    rules = rules_by_id(catalog.rules, commit=catalog.commit)
    book = Book(rules.values(), lives)
    groups = groups_of(readings)
    target = target_of(readings)
    declared = {name: why for reading in readings for name, why in reading.declared.items()}
    notes: list[str] = []
    cases: list[Case] = []
    for group in groups:
        behind = clusters if clusters is not None else _spoken_of(group, book, catalog, target)
        cases.append(replace(_case(group, behind, book, rules), declared=declared))
    judged = _that_speak_of_aks(cases)
    for case in cases:
        if case not in judged:
            where = case.group.name or ", ".join(case.group.paths)
            notes.append(f"{where} names nothing that AKS needs: it was taken for a list of something else")
    if readings and not groups and not any(one.unread for one in readings):
        notes.append("no entry of an allow list stands in what was read: nothing was judged")
    if clusters is None and judged:
        notes.append(_assumption(judged))
    found = [finding for case in judged for finding in (*of_needs(case), *of_entries(case), *_of_names(case))]
    found += [one for reading in readings for one in _of_unread(reading, nothing_else=not groups)]
    return Lint(
        data_version=catalog.version,
        profiles=_profiles(judged, clusters),
        findings=tuple(_once(sorted((*refused, *found), key=_order))),
        read=tuple(
            Read(path=one.path, format=one.format, entries=len(one.entries), skipped=one.skipped) for one in readings
        ),
        notes=tuple(notes),
        cases=tuple(judged),
    )


def target_of(readings: Iterable[Reading]) -> Target:
    """What the firewalls of some lists can say: those of Azure take rules that the article allows with them alone."""
    azure = any(reading.format in AZURE_FORMATS for reading in readings)
    return Target(fqdn_in_network_rules=True, service_tags=True, azure_firewall=azure)


def clusters_of(named: Iterable[NamedCluster], target: Target, catalog: Catalog) -> list[Cluster]:
    """Resolve clusters whose sources are known."""
    return [
        Cluster(name=one.name, resolution=catalog.resolve(one.profile, target=target), sources=one.subnets)
        for one in named
    ]


def _case(group: Group, clusters: Sequence[Cluster], book: Book, rules: Mapping[str, Any]) -> Case:
    needs = {one.name: needs_of(one.resolution, rules) for one in clusters}
    profiles = [one.resolution.profile for one in clusters if one.resolution.profile]
    why_not: dict[str, str] = {}
    for one in clusters:
        why_not |= {left.id: left.reason for left in one.resolution.left_out}
    return Case(
        group=group,
        needs=merged(need for some in needs.values() for need in some),
        book=book,
        rules=rules,
        clouds=frozenset(profile.cloud for profile in profiles),
        regions=frozenset(profile.region for profile in profiles if profile.region),
        why_not=why_not,
        clusters={one.name: (one.sources, needs[one.name]) for one in clusters if one.sources},
    )


def _of_names(case: Case) -> Iterator[Finding]:
    if any(reading.format in AZURE_FORMATS for reading in case.group.readings):
        yield from of_dns_proxy(case)


def _of_unread(reading: Reading, *, nothing_else: bool) -> Iterator[Finding]:
    """Say what was not read; a warning where it may hold entries and nothing else does: then nothing was judged."""
    for one in reading.unread:
        unjudged = nothing_else and one.may_allow
        yield Finding(
            code=Code.UNREAD,
            level=Severity.WARNING if unjudged else Severity.NOTE,
            value=one.value,
            message=f"{one.message}; no entry could be read, and nothing was judged" if unjudged else one.message,
            place=one.place,
        )


def _that_speak_of_aks(cases: list[Case]) -> list[Case]:
    """The cases whose list is one for AKS; all of them where none can be told from the others.

    Beside the policy of the cluster there may be others, of things that have nothing to do with it: that these lack
    what it needs is no fault of theirs.
    """
    speaking = [case for case in cases if any(_names(case, need) for need in case.needs)]
    return speaking or cases


def _names(case: Case, need: Need) -> bool:
    if need.feature != Feature.CORE:
        return False
    said = (*case.coverage.in_order(need), *case.group.faulty)
    entries = (entry for entry in said if entry.form is not Form.ANY)
    return any(satisfies(entry, need) for entry in entries)


def _spoken_of(group: Group, book: Book, catalog: Catalog, target: Target) -> list[Cluster]:
    """The clusters that a list itself speaks of: one in each region that it names, with the core and node updates.

    The cloud is the one whose hosts it has most of. Where API servers are named their regions count, and no others.
    """
    patterns = [entry.pattern for entry in group.allowed if entry.form is Form.NAME]
    known = Counter(
        rules[0].cloud for rules, _ in map(book.same, patterns) if rules and len({rule.cloud for rule in rules}) == 1
    )
    cloud = max(known, key=lambda one: (known[one], one == Cloud.PUBLIC)) if known else str(Cloud.PUBLIC)
    named = [(pattern, book.region_in(pattern)) for pattern in patterns]
    tags = (entry.pattern.lower().partition(".")[2] for entry in group.allowed if entry.form is Form.SERVICE_TAG)
    named += [("", _TAG_REGIONS.get(region, region)) for region in tags]
    of_cloud = [(pattern, region) for pattern, region in named if cloud_of(region) == cloud]
    servers = {region for pattern, region in of_cloud if ".hcp." in pattern}
    regions: list[str | None] = [*sorted(servers or {region for _, region in of_cloud})]
    return [
        Cluster(
            name=region or cloud,
            resolution=catalog.resolve(Profile(cloud=cloud, region=region), target=target, allow_any=True),
        )
        for region in regions or [None]
    ]


def _assumption(cases: list[Case]) -> str:
    clouds = " and ".join(sorted({cloud for case in cases for cloud in case.clouds}))
    regions = " and ".join(sorted({region for case in cases for region in case.regions}))
    where = f"{clouds}, {regions}" if regions else clouds
    return (
        f"nobody said what cluster it is for: held against a public cluster in {where}, without features"
        " (core and os-updates); give --profile, --from-az or --set to have it held against yours"
    )


def _profiles(cases: list[Case], clusters: Sequence[Cluster] | None) -> tuple[dict[str, Any], ...]:
    if clusters is not None:
        return tuple(one.resolution.profile.stated() for one in clusters if one.resolution.profile)
    stated = {
        (cloud, region): {"cloud": cloud} | ({"region": region} if region else {})
        for case in cases
        for cloud in sorted(case.clouds)
        for region in sorted(case.regions) or [""]
    }
    return tuple(stated.values())


def _order(finding: Finding) -> tuple[object, ...]:
    place = finding.place
    return (place.path, place.line, place.column, finding.level.rank, finding.code, finding.value, finding.rules)


def _once(findings: list[Finding]) -> Iterator[Finding]:
    """Each finding once, though two policies may share the rule that it is about."""
    told: set[tuple[object, ...]] = set()
    for one in findings:
        key = (one.code, one.place, one.value, one.message)
        if key not in told:
            told.add(key)
            yield one
