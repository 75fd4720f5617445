"""Rules for single hosts in, rules for many hosts out: one for what a feature reaches by one protocol and port.

An example, as ``feature: protocol port [destinations]``::

    core: HTTPS 443 [mcr.microsoft.com]         core: HTTPS 443 [login.example, mcr.microsoft.com]
    core: HTTPS 443 [login.example]         ->  defender: HTTPS 443 [*.ods.example]
    defender: HTTPS 443 [login.example]
    defender: HTTPS 443 [*.ods.example]

No destination stands twice: what several features reach by one protocol and port stands under the first of them
(``core`` before all others), and the rules of the others say how many of theirs stand elsewhere. Hosts whose TLS must
not be inspected are in a rule of their own, since that is a setting of the whole rule; and so is what the article does
not ask for, but an advisory does.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from aks_egress_catalog.cluster.resolve import ConcreteRule
from aks_egress_catalog.exports.azure.firewall_rules import (
    KEEP_TLS,
    ApplicationRule,
    CollectionKind,
    FirewallRule,
    NetworkRule,
    unique_names,
)
from aks_egress_catalog.model import Level

_EVERYWHERE: Final = "*"


class _Door(NamedTuple):
    """What destinations must have in common to share a rule; sorts the rules of a feature."""

    kind: CollectionKind
    protocol: str
    port: int
    by_name: bool


class _Place(NamedTuple):
    """Where a destination stands."""

    feature: str
    door: _Door
    keep_tls: bool
    advisory: str

    @property
    def key(self) -> str:
        """What the rule is named after."""
        by_name = "-fqdn" if self.door.by_name and self.door.kind is CollectionKind.NETWORK else ""
        alpn = "-preserve-alpn" if self.keep_tls else ""
        gap = f"-{self.advisory}" if self.advisory else ""
        return f"aks/{self.feature}/{self.door.protocol.lower()}-{self.door.port}{by_name}{alpn}{gap}"


@dataclass
class _Group:
    """The destinations of one rule, in the order in which they came, and what to say of them."""

    sample: FirewallRule
    destinations: dict[str, None] = field(default_factory=dict)
    levels: set[Level] = field(default_factory=set)


def group_rules(
    written: Mapping[ConcreteRule, FirewallRule], features: Iterable[str]
) -> dict[str, tuple[FirewallRule, ...]]:
    """Group rules, by feature; ``features`` are all that there are, the one that others give way to first."""
    order = {feature: place for place, feature in enumerate(features)}
    groups, elsewhere = _placed(sorted(written.items(), key=lambda item: order[item[0].feature]))
    names = unique_names(place.key for place in groups)
    grouped: dict[str, tuple[FirewallRule, ...]] = {}
    for place, group in sorted(groups.items(), key=lambda item: (item[0].door, item[0].keep_tls, item[0].advisory)):
        shared = (
            ()
            if place.keep_tls or place.advisory
            else sorted(set(elsewhere.get((place.feature, place.door), {}).values()))
        )
        count = len(elsewhere.get((place.feature, place.door), {}))
        said = f"{count} more under {', '.join(shared)}" if shared else ""
        joined = _joined(place, group, names[place.key], said)
        grouped[place.feature] = (*grouped.get(place.feature, ()), joined)
    return grouped


def _placed(
    written: Iterable[tuple[ConcreteRule, FirewallRule]],
) -> tuple[dict[_Place, _Group], dict[tuple[str, _Door], dict[str, str]]]:
    """Put each destination in its one place; and say, by feature and door, under which feature the others stand."""
    written = list(written)
    guarded = {
        (_door(found), value)
        for _, found in written
        for value in _destinations(found)
        if isinstance(found, ApplicationRule) and found.keep_tls
    }
    owner: dict[tuple[_Door, str], str] = {}
    groups: dict[_Place, _Group] = {}
    elsewhere: dict[tuple[str, _Door], dict[str, str]] = {}
    for rule, found in written:
        door = _door(found)
        for value in _destinations(found):
            first = owner.setdefault((door, value), rule.feature)
            if first != rule.feature:
                elsewhere.setdefault((rule.feature, door), {})[value] = first
                continue
            place = _Place(first, door, (door, value) in guarded, rule.id.partition("/advisory:")[2])
            group = groups.setdefault(place, _Group(found))
            group.destinations[value] = None
            group.levels.add(rule.level)
    return groups, elsewhere


def _door(rule: FirewallRule) -> _Door:
    if isinstance(rule, ApplicationRule):
        return _Door(rule.kind, rule.application, rule.port, by_name=True)
    return _Door(rule.kind, rule.protocol, rule.port, by_name=bool(rule.fqdns))


def _destinations(rule: FirewallRule) -> tuple[str, ...]:
    return rule.fqdns if isinstance(rule, ApplicationRule) else rule.addresses or rule.fqdns


def _joined(place: _Place, group: _Group, name: str, said: str) -> FirewallRule:
    everywhere = _EVERYWHERE in group.destinations
    values = (_EVERYWHERE,) if everywhere else tuple(sorted(group.destinations, key=_order))
    levels = [level for level in Level if level in group.levels]
    about = f"{place.feature}: {place.door.protocol} {place.door.port} ({', '.join(levels)})"
    description = "; ".join(filter(None, (about, KEEP_TLS if place.keep_tls else "", said)))
    sample = group.sample
    if place.advisory:
        description = sample.description  # names the advisory, and what it goes by
    if isinstance(sample, ApplicationRule):
        return ApplicationRule(
            name=name,
            description=description,
            fqdns=values,
            application=sample.application,
            port=sample.port,
            keep_tls=place.keep_tls,
        )
    return NetworkRule(
        name=name,
        description=description,
        protocol=sample.protocol,
        port=sample.port,
        addresses=() if place.door.by_name else values,
        fqdns=values if place.door.by_name else (),
    )


def _order(value: str) -> tuple[int, int, str]:
    """Sort hosts and tags by name, then ranges by number, IPv4 first."""
    try:
        found = ipaddress.ip_network(value)
    except ValueError:
        return (0, 0, value)
    return (found.version, int(found.network_address), value)
