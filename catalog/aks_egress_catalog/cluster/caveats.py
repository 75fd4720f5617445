"""What the reader of a resolution should know: of the cluster as a whole, and of one rule."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from aks_egress_catalog.cluster.advisories import advisories_on, not_applied
from aks_egress_catalog.cluster.profile import Profile, closest
from aks_egress_catalog.cluster.service_tags import REGIONS
from aks_egress_catalog.hosts.patterns import pattern_matches
from aks_egress_catalog.model import Cloud, Destination, DestinationForm, Level, Rule, Rules, Status

_SERVER_REGION: Final = re.compile(r"\.hcp\.([a-z0-9]+)\.")
"""Where the name of an API server says its region: ``<name>.hcp.<region>.azmk8s.io`` and its sovereign twins."""


def caveats(rules: Rules, profile: Profile) -> Iterator[str]:
    """What to know of the whole: what is unknown, what the page does not cover, and what it is known to have wrong."""
    yield from _of_the_region(profile)
    yield from _of_the_api_server(rules, profile)
    stated = {rule.feature for rule in rules if rule.cloud == profile.cloud}
    for feature in sorted(profile.needed_features - stated):
        yield f"{feature}: not stated by the page for {profile.cloud}; that does not say that nothing is needed"
    yield from _of_the_network(profile)
    for advisory in not_applied(rules, profile.cloud, profile.needed_features):
        yield f"advisory: {advisory}; --fix-advisories (in Python fix_advisories=True) applies it"


def _of_the_region(profile: Profile) -> Iterator[str]:
    if profile.region and profile.region not in REGIONS[profile.cloud]:
        elsewhere = [cloud for cloud in Cloud if profile.region in REGIONS[cloud]]
        where = f"it is a region of {elsewhere[0]}" if elsewhere else "it is taken as it is"
        meant = closest(profile.region, REGIONS[profile.cloud])
        yield f"region {profile.region!r} is not known for {profile.cloud}{meant or ';'} {where}"


def names_api_server(pattern: str) -> bool:
    """Say whether a host pattern is that of the clusters' own API servers."""
    return pattern.startswith("*.") and ".hcp." in pattern


def _of_the_api_server(rules: Rules, profile: Profile) -> Iterator[str]:
    server = profile.api_server_fqdn
    named = _SERVER_REGION.search(server or "")
    if named and profile.region not in (None, named[1]):
        yield (
            f"api_server_fqdn {server} is a name in {named[1]}, not in {profile.region}: one of the two is another"
            " cluster's; the API server's rule has the name"
        )
    patterns = [
        destination.value
        for rule in rules
        if rule.cloud == profile.cloud
        for destination in rule.destinations
        if destination.form is DestinationForm.FQDN and names_api_server(destination.value)
    ]
    if server and not profile.private_cluster and not any(pattern_matches(pattern, server) for pattern in patterns):
        known = " or ".join(sorted(set(patterns))) or "no name at all"
        yield f"api_server_fqdn {server} is not used: the page has {known} for {profile.cloud}"


def _of_the_network(profile: Profile) -> Iterator[str]:
    if profile.network_isolated:
        yield (
            "network isolated cluster: it pulls from a private registry and needs no egress by default;"
            " these rules are for the egress that you open on purpose"
        )
    if profile.vnet_integration:
        yield (
            "API server VNet integration: nodes reach the API server inside the virtual network, which the page"
            " does not cover; the rules towards the API server may not be needed"
        )
    if profile.http_proxy:
        yield "HTTP proxy: allow the host rules on the proxy; network rules do not pass through it"
    if profile.outbound_type in ("none", "block") and not profile.network_isolated:
        yield f"outbound type {profile.outbound_type}: AKS sets up no egress; these rules bind whatever you set up"


def remarks(rules: Rules, rule: Rule) -> Iterator[str]:
    """What to know of one rule."""
    if rule.lifecycle.status is Status.MISSING:
        yield f"missing from the article since {rule.lifecycle.since}; it stays until it is removed"
    if rule.lifecycle.replaced_by:
        yield f"the article says that it is being replaced by {rule.lifecycle.replaced_by}"
    if rule.level is Level.KNOWN_GAP:
        yield from (f"not of the article, but of advisory {one.id}, {one.evidence}" for one in advisories_on(rule))
    for other in rules:
        if other.cloud != rule.cloud and _is_twin(rule, other):
            for condition in sorted(set(other.conditions) - set(rule.conditions), key=str):
                yield f"{condition} is stated for {other.cloud} only; it is shown, not applied"


def _is_twin(rule: Rule, other: Rule) -> bool:
    """Say whether two clouds state one requirement: same feature and port, same destination or same first label."""
    if (rule.feature, rule.protocol, rule.port) != (other.feature, other.protocol, other.port):
        return False
    return _stem(rule.destinations[0]) == _stem(other.destinations[0])


def _stem(destination: Destination) -> str:
    head, region, _ = destination.value.partition("{region}")
    return head if destination.form is DestinationForm.FQDN and region and head else str(destination)
