"""The gate's checks of where a firewall would be opened to: hosts of new domains, and patterns that became wider.

The article is public, and anybody can propose an edit of it. So a new rule of a domain that was never in a release,
and every pattern that takes in more than what stood there before, waits for a person.
"""

from __future__ import annotations

from collections.abc import Iterator

from aks_egress_catalog.catalog import Catalog
from aks_egress_catalog.hosts.patterns import takes_in
from aks_egress_catalog.model import Destination, DestinationForm, endpoint_of
from publish.config import GateLimits
from publish.plan.check import Candidate, Check, GateVerdict
from publish.plan.domains import domain_of, lets_anybody_in, lets_the_world_in


def known_destinations(candidate: Candidate, _: GateLimits) -> Check:
    """Hold a host whose registrable domain no release ever had, and a service tag or set that is new.

    The history counts as well: a domain that was asked for in 2021 and comes back is no stranger.
    """
    # An id has the destination that its rule is keyed by; of other alternatives only those published now are known.
    known = {domain_of(endpoint_of(name)[0]) for name in candidate.history.rules}
    known |= {domain_of(str(destination)) for destination in _destinations(candidate.last)}
    domains = {str(destination): domain_of(str(destination)) for destination in _destinations(candidate.read)}
    strange = sorted(f"**{domain}**: {name}" for name, domain in domains.items() if domain not in known)
    return Check(
        name="known destinations",
        verdict=GateVerdict.HOLD if strange else GateVerdict.PUBLISH,
        figure=f"{len(strange)} new",
        reason="a host of a domain that no earlier release had is the likeliest form of a hostile edit",
        found=tuple(strange),
    )


def nothing_wider(candidate: Candidate, _: GateLimits) -> Check:
    """Hold a destination that takes in one that stood alone, a new pattern, and a new rule for every address."""
    before = {rule.id: rule for rule in candidate.last.rules}
    had = {(rule.cloud, str(destination)) for rule in before.values() for destination in rule.destinations}
    # `*.data.mcr.microsoft.com` after `eastus.data.mcr.microsoft.com`: the new one allows the old one, and more.
    wider = {
        f"{rule.cloud}: {wide} takes in {narrow}, which stood alone before"
        for rule in candidate.read.rules
        for wide in rule.destinations
        if (rule.cloud, str(wide)) not in had
        for old in before.values()
        if old.cloud == rule.cloud
        for narrow in old.destinations
        if takes_in(wide, narrow)
    }
    wider |= {f"{cloud}: {name} is a pattern that no release had" for cloud, name in _new_patterns(candidate)}
    # "any" is keyed by itself, so a network rule for every address shows as a new id.
    wider |= {
        f"{rule.id} lets every address in"
        for rule in candidate.read.rules
        if rule.id not in before and rule.destinations[0].form is DestinationForm.ANY
    }
    return Check(
        name="nothing wider",
        verdict=GateVerdict.HOLD if wider else GateVerdict.PUBLISH,
        figure=f"{len(wider)} wider",
        reason="a name that became a wildcard opens more than was asked for before: a person must look at it",
        found=tuple(sorted(wider)),
    )


def _new_patterns(candidate: Candidate) -> set[tuple[str, str]]:
    """Stars and placeholders that are new: each may stand where one name stood, in a rule of whatever id."""
    had = {(name.partition("/")[0], endpoint_of(name)[0]) for name in candidate.history.rules}
    had |= {(rule.cloud, str(one)) for rule in candidate.last.rules for one in rule.destinations}
    patterns = {
        (rule.cloud, str(one))
        for rule in candidate.read.rules
        for one in rule.destinations
        if one.form is DestinationForm.FQDN and _is_open(one.value)
    }
    return patterns - had


def _is_open(text: str) -> bool:
    return "*" in text or "{" in text


def no_suffix_wildcard(candidate: Candidate, _: GateLimits) -> Check:
    """Refuse `*.com.cn`; hold `*.vault.azure.net`, below which every customer of Azure can have a name.

    Only patterns that are not published yet: the ones that are were looked at by a person then.
    """
    had = {str(destination) for destination in _destinations(candidate.last)}
    patterns = {str(one) for one in _destinations(candidate.read) if one.form is DestinationForm.FQDN}
    # Only an open first label can let strangers in: `a.{region}.x` has its owner below x.
    wild = sorted(name for name in patterns - had if _is_open(name.partition(".")[0]))
    anyone = list(filter(lets_anybody_in, wild))
    whole = list(filter(lets_the_world_in, anyone))
    return Check(
        name="no wildcard over a public suffix",
        verdict=GateVerdict.REFUSE if whole else GateVerdict.HOLD if anyone else GateVerdict.PUBLISH,
        figure=f"{len(anyone)} found",
        reason="below a public suffix anybody can have a name, so the rule would let anybody in",
        found=tuple(anyone),
    )


def _destinations(catalog: Catalog) -> Iterator[Destination]:
    return (destination for rule in catalog.rules for destination in rule.destinations)
