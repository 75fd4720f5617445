"""Which traffic is whose: a file of clusters by name, each with its subnets and its profile.

    [shop]
    subnets = ["10.1.0.0/20", "10.1.16.0/20"]
    profile = "shop.toml"                    # beside this file, or a table: {region = "westeurope", features = "gpu"}

TOML, JSON or YAML, by the ending. One firewall serves many clusters: its rules and its log tell them apart by source.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aks_egress_catalog.cluster.profile import Profile, ProfileError
from aks_egress_catalog.cluster.profile_file import ProfileFileError, make_profile, read_profile, read_table
from aks_egress_catalog.model.addresses import network


@dataclass(frozen=True, kw_only=True)
class NamedCluster:
    """A cluster with the subnets that its nodes are in, as CIDRs."""

    name: str
    subnets: tuple[str, ...]
    profile: Profile


def read_clusters_file(file: Path) -> tuple[NamedCluster, ...]:
    """Read the clusters, in the order of the file.

    Raises:
        ProfileFileError: the file, or the profile of a cluster, cannot be read, or it names no cluster.
        ProfileError: a cluster has no subnet, one that is no CIDR, or a profile that no cluster can have.
    """
    content = read_table(file)
    if not content:
        raise ProfileFileError(f"{file}: there is no cluster in it; write [name] with subnets and profile")
    return tuple(_cluster(file, str(name), one) for name, one in content.items())


def _cluster(file: Path, name: str, content: Any) -> NamedCluster:
    if not isinstance(content, Mapping):
        raise ProfileFileError(f"{file}: {name} is not a table with subnets and profile")
    unknown = sorted(set(content) - {"subnets", "profile"})
    if unknown:
        raise ProfileError(f"{file}: unknown key; a cluster has subnets and profile", key=f"{name}.{unknown[0]}")
    subnets = content.get("subnets", ())
    if isinstance(subnets, str):
        subnets = [subnets]
    if not isinstance(subnets, list) or not subnets:
        raise ProfileError(f"{file}: a list of CIDRs is needed, such as ['10.1.0.0/20']", key=f"{name}.subnets")
    try:
        return NamedCluster(
            name=name,
            subnets=tuple(network(str(subnet)) for subnet in subnets),
            profile=_profile(file, content.get("profile", {})),
        )
    except (ValueError, ProfileError) as error:
        kind = ProfileFileError if isinstance(error, ProfileFileError) else ProfileError
        raise kind(f"{file}: {name}: {error}") from error


def _profile(file: Path, said: object) -> Profile:
    if isinstance(said, str):
        return read_profile(file.parent / said)
    if isinstance(said, Mapping):
        return make_profile(said)
    raise ProfileError("a profile is a table of settings, or the name of a file", key="profile")
