"""What the rules of one cluster say of an endpoint: a resolution decides, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from aks_egress_catalog.ask.answer import Verdict
from aks_egress_catalog.ask.by_article import by_article, of_level
from aks_egress_catalog.ask.decisions import Decision, range_set
from aks_egress_catalog.cluster.resolve import ConcreteRule, LeftOut, Resolution
from aks_egress_catalog.hosts.patterns import pattern_matches
from aks_egress_catalog.model import Destination, DestinationForm, Level, Rule, Status

_LACKS: Final = (
    ("the region", "region"),
    ("Service Tags file", "service_tags"),
    *((f"needs {key}", key) for key in ("api_server_ips", "custom_dns", "api_server_subnet")),
    ("allow_any", "allow_any"),
)
"""What a resolution says of a rule that it cannot express, and the input that it asks for by that."""


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
        if concrete.optional and concrete.level is Level.REQUIRED:
            return Decision(Verdict.REQUIRED_IF, rule, rule.conditions_of(chosen), concrete.optional)
        why = "" if concrete.level is Level.REQUIRED else of_level(rule)
        return Decision(Verdict(concrete.level), rule, rule.conditions_of(chosen), why)

    def _other(self, concrete: ConcreteRule, rule: Rule) -> Decision:
        return Decision(Verdict.NOT_NEEDED, rule, why=f"for this cluster it is {', '.join(concrete.values[:3])}")

    def _not_expressed(self, rule: Rule, destination: Destination) -> Decision:
        if rule.lifecycle.status is Status.REMOVED:
            return by_article(rule, destination)
        if rule.id in self._unmet:
            reason = self._unmet[rule.id].reason
            why = f"this cluster needs the rule, which is not decided: {reason}"
            return Decision(Verdict.REQUIRED_IF, rule, rule.conditions_of(destination), why, _lacking(reason))
        place = _place(rule.id)
        if rule.level is Level.KNOWN_GAP and place in self._used:
            return by_article(rule, destination)
        if rule.level is Level.INFORMATIONAL and rule.cloud == self._cloud:
            return by_article(rule, destination)
        left = self._left_out.get(rule.id) or LeftOut(
            id=rule.id, reason=self._reasons.get(place, "an advisory's fix stands in its place")
        )
        return Decision(Verdict.NOT_NEEDED, rule, why=left.reason)


def _holds(concrete: ConcreteRule, host: str) -> bool:
    if concrete.form is DestinationForm.CIDR:
        return host in range_set(concrete.values)
    return concrete.form is DestinationForm.ANY


def _lacking(reason: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(key for words, key in _LACKS if words in reason))


def _place(name: str) -> str:
    """Cloud and feature of a rule id."""
    return "/".join(name.split("/", 2)[:2])
