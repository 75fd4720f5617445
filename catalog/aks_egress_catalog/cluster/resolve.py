"""A cluster profile in, the concrete rules that it needs out. Nothing is left out without a reason.

For each rule: the circumstances are decided, placeholders are filled in, and of its alternatives the narrowest
that the target can express is chosen. ``*`` is chosen only where the caller allows it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from aks_egress_catalog.cluster.caveats import caveats, names_api_server, remarks
from aks_egress_catalog.cluster.profile import Profile
from aks_egress_catalog.cluster.service_tags import ServiceTags, ServiceTagsError, tag_names
from aks_egress_catalog.hosts.patterns import pattern_matches
from aks_egress_catalog.model import (
    Application,
    Condition,
    Constraint,
    Destination,
    DestinationForm,
    Effect,
    Kind,
    Level,
    NamedSet,
    Protocol,
    Rule,
    Rules,
    Status,
    When,
)
from aks_egress_catalog.model.addresses import network


@dataclass(frozen=True, kw_only=True)
class Target:
    """What a firewall can express in a network rule."""

    fqdn_in_network_rules: bool = False
    service_tags: bool = False


@dataclass(frozen=True, kw_only=True)
class ConcreteRule:
    """One rule as the cluster needs it. ``values`` are hosts, CIDRs or one service tag, by ``form``.

    ``choice`` says why this alternative, ``narrower`` what input would narrow it (empty: nothing would).
    """

    id: str
    feature: str
    level: Level
    kind: Kind
    form: DestinationForm
    values: tuple[str, ...]
    protocol: Protocol | None
    port: int | None
    application: Application | None
    alternative: str = ""
    choice: str = ""
    narrower: str = ""
    constraints: tuple[Constraint, ...] = ()
    remarks: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.values:
            raise ValueError(f"{self.id} lets nothing through: a rule has at least one value")

    def is_on(self, port: int, protocol: str) -> bool:
        """Say whether the rule is for a port; one that states none is for every port."""
        return self.port is None or (self.port, self.protocol) == (port, protocol)


@dataclass(frozen=True, kw_only=True)
class LeftOut:
    """A rule that is not emitted, and why."""

    id: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Resolution:
    """What a cluster must be allowed to reach, what was left out, and what the caller should know."""

    rules: tuple[ConcreteRule, ...]
    left_out: tuple[LeftOut, ...]
    caveats: tuple[str, ...]
    unmet: tuple[LeftOut, ...] = field(default=())
    """Rules that the cluster needs and that cannot be expressed without further input."""


class _Refusal(NamedTuple):
    """Why an alternative cannot be taken, and what would make it possible."""

    why: str


class _Filled(NamedTuple):
    """An alternative with its placeholders filled in: what a :class:`ConcreteRule` takes from it."""

    form: DestinationForm
    values: tuple[str, ...]
    choice: str
    narrower: str = ""


_NARROWEST_FIRST: Final = (
    DestinationForm.FQDN,
    DestinationForm.CIDR,
    DestinationForm.NAMED_SET,
    DestinationForm.SERVICE_TAG,
    DestinationForm.ANY,
)


def resolve(
    rules: Rules,
    profile: Profile,
    *,
    target: Target | None = None,
    service_tags: ServiceTags | None = None,
    allow_any: bool = False,
    informational: bool = False,
) -> Resolution:
    """Decide every rule for one cluster.

    ``service_tags`` turns tags into address ranges, ``allow_any`` lets a rule be met by ``*`` where nothing
    narrower can be expressed, ``informational`` adds the endpoints that only the article's prose names.
    :meth:`aks_egress_catalog.Catalog.resolve` has an example.
    """
    work = _Decision(rules, profile, target or Target(), service_tags, allow_any=allow_any, informational=informational)
    expressed: list[ConcreteRule] = []
    left_out: list[LeftOut] = []
    unmet: list[LeftOut] = []
    for rule in rules:
        reason = work.why_not(rule)
        if reason:
            left_out.append(LeftOut(id=rule.id, reason=reason))
            continue
        found = work.choose(rule)
        if isinstance(found, ConcreteRule):
            expressed.append(found)
        else:
            unmet.append(LeftOut(id=rule.id, reason=found.why))
    return Resolution(
        rules=tuple(expressed), left_out=tuple(left_out), unmet=tuple(unmet), caveats=tuple(caveats(rules, profile))
    )


class _Decision:
    """The decisions for one cluster; each method answers one question about one rule."""

    def __init__(
        self,
        rules: Rules,
        profile: Profile,
        target: Target,
        service_tags: ServiceTags | None,
        *,
        allow_any: bool,
        informational: bool,
    ) -> None:
        self.rules = rules
        self.profile = profile
        self.target = target
        self.service_tags = service_tags
        self.allow_any = allow_any
        self.informational = informational

    def why_not(self, rule: Rule) -> str:
        """Say why a rule is not this cluster's, or nothing."""
        profile = self.profile
        if rule.cloud != profile.cloud:
            return f"it is a rule of {rule.cloud}"
        if rule.feature not in profile.needed_features:
            return f"the profile does not use {rule.feature}"
        if rule.lifecycle.status is Status.REMOVED:
            return f"it was removed from the article on {rule.lifecycle.since}"
        if rule.level is Level.INFORMATIONAL and not self.informational:
            return "it is informational: only the article's prose names it; ask for informational rules to have it"
        return next(iter(self._failing(rule.conditions)), "")

    def _failing(self, conditions: Iterable[Condition]) -> Iterator[str]:
        for condition in conditions:
            holds = self._holds(condition.when)
            if condition.effect is Effect.ONLY_IF and not holds:
                yield f"{condition}, and that does not hold for this cluster"
            if condition.effect is Effect.NOT_IF and holds:
                yield f"{condition}, and that holds for this cluster"

    def _holds(self, when: When) -> bool:
        if when is When.AZURE_FIREWALL_NETWORK_RULES:
            return self.profile.azure_firewall or self.target.fqdn_in_network_rules
        return self.profile.holds(when)

    def choose(self, rule: Rule) -> ConcreteRule | _Refusal:
        """Take the narrowest alternative that can be expressed."""
        ordered = sorted(rule.destinations, key=lambda destination: _NARROWEST_FIRST.index(destination.form))
        ordered.sort(key=lambda destination: destination.value != NamedSet.API_SERVER_PUBLIC_IP)
        refused: list[str] = []
        for destination in ordered:
            found = self._fill(rule, destination)
            if isinstance(found, _Refusal):
                refused.append(f"{destination}: {found.why}")
                continue
            return self._concrete(rule, destination, found, refused)
        return _Refusal(why="; ".join(refused))

    def _concrete(self, rule: Rule, destination: Destination, found: _Filled, refused: list[str]) -> ConcreteRule:
        total = len(rule.destinations)
        place = rule.destinations.index(destination) + 1
        return ConcreteRule(
            id=rule.id,
            feature=rule.feature,
            level=rule.level,
            kind=rule.kind,
            form=found.form,
            values=found.values,
            protocol=rule.protocol,
            port=rule.port,
            application=rule.application,
            alternative=f"{place}/{total}" if total > 1 else "",
            choice=found.choice,
            narrower=found.narrower or "; ".join(refused),
            constraints=rule.constraints,
            remarks=tuple(remarks(self.rules, rule)),
        )

    def _fill(self, rule: Rule, destination: Destination) -> _Filled | _Refusal:
        failing = next(iter(self._failing(destination.conditions)), "")
        if failing and not (destination.value == NamedSet.API_SERVER_PUBLIC_IP and not self.profile.api_server_ips):
            return _Refusal(why=failing)
        if destination.form is DestinationForm.FQDN:
            return self._fill_host(rule, destination.value)
        if destination.form is DestinationForm.CIDR:
            return _Filled(form=destination.form, values=(destination.value,), choice="the article's address range")
        if destination.form is DestinationForm.NAMED_SET:
            return self._fill_set(NamedSet(destination.value))
        if destination.form is DestinationForm.SERVICE_TAG:
            return self._fill_tag(destination.value)
        if self.allow_any:
            return _Filled(form=destination.form, values=("*",), choice="any address, as you allowed")
        return _Refusal(why="any address, which only allow_any lets through")

    def _fill_host(self, rule: Rule, pattern: str) -> _Filled | _Refusal:
        if rule.kind is Kind.NETWORK and not self.target.fqdn_in_network_rules:
            return _Refusal(why="the target takes no host names in network rules")
        server = self.profile.api_server_fqdn
        if server and names_api_server(pattern) and pattern_matches(pattern, server):
            return _Filled(form=DestinationForm.FQDN, values=(server,), choice="the API server's own name")
        host = pattern
        if "{region}" in pattern:
            if self.profile.region is None:
                return _Refusal(why="it needs the region")
            host = pattern.replace("{region}", self.profile.region)
        placeholder = re.search(r"\{[^}]*\}", host)
        if placeholder:
            return _Refusal(why=f"nothing is known that fills in {placeholder.group()}")
        narrower = "api_server_fqdn" if names_api_server(pattern) else ""
        return _Filled(form=DestinationForm.FQDN, values=(host,), choice="the host", narrower=narrower)

    def _fill_set(self, name: NamedSet) -> _Filled | _Refusal:
        if name is NamedSet.REGION_CIDRS:
            return self._fill_ranges("AzureCloud.{region}")
        profile = self.profile
        values, key = {
            NamedSet.API_SERVER_PUBLIC_IP: (profile.api_server_ips, "api_server_ips"),
            NamedSet.CUSTOM_DNS_IP: (profile.custom_dns, "custom_dns"),
            NamedSet.API_SERVER_SUBNET_CIDR: (
                (profile.api_server_subnet,) if profile.api_server_subnet else (),
                "api_server_subnet",
            ),
        }[name]
        if not values:
            return _Refusal(why=f"it needs {key}")
        return _Filled(form=DestinationForm.CIDR, values=tuple(map(network, values)), choice=f"{key} of the profile")

    def _fill_tag(self, tag: str) -> _Filled | _Refusal:
        if self.service_tags:
            return self._fill_ranges(tag)
        if "{region}" in tag and self.profile.region is None:
            return _Refusal(why="it needs the region")
        if not self.target.service_tags:
            return _Refusal(why="the target takes no service tags; a Service Tags file would turn it into ranges")
        name = tag_names(tag, self.profile.region or "")[0]
        return _Filled(form=DestinationForm.SERVICE_TAG, values=(name,), choice="the service tag")

    def _fill_ranges(self, tag: str) -> _Filled | _Refusal:
        if self.service_tags is None:
            return _Refusal(why="it needs a Service Tags file")
        if "{region}" in tag and self.profile.region is None:
            return _Refusal(why="it needs the region")
        try:
            ranges = self.service_tags.ranges(tag_names(tag, self.profile.region or ""))
        except ServiceTagsError as error:
            return _Refusal(why=str(error))
        return _Filled(form=DestinationForm.CIDR, values=ranges, choice=f"the ranges of {tag} in the Service Tags file")
