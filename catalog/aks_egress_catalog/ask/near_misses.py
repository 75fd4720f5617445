"""The rules that come near an endpoint that none covers, and why none of them does."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from aks_egress_catalog.catalog import Catalog
from aks_egress_catalog.hosts.endpoint import Endpoint
from aks_egress_catalog.hosts.patterns import literal_tail, pattern_matches
from aks_egress_catalog.model import Destination, DestinationForm, Rule, Status

_NEAR: Final = 5
_ALIKE: Final = 0.6


@dataclass(frozen=True, kw_only=True)
class NearMiss:
    """A rule that does not cover the endpoint, and why not."""

    rule: Rule
    why_not: str


def is_on(rule: Rule, endpoint: Endpoint) -> bool:
    """Say whether a rule is for the port of an endpoint; one that states none is for every port."""
    return rule.port is None or (rule.port, rule.protocol) == (endpoint.port, endpoint.protocol)


def near_misses(catalog: Catalog, endpoint: Endpoint, reasons: Mapping[str, str]) -> Iterator[NearMiss]:
    """Yield the rules that come nearest: those of the same host first, then those of hosts that look alike.

    ``reasons`` say by id why a rule for this very endpoint is none for the cluster; an empty one passes it over.
    """
    scored: list[tuple[float, str, NearMiss]] = []
    for rule in catalog.rules:
        for destination in rule.destinations:
            why = _why_not(rule, destination, endpoint, reasons) if destination.form is DestinationForm.FQDN else ""
            if why:
                score = difflib.SequenceMatcher(None, destination.value, endpoint.host, autojunk=False).ratio()
                covered = _names(destination, endpoint)
                if covered or score >= _ALIKE or literal_tail(destination.value) == endpoint.host:
                    scored.append((-score - 2 * covered, rule.id, NearMiss(rule=rule, why_not=why)))
    yield from (near for _, _, near in sorted(scored, key=lambda one: one[:2])[:_NEAR])


def _names(destination: Destination, endpoint: Endpoint) -> bool:
    return pattern_matches(destination.value, endpoint.host)


def _why_not(rule: Rule, destination: Destination, endpoint: Endpoint, reasons: Mapping[str, str]) -> str:
    if not _names(destination, endpoint):
        if destination.value == f"*.{endpoint.host}":
            return f"{destination} covers names below {endpoint.host}, not {endpoint.host} itself"
        return f"{destination} does not cover {endpoint.host}"
    if not is_on(rule, endpoint):
        return f"it is for {rule.protocol} {rule.port}, not for {endpoint.protocol} {endpoint.port}"
    if rule.id in reasons:
        return reasons[rule.id]
    return (
        f"it was removed from the article on {rule.lifecycle.since}" if rule.lifecycle.status is Status.REMOVED else ""
    )
