"""What each key of a profile means, which values it takes and what it is by default: here, and nowhere else.

``profile init`` writes it into a new profile, ``profile keys`` lists it, and the completion of ``--set`` offers it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from aks_egress_catalog.cluster.profile import OUTBOUND_TYPES, Profile, shape_of
from aks_egress_catalog.model import Cloud, Feature

_GROUPS: Final = {
    "Where it runs": {
        "cloud": "The cloud, by the name that az cloud list prints.",
        "region": "The region. Many hosts and service tags hold its name.",
    },
    "What it has": {
        "features": "Add-ons, extensions and other features that bring rules of their own.",
        "recommended": "Take what the article recommends but does not require: updates of the nodes' system.",
    },
    "Its API server": {
        "private_cluster": "It has a private API server: no rule towards one is needed.",
        "vnet_integration": "The API server is in the virtual network (API Server VNet Integration).",
        "api_server_fqdn": "The API server's name, in place of a wildcard over the region.",
        "api_server_ips": "The API server's public addresses, for the rules that go by address.",
        "api_server_subnet": "The range of the API server's subnet, with vnet_integration.",
        "konnectivity": "konnectivity-agent runs. Only clusters that are years old have tunnels in its place.",
        "pods_use_api_server_ip": "Pods, such as an ingress controller, talk to the API server by its address.",
    },
    "Its way out": {
        "outbound_type": "How its traffic leaves: networkProfile.outboundType.",
        "azure_firewall": "It is an Azure Firewall that lets the traffic out. Its network rules take host names.",
        "http_proxy": "Its nodes have an HTTP proxy. The host rules belong on the proxy then.",
        "custom_dns": "DNS servers of the virtual network's own.",
        "private_endpoints": "Key Vault, Azure Monitor or a registry are reached through private endpoints.",
        "network_isolated": "It is a network isolated cluster.",
        "bootstrap_cache": "Nodes are set up from a registry of yours (bootstrapProfile.artifactSource is Cache).",
    },
    "Its nodes": {
        "gpu": "It has nodes with a GPU whose driver AKS installs.",
        "windows": "It has Windows nodes.",
        "azure_linux": "No Linux node runs anything but Azure Linux.",
        "nodes_after_2021_03": "All Linux nodes were made after March 2021. Older ones ask for the time by UDP 123.",
    },
}
"""The keys with their meanings, in the order in which a person fills them in."""
_CHOICES: Final[dict[str, tuple[str, ...]]] = {
    "cloud": tuple(map(str, Cloud)),
    "features": tuple(map(str, Feature)),
    "outbound_type": OUTBOUND_TYPES,
}
_FORMS: Final = {
    "region": "a name such as westeurope",
    "api_server_fqdn": "a host name",
    "api_server_ips": "addresses",
    "api_server_subnet": "an address range",
    "custom_dns": "addresses",
}
"""What a value looks like where the values are no closed set."""
_DEFAULTS: Final = {
    "cloud": "that of the region, else AzureCloud",
    "azure_firewall": "not said; an export for Azure Firewall takes it for true",
}
"""Defaults that take words."""
_EXAMPLES: Final[dict[str, str | bool | tuple[str, ...]]] = {
    "cloud": "AzureCloud",
    "region": "westeurope",
    "features": ("azure-monitor", "azure-policy"),
    "api_server_fqdn": "my-cluster-a1b2c3d4.hcp.westeurope.azmk8s.io",
    "api_server_ips": ("192.0.2.7",),
    "api_server_subnet": "10.224.4.0/28",
    "outbound_type": "userDefinedRouting",
    "azure_firewall": True,
    "custom_dns": ("192.0.2.53",),
}
"""A value for each key whose default shows no form."""


@dataclass(frozen=True, kw_only=True)
class ProfileKey:
    """One key of a profile, explained.

    ``choices`` has every value where they are a closed set, ``values`` says in words which there are, ``default`` what
    it is where nobody says anything. ``example`` is a value that it can have; of a switch its default.
    """

    name: str
    group: str
    meaning: str
    values: str
    choices: tuple[str, ...]
    default: str
    example: str | bool | tuple[str, ...]


def _explained() -> Iterator[ProfileKey]:
    for group, meanings in _GROUPS.items():
        for name, meaning in meanings.items():
            choices = ("true", "false") if shape_of(name) is bool else _CHOICES.get(name, ())
            words = "true or false" if shape_of(name) is bool else ", ".join(choices)
            some = "any of " if shape_of(name) is tuple else ""
            default = getattr(Profile, name)
            written = str(default).lower() if isinstance(default, bool) else "not said" if default is None else "none"
            yield ProfileKey(
                name=name,
                group=group,
                meaning=meaning,
                values=_FORMS.get(name) or some + words,
                choices=choices,
                default=_DEFAULTS.get(name, written),
                example=_EXAMPLES.get(name, default),
            )


PROFILE_KEYS: Final = {key.name: key for key in _explained()}
"""Each key of a profile by its name, in the order in which a person fills them in."""
