"""The keys of Azure Firewall in Terraform, Bicep, ARM and az, and what each says; compared as :func:`.fold` gives them.

They count wherever they stand: blocks, maps, lists of tables, arguments of modules.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

from aks_egress_catalog.linting.entry import Layer
from aks_egress_catalog.linting.tree import fold


class Values(StrEnum):
    """What the values under a key of a rule are."""

    NAMES = "names"
    FQDN_TAGS = "fqdn-tags"
    URLS = "urls"
    WEB_CATEGORIES = "web-categories"
    ADDRESSES = "addresses"
    IP_GROUPS = "ip-groups"


VALUES: Final = {
    "destinationfqdns": Values.NAMES,
    "destinationfqdn": Values.NAMES,
    "targetfqdns": Values.NAMES,
    "targetfqdn": Values.NAMES,
    "destinationfqdntags": Values.FQDN_TAGS,
    "destinationfqdntag": Values.FQDN_TAGS,
    "fqdntags": Values.FQDN_TAGS,
    "fqdntag": Values.FQDN_TAGS,
    "destinationurls": Values.URLS,
    "targeturls": Values.URLS,
    "targeturl": Values.URLS,
    "webcategories": Values.WEB_CATEGORIES,
    "webcategory": Values.WEB_CATEGORIES,
    "destinationaddresses": Values.ADDRESSES,
    "destinationaddress": Values.ADDRESSES,
    "destaddr": Values.ADDRESSES,
    "destinationipgroups": Values.IP_GROUPS,
    "destinationipgroup": Values.IP_GROUPS,
    "destipg": Values.IP_GROUPS,
}
"""The keys that make a table a rule."""

SOURCES: Final = (
    *("sourceaddresses", "sourceaddress", "sourceipgroups", "sourceipgroup", "sourceips"),
    *("sourceipgroupskeys", "sourceipgroupkeys", "sourceipgroupids"),
)
PORTS: Final = ("destinationports", "destinationport", "destports")
PROTOCOLS: Final = ("protocols", "protocol", "ipprotocols", "ipprotocol")
INSPECTION: Final = ("terminatetls", "enabletlsinspection")
TRANSLATION: Final = ("translatedaddress", "translatedport", "translatedfqdn")
"""Only rules that translate addresses have these."""
SECURITY_RULE: Final = ("destinationaddressprefix", "destinationaddressprefixes", "destinationportrange")
"""Only rules of a network security group have these."""

_BYPASS: Final = ("trafficbypass", "bypasstrafficsettings")
"""What intrusion detection leaves alone: tables like rules that allow nothing."""
_SECURITY_GROUP: Final = ("securityrule", "networksecurityrule", "networksecuritygroup", "nsgrule")
_COLLECTION_KEYS: Final = re.compile(r"(rulecollections?|rulecollectiongroups?|rulecollectiondefinition|ruleset)$")
_RULE_KEYS: Final = re.compile(r"(^|application|network)rules?$")
_LAYERS: Final = (("networkrule", Layer.NETWORK), ("applicationrule", Layer.APPLICATION))


def layer_of(word: str) -> Layer | None:
    """Return the layer that a key, a type of resource or a type of rule names, if it names one.

    >>> layer_of("azurerm_firewall_network_rule_collection"), layer_of("natRuleCollections"), layer_of("rules")
    (<Layer.NETWORK: 'network'>, <Layer.OTHER: 'other'>, None)
    """
    folded = fold(word)
    if "natrule" in folded or folded in _BYPASS or any(one in folded for one in _SECURITY_GROUP):
        return Layer.OTHER
    return next((layer for name, layer in _LAYERS if name in folded), None)


def holds_collections(key: str) -> bool:
    """Say whether a key is one under which rule collections stand, so that what is not evaluated there may allow."""
    return _COLLECTION_KEYS.search(fold(key)) is not None and layer_of(key) is not Layer.OTHER


def holds_rules(key: str) -> bool:
    """Say the same of rules. Other things than firewalls have ``rules`` too."""
    return _RULE_KEYS.search(fold(key)) is not None
