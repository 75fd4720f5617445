"""From the profile options to one cluster, and to the rules that it needs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from aks_egress_catalog.catalog import Catalog
from aks_egress_catalog.cluster.az.questions import open_questions
from aks_egress_catalog.cluster.profile import Profile
from aks_egress_catalog.cluster.resolve import EVERYTHING, Resolution, Target
from aks_egress_catalog.cluster.service_tags import read_service_tags
from aks_egress_catalog.cluster.told import Told, told_of

__all__ = ["EVERYTHING", "Resolver", "resolver"]


@dataclass(frozen=True, kw_only=True)
class Resolver:
    """Resolves catalogs as the command line asked for."""

    told: Told
    options: dict[str, Any]

    @property
    def profile(self) -> Profile:
        """The cluster."""
        return self.told.profile

    def __call__(self, catalog: Catalog) -> Resolution:
        """Resolve one catalog. The open questions stand before what else the caller should know."""
        found = catalog.resolve(self.profile, **self.options)
        asked = open_questions(self.told.questions, catalog.rules, self.profile, self.options["target"])
        told = (*(f"open question: {question}" for question in asked), *self.told.notes)
        return replace(found, caveats=(*told, *found.caveats))


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
    """Read what the command line says of a cluster."""
    told = told_of(profile_file, from_az, settings)
    tags = read_service_tags(service_tags, cloud=told.profile.cloud) if service_tags else None
    return Resolver(
        told=told,
        options={
            "target": target,
            "service_tags": tags,
            "allow_any": allow_any,
            "informational": informational,
            "allow_unknown_region": allow_unknown_region,
            "origins": told.origins,
        },
    )
