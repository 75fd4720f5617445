"""One rule and one endpoint in, a decision out: by the article for everybody, or by what one cluster's rules are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Final, NamedTuple, Protocol

from aks_egress_catalog.ask.answer import Verdict
from aks_egress_catalog.cluster.resolve import ConcreteRule, LeftOut, Resolution
from aks_egress_catalog.hosts.endpoint import Endpoint
from aks_egress_catalog.hosts.patterns import pattern_matches
from aks_egress_catalog.hosts.ranges import RangeSet
from aks_egress_catalog.model import (
    Cloud,
    Condition,
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

RANKS: Final = {verdict: rank for rank, verdict in enumerate(Verdict)}
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
_LACKS: Final = (
    ("the region", "region"),
    ("Service Tags file", "service_tags"),
    *((f"needs {key}", key) for key in ("api_server_ips", "custom_dns", "api_server_subnet")),
    ("allow_any", "allow_any"),
)
"""What a resolution says of a rule that it cannot express, and the input that it asks for by that."""
_WORDS: Final = {Effect.ONLY_IF: "only if", Effect.NOT_IF: "unless"}


class Decision(NamedTuple):
    """What one rule means for an endpoint; ``why`` and ``needs`` are empty where nothing has to be said."""

    verdict: Verdict
    rule: Rule
    conditions: tuple[Condition, ...] = ()
    why: str = ""
    needs: tuple[str, ...] = ()


class Judge(Protocol):
    """Who decides: :class:`ByArticle` or :class:`ByCluster`."""

    def name(self, rule: Rule, destination: Destination, host: str) -> Decision:
        """Decide for a host name that a destination of a rule takes in, on a port of that rule."""

    def address(self, host: str, rules: Sequence[Rule]) -> list[Decision]:
        """Decide for an address, by those of the rules on its port that take it in: only ranges do."""

    def reason(self, decisions: Sequence[Decision]) -> str:
        """Say in one line why the verdict that these decisions share is what it is."""


class ByArticle:
    """What the article says to everybody."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._clouds = {rule.cloud for rule in rules}
        self._known: dict[tuple[str, str], Decision] = {}

    def name(self, rule: Rule, destination: Destination, host: str) -> Decision:  # noqa: ARG002  - as Judge has it
        """Decide by the level, the feature and the conditions, whatever the host."""
        key = (rule.id, destination.value)
        if key not in self._known:
            self._known[key] = _by_article(rule, destination)
        return self._known[key]

    def address(self, host: str, rules: Sequence[Rule]) -> list[Decision]:
        """Decide by the ranges that the article states."""
        return [
            _by_article(rule, destination)
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


def _by_article(rule: Rule, destination: Destination) -> Decision:
    conditions = rule.conditions_of(destination)
    if rule.lifecycle.status is Status.REMOVED:
        why = f"it was removed from the article on {rule.lifecycle.since}"
        return Decision(Verdict.RETIRED, rule, conditions, why)
    if rule.level is not Level.REQUIRED:
        return Decision(Verdict(rule.level), rule, conditions, _of_level(rule), _feature_key(rule))
    deciding = [one for one in conditions if one.effect is not Effect.REQUIRED_IF]
    if rule.feature == Feature.CORE and not deciding:
        return Decision(Verdict.REQUIRED, rule, conditions)
    with_feature = [] if rule.feature == Feature.CORE else [f"with {rule.feature}"]
    why = " and ".join([*with_feature, *(f"{_WORDS[one.effect]} {one.when}" for one in deciding)])
    needs = (*_feature_key(rule), *(_KEYS[one.when] for one in deciding))
    return Decision(Verdict.REQUIRED_IF, rule, conditions, why, needs)


def _of_level(rule: Rule) -> str:
    if rule.level is Level.RECOMMENDED:
        return f"for {rule.feature}; a cluster runs without it"
    if rule.level is Level.INFORMATIONAL:
        return "only the article's prose names it; nobody has to allow it"
    return f"advisory {rule.sources[0].heading}: a gap of the article, for {rule.feature}"


def _feature_key(rule: Rule) -> tuple[str, ...]:
    if rule.feature == Feature.CORE or rule.level is Level.INFORMATIONAL:
        return ()
    return (_FEATURE_KEYS.get(Feature(rule.feature), "features") if rule.feature in set(Feature) else "features",)


class ByCluster:
    """What a resolution chose for one cluster, and nothing else."""

    def __init__(self, resolution: Resolution) -> None:
        self._expressed = {rule.id: rule for rule in resolution.rules}
        self._unmet = {left.id: left for left in resolution.unmet}
        self._left_out = {left.id: left for left in resolution.left_out}
        self._cloud = next((name.partition("/")[0] for name in (*self._expressed, *self._unmet)), "")
        self._used = {_place(name) for name in (*self._expressed, *self._unmet)}
        self._reasons: dict[str, str] = {}
        for left in resolution.left_out:
            self._reasons.setdefault(_place(left.id), left.reason)

    def name(self, rule: Rule, destination: Destination, host: str) -> Decision:
        """Decide by the hosts that the rule has for this cluster, or by why it has none."""
        concrete = self._expressed.get(rule.id)
        if concrete is None:
            return self._not_expressed(rule, destination)
        hosts = concrete.values if concrete.form is DestinationForm.FQDN else ()
        if concrete.form is DestinationForm.ANY or any(pattern_matches(value, host) for value in hosts):
            return self._taken(concrete, rule, destination)
        return self._other(concrete, rule)

    def address(self, host: str, rules: Sequence[Rule]) -> list[Decision]:
        """Decide by the ranges that rules have for this cluster."""
        found = ((self._expressed[rule.id], rule) for rule in rules if rule.id in self._expressed)
        return [self._taken(concrete, rule, rule.destinations[0]) for concrete, rule in found if _holds(concrete, host)]

    def reason(self, decisions: Sequence[Decision]) -> str:
        """Say what the first of them says that says anything."""
        return next((one.why for one in decisions if one.why), "this cluster needs it")

    def own(self, decisions: Sequence[Decision]) -> Sequence[Decision]:
        """Leave out what rules of other clouds say, where one of the cluster's own says something."""
        return [one for one in decisions if one.rule.cloud == self._cloud] or decisions

    def open_ends(self, rules: Sequence[Rule]) -> tuple[str, ...]:
        """Say what input would tell more of an address on the port of these rules; empty: nothing would."""
        needs: dict[str, None] = {}
        for rule in rules:
            concrete = self._expressed.get(rule.id)
            if concrete and concrete.form is DestinationForm.FQDN:
                needs["host"] = None
            elif concrete and concrete.form is DestinationForm.SERVICE_TAG:
                needs["service_tags"] = None
            elif rule.id in self._unmet:
                needs |= dict.fromkeys(_lacking(self._unmet[rule.id].reason))
        return tuple(needs)

    def closed(self, rules: Sequence[Rule]) -> list[Decision]:
        """Say of the rules on the port of an address why none of them is for it."""
        return [
            self._other(self._expressed[rule.id], rule)
            if rule.id in self._expressed
            else self._not_expressed(rule, rule.destinations[0])
            for rule in rules
        ]

    def _taken(self, concrete: ConcreteRule, rule: Rule, destination: Destination) -> Decision:
        place = concrete.alternative.partition("/")[0]
        chosen = destination if concrete.form is DestinationForm.FQDN else rule.destinations[int(place or 1) - 1]
        why = "" if concrete.level is Level.REQUIRED else _of_level(rule)
        return Decision(Verdict(concrete.level), rule, rule.conditions_of(chosen), why)

    def _other(self, concrete: ConcreteRule, rule: Rule) -> Decision:
        return Decision(Verdict.NOT_NEEDED, rule, why=f"for this cluster it is {', '.join(concrete.values[:3])}")

    def _not_expressed(self, rule: Rule, destination: Destination) -> Decision:
        if rule.lifecycle.status is Status.REMOVED:
            return _by_article(rule, destination)
        if rule.id in self._unmet:
            reason = self._unmet[rule.id].reason
            why = f"this cluster needs the rule, which is not decided: {reason}"
            return Decision(Verdict.REQUIRED_IF, rule, rule.conditions_of(destination), why, _lacking(reason))
        place = _place(rule.id)
        if rule.level is Level.KNOWN_GAP and place in self._used:
            return _by_article(rule, destination)
        if rule.level is Level.INFORMATIONAL and rule.cloud == self._cloud:
            return _by_article(rule, destination)
        left = self._left_out.get(rule.id) or LeftOut(
            id=rule.id, reason=self._reasons.get(place, "an advisory's fix stands in its place")
        )
        return Decision(Verdict.NOT_NEEDED, rule, why=left.reason)


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


def asks_for(rule: Rule, endpoint: Endpoint) -> bool:
    """Say whether a rule is for the port of an endpoint.

    A rule that states no port is for every one, but for an informational one: the prose that names a host without a
    port says nothing of any.
    """
    if rule.port is None:
        return rule.level is not Level.INFORMATIONAL or endpoint.port is None
    return endpoint.is_on(rule.port, rule.protocol)


@cache
def range_set(values: tuple[str, ...]) -> RangeSet:
    """Return the set of some ranges; the same ranges are asked of many addresses."""
    return RangeSet(values)


def _holds(concrete: ConcreteRule, host: str) -> bool:
    if concrete.form is DestinationForm.CIDR:
        return host in range_set(concrete.values)
    return concrete.form is DestinationForm.ANY


def _lacking(reason: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(key for words, key in _LACKS if words in reason))


def _place(name: str) -> str:
    """Cloud and feature of a rule id."""
    return "/".join(name.split("/", 2)[:2])
