"""From all findings to those that count: without what a comment or a baseline silences, or what was so before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from aks_egress_catalog.catalog import Catalog
from aks_egress_catalog.history.revisions import Life
from aks_egress_catalog.linting.findings.finding import Code, Finding, Severity
from aks_egress_catalog.linting.ignoring.comments import Silenced, silencing
from aks_egress_catalog.linting.lint import Lint
from aks_egress_catalog.linting.source import STANDARD_INPUT, Source, sources_in


def without_ignored(
    found: Lint, texts: Mapping[str, str], *, baseline: Path | None = None, today: dt.date | None = None
) -> Lint:
    """Take out what somebody has looked at; ``texts`` are the files by path, ``today`` is the day in UTC.

    Raises:
        InputError: the baseline cannot be read.
    """
    day = today or dt.datetime.now(dt.UTC).date()
    forms = {one.path: one.format for one in found.read}
    hits, told = silencing(found.findings, {**texts, **_beside(found.findings, texts)}, forms, today=day)
    names = [""] * len(hits)
    if baseline:
        from aks_egress_catalog.linting.ignoring import baseline as kept
        from aks_egress_catalog.linting.ignoring.fingerprints import fingerprints

        known, names = kept.read_baseline(baseline), fingerprints(found.findings)
        told += kept.mended(known, {name for name, hit in zip(names, hits, strict=True) if not hit}, forms)
    else:
        known = {}
    left: list[Finding] = []
    silenced: list[Silenced] = []
    for one, hit, name in zip(found.findings, hits, names, strict=True):
        if hit:
            silenced.append(Silenced(finding=one, reason=hit.reason, in_source=True))
        elif name in known:
            silenced.append(Silenced(finding=one, reason="in the baseline", in_source=False))
        else:
            left.append(one)
    return replace(found, findings=tuple(left), silenced=tuple(silenced), notes=(*found.notes, *told))


def _beside(findings: Iterable[Finding], texts: Mapping[str, str]) -> dict[str, str]:
    """The texts of files that nobody named, and that findings stand in: of Terraform, the locals beside it."""
    paths = {one.place.path for one in findings if one.code is not Code.UNREAD}
    others = sorted(paths.difference(texts, ("", STANDARD_INPUT)))
    return {one.path: one.text for one in sources_in(others) if isinstance(one, Source)}


def baseline_of(found: Lint, fail_on: Severity) -> str:
    """Write a baseline of what is found, but for what comments silence: warnings, and whatever else would fail."""
    from aks_egress_catalog.linting.ignoring.baseline import baseline_json
    from aks_egress_catalog.linting.ignoring.fingerprints import fingerprints

    every = [*found.findings, *(one.finding for one in found.silenced)]
    commented = {id(one.finding) for one in found.silenced if one.in_source}
    least = max(fail_on.rank, Severity.WARNING.rank)
    named = zip(every, fingerprints(every), strict=True)
    return baseline_json((one, name) for one, name in named if one.level.rank <= least and id(one) not in commented)


def since_then(found: Lint, then: Lint, state: Catalog) -> Lint:
    """Keep what was not so, or not as grave, with the catalog of another day, ``state``, whose answer was ``then``."""
    ranks: dict[tuple[str, ...], int] = {}
    for one in then.findings:
        ranks[_about(one)] = min(one.level.rank, ranks.get(_about(one), one.level.rank))

    def is_new(one: Finding) -> bool:
        return one.level.rank < ranks.get(_about(one), len(Severity))

    note = f"only what was not so with the catalog {state.version} is told"
    return replace(
        found,
        findings=tuple(filter(is_new, found.findings)),
        silenced=tuple(one for one in found.silenced if is_new(one.finding)),
        notes=(*found.notes, note),
    )


def lives_until(lives: Mapping[str, Life], day: dt.date | None) -> dict[str, Life]:
    """The lives of rules as they were known on a day: what left the page later had not left it yet."""
    return {
        name: replace(life, gone=None) if life.gone and life.gone > day else life
        for name, life in lives.items()
        if day and life.first_seen <= day
    }


def _about(one: Finding) -> tuple[str, ...]:
    """What a finding says, whatever its words, and where: of what is missing, in which policy it belongs."""
    need = f"{one.need.value} {one.need.service}" if one.need else ""
    place = one.place
    if one.code is Code.MISSING:
        return (one.code, one.value, (one.rule.policy if one.rule else "") or place.path, need)
    return (one.code, one.value, place.path, str(place.line), str(place.column), need)
