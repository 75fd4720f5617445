"""Regions: the names that Azure gives a place, and the cloud that each belongs to."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from aks_egress_catalog.model import Cloud, Rule

REGIONS: Final[dict[str, tuple[str, ...]]] = {
    Cloud.PUBLIC: (
        "australiacentral", "australiacentral2", "australiaeast", "australiasoutheast", "austriaeast", "belgiumcentral",
        "brazilsouth", "brazilsoutheast", "canadacentral", "canadaeast", "centralindia", "centralus", "chilecentral",
        "denmarkeast", "eastasia", "eastus", "eastus2", "francecentral", "francesouth", "germanynorth",
        "germanywestcentral", "indonesiacentral", "israelcentral", "italynorth", "japaneast", "japanwest",
        "jioindiacentral", "jioindiawest", "koreacentral", "koreasouth", "malaysiawest", "mexicocentral",
        "newzealandnorth", "northcentralus", "northeurope", "norwayeast", "norwaywest", "polandcentral", "qatarcentral",
        "southafricanorth", "southafricawest", "southcentralus", "southindia", "southeastasia", "spaincentral",
        "swedencentral", "swedensouth", "switzerlandnorth", "switzerlandwest", "uaecentral", "uaenorth", "uksouth",
        "ukwest", "westcentralus", "westeurope", "westindia", "westus", "westus2", "westus3",
    ),
    Cloud.US_GOVERNMENT: ("usdodcentral", "usdodeast", "usgovarizona", "usgovtexas", "usgovvirginia"),
    Cloud.CHINA: ("chinaeast", "chinaeast2", "chinaeast3", "chinanorth", "chinanorth2", "chinanorth3"),
}  # fmt: skip
"""Regions known when this version was made. Another name is refused unless the caller allows it."""

TAG_REGIONS: Final = {
    "francecentral": "centralfrance",
    "francesouth": "southfrance",
    "germanywestcentral": "germanywc",
    "germanynorth": "germanyn",
    "norwayeast": "norwaye",
    "norwaywest": "norwayw",
    "switzerlandnorth": "switzerlandn",
    "switzerlandwest": "switzerlandw",
    "brazilsoutheast": "brazilse",
    "chilecentral": "chilec",
}
"""Regions that a service tag abbreviates."""

_REGISTRY_REGION: Final = re.compile(r"\.([a-z0-9]+)\.data\.azurecr\.(?:io|us|cn)\Z")
"""Where a host of the article names a region: the data endpoints of a registry, ``<name>.<region>.data.azurecr.io``."""


def cloud_of(region: str | None) -> Cloud | None:
    """Return the cloud that a region belongs to; ``None`` where it is not known.

    >>> cloud_of("chinaeast2")
    <Cloud.CHINA: 'AzureChinaCloud'>
    """
    return next((cloud for cloud in Cloud if region in REGIONS[cloud]), None)


def regions_in(rules: Iterable[Rule], cloud: str) -> frozenset[str]:
    """Return the regions that hosts of the article name in one cloud."""
    named = (
        _REGISTRY_REGION.search(destination.value)
        for rule in rules
        if rule.cloud == cloud
        for destination in rule.destinations
    )
    return frozenset(found[1] for found in named if found)
