"""A cluster profile in, the concrete rules that it needs out. Nothing is left out without a reason.

For each rule: the circumstances are decided, placeholders are filled in, and of its alternatives the narrowest
that the target can express is chosen. ``*`` is chosen only where the caller allows it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final, NamedTuple

from aks_egress_catalog.cluster.caveats import Twins, caveats, remarks, twins_of
from aks_egress_catalog.cluster.features import FeatureOrigin, feature_origins
from aks_egress_catalog.cluster.needs_less import names_api_server, why_not_needed, why_optional, words_on
from aks_egress_catalog.cluster.profile import SETTING_OF, Profile, ProfileError, closest
from aks_egress_catalog.cluster.regions import REGIONS, regions_in
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
    """What a firewall can express in a network rule; ``azure_firewall``: it is an Azure Firewall.

    A rule that the article allows only with Azure Firewall's network rules is one of such a target, unless the profile
    says that the cluster has none.
    """

    fqdn_in_network_rules: bool = False
    service_tags: bool = False
    azure_firewall: bool = False


EVERYTHING: Final = Target(fqdn_in_network_rules=True, service_tags=True)
"""What an answer for a person can express, whatever the article says: the default, here and on the command line."""


@dataclass(frozen=True, kw_only=True)
class ConcreteRule:
    """One rule as the cluster needs it. ``values`` are hosts, CIDRs or one service tag, by ``form``.

    ``choice`` says why this alternative, ``narrower`` what input would narrow it (empty: nothing would), ``optional``
    why this cluster may do without it though the article asks for it (empty: it needs it).
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
    optional: str = ""
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
    """A rule that is not emitted, and why; ``optional`` as of a :class:`ConcreteRule`."""

    id: str
    reason: str
    optional: str = ""


@dataclass(frozen=True, kw_only=True)
class Resolution:
    """What a cluster must be allowed to reach, what was left out, and what the caller should know.

    ``data_version`` is the version of the catalog (empty where none says it), ``profile`` the cluster (``None`` for the
    union of several), ``features`` the features whose rules it has, each with where that was said.
    """

    rules: tuple[ConcreteRule, ...]
    left_out: tuple[LeftOut, ...]
    caveats: tuple[str, ...]
    unmet: tuple[LeftOut, ...] = field(default=())
    """Rules that the cluster needs and that cannot be expressed without further input."""
    data_version: str = ""
    profile: Profile | None = None
    features: tuple[FeatureOrigin, ...] = ()

    @property
    def optional(self) -> frozenset[str]:
        """Ids of the rules that the cluster may do without, expressed or not."""
        all_of_them = [(rule.id, rule.optional) for rule in self.rules]
        all_of_them += [(left.id, left.optional) for left in self.unmet]
        needed = {name for name, optional in all_of_them if not optional}  # by one cluster of several
        return frozenset(name for name, _ in all_of_them) - needed


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
    allow_unknown_region: bool = False,
    origins: Mapping[str, str] | None = None,
    data_version: str = "",
) -> Resolution:
    """Decide every rule for one cluster.

    ``service_tags`` turns tags into address ranges, ``allow_any`` lets a rule be met by ``*`` where nothing
    narrower can be expressed, ``informational`` adds the endpoints that only the article's prose names. ``origins``
    says by feature where the profile has it from. :meth:`aks_egress_catalog.Catalog.resolve` has an example.

    Raises:
        ProfileError: nobody knows the region, and ``allow_unknown_region`` does not let it pass.
    """
    if not allow_unknown_region:
        _refuse_unknown_region(rules, profile, service_tags)
    work = _Decision(
        rules, profile, target or EVERYTHING, service_tags, allow_any=allow_any, informational=informational
    )
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
            unmet.append(LeftOut(id=rule.id, reason=found.why, optional=why_optional(profile, rule)))
    features = feature_origins(profile, origins or {})
    return Resolution(
        rules=tuple(expressed),
        left_out=tuple(left_out),
        unmet=tuple(unmet),
        caveats=(*caveats(rules, profile, features), *_of_idle_settings(work)),
        data_version=data_version,
        profile=profile,
        features=features,
    )


def _refuse_unknown_region(rules: Rules, profile: Profile, service_tags: ServiceTags | None) -> None:
    """Known is what stands in our table, in the article or in the Service Tags file: a slip gives hosts of nowhere."""
    region, known = profile.region, REGIONS[profile.cloud]
    if region is None or region in known or region in regions_in(rules, profile.cloud):
        return
    if service_tags and service_tags.knows(region):
        return
    raise ProfileError(
        f"{region!r} is not known for {profile.cloud}{closest(region, known) or '.'}"
        " Where it is right, --allow-unknown-region (in Python allow_unknown_region=True) takes it as it is;"
        " a Service Tags file that has it does as well",
        key="region",
    )


_FOR_A_PERSON_TO_SAY: Final = ("azure_firewall", "private_endpoints", "konnectivity", "nodes_after_2021_03")
"""Settings that no cluster shows: who makes one expects that it counts."""


def _of_idle_settings(work: _Decision) -> Iterator[str]:
    """Name the settings that were made and decide nothing."""
    profile = work.profile
    for key in _FOR_A_PERSON_TO_SAY:
        default: Any = getattr(Profile, key)
        if getattr(profile, key) != default and not changes_a_rule(work.rules, profile, {key: default}):
            yield f"{key} changes nothing: no rule of {profile.cloud} depends on it for a cluster like this one"


def changes_a_rule(
    rules: Rules, profile: Profile, changes: Mapping[str, Any], *, target: Target = EVERYTHING, narrowing: bool = True
) -> bool:
    """Say whether a cluster would need anything else if some of its settings were others.

    Without ``narrowing``, only whether another set of rules would be needed, or be there to express.

    >>> import aks_egress_catalog as aec
    >>> [changes_a_rule(aec.load().rules, Profile(cloud=cloud), {"azure_firewall": True}) for cloud in ("AzureCloud",)]
    [False]
    """
    one, other = (
        _Decision(rules, each, target, None, allow_any=False, informational=False).outcome()
        for each in (profile, replace(profile, **changes))
    )
    if narrowing:
        return one != other
    return {name: bool(values) for name, values in one.items()} != {
        name: bool(values) for name, values in other.items()
    }


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
        self.needed_features = profile.needed_features
        self.profile = profile
        self.target = target
        self.service_tags = service_tags
        self.allow_any = allow_any
        self.informational = informational

    @cached_property
    def twins(self) -> Twins:
        """The rules by what makes them one requirement for several clouds."""
        return twins_of(self.rules)

    def outcome(self) -> dict[str, tuple[str, ...]]:
        """Return the values of each rule that the cluster needs, by id; none where it cannot be expressed."""
        found: dict[str, tuple[str, ...]] = {}
        for rule in self.rules:
            if not self.why_not(rule):
                _, filled, _ = self._pick(rule)
                found[rule.id] = filled.values if filled else ()
        return found

    def why_not(self, rule: Rule) -> str:
        """Say why a rule is not this cluster's, or nothing."""
        profile = self.profile
        if rule.cloud != profile.cloud:
            return f"it is a rule of {rule.cloud}"
        if rule.feature not in self.needed_features:
            return f"the profile does not use {rule.feature}"
        if rule.lifecycle.status is Status.REMOVED:
            return f"it was removed from the article on {rule.lifecycle.since}"
        if rule.level is Level.INFORMATIONAL and not self.informational:
            return "it is informational: only the article's prose names it; ask for informational rules to have it"
        return next(iter(self._failing(rule.conditions)), "") or why_not_needed(profile, rule)

    def _failing(self, conditions: Iterable[Condition]) -> Iterator[str]:
        for condition in conditions:
            holds = self._holds(condition.when)
            if condition.effect is Effect.ONLY_IF and not holds:
                yield f"{condition}, and that does not hold for this cluster ({SETTING_OF[condition.when]})"
            if condition.effect is Effect.NOT_IF and holds:
                yield f"{condition}, and that holds for this cluster ({SETTING_OF[condition.when]})"

    def _holds(self, when: When) -> bool:
        if when is When.AZURE_FIREWALL_NETWORK_RULES:
            said = self.profile.azure_firewall
            return self.target.azure_firewall if said is None else said
        return self.profile.holds(when)

    def choose(self, rule: Rule) -> ConcreteRule | _Refusal:
        """Take the narrowest alternative that can be expressed."""
        destination, filled, refused = self._pick(rule)
        if filled is None:
            return _Refusal(why="; ".join(refused))
        return self._concrete(rule, destination, filled, refused)

    def _pick(self, rule: Rule) -> tuple[Destination, _Filled | None, list[str]]:
        """Find that alternative and fill it in; the narrower ones, or all, are refused for reasons."""
        ordered = sorted(rule.destinations, key=lambda destination: _NARROWEST_FIRST.index(destination.form))
        ordered.sort(key=lambda destination: destination.value != NamedSet.API_SERVER_PUBLIC_IP)
        refused: list[str] = []
        for destination in ordered:
            found = self._fill(rule, destination)
            if isinstance(found, _Refusal):
                refused.append(f"{destination}: {found.why}")
                continue
            return destination, found, refused
        return rule.destinations[0], None, refused

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
            optional=why_optional(self.profile, rule),
            remarks=(*remarks(self.twins, rule), *words_on(self.profile, rule)),
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
