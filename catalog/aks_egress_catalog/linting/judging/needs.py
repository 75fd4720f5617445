"""What a cluster needs of an allow list: each destination on its port once, with every alternative that would do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from aks_egress_catalog.cluster.profile import Profile
from aks_egress_catalog.cluster.resolve import ConcreteRule, Resolution, Target
from aks_egress_catalog.cluster.service_tags import tag_names
from aks_egress_catalog.model import (
    Application,
    Constraint,
    Destination,
    DestinationForm,
    Feature,
    Kind,
    Level,
    NamedSet,
    Protocol,
    Rule,
)

LIST: Final = Target(fqdn_in_network_rules=True, service_tags=True)
"""What an allow list can say: whatever it says is judged by the words that it uses."""


@dataclass(frozen=True, kw_only=True)
class Need:
    """One destination on one port. Any one of ``alternatives`` will do; the first is how people name it.

    ``rules`` are the ids of the rules that ask for it, ``level`` the strictest of theirs. ``optional`` says why this
    cluster may do without it, though the article asks for it (empty: it needs it). ``region`` is empty where none is
    known; then ``{region}`` stays in the alternatives. ``parts`` are the ranges of a service tag, where a Service Tags
    file has them: all of them together will do as well.
    """

    rules: tuple[str, ...]
    feature: str
    level: Level
    kind: Kind
    alternatives: tuple[Destination, ...]
    protocol: Protocol | None
    port: int | None
    application: Application | None
    constraints: tuple[Constraint, ...] = ()
    optional: str = ""
    region: str = ""
    parts: tuple[Need, ...] = ()

    @property
    def value(self) -> str:
        """The destination, as a person writes it."""
        return str(self.alternatives[0])

    @property
    def service(self) -> str:
        """The port in words, such as ``HTTPS 443``."""
        return f"{self.application or self.protocol} {self.port}" if self.port else "any port"

    @property
    def key(self) -> tuple[object, ...]:
        """What makes two needs the same: destination, protocol and port."""
        return (self.value, self.protocol, self.port)


def needs_of(resolution: Resolution, rules: Mapping[str, Rule]) -> tuple[Need, ...]:
    """Return what one resolved cluster needs; ``rules`` has the rules of the catalog by id.

    What two features ask for is one need, and core's where core is among them.
    """
    profile = resolution.profile or Profile()
    optional = {one.id: one.optional for one in resolution.rules} | {one.id: one.optional for one in resolution.unmet}
    chosen = {rule.id: rule for rule in resolution.rules}
    return merged(_need(rules[name], profile, optional[name], chosen.get(name)) for name in optional)


def merged(needs: Iterable[Need]) -> tuple[Need, ...]:
    """Put needs for one destination on one port together, sorted by their first rule."""
    found: dict[tuple[object, ...], Need] = {}
    for need in needs:
        known = found.get(need.key)
        found[need.key] = _both(known, need) if known else need
    return tuple(sorted(found.values(), key=lambda need: (need.rules, need.value)))


def _both(one: Need, other: Need) -> Need:
    first = min(one, other, key=lambda need: (need.feature != Feature.CORE, need.level.strictness))
    return replace(
        first,
        rules=tuple(sorted({*one.rules, *other.rules})),
        level=min(one.level, other.level, key=lambda level: level.strictness),
        constraints=tuple(dict.fromkeys((*one.constraints, *other.constraints))),
        optional=one.optional and other.optional,
    )


def _need(rule: Rule, profile: Profile, optional: str, chosen: ConcreteRule | None) -> Need:
    region = profile.region or ""
    values = chosen.values if chosen else ()
    hosts = values if chosen and chosen.form is DestinationForm.FQDN else ()
    ranges = values if chosen and chosen.form is DestinationForm.CIDR else ()
    named = (Destination(form=DestinationForm.FQDN, value=host) for host in hosts)
    stated = (one for destination in rule.destinations for one in _filled(destination, profile))
    found = {str(one): one for one in (*stated, *named)}
    order = {DestinationForm.FQDN: 0, DestinationForm.SERVICE_TAG: 1, DestinationForm.CIDR: 2}
    need = Need(
        rules=(rule.id,),
        feature=rule.feature,
        level=rule.level,
        kind=rule.kind,
        alternatives=tuple(sorted(found.values(), key=lambda one: order.get(one.form, len(order)))),
        protocol=rule.protocol,
        port=rule.port,
        application=rule.application,
        constraints=rule.constraints,
        optional=optional,
        region=region,
    )
    parts = (Destination(form=DestinationForm.CIDR, value=value) for value in ranges)
    return replace(need, parts=tuple(replace(need, alternatives=(part,)) for part in parts))


def _filled(destination: Destination, profile: Profile) -> Iterator[Destination]:
    """Fill the region in, and what the profile knows of a named set."""
    value, region = destination.value, profile.region
    if destination.form is DestinationForm.SERVICE_TAG and region:
        yield from (replace(destination, value=name) for name in tag_names(value, region))
    elif destination.form is DestinationForm.NAMED_SET:
        yield from _of_set(destination, profile)
    else:
        yield replace(destination, value=value.replace("{region}", region) if region else value)


def _of_set(destination: Destination, profile: Profile) -> Iterator[Destination]:
    """The addresses that the profile has for a named set; the set itself where it has none."""
    known = {
        NamedSet.API_SERVER_PUBLIC_IP: tuple(profile.api_server_ips),
        NamedSet.CUSTOM_DNS_IP: tuple(profile.custom_dns),
        NamedSet.API_SERVER_SUBNET_CIDR: (profile.api_server_subnet,) if profile.api_server_subnet else (),
    }.get(NamedSet(destination.value), ())
    if not known:
        yield destination
    for address in known:
        yield Destination(form=DestinationForm.CIDR, value=address)
