"""A cluster as a call describes it, and the options that say how its rules are to be resolved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypedDict

from aks_egress_catalog.catalog import Catalog
from aks_egress_catalog.cluster.az.profile import AzProfile
from aks_egress_catalog.cluster.az.profile import profile_from_az as read_az_output
from aks_egress_catalog.cluster.az.questions import open_questions
from aks_egress_catalog.cluster.profile import Profile
from aks_egress_catalog.cluster.resolve import Target
from aks_egress_catalog.cluster.service_tags import ServiceTags, read_service_tags
from aks_egress_catalog.cluster.told import Told
from aks_egress_catalog.resolver import Resolver
from aks_egress_catalog.store import load

CatalogLike = Catalog | str | Path | None
"""A catalog, the file of one, or ``None`` for the shipped one. A history is read where it lies beside a file."""


class ResolveOptions(TypedDict, total=False):
    """How the rules of a cluster are to be resolved; the defaults are those of the command line."""

    service_tags: ServiceTags | str | Path | None
    """Microsoft's file of the ranges behind each service tag, or what was read of it."""
    allow_any: bool
    """Let ``*`` stand where nothing narrower can be expressed."""
    informational: bool
    """Add the endpoints that only the article's prose names."""
    allow_unknown_region: bool
    """Take a region that nobody knows as it is."""


def profile_from_az(content: Mapping[str, Any], *, catalog: CatalogLike = None) -> AzProfile:
    """Make a profile of the output of ``az aks show``, with the questions whose answer would change a rule.

    ``unknown`` has those questions, the most important first; ``origins`` says where each feature is switched on.

    Raises:
        ProfileError: it is another resource, or a field has a value that this version does not know.

    >>> shown = {"type": "Microsoft.ContainerService/ManagedClusters", "location": "West Europe"}
    >>> found = profile_from_az(shown)
    >>> found.profile.region, found.unknown[0].setting
    ('westeurope', 'features=cluster-extensions')
    """
    found = read_az_output(content)
    rules = catalog_of(catalog).rules
    return replace(found, unknown=open_questions(found.unknown, rules, found.profile))


def catalog_of(catalog: CatalogLike) -> Catalog:
    """Return the catalog, loaded where a file or nothing was given."""
    return catalog if isinstance(catalog, Catalog) else load(catalog)


def resolver_of(profile: Profile | AzProfile, target: Target, options: ResolveOptions) -> Resolver:
    """Make the resolver that the command line would make of the same words."""
    told = (
        Told(profile=profile, origins={})
        if isinstance(profile, Profile)
        else Told(profile=profile.profile, origins=profile.origins, questions=profile.unknown, notes=profile.notes)
    )
    tags = options.get("service_tags")
    if isinstance(tags, str | Path):
        tags = read_service_tags(Path(tags), cloud=told.profile.cloud)
    return Resolver(clusters=(told,), options={**options, "service_tags": tags, "target": target})
