"""The rules that come near an endpoint that none covers, and why none of them does.

What is near is looked up, never measured against every rule: a list of a hundred thousand denied names is answered in
seconds. In this order, of each endpoint of the catalog one rule, at most five:

    the same host, for another port                  mcr.microsoft.com:80
    names below the host, not the host               data.mcr.microsoft.com     *.data.mcr.microsoft.com
    the name right above it, not those below         x.mcr.microsoft.com        mcr.microsoft.com
    a host that it begins with, in another domain    mcr.microsoft.com.evil.io  mcr.microsoft.com
    one label differs, by a character or two         mcr.microsfot.com          mcr.microsoft.com
    its first label is part of the other's           evilmcr.microsoft.com      mcr.microsoft.com
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from aks_egress_catalog.hosts.endpoint import Endpoint
from aks_egress_catalog.hosts.index import PatternIndex
from aks_egress_catalog.model import Cloud, Destination, Feature, Level, Rule

_NEAR: Final = 5
_SHORTEST: Final = 3
"""A first label shorter than this says nothing: ``go`` is part of many."""


@dataclass(frozen=True, kw_only=True)
class NearMiss:
    """A rule that does not cover the endpoint, and why not."""

    rule: Rule
    why_not: str


Mention = tuple[Rule, Destination]
"""A rule, and the host pattern among its destinations."""


class NearMisses:
    """An index of the hosts of a catalog by what makes others come near to them."""

    def __init__(self, names: PatternIndex[list[Mention]], mentions: Mapping[str, list[Mention]]) -> None:
        self._names = names
        self._below = {pattern[2:]: found for pattern, found in mentions.items() if pattern.startswith("*.")}
        self._last_labels = {pattern.rpartition(".")[2] for pattern in mentions}
        self._but_one: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
        for host in sorted(names.hosts):
            for place, (label, rest) in enumerate(_but_one_label(host)):
                self._but_one[f"{place}:{rest}"].append((label, host))

    def of(self, endpoint: Endpoint, elsewhere: Sequence[Mention]) -> tuple[NearMiss, ...]:
        """Return what comes nearest; ``elsewhere`` are the rules for the very host, of which none is for its port."""
        found: dict[tuple[str, int | None, str | None], NearMiss] = {}
        for mentions, why in self._kinds(endpoint, elsewhere):
            for rule, destination in sorted(mentions, key=_order):
                key = (destination.value, rule.port, rule.protocol)
                if key not in found:
                    found[key] = NearMiss(rule=rule, why_not=why or _other_port(rule, endpoint))
            if len(found) >= _NEAR:
                break
        return tuple(found.values())[:_NEAR]

    def _kinds(self, endpoint: Endpoint, elsewhere: Sequence[Mention]) -> Iterator[tuple[Sequence[Mention], str]]:
        host, hosts = endpoint.host, self._names.hosts
        _, _, parent = host.partition(".")
        if elsewhere:
            yield elsewhere, ""
        if host in self._below:
            yield self._below[host], f"*.{host} covers names below {host}, not {host} itself"
        if parent in hosts:
            yield hosts[parent], f"{parent} covers that name, none below it"
        yield from self._begins_like(host)
        alike, neighbours = self._differ_by_one_label(host)
        yield from ((hosts[one], f"{host} is not {one}: a character or two differ") for one in alike)
        yield from ((hosts[one], f"{host} is not {one}") for one in neighbours)

    def _differ_by_one_label(self, host: str) -> tuple[list[str], list[str]]:
        """Hosts in whose place somebody may have typed this one, and those whose first label is part of its own."""
        alike: list[str] = []
        neighbours: list[str] = []
        for place, (label, rest) in enumerate(_but_one_label(host)):
            for other, known in self._but_one.get(f"{place}:{rest}", ()):
                if _is_alike(label, other):
                    alike.append(known)
                elif place == 0 and _is_part(label, other):
                    neighbours.append(known)
        return sorted(alike), neighbours

    def _begins_like(self, host: str) -> Iterator[tuple[Sequence[Mention], str]]:
        """Longest first: ``mcr.microsoft.com.evil.io`` begins with ``mcr.microsoft.com``."""
        labels = host.split(".")
        for size in range(len(labels) - 1, 1, -1):
            if labels[size - 1] in self._last_labels:  # or no rule names what ends there
                head, rest = ".".join(labels[:size]), ".".join(labels[size:])
                for mentions in self._names.naming(head):
                    yield mentions, f"{host} only begins like {head}: it is a name in {rest}"


def _but_one_label(host: str) -> Iterator[tuple[str, str]]:
    """Each label of a host, and the host with nothing in its place."""
    labels = host.split(".")
    for place, label in enumerate(labels):
        labels[place] = ""
        yield label, ".".join(labels)
        labels[place] = label


def _is_alike(one: str, other: str) -> bool:
    """Say whether two different labels become the same once at most one character is taken out of each."""
    if one == other or not -1 <= len(one) - len(other) <= 1:
        return False
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    one, other = one[start:], other[start:]
    if len(one) != len(other):
        return one[1:] == other or one == other[1:]
    return any(
        one[1:] == other[:cut] + other[cut + 1 :] or one[:cut] + one[cut + 1 :] == other[1:] for cut in range(len(one))
    )


def _is_part(one: str, other: str) -> bool:
    return one != other and min(len(one), len(other)) >= _SHORTEST and (one in other or other in one)


def _order(mention: Mention) -> tuple[bool, bool, str]:
    """The core of the public cloud first: most ask about it."""
    rule, _ = mention
    return (rule.cloud != Cloud.PUBLIC, rule.feature != Feature.CORE, rule.id)


def _other_port(rule: Rule, endpoint: Endpoint) -> str:
    if rule.port is None and rule.level is Level.INFORMATIONAL:
        return f"only the article's prose names it, without a port: nothing is said of {endpoint.transport}"
    asked = endpoint.transport or endpoint.protocol
    return f"it is for {rule.protocol} {rule.port}, not for {asked}"
