"""What the reader of a resolution should know: of the cluster as a whole, and of one rule."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from aks_egress_catalog.cluster.advisories import advisories_on, not_applied
from aks_egress_catalog.cluster.features import FeatureOrigin, features_line
from aks_egress_catalog.cluster.needs_less import caveats_of, names_api_server
from aks_egress_catalog.cluster.profile import Profile
from aks_egress_catalog.cluster.regions import REGIONS, regions_in
from aks_egress_catalog.hosts.patterns import pattern_matches
from aks_egress_catalog.model import Destination, DestinationForm, Level, Protocol, Rule, Rules, Status

_SERVER_REGION: Final = re.compile(r"\.hcp\.([a-z0-9]+)\.")
"""Where the name of an API server says its region: ``<name>.hcp.<region>.azmk8s.io`` and its sovereign twins."""


def caveats(rules: Rules, profile: Profile, features: Iterable[FeatureOrigin]) -> Iterator[str]:
    """What to know of the whole: what is assumed, what the page does not cover, and what it is known to have wrong."""
    yield features_line(features)
    yield from _of_the_region(rules, profile)
    yield from _of_the_api_server(rules, profile)
    stated = {rule.feature for rule in rules if rule.cloud == profile.cloud}
    for feature in sorted(profile.needed_features - stated):
        yield f"{feature}: not stated by the page for {profile.cloud}; that does not say that nothing is needed"
    yield from caveats_of(profile)
    yield from _of_the_network(profile)
    for advisory in not_applied(rules, profile.cloud, profile.needed_features):
        yield f"advisory: {advisory}; --fix-advisories (in Python fix_advisories=True) applies it"


def _of_the_region(rules: Rules, profile: Profile) -> Iterator[str]:
    if profile.region and profile.region not in (*REGIONS[profile.cloud], *regions_in(rules, profile.cloud)):
        yield f"region {profile.region!r} is not in our table for {profile.cloud}; it is taken as it is"


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
    if profile.http_proxy:
        yield "HTTP proxy: allow the host rules on the proxy; network rules do not pass through it"
    if profile.outbound_type in ("none", "block") and not profile.network_isolated:
        yield f"outbound type {profile.outbound_type}: AKS sets up no egress; these rules bind whatever you set up"


Twins = dict[tuple[str, Protocol | None, int | None, str], list[Rule]]
"""Rules of all clouds by what makes them one requirement: feature, protocol, port, and the stem of the destination."""


def twins_of(rules: Rules) -> Twins:
    """Bring the rules that state one requirement for several clouds together: same feature, port and destination.

    For hosts with a region the first labels are enough: ``*.hcp.{region}.azmk8s.io`` has a twin in every cloud.
    """
    found: Twins = {}
    for rule in rules:
        found.setdefault(_requirement(rule), []).append(rule)
    return found


def _requirement(rule: Rule) -> tuple[str, Protocol | None, int | None, str]:
    return (rule.feature, rule.protocol, rule.port, _stem(rule.destinations[0]))


def remarks(twins: Twins, rule: Rule) -> Iterator[str]:
    """What to know of one rule."""
    if rule.lifecycle.status is Status.MISSING:
        yield f"missing from the article since {rule.lifecycle.since}; it stays until it is removed"
    if rule.lifecycle.replaced_by:
        yield f"the article says that it is being replaced by {rule.lifecycle.replaced_by}"
    if rule.level is Level.KNOWN_GAP:
        yield from (f"not of the article, but of advisory {one.id}, {one.evidence}" for one in advisories_on(rule))
    for other in twins[_requirement(rule)]:
        if other.cloud != rule.cloud:
            for condition in sorted(set(other.conditions) - set(rule.conditions), key=str):
                yield f"{condition} is stated for {other.cloud} only; it is shown, not applied"


def _stem(destination: Destination) -> str:
    head, region, _ = destination.value.partition("{region}")
    return head if destination.form is DestinationForm.FQDN and region and head else str(destination)
