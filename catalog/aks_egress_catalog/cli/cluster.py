"""From the profile options to one cluster, and to the rules that it needs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import click

from aks_egress_catalog.catalog import Catalog
from aks_egress_catalog.cluster.az.profile import read_az
from aks_egress_catalog.cluster.profile import Profile
from aks_egress_catalog.cluster.profile_file import make_profile, read_profile
from aks_egress_catalog.cluster.resolve import Resolution, Target
from aks_egress_catalog.cluster.service_tags import read_service_tags
from aks_egress_catalog.errors import AksEgressError

EVERYTHING: Final = Target(fqdn_in_network_rules=True, service_tags=True)
"""What an answer for a person can express: whatever the article says."""


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
) -> Resolver:
    """Read what the command line says of a cluster."""
    profile = profile_of(profile_file, from_az, settings)
    tags = read_service_tags(service_tags, cloud=profile.cloud) if service_tags else None
    return Resolver(
        profile=profile,
        options={
            "target": target,
            "service_tags": tags,
            "allow_any": allow_any,
            "informational": informational,
        },
    )


def profile_of(file: Path | None, from_az: Path | None, settings: tuple[str, ...]) -> Profile:
    """Put the profile together from a file or a cluster, and single settings on top."""
    if file and from_az:
        raise AksEgressError("--profile and --from-az describe one cluster each; give one of them")
    profile = read_profile(file) if file else Profile()
    if from_az:
        cluster = read_az(from_az)
        for question in cluster.unknown:
            asked = f"--set {question.key}=… " if question.key in Profile.__dataclass_fields__ else ""
            click.echo(f"open question: {question.text} {asked}({question.why})", err=True)
        profile = cluster.profile
    return replace(profile, **_settings(settings))


def _settings(settings: tuple[str, ...]) -> dict[str, Any]:
    """Read ``key=value`` by what the profile's key holds: a list takes commas, a switch true or false."""
    content: dict[str, Any] = {}
    for setting in settings:
        key, given, value = setting.partition("=")
        name = key.strip().replace("-", "_")
        default = getattr(Profile, name, None)
        if not given:
            raise AksEgressError(f"--set {setting}: write it as KEY=VALUE")
        if isinstance(default, bool) and value in ("true", "false"):
            content[name] = value == "true"
        elif isinstance(default, tuple):
            content[name] = [one.strip() for one in value.split(",") if one.strip()]
        else:
            content[name] = value
    checked = make_profile(content)
    return {name: getattr(checked, name) for name in content}
