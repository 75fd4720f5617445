"""From all that is said of a cluster, or of several, to the rules that they need: for commands and calls alike."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from aks_egress_catalog.catalog import Catalog
from aks_egress_catalog.cluster.az.questions import Question, open_questions
from aks_egress_catalog.cluster.fleet import ClusterAnswer, Fleet, by_cluster, fleet_of, of_some
from aks_egress_catalog.cluster.resolve import Resolution, Target
from aks_egress_catalog.cluster.service_tags import read_service_tags
from aks_egress_catalog.cluster.told import Told, told_of
from aks_egress_catalog.errors import AksEgressError


@dataclass(frozen=True, kw_only=True)
class Resolver:
    """Resolves catalogs for the clusters that were described, in one way throughout."""

    clusters: tuple[Told, ...]
    options: dict[str, Any]

    @property
    def one_line(self) -> str:
        """The cluster in one line, such as ``cloud=AzureCloud region=westeurope``; of several, how many they are."""
        if len(self.clusters) > 1:
            return f"union of {len(self.clusters)} clusters"
        return self.clusters[0].profile.one_line

    def __call__(self, catalog: Catalog) -> Resolution:
        """Resolve one catalog; for several clusters, into what any of them needs.

        The open questions stand before what else the caller should know.
        """
        if len(self.clusters) > 1:
            return self.fleet(catalog).union
        (told,) = self.clusters
        found = self._resolve(catalog, told)
        asked = (f"open question: {question}" for question in self._questions(catalog, told))
        return replace(found, caveats=(*asked, *told.notes, *found.caveats))

    def each(self, catalog: Catalog) -> tuple[tuple[str, Resolution], ...]:
        """Resolve one catalog for each cluster, by its name; empty where there is one without."""
        return tuple((told.name, self._resolve(catalog, told)) for told in self.clusters)

    def fleet(self, catalog: Catalog) -> Fleet:
        """Resolve one catalog for each cluster. What is asked of several is asked once."""
        answers = [ClusterAnswer(name=told.name, resolution=self._resolve(catalog, told)) for told in self.clusters]
        notes = by_cluster({told.name: told.notes for told in self.clusters}, len(self.clusters))
        return fleet_of(answers, (*self._questions_of_all(catalog), *notes))

    def _resolve(self, catalog: Catalog, told: Told) -> Resolution:
        return catalog.resolve(told.profile, origins=told.origins, **self.options)

    def _questions(self, catalog: Catalog, told: Told) -> tuple[Question, ...]:
        return open_questions(told.questions, catalog.rules, told.profile, self.options["target"])

    def _questions_of_all(self, catalog: Catalog) -> Iterator[str]:
        """Ask each thing once, in the words for the first cluster of which it is asked."""
        asked: dict[tuple[str, str], tuple[Question, list[str]]] = {}
        for told in self.clusters:
            for question in self._questions(catalog, told):
                asked.setdefault((question.key, question.setting), (question, []))[1].append(told.name)
        for question, names in asked.values():
            yield of_some(f"open question: {question}", names, len(self.clusters))


def resolver(
    *,
    target: Target,
    profile_file: Path | None,
    from_az: Path | None,
    settings: tuple[str, ...],
    service_tags: Path | None,
    allow_any: bool,
    informational: bool,
    allow_unknown_region: bool,
) -> Resolver:
    """Read what the options of a command say of a cluster, or of several."""
    clusters = told_of(profile_file, from_az, settings)
    clouds = sorted({told.profile.cloud for told in clusters})
    if service_tags and len(clouds) > 1:
        raise AksEgressError(f"a Service Tags file is of one cloud, and these clusters are in {' and '.join(clouds)}")
    tags = read_service_tags(service_tags, cloud=clouds[0]) if service_tags else None
    return Resolver(
        clusters=clusters,
        options={
            "target": target,
            "service_tags": tags,
            "allow_any": allow_any,
            "informational": informational,
            "allow_unknown_region": allow_unknown_region,
        },
    )
