"""Tags: which stand for hosts of the article, by reports, and which are too wide. Reviewed by hand.

Nobody can check what a tag covers for good: Microsoft changes the ranges weekly, and a firewall that allows addresses
does not see names. So a tag never satisfies a need for a host: it makes ``missing`` a note that says so.
"""

from __future__ import annotations

from typing import Final

from aks_egress_catalog.exports.azure.fqdn_tag import TAG as FQDN_TAG
from aks_egress_catalog.linting.entry import HOLE
from aks_egress_catalog.linting.reach import lets_through

__all__ = ["FQDN_TAG", "TOO_BROAD", "is_service_tag", "stands_for", "tag_takes_in"]

_STANDS_FOR: Final[dict[str, tuple[str, ...]]] = {
    "azureactivedirectory": (
        "login.microsoftonline.com",
        "login.microsoftonline.us",
        "login.partner.microsoftonline.cn",
        "login.chinacloudapi.cn",
    ),
    "azureresourcemanager": ("management.azure.com", "management.usgovcloudapi.net", "management.chinacloudapi.cn"),
    "microsoftcontainerregistry": (
        "mcr.microsoft.com",
        "*.data.mcr.microsoft.com",
        "mcr.azure.cn",
        "*.data.mcr.azure.cn",
    ),
    "azurefrontdoor.firstparty": ("mcr.microsoft.com", "*.data.mcr.microsoft.com", "mcr-0001.mcr-msedge.net"),
    "azuremonitor": (
        "dc.services.visualstudio.com",
        "*.opinsights.azure.com",
        "*.opinsights.azure.us",
        "*.opinsights.azure.cn",
        "*.ingest.monitor.azure.com",
        "*.in.applicationinsights.azure.com",
        "*.handler.control.monitor.azure.com",
    ),
    "azurekeyvault": ("*.vault.azure.net", "*.vault.usgovcloudapi.net", "*.vault.azure.cn"),
}
"""By service tag, in lower case: hosts of the article for whose addresses it stands."""

TOO_BROAD: Final = {
    "azurecontainerregistry": "every registry of every customer",
    "azurecloud": "every address of Azure, those of other customers among them",
    "storage": "every storage account of every customer",
}
"""By service tag, in lower case: what it lets through on HTTP and HTTPS besides."""


def is_service_tag(name: str) -> bool:
    """Say whether a name is that of a service tag, of those that lists for AKS have; no FQDN tag is called like one.

    >>> is_service_tag("AzureMonitor"), is_service_tag("AzureKubernetesService")
    (True, False)
    """
    return name.lower() in _STANDS_FOR or name.lower() in TOO_BROAD


def stands_for(tag: str, host: str) -> bool:
    """Say whether reports have it that a service tag stands for a host, in whichever region.

    >>> stands_for("AzureActiveDirectory", "login.microsoftonline.com")
    True
    """
    name = tag.lower()
    known = _STANDS_FOR.get(name) or _STANDS_FOR.get(name.partition(".")[0], ())
    return any(one == host or lets_through(one, host) for one in known)


def tag_takes_in(wide: str, narrow: str) -> bool:
    """Say whether one service tag takes another in: itself, or the same in one region.

    >>> tag_takes_in("AzureCloud", "AzureCloud.westeurope"), tag_takes_in("AzureCloud.eastus", "AzureCloud.westeurope")
    (True, False)
    """
    one, other = wide.lower(), narrow.lower()
    if one == other or other.startswith(f"{one}."):
        return True
    head, _, region = one.partition(".")
    return head == other.partition(".")[0] and region in ("{*}", HOLE)
