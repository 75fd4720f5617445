"""Resolutions for the tests of the export formats: of a real catalog, and of rules made by hand."""

from __future__ import annotations

from typing import Any, Final

import aks_egress_catalog as aec
from aks_egress_catalog.catalog import Catalog
from aks_egress_catalog.cluster.resolve import ConcreteRule, LeftOut, Resolution, Target
from aks_egress_catalog.cluster.service_tags import ServiceTags
from aks_egress_catalog.exports.export import Header
from aks_egress_catalog.model import Application, DestinationForm, Kind, Level, Protocol
from tests import base

HEADER: Final = Header(catalog_version="1.2.3", facts_date="2026-01-31", profile="cloud=AzureCloud region=westeurope")
SERVICE_TAGS: Final = ServiceTags(
    cloud="AzureCloud",
    change_number=1,
    prefixes={
        "AzureCloud.westeurope": ("192.0.2.0/25", "198.51.100.0/24", "2001:db8::/32", "2001:db8:1::/48"),
        "AzureMonitor": ("203.0.113.0/24",),
    },
)
"""Made up, of the address ranges for documentation."""

_OLD_TUNNEL: Final = {"region": "westeurope", "konnectivity": False, "nodes_after_2021_03": False}
_EVERY_FEATURE: Final = (
    "azure-monitor",
    "azure-policy",
    "cluster-extensions",
    "cost-analysis",
    "defender",
    "key-vault-csi",
    "workload-identity",
)
_PROFILES: Final[dict[str, tuple[dict[str, Any], dict[str, Any]]]] = {
    "public": ({"region": "westeurope"}, {}),
    "everything": (
        {"region": "westeurope", "features": _EVERY_FEATURE, "gpu": True, "windows": True},
        {"informational": True},
    ),
    "US Government": ({"cloud": "AzureUSGovernment", "region": "usgovvirginia", "features": _EVERY_FEATURE}, {}),
    "China": ({"cloud": "AzureChinaCloud", "region": "chinaeast2", "features": _EVERY_FEATURE}, {}),
    "private cluster": ({"region": "westeurope", "private_cluster": True, "custom_dns": ("10.0.0.10",)}, {}),
    "old tunnel by service tag": (_OLD_TUNNEL, {}),
    "old tunnel to known addresses": (
        {**_OLD_TUNNEL, "api_server_ips": ("192.0.2.7", "2001:db8::7"), "pods_use_api_server_ip": True},
        {},
    ),
    "service tags as ranges": (
        {**_OLD_TUNNEL, "features": ("azure-monitor",)},
        {"service_tags": SERVICE_TAGS},
    ),
    "any address, no region": ({"konnectivity": False}, {"allow_any": True}),
    "no region": ({"konnectivity": False, "features": ("azure-monitor",)}, {}),
}
REAL: Final = tuple(_PROFILES)


def real(name: str, target: Target, catalog: Catalog = base.CATALOG) -> Resolution:
    """What a cluster needs by the catalog of :mod:`tests.base`, or by another."""
    profile, options = _PROFILES[name]
    return catalog.resolve(aec.Profile(**profile), target=target, **options)


def https(*hosts: str, **changes: Any) -> ConcreteRule:
    """A rule for hosts by HTTPS on 443, or something else by ``changes``."""
    settings: dict[str, Any] = {
        "id": "AzureCloud/core/made-up:tcp-443",
        "values": hosts,
        "feature": "core",
        "level": Level.REQUIRED,
        "kind": Kind.FQDN,
        "form": DestinationForm.FQDN,
        "protocol": Protocol.TCP,
        "port": 443,
        "application": Application.HTTPS,
    }
    return ConcreteRule(**{**settings, **changes})


def addresses(*values: str, **changes: Any) -> ConcreteRule:
    """A network rule for address ranges on TCP 9000, or something else by ``changes``."""
    settings = {"kind": Kind.NETWORK, "form": DestinationForm.CIDR, "port": 9000, "application": None}
    return https(*values, **{**settings, **changes})


def resolution(*rules: ConcreteRule, caveats: tuple[str, ...] = (), unmet: tuple[LeftOut, ...] = ()) -> Resolution:
    """A resolution of rules made by hand."""
    return Resolution(rules=rules, left_out=(), caveats=caveats, unmet=unmet)
