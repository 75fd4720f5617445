"""Clusters that need less than the tables say: what is left out for them, and what they may do without.

The conditions on a rule come from the text beside it. What stands here comes from the article's introduction and from
how such clusters are built; it never adds a rule, and leaves out only what the article calls unnecessary.

    cluster                      the rules of MCR (core)     the API server's name      every other rule
    bootstrap cache              left out                    needed                     needed
    network isolated             left out                    optional                   optional
    API server VNet integration  needed                      optional                   needed
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from aks_egress_catalog.cluster.profile import Profile
from aks_egress_catalog.model import DestinationForm, Feature, Rule

MCR_HOSTS: Final = frozenset(
    {
        "mcr.microsoft.com",
        "*.data.mcr.microsoft.com",
        "*.cdn.mscr.io",
        "mcr-0001.mcr-msedge.net",
        "mcr.azure.cn",
        "*.data.mcr.azure.cn",
    }
)
"""Microsoft's registry, and where it sends its clients for layers; ``*.cdn.mscr.io`` did that until 2020."""

_FROM_A_CACHE: Final = (
    "the cluster takes the images of its components and add-ons from a registry of yours, which fetches them from MCR"
    " itself: the article says that the cluster then needs no way out to MCR"
)
_ISOLATED: Final = "a network isolated cluster needs no egress by default: only for what you let out on purpose"
_VNET_INTEGRATION: Final = (
    "with API server VNet integration the nodes reach the API server by its private address, inside the virtual network"
)


def names_api_server(pattern: str) -> bool:
    """Say whether a host pattern is that of the clusters' own API servers."""
    return pattern.startswith("*.") and ".hcp." in pattern


def why_not_needed(profile: Profile, rule: Rule) -> str:
    """Say why the article calls a rule unnecessary for such a cluster; empty where it does not.

    Only the core's rules: that a feature's own images come from the cache as well, the article does not say.
    """
    cached = profile.bootstrap_cache or profile.network_isolated
    if cached and rule.feature == Feature.CORE and rule.destinations[0].value in MCR_HOSTS:
        return _FROM_A_CACHE
    return ""


def why_optional(profile: Profile, rule: Rule) -> str:
    """Say why such a cluster may do without a rule that the article asks for; empty where it needs it."""
    if profile.network_isolated:
        return _ISOLATED
    if profile.vnet_integration and any(names_api_server(one.value) for one in rule.destinations):
        return _VNET_INTEGRATION
    return ""


def words_on(profile: Profile, rule: Rule) -> Iterator[str]:
    """What to know of one rule in a cluster like this, beside what is needed."""
    of_ubuntu = any(one.form is DestinationForm.FQDN and one.value.endswith(".ubuntu.com") for one in rule.destinations)
    if profile.azure_linux and of_ubuntu:
        yield "for Ubuntu nodes: every Linux node of this cluster runs Azure Linux, which fetches nothing from Ubuntu"


def caveats_of(profile: Profile) -> Iterator[str]:
    """What to know of a cluster like this as a whole."""
    if profile.network_isolated:
        yield (
            "network isolated cluster: it needs no egress by default and none to MCR; each rule here is optional, for"
            " the egress that you open on purpose"
        )
        private = sorted({Feature.KEY_VAULT_CSI, Feature.AZURE_MONITOR} & profile.needed_features)
        if private:
            yield f"network isolated cluster: the article recommends private endpoints for {' and '.join(private)}"
    elif profile.bootstrap_cache:
        yield "bootstrap cache: the rules of MCR are left out; what your own workloads pull from MCR needs them"
    if profile.vnet_integration:
        yield (
            "API server VNet integration: the page does not cover it; the name of the API server is optional, and its"
            " public addresses are not needed by nodes"
        )
    if profile.outbound_type in _OWN_WAYS_OUT:
        yield (
            f"outbound type {profile.outbound_type}: AKS gives the cluster a way out of its own; nothing forces its"
            " traffic through your firewall, which these rules are for"
        )


_OWN_WAYS_OUT: Final = ("loadBalancer", "managedNATGateway", "managedNATGatewayV2", "userAssignedNATGateway")
