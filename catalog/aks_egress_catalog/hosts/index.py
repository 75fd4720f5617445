"""From a host and a port to the rules that cover it: an index of rules, so that nobody tries every pattern in turn."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Generic, TypeVar

from aks_egress_catalog.hosts.endpoint import checked_port, checked_protocol, normalize_host
from aks_egress_catalog.hosts.patterns import address_in, covers, literal_tail, pattern_regex
from aks_egress_catalog.model import DestinationForm, Rule

_Transport = tuple[int, str] | None
"""A port with its protocol; ``None`` for whatever port is not among those that rules state."""
_RulesByTransport = dict[_Transport, tuple[Rule, ...]]
T = TypeVar("T")


class PatternIndex(Generic[T]):
    """Values by the host pattern that they belong to.

    A host without wildcard is looked up as it is. A wildcard stands under its literal tail, so that
    ``*.hcp.{region}.azmk8s.io`` stands under ``azmk8s.io``. A look-up walks up the parents of a host: for
    ``x.hcp.uksouth.azmk8s.io`` it tries what stands under ``hcp.uksouth.azmk8s.io``, ``uksouth.azmk8s.io``,
    ``azmk8s.io``, ``io`` and the empty tail.

    >>> PatternIndex({"*.a.io": 1, "x.a.io": 2, "*.b.io": 3}).naming("x.a.io")
    [2, 1]
    """

    def __init__(self, values: Mapping[str, T]) -> None:
        self.hosts: dict[str, T] = {}
        self._wildcards: dict[str, list[tuple[str, T]]] = {}
        for pattern, value in values.items():
            tail = literal_tail(pattern)
            if tail == pattern:
                self.hosts[pattern] = value
            else:
                self._wildcards.setdefault(tail, []).append((pattern, value))

    def naming(self, host: str) -> list[T]:
        """Return the values of the patterns that take a host name in: that of the host itself first."""
        found = [self.hosts[host]] if host in self.hosts else []
        wildcards, parent = self._wildcards, host
        while parent:
            parent = parent.partition(".")[2]
            for pattern, value in wildcards.get(parent, ()):
                if pattern_regex(pattern).match(host):
                    found.append(value)
        return found


class Matcher:
    """An index of rules by their host patterns and ranges."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        by_pattern: dict[str, list[Rule]] = {}
        self._ranges: list[tuple[str, _RulesByTransport]] = []
        for rule in sorted(rules, key=lambda rule: rule.id):
            for destination in rule.destinations:
                if destination.form is DestinationForm.CIDR:
                    self._ranges.append((destination.value, _by_transport([rule])))
                elif destination.form is DestinationForm.FQDN:
                    by_pattern.setdefault(destination.value, []).append(rule)
        self._names = PatternIndex({pattern: _by_transport(named) for pattern, named in by_pattern.items()})

    def match(self, host: str, port: int, protocol: str = "TCP") -> tuple[Rule, ...]:
        """Return the rules that cover ``host:port``, sorted by id. A rule without a port covers its host on every port.

        Raises:
            EndpointError: the host, port or protocol cannot be one.
        """
        asked = (checked_port(port), checked_protocol(protocol))
        name = normalize_host(host)
        patterns = self._of_address(name) if self._ranges and address_in(name) else self._names.naming(name)
        if not patterns:
            return ()
        if len(patterns) == 1:  # one pattern takes the host in, as nearly always: its rules are sorted already
            return patterns[0].get(asked, patterns[0][None])
        found = [rules.get(asked, rules[None]) for rules in patterns]
        by_id = {rule.id: rule for rules in found for rule in rules}
        return tuple(by_id[name] for name in sorted(by_id))

    def _of_address(self, host: str) -> list[_RulesByTransport]:
        return [rules for value, rules in self._ranges if covers(value, host)]


def _by_transport(rules: list[Rule]) -> _RulesByTransport:
    """The rules of one pattern by port and protocol; those that state no port are among each."""
    portless = [rule for rule in rules if rule.port is None]
    stated = {(rule.port, str(rule.protocol)) for rule in rules if rule.port is not None}
    by_transport: _RulesByTransport = {None: tuple(portless)}
    for transport in stated:
        by_transport[transport] = tuple(rule for rule in rules if rule in portless or _transport(rule) == transport)
    return by_transport


def _transport(rule: Rule) -> _Transport:
    return None if rule.port is None else (rule.port, str(rule.protocol))
