"""Requirements in, rules out: the clouds of each, which of them are one rule, and what replaces what."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from aks_egress_catalog.catalog import Catalog
from aks_egress_catalog.model import Cloud, Condition, Effect, Feature, Kind, Lifecycle, Rule, Source
from scraper.findings import Reporter
from scraper.language.reviewed import ANY_CLOUD
from scraper.page.page import Page
from scraper.reading.meaning import Found
from scraper.reading.tables import Requirement

_MOSTLY: Final = 0.5
_SPLIT_BY_SUFFIX: Final = frozenset((Feature.KEY_VAULT_CSI,))
"""Features that the article splits between clouds by nothing but the suffixes of their hosts, as reviewed."""


def keep_renamed_features(
    requirements: list[Requirement], known: Catalog | None, report: Reporter
) -> list[Requirement]:
    """An unknown section with mostly the destinations of a known feature that is gone is that feature, renamed."""
    if known is None:
        return requirements
    here = _destinations((requirement.feature, requirement.destinations) for requirement in requirements)
    earlier = _destinations((rule.feature, rule.destinations) for rule in known.rules)
    names: dict[str, str] = {}
    for new in here.keys() - earlier.keys():
        scores = {
            old: len(here[new] & earlier[old]) / len(here[new] | earlier[old]) for old in earlier.keys() - here.keys()
        }
        best = max(scores, key=lambda old: (scores[old], old), default="")
        if best and scores[best] > _MOSTLY:
            names[new] = best
            report.at(heading=new).hold("renamed-section", f"states what {best!r} stated and keeps its name")
    return [
        requirement._replace(feature=names.get(requirement.feature, requirement.feature))
        for requirement in requirements
    ]


def _destinations(pairs: Iterable[tuple[str, Iterable[object]]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for feature, destinations in pairs:
        found.setdefault(feature, set()).update(map(str, destinations))
    return found


def in_clouds(requirements: list[Requirement], report: Reporter) -> list[tuple[str, bool, Requirement]]:
    """Give the clouds in which each requirement holds, and whether the page states them.

    A row that names no cloud is the public cloud's where others of its feature and kind name theirs; where
    none does, it holds in all of them.
    """
    known = set(Cloud)
    naming = [one for one in requirements if one.place.row and one.cloud in known]
    split = {(one.feature, one.kind) for one in naming}
    _report_split(requirements, {(one.feature, one.kind) for one in naming if not one.by_suffix}, report)
    placed: list[tuple[str, bool, Requirement]] = []
    for requirement in requirements:
        if requirement.cloud:
            placed.append((requirement.cloud, True, requirement))
        elif (requirement.feature, requirement.kind) in split:
            placed.append((Cloud.PUBLIC, True, requirement))
        else:
            placed += [(cloud, False, requirement) for cloud in Cloud]
    return placed


def _report_split(requirements: list[Requirement], stated: set[tuple[str, Kind]], report: Reporter) -> None:
    """Hold a feature that nothing but suffixes splits: one stray host would take its other rows from two clouds."""
    bare = {(one.feature, one.kind) for one in requirements if one.place.row and not (one.cloud or one.by_suffix)}
    for one in requirements:
        key = (one.feature, one.kind)
        if one.by_suffix and one.cloud and key in bare - stated and one.feature not in _SPLIT_BY_SUFFIX:
            place = one.place
            report.at(heading=place.heading, table=place.table, row=place.row).hold(
                "suffix-decides",
                f"{one.destinations[0]} alone puts the other rows of {one.feature} into the public cloud",
            )


Merged = dict[str, tuple[Rule, tuple[str, ...]]]
"""Rules with their texts, by id."""


def merge(placed: list[tuple[str, bool, Requirement]], page: Page, report: Reporter) -> Merged:
    """Make rules of requirements; one rule listed in two places is one rule with two sources and both texts."""
    merged: Merged = {}
    for cloud, stated, requirement in placed:
        rule = _rule(cloud, requirement, page, stated=stated)
        texts = (requirement.text,) if requirement.text else ()
        if rule.id in merged:
            earlier, before = merged[rule.id]
            place = requirement.place
            here = report.at(heading=place.heading, table=place.table, row=place.row)
            rule, texts = _join(earlier, rule, here), tuple(dict.fromkeys((*before, *texts)))
        merged[rule.id] = (rule, texts)
    return merged


def _rule(cloud: str, requirement: Requirement, page: Page, *, stated: bool) -> Rule:
    metadata = page.metadata
    source = Source(
        locale=metadata.locale,
        url=metadata.url,
        heading=requirement.place.heading,
        table=requirement.place.table,
        row=requirement.place.row,
        commit=metadata.commit,
    )
    return Rule(
        cloud=cloud,
        feature=requirement.feature,
        kind=requirement.kind,
        level=requirement.level,
        destinations=requirement.destinations,
        protocol=requirement.protocol,
        port=requirement.port,
        application=requirement.application,
        application_inferred=requirement.application_inferred,
        cloud_stated=stated,
        conditions=requirement.conditions,
        constraints=requirement.constraints,
        sources=(source,),
    )


def _join(one: Rule, other: Rule, report: Reporter) -> Rule:
    """One rule listed in two places: two sources, the stricter level, and no condition that only one states."""
    for name in ("kind", "application", "conditions", "destinations"):
        if getattr(one, name) != getattr(other, name):
            report.hold("places-differ", f"{one.id} stands in two places that differ in {name}")
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


def with_replacements(rules: Merged, found: Iterable[Found]) -> Merged:
    """Mark each rule that the page replaces by another one, in the cloud of which the sentence speaks."""
    for place, entry, _ in found:
        cloud = place.partition("/")[0]
        for old, new in entry.replaced_by.items():
            if old in rules and new in rules and cloud in (ANY_CLOUD, rules[old][0].cloud):
                rule, texts = rules[old]
                rules[old] = (replace(rule, lifecycle=Lifecycle(replaced_by=new)), texts)
    return rules
