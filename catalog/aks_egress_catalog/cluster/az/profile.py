"""What ``az aks show`` tells of a cluster, as a profile, and the questions that it leaves open."""

from __future__ import annotations

import re
import reprlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from aks_egress_catalog.cluster.az.fields import (
    FEATURES,
    RUN,
    Cluster,
    Field,
    below,
    clouds,
    has_mesh,
    has_proxy,
    named,
    nodes_after_march_2021,
    pulls_from_cache,
    region,
    regions_of_hosts,
)
from aks_egress_catalog.cluster.az.questions import Question, notes, questions
from aks_egress_catalog.cluster.profile import OUTBOUND_TYPES, Profile, ProfileError
from aks_egress_catalog.cluster.regions import cloud_of
from aks_egress_catalog.model import Cloud, Feature

__all__ = ["AzProfile", "Question", "profile_from_az"]

_CLUSTER: Final = "microsoft.containerservice/managedclusters"
_RESOURCES: Final = {
    f"{_CLUSTER}/agentpools": "a node pool, as az aks nodepool show prints it",
    "microsoft.kubernetes/connectedclusters": "an Arc-connected cluster, which is not an AKS cluster",
}
_MARKS: Final = {
    "error": "an error answer",
    "value": "a list, as the API prints it",
    "apiVersion": "a Kubernetes object or a kubeconfig",
    "$schema": "a template",
    "vmSize": "a node pool, as az aks nodepool show prints it",
}
_AZURE_LINUX: Final = re.compile(r"azurelinux|(?:cbl)?mariner", re.IGNORECASE)
_N_SERIES: Final = re.compile(r"(?:standard|basic)_n[a-z]", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class AzProfile:
    """A profile as far as ``az aks show`` tells it, and what to look up; until then the profile's defaults stand.

    ``unknown`` is whatever could be asked; :func:`.open_questions` keeps what would change a rule. ``origins`` says of
    each feature at which path of the output it is on, ``notes`` what to know of the output itself.
    """

    profile: Profile
    unknown: tuple[Question, ...]
    origins: dict[str, str]
    notes: tuple[str, ...]
    name: str
    group: str


def profile_from_az(content: Mapping[str, Any]) -> AzProfile:
    """Make a profile of the output of ``az aks show``; the nested form of ``az rest`` is read as well.

    Raises:
        ProfileError: it is another resource, or a field has a value that this version does not know.

    >>> shown = {"type": "Microsoft.ContainerService/ManagedClusters", "location": "West Europe"}
    >>> profile_from_az(shown).profile.region
    'westeurope'
    """
    seen = _other_than_a_cluster(content)
    if seen:
        raise ProfileError(f"this is {seen}, not one AKS cluster; {RUN}")
    cluster = Cluster(_flat(content))
    origins = _origins(cluster)
    cloud = next(iter(clouds(cluster).values()), Cloud.PUBLIC)
    profile = Profile(
        cloud=cloud,
        region=_region(cluster, cloud),
        features=tuple(sorted(origins)),
        private_cluster=cluster.on(Field.PRIVATE_CLUSTER),
        vnet_integration=cluster.on(Field.VNET_INTEGRATION),
        api_server_fqdn=_api_server(cluster),
        outbound_type=_outbound_type(cluster),
        bootstrap_cache=pulls_from_cache(cluster),
        network_isolated=pulls_from_cache(cluster) and _outbound_type(cluster) in ("none", "block"),
        http_proxy=has_proxy(cluster) and False not in cluster.flags(Field.PROXY_ENABLED),
        gpu=_has_gpu(cluster),
        windows=_has_windows(cluster),
        azure_linux=_has_azure_linux_alone(cluster),
        nodes_after_2021_03=nodes_after_march_2021(cluster) is not False,
    )
    pools = {Feature.GPU: profile.gpu, Feature.WINDOWS: profile.windows}
    origins |= {str(feature): "agentPoolProfiles" for feature, used in pools.items() if used}
    return AzProfile(
        profile=profile,
        unknown=tuple(questions(cluster, profile)),
        origins=origins,
        notes=tuple(notes(cluster, profile)),
        name=cluster.text(Field.NAME),
        group=_group(cluster),
    )


def _other_than_a_cluster(content: object) -> str:
    """Say what the content looks like if it is not one cluster."""
    if isinstance(content, list):
        return f"a list of {len(content)}, as az aks list prints it"
    if not isinstance(content, Mapping):
        return reprlib.repr(content)
    kind = named(content, Field.TYPE)
    if isinstance(kind, str) and "/" in kind:
        return "" if kind.lower() == _CLUSTER else _RESOURCES.get(kind.lower(), f"a resource of type {kind}")
    marks = [what for mark, what in _MARKS.items() if mark in content]
    if marks:
        return marks[0]
    if named(_flat(content), "agentPoolProfiles"):
        return ""
    return f"an object with {reprlib.repr(sorted(map(str, content)))} and no agentPoolProfiles"


def _flat(content: Mapping[str, Any]) -> Mapping[str, Any]:
    """Lift what the API nests under ``properties``, as the az CLI does."""
    nested = named(content, "properties")
    outer = {key: value for key, value in content.items() if value is not nested}
    return {**nested, **outer} if isinstance(nested, Mapping) else content


def _group(cluster: Cluster) -> str:
    """Return the resource group, as the id of the cluster says it."""
    steps = cluster.text(Field.ID).split("/")
    found = [steps[place + 1] for place, step in enumerate(steps[:-1]) if step.lower() == "resourcegroups"]
    return found[0] if found else ""


def _api_server(cluster: Cluster) -> str | None:
    """Return the name under which the nodes reach the API server."""
    private = cluster.text(Field.PRIVATE_FQDN) if cluster.on(Field.PRIVATE_CLUSTER) else ""
    return (private or cluster.text(Field.FQDN)).lower() or None


def _outbound_type(cluster: Cluster) -> str:
    return next(iter(cluster.one_of(Field.OUTBOUND_TYPE, OUTBOUND_TYPES)), "loadBalancer")


def _has_windows(cluster: Cluster) -> bool:
    skus = cluster.texts(Field.POOL_OS_SKU).values()
    known = cluster.one_of(Field.POOL_OS_TYPE, ("Linux", "Windows"))
    return "Windows" in known or any(sku.lower().startswith("windows") for sku in skus)


def _has_azure_linux_alone(cluster: Cluster) -> bool:
    """Say whether every Linux pool runs Azure Linux (once CBL-Mariner); a pool that names no system may be Ubuntu."""
    systems = {where.rpartition(".")[0]: sku for where, sku in cluster.texts(Field.POOL_OS_SKU).items()}
    pools = {where.rpartition(".")[0] for where in cluster.texts(Field.POOL_NAME, Field.POOL_SIZE, Field.POOL_OS_SKU)}
    linux = [pool for pool in pools if not systems.get(pool, "").lower().startswith("windows")]
    return bool(linux) and all(_AZURE_LINUX.match(systems.get(pool, "")) for pool in linux)


def _has_gpu(cluster: Cluster) -> bool:
    sizes = cluster.texts(Field.POOL_SIZE, Field.POOL_MANUAL_SIZE, Field.POOL_NODE_SIZE).values()
    drivers = cluster.one_of(Field.POOL_GPU_DRIVER, ("Install", "None"))
    return "Install" in drivers or bool(cluster.texts(Field.POOL_GPU_INSTANCE)) or any(map(_N_SERIES.match, sizes))


def _region(cluster: Cluster, cloud: Cloud) -> str | None:
    """Return the location, unless it is of another cloud than the host names: then theirs, and a question tells so."""
    said = region(cluster)
    if cloud_of(said) in (None, cloud):
        return said
    return next((one for one in regions_of_hosts(cluster).values() if cloud_of(one) == cloud), None)


def _origins(cluster: Cluster) -> dict[str, str]:
    """Return the features that are switched on, each with the paths at which it is."""
    found: dict[str, list[str]] = {}
    for path in cluster.switched_on():
        for top in below(path, FEATURES):
            found.setdefault(FEATURES[top], []).append(path)
    if has_mesh(cluster) and cluster.text(Field.MESH_VAULT):  # the page: a plug-in CA needs the Key Vault provider
        found.setdefault(Feature.KEY_VAULT_CSI, []).append(Field.MESH_VAULT)
    return {str(feature): ", ".join(paths) for feature, paths in found.items()}
