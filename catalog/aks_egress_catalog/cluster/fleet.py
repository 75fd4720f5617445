"""Many clusters behind one firewall: the answer of each, what all of them need, and what only some do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from aks_egress_catalog.cluster.features import FeatureOrigin, features_line
from aks_egress_catalog.cluster.resolve import ConcreteRule, LeftOut, Resolution

_NAMED: Final = 3
"""So many clusters are named where a line speaks of some of them; JSON has all."""


@dataclass(frozen=True, kw_only=True)
class ClusterAnswer:
    """What one cluster of a fleet needs."""

    name: str
    resolution: Resolution


@dataclass(frozen=True, kw_only=True)
class SharedRule:
    """One rule with one set of values, and the clusters that need it by name."""

    rule: ConcreteRule
    clusters: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Fleet:
    """The answers of several clusters. Of each rule ``all_need`` and ``some_need`` have it once for equal values.

    ``union`` is one resolution for a firewall that all of them share: whatever any of them needs.
    """

    data_version: str
    clusters: tuple[ClusterAnswer, ...]
    all_need: tuple[ConcreteRule, ...]
    some_need: tuple[SharedRule, ...]
    union: Resolution


def fleet_of(answers: Sequence[ClusterAnswer], told: Iterable[str]) -> Fleet:
    """Bring the answers of clusters together; ``told`` is what to know of all of them, and stands first.

    >>> import aks_egress_catalog as aec
    >>> catalog = aec.load(as_of="2026-07-02")
    >>> plain, monitored = catalog.resolve(aec.Profile()), catalog.resolve(aec.Profile(features="azure-policy"))
    >>> found = fleet_of([ClusterAnswer(name="a", resolution=plain), ClusterAnswer(name="b", resolution=monitored)], ())
    >>> sorted({rule.feature for rule in found.all_need}), {(one.rule.feature, one.clusters) for one in found.some_need}
    (['core', 'os-updates'], {('azure-policy', ('b',))})
    """
    shared = _shared(answers)
    return Fleet(
        data_version=answers[0].resolution.data_version,
        clusters=tuple(answers),
        all_need=tuple(one.rule for one in shared if len(one.clusters) == len(answers)),
        some_need=tuple(one for one in shared if len(one.clusters) < len(answers)),
        union=_union(answers, shared, tuple(told)),
    )


def _shared(answers: Iterable[ClusterAnswer]) -> list[SharedRule]:
    rules: dict[tuple[object, ...], ConcreteRule] = {}
    needing: dict[tuple[object, ...], list[str]] = {}
    for answer in answers:
        for rule in answer.resolution.rules:
            key = (rule.id, rule.form, rule.values)
            known = rules.setdefault(key, rule)
            if known.optional and not rule.optional:
                rules[key] = rule  # one cluster needs it
            needing.setdefault(key, []).append(answer.name)
    order = sorted(rules, key=lambda key: (rules[key].id, rules[key].values))
    return [SharedRule(rule=rules[key], clusters=tuple(needing[key])) for key in order]


def _union(answers: Sequence[ClusterAnswer], shared: Iterable[SharedRule], told: tuple[str, ...]) -> Resolution:
    """One rule for each id and form, with the values of every cluster."""
    merged: dict[tuple[object, ...], ConcreteRule] = {}
    for one in shared:
        key = (one.rule.id, one.rule.form)
        before = merged.get(key)
        merged[key] = _merge(before, one.rule) if before else one.rule
    needed = {rule.id for rule in merged.values()}
    total = len(answers)
    unmet = _unmet(answers)
    features = _features(answers)
    first = answers[0].resolution
    missing = {left.id for left in unmet}
    left_out = [left for left in first.left_out if left.id not in needed | missing]
    return Resolution(
        rules=tuple(merged.values()),
        left_out=tuple(left_out),
        unmet=tuple(unmet),
        caveats=(*told, f"union of {total} clusters", features_line(features), *_caveats(answers)),
        data_version=first.data_version,
        profile=None,
        features=features,
    )


def _merge(one: ConcreteRule, other: ConcreteRule) -> ConcreteRule:
    return replace(
        one,
        values=tuple(sorted({*one.values, *other.values})),
        optional=one.optional if other.optional else "",
        remarks=tuple(dict.fromkeys((*one.remarks, *other.remarks))),
    )


def _unmet(answers: Sequence[ClusterAnswer]) -> Iterable[LeftOut]:
    found: dict[tuple[str, str, str], list[str]] = {}
    for answer in answers:
        for left in answer.resolution.unmet:
            found.setdefault((left.id, left.reason, left.optional), []).append(answer.name)
    return [
        LeftOut(id=name, reason=of_some(reason, names, len(answers)), optional=optional)
        for (name, reason, optional), names in sorted(found.items())
    ]


def _features(answers: Sequence[ClusterAnswer]) -> tuple[FeatureOrigin, ...]:
    names: dict[str, list[str]] = {}
    for answer in answers:
        for one in answer.resolution.features:
            names.setdefault(one.feature, []).append(answer.name)
    return tuple(
        FeatureOrigin(feature=feature, origin=clusters_line(having, len(answers)))
        for feature, having in sorted(names.items())
    )


def _caveats(answers: Sequence[ClusterAnswer]) -> Iterator[str]:
    """What is said of each cluster, once; the features of the union are said by the union."""
    names: dict[str, list[str]] = {}
    for answer in answers:
        for caveat in answer.resolution.caveats:
            if caveat != features_line(answer.resolution.features):
                names.setdefault(caveat, []).append(answer.name)
    for caveat, having in names.items():
        yield of_some(caveat, having, len(answers))


def of_some(text: str, names: Sequence[str], total: int) -> str:
    """Add to a text for which clusters it holds; to what holds for all of them nothing.

    >>> of_some("it is private", ["a", "b"], 5)
    'it is private [2 of 5 clusters: a, b]'
    """
    return text if len(names) == total else f"{text} [{clusters_line(names, total)}]"


def clusters_line(names: Sequence[str], total: int) -> str:
    """Name some clusters of a fleet, in short where they are many."""
    if len(names) == total:
        return f"all {total} clusters"
    shown = ", ".join(names[:_NAMED]) + (f" and {len(names) - _NAMED} more" if len(names) > _NAMED else "")
    return f"{len(names)} of {total} clusters: {shown}"


def unique_names(named: Iterable[tuple[str, str]]) -> list[str]:
    """Tell clusters of one name apart by their resource group, and those of one group too by a number.

    >>> unique_names([("a", "east"), ("a", "west"), ("b", "west"), ("", ""), ("", "")])
    ['east/a', 'west/a', 'b', 'cluster 4', 'cluster 5']
    """
    pairs = list(named)
    plain = [name for name, _ in pairs]
    full = [f"{group}/{name}" if group and plain.count(name) > 1 else name for name, group in pairs]
    return [
        (name and f"{name} ({place})") or f"cluster {place}" if not name or full.count(name) > 1 else name
        for place, name in enumerate(full, 1)
    ]


def by_cluster(texts: Mapping[str, Iterable[str]], total: int) -> tuple[str, ...]:
    """Bring texts of several clusters together, each once, with the clusters that it is of; the order stays."""
    names: dict[str, list[str]] = {}
    for cluster, said in texts.items():
        for text in said:
            names.setdefault(text, []).append(cluster)
    return tuple(of_some(text, having, total) for text, having in names.items())
