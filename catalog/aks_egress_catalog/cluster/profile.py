"""A cluster, as far as its rules depend on it: the profile that ``resolve`` is asked with."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from typing import Final

from aks_egress_catalog.errors import AksEgressError
from aks_egress_catalog.model import Cloud, Feature, When
from aks_egress_catalog.model.addresses import network

OUTBOUND_TYPES: Final = (
    "loadBalancer",
    "managedNATGateway",
    "managedNATGatewayV2",
    "userAssignedNATGateway",
    "userDefinedRouting",
    "none",
    "block",
)
"""The values of ``networkProfile.outboundType``."""
_REGION: Final = re.compile(r"[a-z][a-z0-9]{2,31}\Z")
_HOST: Final = re.compile(r"[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})+\Z")


class ProfileError(AksEgressError):
    """A profile that no cluster can have. ``key`` is the setting at fault."""

    def __init__(self, message: str, *, key: str = "") -> None:
        super().__init__(f"{key}: {message}" if key else message)
        self.key = key


@dataclass(frozen=True, kw_only=True)
class Profile:
    """A cluster. The defaults are those of a cluster that is created today without any option.

    ``core`` is always among the features and ``os-updates`` unless ``recommended`` is false; ``gpu`` and
    ``windows`` follow from the node pools. ``konnectivity`` has been on for every cluster for years.

    Raises:
        ProfileError: a value is unknown, or two contradict each other.

    >>> Profile(region="westeurope", private_cluster=True).holds(When.PRIVATE_CLUSTER)
    True
    """

    cloud: str = Cloud.PUBLIC
    region: str | None = None
    features: tuple[str, ...] = ()
    recommended: bool = True
    private_cluster: bool = False
    vnet_integration: bool = False
    konnectivity: bool = True
    custom_dns: tuple[str, ...] = ()
    pods_use_api_server_ip: bool = False
    api_server_fqdn: str | None = None
    api_server_ips: tuple[str, ...] = ()
    api_server_subnet: str | None = None
    outbound_type: str = "loadBalancer"
    network_isolated: bool = False
    private_endpoints: bool = False
    http_proxy: bool = False
    gpu: bool = False
    windows: bool = False
    azure_firewall: bool = False
    nodes_after_2021_03: bool = True

    def __post_init__(self) -> None:
        _refuse_unknown("cloud", self.cloud, tuple(Cloud))
        _refuse_unknown("outbound_type", self.outbound_type, OUTBOUND_TYPES)
        for feature in self.features:
            _refuse_unknown("features", feature, tuple(Feature))
        if self.region is not None and not _REGION.match(self.region):
            raise ProfileError(f"{self.region!r} is not a region name such as westeurope", key="region")
        if self.api_server_fqdn is not None and not _HOST.match(self.api_server_fqdn):
            raise ProfileError(f"{self.api_server_fqdn!r} is not a host name", key="api_server_fqdn")
        for key in ("custom_dns", "api_server_ips"):
            _refuse_no_addresses(key, getattr(self, key))
        _refuse_no_addresses("api_server_subnet", (self.api_server_subnet,) if self.api_server_subnet else ())
        self._refuse_contradictions()

    def _refuse_contradictions(self) -> None:
        if self.network_isolated and self.outbound_type not in ("none", "block"):
            known = "network_isolated clusters have outbound_type 'none' or 'block'"
            raise ProfileError(f"{known}, not {self.outbound_type!r}", key="outbound_type")
        if self.api_server_subnet and not self.vnet_integration:
            raise ProfileError("only clusters with vnet_integration have one", key="api_server_subnet")

    @property
    def needed_features(self) -> frozenset[str]:
        """The features whose rules the cluster needs."""
        implied = {
            Feature.CORE: True,
            Feature.OS_UPDATES: self.recommended,
            Feature.GPU: self.gpu,
            Feature.WINDOWS: self.windows,
        }
        return frozenset({*self.features, *(feature for feature, holds in implied.items() if holds)})

    def holds(self, when: When) -> bool:
        """Say whether a circumstance of the article holds for this cluster."""
        return {
            When.PRIVATE_CLUSTER: self.private_cluster,
            When.KONNECTIVITY_AGENT: self.konnectivity,
            When.CUSTOM_DNS: bool(self.custom_dns),
            When.PODS_USE_API_SERVER_IP: self.pods_use_api_server_ip,
            When.AZURE_FIREWALL_NETWORK_RULES: self.azure_firewall,
            When.CLUSTER_EXISTS: bool(self.api_server_ips),
            When.NODES_AFTER_2021_03: self.nodes_after_2021_03,
            When.NETWORK_ISOLATED: self.network_isolated,
            When.PRIVATE_ENDPOINT: self.private_endpoints,
        }[when]


def _refuse_unknown(key: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise ProfileError(f"{value!r} is unknown{closest(value, known)}; choose from {', '.join(known)}", key=key)


def closest(value: str, known: tuple[str, ...]) -> str:
    """Suggest what was probably meant.

    >>> closest("westeurop", ("westeurope", "eastus"))
    ", did you mean 'westeurope'?"
    """
    found = difflib.get_close_matches(value, known, n=1)
    return f", did you mean '{found[0]}'?" if found else ""


def _refuse_no_addresses(key: str, values: tuple[str, ...]) -> None:
    for value in values:
        try:
            network(value)
        except ValueError as error:
            raise ProfileError(f"{value!a} is not an address: {error}", key=key) from error
