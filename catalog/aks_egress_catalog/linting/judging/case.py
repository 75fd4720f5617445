"""One policy, held against what the clusters behind it need: all that a finding is made of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from aks_egress_catalog.linting.entry import Entry, Layer, ListRule, Place
from aks_egress_catalog.linting.judging.book import Book
from aks_egress_catalog.linting.judging.coverage import Coverage
from aks_egress_catalog.linting.judging.needs import Need
from aks_egress_catalog.linting.judging.policies import Group
from aks_egress_catalog.linting.reach import without_regex
from aks_egress_catalog.model import Kind, Rule


@dataclass(frozen=True, kw_only=True)
class Case:
    """A policy with what is needed of it.

    ``clouds`` and ``regions`` are those of the clusters; ``rules`` has the rules of the catalog by id, ``clusters`` by
    name the sources and the needs of each cluster where somebody said them. ``why_not`` says by rule id why a rule is
    none of these clusters'. ``declared`` says by rule id what the files themselves, written by this package, say that
    they cannot hold.
    """

    group: Group
    needs: tuple[Need, ...]
    book: Book
    rules: Mapping[str, Rule]
    clouds: frozenset[str]
    regions: frozenset[str]
    why_not: Mapping[str, str] = field(default_factory=dict)
    clusters: Mapping[str, tuple[tuple[str, ...], tuple[Need, ...]]] = field(default_factory=dict)
    declared: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def coverage(self) -> Coverage:
        """What the policy does with each need."""
        return Coverage(self.group, self.needs)

    @cached_property
    def needed(self) -> frozenset[str]:
        """Ids of the rules that are needed."""
        return frozenset(name for need in self.needs for name in need.rules)

    def written(self, entry: Entry) -> str:
        """The pattern of an entry, no regular expression if it can be, with the region where there is one only.

        Else ``{region}`` stays, as the rules themselves have it: ``*.hcp.{region}.azmk8s.io`` is a rule's own pattern.
        """
        pattern = entry.pattern
        if "{" not in pattern and pattern[:1] != "/":  # as nearly all are
            return pattern
        (region,) = self.regions if len(self.regions) == 1 else ("{region}",)
        return without_regex(pattern).replace("{region}", region)

    @cached_property
    def features_of(self) -> dict[ListRule, Counter[str]]:
        """By rule, how much it lets through of what each feature needs."""
        found: dict[ListRule, Counter[str]] = {}
        for need in self.needs:
            by = self.coverage.of(need, self.coverage.sources[0]).by
            if by:
                found.setdefault(by.rule, Counter())[need.feature] += 1
        return found

    def home_of(self, need: Need) -> tuple[Place, ListRule | None]:
        """Where a need belongs: the rule of its layer that has most of what is needed; else the first line."""
        layer = Layer.APPLICATION if need.kind is Kind.FQDN else Layer.NETWORK
        counts: dict[ListRule, int] = {}
        for one in self.needs:
            by = self.coverage.of(one, self.coverage.sources[0]).by
            if by and by.rule.layer is layer:
                alike = (one.feature, one.protocol, one.port) == (need.feature, need.protocol, need.port)
                counts[by.rule] = counts.get(by.rule, 0) + 1 + 1000 * alike
        if counts:
            best = max(counts, key=lambda rule: counts[rule])
            # In a plain list every line is a rule of its own, and none is the one where more belongs.
            return (best.place if best.name else Place(path=best.place.path)), best
        rules = [entry.rule for entry in self.group.allowed if entry.rule.layer is layer]
        if rules:
            return rules[0].place, rules[0]
        return Place(path=self.group.paths[0] if self.group.paths else ""), None
