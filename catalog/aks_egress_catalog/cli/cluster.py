"""From the profile options to one cluster, and to the rules that it needs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from aks_egress_catalog.catalog import Catalog
from aks_egress_catalog.cluster.profile import Profile
from aks_egress_catalog.cluster.resolve import EVERYTHING, Resolution, Target
from aks_egress_catalog.cluster.service_tags import read_service_tags
from aks_egress_catalog.cluster.told import told_of

__all__ = ["EVERYTHING", "Resolver", "resolver"]


@dataclass(frozen=True, kw_only=True)
class Resolver:
    """Resolves catalogs as the command line asked for."""

    profile: Profile
    options: dict[str, Any]

    def __call__(self, catalog: Catalog) -> Resolution:
        """Resolve one catalog."""
        return catalog.resolve(self.profile, **self.options)


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
    for question in told.questions:
        asked = f"--set {question.key}=… " if question.key in Profile.__dataclass_fields__ else ""
        click.echo(f"open question: {question.text} {asked}({question.why})", err=True)
    tags = read_service_tags(service_tags, cloud=told.profile.cloud) if service_tags else None
    return Resolver(
        profile=told.profile,
        options={
            "target": target,
            "service_tags": tags,
            "allow_any": allow_any,
            "informational": informational,
            "allow_unknown_region": allow_unknown_region,
            "origins": told.origins,
        },
    )
