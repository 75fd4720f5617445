"""A cluster, as far as its rules depend on it: the profile that ``resolve`` is asked with."""

from __future__ import annotations

import difflib
import re
import reprlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, Final

from aks_egress_catalog.cluster.regions import REGIONS, cloud_of
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

    ``bootstrap_cache``: nodes are set up from a registry of the user's (``artifactSource`` is ``Cache``), as those of
    every ``network_isolated`` cluster. ``azure_linux``: no Linux node runs anything else.

    Without ``cloud`` it is the cloud of the region, or AzureCloud. ``outbound_type`` and ``azure_firewall`` are
    ``None`` where nobody said; then an export for Azure Firewall takes the firewall for one, and nothing else does.
    ``features``, ``custom_dns`` and ``api_server_ips`` may be given as one text, with commas; they are kept as tuples.

    Raises:
        ProfileError: a value is unknown or of the wrong type, or two contradict each other.

    >>> Profile(region="westeurope", private_cluster=True).holds(When.PRIVATE_CLUSTER)
    True
    >>> made = Profile(region="chinaeast2", features="gpu, defender")
    >>> made.cloud, made.features
    ('AzureChinaCloud', ('gpu', 'defender'))
    """

    cloud: str = ""
    region: str | None = None
    features: Sequence[str] = ()
    recommended: bool = True
    private_cluster: bool = False
    vnet_integration: bool = False
    konnectivity: bool = True
    custom_dns: Sequence[str] = ()
    pods_use_api_server_ip: bool = False
    api_server_fqdn: str | None = None
    api_server_ips: Sequence[str] = ()
    api_server_subnet: str | None = None
    outbound_type: str | None = None
    bootstrap_cache: bool = False
    network_isolated: bool = False
    private_endpoints: bool = False
    http_proxy: bool = False
    gpu: bool = False
    windows: bool = False
    azure_linux: bool = False
    azure_firewall: bool | None = None
    nodes_after_2021_03: bool = True

    def __post_init__(self) -> None:
        self._make_plain()
        _refuse_unknown("cloud", self.cloud, tuple(Cloud))
        if self.outbound_type is not None:
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

    def _make_plain(self) -> None:
        """Make tuples of lists and plain texts of enums, which YAML could not write, and set the cloud."""
        for field in fields(self):
            value = getattr(self, field.name)
            made = plain_value(field.name, value)
            if made is not value:
                object.__setattr__(self, field.name, made)
        if not self.cloud:
            object.__setattr__(self, "cloud", str(cloud_of(self.region) or Cloud.PUBLIC))

    def _refuse_contradictions(self) -> None:
        home = cloud_of(self.region)
        if home and home != self.cloud:
            known = ", ".join(REGIONS[self.cloud])
            raise ProfileError(
                f"{self.region!r} is a region of {home}, not of {self.cloud}, which has {known}", key="region"
            )
        if self.network_isolated and self.outbound_type not in ("none", "block", None):
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

    @property
    def one_line(self) -> str:
        """What is stated, in one line.

        >>> Profile(region="westeurope", features=("azure-monitor", "defender")).one_line
        'cloud=AzureCloud region=westeurope features=azure-monitor,defender'
        """
        shown = self.stated().items()
        return " ".join(f"{name}={','.join(value) if isinstance(value, tuple) else value}" for name, value in shown)

    def stated(self) -> dict[str, Any]:
        """Return the cloud, and every setting that is not its default.

        >>> Profile(region="westeurope").stated()
        {'cloud': 'AzureCloud', 'region': 'westeurope'}
        """
        return {name: value for name, value in asdict(self).items() if value != getattr(Profile, name)}

    def holds(self, when: When) -> bool:
        """Say whether a circumstance of the article holds for this cluster."""
        return {
            When.PRIVATE_CLUSTER: self.private_cluster,
            When.KONNECTIVITY_AGENT: self.konnectivity,
            When.CUSTOM_DNS: bool(self.custom_dns),
            When.PODS_USE_API_SERVER_IP: self.pods_use_api_server_ip,
            When.AZURE_FIREWALL_NETWORK_RULES: bool(self.azure_firewall),
            When.CLUSTER_EXISTS: bool(self.api_server_ips),
            When.NODES_AFTER_2021_03: self.nodes_after_2021_03,
            When.NETWORK_ISOLATED: self.network_isolated,
            When.PRIVATE_ENDPOINT: self.private_endpoints,
        }[when]


SETTING_OF: Final = {
    When.PRIVATE_CLUSTER: "private_cluster",
    When.KONNECTIVITY_AGENT: "konnectivity",
    When.CUSTOM_DNS: "custom_dns",
    When.PODS_USE_API_SERVER_IP: "pods_use_api_server_ip",
    When.AZURE_FIREWALL_NETWORK_RULES: "azure_firewall",
    When.CLUSTER_EXISTS: "api_server_ips",
    When.NODES_AFTER_2021_03: "nodes_after_2021_03",
    When.NETWORK_ISOLATED: "network_isolated",
    When.PRIVATE_ENDPOINT: "private_endpoints",
}
"""The key of the profile that decides each circumstance of the article."""

_SWITCH: Final = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
"""How people write a switch; YAML 1.1 takes these words for truth values as well, in three of their cases."""
_EXPECTED: Final = {bool: "true or false", str: "a text", tuple: "a list of texts"}


def shape_of(key: str) -> type:
    """Return what a key of the profile holds: ``bool``, ``str``, or ``tuple`` for a list of texts."""
    declared = str(Profile.__dataclass_fields__[key].type).removesuffix(" | None")
    return {"str": str, "bool": bool, "Sequence[str]": tuple}[declared]


def plain_value(key: str, value: object) -> object:
    """Return the value of a key as the profile keeps it, in plain types.

    Raises:
        ProfileError: it is of the wrong type.
    """
    shape = shape_of(key)
    if value is None and getattr(Profile, key) is None:
        return None
    if shape is tuple:
        many = value.split(",") if isinstance(value, str) else value
        if isinstance(many, list | tuple) and all(isinstance(one, str) for one in many):
            return tuple(str(one).strip() for one in many if one.strip())
    elif isinstance(value, shape):
        return value if type(value) is shape else shape(value)
    raise ProfileError(f"expected {_EXPECTED[shape]}, found {reprlib.repr(value)}", key=key)


def written_value(key: str, value: object) -> object:
    """Return the value of a key as a file or a setting writes it, where a switch may be a word; errors as above.

    >>> written_value("gpu", "Yes"), written_value("features", "gpu, defender")
    (True, ('gpu', 'defender'))
    """
    if shape_of(key) is bool and isinstance(value, str):
        word = value.strip().lower()
        if word not in _SWITCH:
            raise ProfileError(f"expected true or false (or yes or no), found {reprlib.repr(value)}", key=key)
        return _SWITCH[word]
    return plain_value(key, value)


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
