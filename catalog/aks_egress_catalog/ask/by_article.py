"""What the article says of an endpoint to everybody, whatever their cluster is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from aks_egress_catalog.ask.answer import Verdict
from aks_egress_catalog.ask.decisions import Decision, range_set
from aks_egress_catalog.model import (
    Cloud,
    Destination,
    DestinationForm,
    Effect,
    Feature,
    Level,
    NamedSet,
    Rule,
    Status,
    When,
)

_KEYS: Final = {
    When.PRIVATE_CLUSTER: "private_cluster",
    When.KONNECTIVITY_AGENT: "konnectivity",
    When.CUSTOM_DNS: "custom_dns",
    When.PODS_USE_API_SERVER_IP: "pods_use_api_server_ip",
    When.AZURE_FIREWALL_NETWORK_RULES: "azure_firewall",
    When.CLUSTER_EXISTS: "api_server_ips",
    When.NODES_AFTER_2021_03: "nodes_after_2021_03",
    When.NETWORK_ISOLATED: "network_isolated",
    When.PRIVATE_ENDPOINT: "private_endpoints",
}
"""The key of a profile that decides each circumstance."""
_FEATURE_KEYS: Final = {Feature.GPU: "gpu", Feature.WINDOWS: "windows", Feature.OS_UPDATES: "recommended"}
"""Features that are switched by a key of their own; the others stand in ``features``."""
_SET_KEYS: Final = {
    NamedSet.REGION_CIDRS: "service_tags",
    NamedSet.API_SERVER_PUBLIC_IP: "api_server_ips",
    NamedSet.CUSTOM_DNS_IP: "custom_dns",
    NamedSet.API_SERVER_SUBNET_CIDR: "api_server_subnet",
}
_WORDS: Final = {Effect.ONLY_IF: "only if", Effect.NOT_IF: "unless"}


class ByArticle:
    """What the article says to everybody."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._clouds = {rule.cloud for rule in rules}
        self._known: dict[tuple[str, str], Decision] = {}

    def name(self, rule: Rule, destination: Destination, host: str) -> Decision:  # noqa: ARG002  - as Judge has it
        """Decide by the level, the feature and the conditions, whatever the host."""
        key = (rule.id, destination.value)
        if key not in self._known:
            self._known[key] = by_article(rule, destination)
        return self._known[key]

    def address(self, host: str, rules: Sequence[Rule]) -> list[Decision]:
        """Decide by the ranges that the article states."""
        return [
            by_article(rule, destination)
            for rule in rules
            for destination in rule.destinations
            if destination.form is DestinationForm.CIDR and host in range_set((destination.value,))
        ]

    def reason(self, decisions: Sequence[Decision]) -> str:
        """Name the clouds, features and circumstances."""
        first = decisions[0]
        if first.verdict not in (Verdict.REQUIRED, Verdict.REQUIRED_IF):
            return first.why
        named = {one.rule.cloud for one in decisions}
        clouds = sorted(named, key=lambda cloud: (cloud != Cloud.PUBLIC, cloud))
        where = "" if named == self._clouds else f" in {' and '.join(clouds)}"
        if first.verdict is Verdict.REQUIRED:
            return f"every cluster{where} needs it"
        return f"needed{where} {', or '.join(dict.fromkeys(one.why for one in decisions))}"


def by_article(rule: Rule, destination: Destination) -> Decision:
    """Decide for what a destination of a rule takes in: by the level, the feature and the conditions."""
    conditions = rule.conditions_of(destination)
    if rule.lifecycle.status is Status.REMOVED:
        why = f"it was removed from the article on {rule.lifecycle.since}"
        return Decision(Verdict.RETIRED, rule, conditions, why)
    if rule.level is not Level.REQUIRED:
        return Decision(Verdict(rule.level), rule, conditions, of_level(rule), _feature_key(rule))
    deciding = [one for one in conditions if one.effect is not Effect.REQUIRED_IF]
    if rule.feature == Feature.CORE and not deciding:
        return Decision(Verdict.REQUIRED, rule, conditions)
    with_feature = [] if rule.feature == Feature.CORE else [f"with {rule.feature}"]
    why = " and ".join([*with_feature, *(f"{_WORDS[one.effect]} {one.when}" for one in deciding)])
    needs = (*_feature_key(rule), *(_KEYS[one.when] for one in deciding))
    return Decision(Verdict.REQUIRED_IF, rule, conditions, why, needs)


def of_level(rule: Rule) -> str:
    """Say what a level that is not ``required`` means."""
    if rule.level is Level.RECOMMENDED:
        return f"for {rule.feature}; a cluster runs without it"
    if rule.level is Level.INFORMATIONAL:
        return "only the article's prose names it; nobody has to allow it"
    return f"advisory {rule.sources[0].heading}: a gap of the article, for {rule.feature}"


def _feature_key(rule: Rule) -> tuple[str, ...]:
    if rule.feature == Feature.CORE or rule.level is Level.INFORMATIONAL:
        return ()
    return (_FEATURE_KEYS.get(Feature(rule.feature), "features") if rule.feature in set(Feature) else "features",)


def needs_of_address(rules: Sequence[Rule]) -> tuple[str, ...]:
    """Say what would tell more of an address on the port of these rules: the name behind it, or what a set holds."""
    found: dict[str, None] = {}
    for rule in rules:
        for destination in rule.destinations:
            if destination.form is DestinationForm.NAMED_SET:
                found[_SET_KEYS[NamedSet(destination.value)]] = None
            elif destination.form in (DestinationForm.FQDN, DestinationForm.SERVICE_TAG):
                found["host" if destination.form is DestinationForm.FQDN else "service_tags"] = None
    return tuple(found)
