"""The fields of ``az aks show`` that are read, and typed access to them with the place of every fault."""

from __future__ import annotations

import re
import reprlib
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any, Final

from aks_egress_catalog.cluster.profile import Profile, ProfileError
from aks_egress_catalog.cluster.regions import REGIONS
from aks_egress_catalog.model import Cloud, Feature


class Field(StrEnum):
    """Every field that is read, in the spelling of the az CLI; ``[]`` stands for each element of a list."""

    TYPE = "type"
    ID = "id"
    NAME = "name"
    LOCATION = "location"
    FQDN = "fqdn"
    PRIVATE_FQDN = "privateFqdn"
    PORTAL_FQDN = "azurePortalFqdn"
    PROVISIONING_STATE = "provisioningState"
    POWER_STATE = "powerState.code"
    PRIVATE_CLUSTER = "apiServerAccessProfile.enablePrivateCluster"
    PRIVATE_DNS_ZONE = "apiServerAccessProfile.privateDnsZone"
    VNET_INTEGRATION = "apiServerAccessProfile.enableVnetIntegration"
    API_SERVER_SUBNET = "apiServerAccessProfile.subnetId"
    OUTBOUND_TYPE = "networkProfile.outboundType"
    ARTIFACT_SOURCE = "bootstrapProfile.artifactSource"
    PROXY_ENABLED = "httpProxyConfig.enabled"
    HTTP_PROXY = "httpProxyConfig.httpProxy"
    HTTPS_PROXY = "httpProxyConfig.httpsProxy"
    NO_PROXY = "httpProxyConfig.noProxy[]"
    TRUSTED_CA = "httpProxyConfig.trustedCa"
    POOL_NAME = "agentPoolProfiles[].name"
    POOL_OS_TYPE = "agentPoolProfiles[].osType"
    POOL_OS_SKU = "agentPoolProfiles[].osSku"
    POOL_IMAGE = "agentPoolProfiles[].nodeImageVersion"
    POOL_SIZE = "agentPoolProfiles[].vmSize"
    POOL_MANUAL_SIZE = "agentPoolProfiles[].virtualMachinesProfile.scale.manual[].size"
    POOL_NODE_SIZE = "agentPoolProfiles[].virtualMachineNodesStatus[].size"
    POOL_GPU_INSTANCE = "agentPoolProfiles[].gpuInstanceProfile"
    POOL_GPU_DRIVER = "agentPoolProfiles[].gpuProfile.driver"
    NODE_PROVISIONING = "nodeProvisioningProfile.mode"
    NODE_OS_CHANNEL = "autoUpgradeProfile.nodeOsUpgradeChannel"
    MESH_MODE = "serviceMeshProfile.mode"
    MESH_VAULT = "serviceMeshProfile.istio.certificateAuthority.plugin.keyVaultId"
    MESH_GATEWAYS = "serviceMeshProfile.istio.components.ingressGateways[].enabled"
    AI_TOOLCHAIN = "aiToolchainOperatorProfile.enabled"
    APP_ROUTING = "ingressProfile.webAppRouting.enabled"


FEATURES: Final = {
    "addonProfiles.azurepolicy": Feature.AZURE_POLICY,
    "addonProfiles.omsagent": Feature.AZURE_MONITOR,
    "addonProfiles.azureKeyvaultSecretsProvider": Feature.KEY_VAULT_CSI,
    "addonProfiles.extensionManager": Feature.CLUSTER_EXTENSIONS,
    "azureMonitorProfile": Feature.AZURE_MONITOR,
    "securityProfile.defender": Feature.DEFENDER,
    "securityProfile.workloadIdentity": Feature.WORKLOAD_IDENTITY,
    "metricsProfile.costAnalysis": Feature.COST_ANALYSIS,
}
"""What is switched on (``enabled``) at or below a path, and the feature whose rules it needs."""

QUIET: Final = (
    "oidcIssuerProfile",  # read from outside: no egress
    "storageProfile.diskCsiDriver",  # these three are in every cluster: the core rules
    "storageProfile.fileCsiDriver",
    "storageProfile.snapshotController",
    "httpProxyConfig",  # these three are read as fields
    "ingressProfile.webAppRouting",
    "aiToolchainOperatorProfile",
    "networkProfile.staticEgressGatewayProfile",  # gives egress a fixed address; what must be reached stays the same
    "securityProfile.imageCleaner",  # these three run on images that the core rules bring
    "workloadAutoScalerProfile.keda",
    "workloadAutoScalerProfile.verticalPodAutoscaler",
    "storageProfile.blobCsiDriver",  # reaches the accounts of the user, as the drivers above do
)
"""What may be switched on without a word. Anything else that is on, and no feature, is named in a note."""

_FREE: Final = ("tags", "config")
"""Objects whose keys are the user's own: an ``enabled`` in them says nothing."""

RUN: Final = "save the cluster: az aks show --resource-group GROUP --name NAME --output json > cluster.json"
"""What to do next where a file holds something else."""

_SUFFIXES: Final = {
    ".azmk8s.io": Cloud.PUBLIC,
    ".cx.aks.containerservice.azure.us": Cloud.US_GOVERNMENT,
    ".cx.prod.service.azk8s.cn": Cloud.CHINA,
}
_IMAGE_MONTH: Final = re.compile(r"-(20\d\d)\.?(0[1-9]|1[0-2])\.\d+(?:\.\d+)?\Z")  # -202511.07.0, before 2021.09.22
_MARCH_2021: Final = ("2021", "03")


def named(part: Mapping[str, Any], name: str) -> Any:
    """Find a value whatever the case of its key: the az CLI prints ``privateFqdn``, the API ``privateFQDN``."""
    if name in part:
        return part[name]
    return next((value for key, value in part.items() if str(key).lower() == name.lower()), None)


def _at(part: object, steps: Sequence[str], where: str = "") -> Iterator[tuple[str, object]]:
    """Yield every value at a path, with its place; null is absent."""
    if part is None:
        return
    if not steps:
        yield where, part
        return
    if not isinstance(part, Mapping):
        raise _fault(where, "an object", part)
    name = steps[0].removesuffix("[]")
    value, place = named(part, name), f"{where}.{name}" if where else name
    if name == steps[0]:
        yield from _at(value, steps[1:], place)
    elif isinstance(value, list):
        for index, one in enumerate(value):
            yield from _at(one, steps[1:], f"{place}[{index}]")
    elif value is not None:
        raise _fault(place, "a list", value)


def _fault(where: str, expected: str, found: object) -> ProfileError:
    return ProfileError(f"expected {expected}, found {reprlib.repr(found)}; {RUN}", key=where)


class Cluster:
    """Typed access to the fields of one cluster."""

    def __init__(self, content: Mapping[str, Any]) -> None:
        self.content = content

    def texts(self, *fields: Field) -> dict[str, str]:
        """Return what stands at some fields, by place; the empty text is absent."""
        found: dict[str, str] = {}
        for field in fields:
            for where, value in _at(self.content, field.split(".")):
                if not isinstance(value, str):
                    raise _fault(where, "a text", value)
                found[where] = value
        return {where: value for where, value in found.items() if value}

    def text(self, field: Field) -> str:
        """Return the first text of a field, or the empty text."""
        return next(iter(self.texts(field).values()), "")

    def one_of(self, field: Field, known: tuple[str, ...]) -> frozenset[str]:
        """Return the values of a field of which this version must know every one."""
        spelled = {value.lower(): value for value in known}
        for where, value in self.texts(field).items():
            if value.lower() not in spelled:
                what_next = "upgrade aks-egress-catalog, or write the profile by hand"
                raise ProfileError(f"{value!r} is unknown; there is {', '.join(known)}; {what_next}", key=where)
        return frozenset(spelled[value.lower()] for value in self.texts(field).values())

    def flags(self, field: Field) -> tuple[bool, ...]:
        """Return every true or false that a field holds; none where it is absent."""
        return tuple(_bool(where, value) for where, value in _at(self.content, field.split(".")))

    def on(self, field: Field) -> bool:
        """Say whether a field is true anywhere."""
        return any(self.flags(field))

    def switched_on(self) -> tuple[str, ...]:
        """Name every object with ``enabled: true``, whoever knows it; what is off has no parts that are on."""
        found, waiting = [], [("", self.content)]
        while waiting:
            path, part = waiting.pop()
            enabled = named(part, "enabled")
            if enabled is not None and path:
                if not _bool(f"{path}.enabled", enabled):
                    continue
                found.append(path)
            for key, value in part.items():
                if isinstance(value, Mapping) and str(key).lower() not in _FREE:
                    waiting.append((f"{path}.{key}" if path else str(key), value))
        return tuple(sorted(found))


def _bool(where: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise _fault(where, "true or false", value)
    return value


def below(path: str, tops: Mapping[str, Any] | tuple[str, ...]) -> tuple[str, ...]:
    """Name the tops that a path is, or is below."""
    return tuple(top for top in tops if f"{path}.".lower().startswith(f"{top}.".lower()))


def _hosts(cluster: Cluster) -> dict[str, str]:
    hosts = cluster.texts(Field.FQDN, Field.PRIVATE_FQDN, Field.PORTAL_FQDN)
    return {where: host.lower() for where, host in hosts.items()}


def clouds(cluster: Cluster) -> dict[str, Cloud]:
    """Say what each witness takes the cloud for, the strongest first; nobody guesses."""
    by_host = {
        where: cloud
        for where, host in _hosts(cluster).items()
        for suffix, cloud in _SUFFIXES.items()
        if host.endswith(suffix)
    }
    by_region = ((str(Field.LOCATION), cloud) for cloud in Cloud if region(cluster) in REGIONS[cloud])
    return by_host | dict(by_region)


def region(cluster: Cluster) -> str | None:
    """Return the location as a region name: ``West Europe`` is ``westeurope``."""
    return "".join(cluster.text(Field.LOCATION).lower().split()) or None


def regions_of_hosts(cluster: Cluster) -> dict[str, str]:
    """Return the region in each host name of the API server, by place."""
    return {
        where: host.removesuffix(suffix).rpartition(".")[2]
        for where, host in _hosts(cluster).items()
        for suffix in _SUFFIXES
        if host.endswith(suffix)
    }


def api_server_name_in(profile: Profile) -> str:
    """Make up a name that an API server of this cloud and region could have."""
    suffix = next(suffix for suffix, cloud in _SUFFIXES.items() if cloud == profile.cloud)
    way = "00000000.privatelink" if profile.private_cluster else "hcp"
    return f"made-up.{way}.{profile.region or 'nowhere'}{suffix}"


def pulls_from_cache(cluster: Cluster) -> bool:
    """Say whether its nodes are set up from a registry cache, as in a network isolated cluster."""
    return "Cache" in cluster.one_of(Field.ARTIFACT_SOURCE, ("Cache", "Direct"))


def has_proxy(cluster: Cluster) -> bool:
    """Say whether it names an HTTP proxy, be it switched on or off."""
    return bool(cluster.texts(Field.HTTP_PROXY, Field.HTTPS_PROXY))


def nodes_after_march_2021(cluster: Cluster) -> bool | None:
    """Tell the age of the Linux nodes by their image: no node is older than its image; None is unknown."""
    images = cluster.texts(Field.POOL_IMAGE).values()
    months = [_IMAGE_MONTH.search(image) for image in images if "windows" not in image.lower()]
    if any(month and month.groups() <= _MARCH_2021 for month in months):
        return False
    known = all(months) and len(images) == len(cluster.texts(Field.POOL_NAME)) > 0
    return True if known else None


def has_mesh(cluster: Cluster) -> bool:
    """Say whether the Istio add-on is on."""
    return "Istio" in cluster.one_of(Field.MESH_MODE, ("Istio", "Disabled"))
