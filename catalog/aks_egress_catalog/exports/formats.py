"""Every export format by its name on the command line. A format is one module, imported when it is asked for."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from typing import Any, Final, Protocol

from aks_egress_catalog.cluster.resolve import Resolution, Target
from aks_egress_catalog.errors import AksEgressError
from aks_egress_catalog.exports.declaration import Declaration
from aks_egress_catalog.exports.export import Export, Header


class Format(Protocol):
    """What the module of a format offers."""

    DESCRIPTION: str
    TARGET: Target
    DECLARATION: Declaration
    OPTIONS: tuple[str, ...]
    """Names of the keyword arguments that ``render`` takes besides."""

    @staticmethod
    def render(resolution: Resolution, header: Header, **options: Any) -> Export:
        """Write a resolution for this target."""


FORMATS: Final = {
    "json": "data.canonical_json",
    "csv": "data.flat_csv",
    "hosts": "data.hosts",
    "opa": "data.opa",
    "azure-firewall-arm": "azure.arm",
    "azure-firewall-bicep": "azure.bicep",
    "azure-firewall-terraform": "azure.terraform",
    "az-script": "azure.az_script",
    "bicep-json": "azure.bicep_json",
    "terraform-tfvars": "azure.tfvars",
    "aws-suricata": "appliances.aws_suricata",
    "edl": "appliances.edl",
    "fortigate": "appliances.fortigate",
    "paloalto": "appliances.paloalto",
    "zscaler": "appliances.zscaler",
    "envoy": "proxies.envoy",
    "haproxy": "proxies.haproxy",
    "squid": "proxies.squid",
    "nftables": "dns.nftables",
    "rpz": "dns.rpz",
    "cilium": "kubernetes.cilium",
}
"""Module by format name."""


def load_format(name: str) -> Format:
    """Import the module of a format, and only that.

    Raises:
        AksEgressError: there is no such format.
    """
    if name not in FORMATS:
        raise AksEgressError(f"no format {name!r}; there is: {', '.join(FORMATS)}")
    module: Format = import_module(f"aks_egress_catalog.exports.{FORMATS[name]}")  # type: ignore[assignment]  # a module
    return module


def expect_options(name: str, options: Iterable[str]) -> None:
    """Refuse options that a format does not have.

    Raises:
        AksEgressError: it does not have one of them; the message names the formats that do.
    """
    for option in options:
        if option not in load_format(name).OPTIONS:
            having = [form for form in FORMATS if option in load_format(form).OPTIONS]
            raise AksEgressError(f"--{option.replace('_', '-')} is for {', '.join(having)}, not for {name}")
