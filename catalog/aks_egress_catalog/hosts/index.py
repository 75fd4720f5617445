"""From a host and a port to the rules that cover it: an index of rules, so that nobody tries every pattern in turn."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from aks_egress_catalog.hosts.endpoint import checked_port, checked_protocol, normalize_host
from aks_egress_catalog.hosts.patterns import address_in, covers, literal_tail, pattern_regex
from aks_egress_catalog.model import DestinationForm, Rule


class Matcher:
    """An index of rules by the literal tail of their host patterns.

    ``*.hcp.{region}.azmk8s.io`` stands under ``azmk8s.io``. A look-up walks the host's own suffixes, longest first,
    and tries only the patterns that stand under one of them: for ``x.hcp.uksouth.azmk8s.io`` the suffixes are the
    whole host, ``hcp.uksouth.azmk8s.io``, ``uksouth.azmk8s.io``, ``azmk8s.io`` and ``io``.
    """

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._by_tail: dict[str, dict[str, list[Rule]]] = {}
        self._by_range: list[tuple[str, Rule]] = []
        for rule in rules:
            for destination in rule.destinations:
                if destination.form is DestinationForm.CIDR:
                    self._by_range.append((destination.value, rule))
                elif destination.form is DestinationForm.FQDN:
                    patterns = self._by_tail.setdefault(literal_tail(destination.value), {})
                    patterns.setdefault(destination.value, []).append(rule)

    def match(self, host: str, port: int, protocol: str = "TCP") -> tuple[Rule, ...]:
        """Return the rules that cover ``host:port``, sorted by id. A rule without a port covers its host on every port.

        Raises:
            EndpointError: the host, port or protocol cannot be one.
        """
        asked = (checked_port(port), checked_protocol(protocol))
        found = {
            rule.id: rule
            for rule in self._of_host(normalize_host(host))
            if rule.port is None or (rule.port, rule.protocol) == asked
        }
        return tuple(found[name] for name in sorted(found))

    def _of_host(self, host: str) -> Iterator[Rule]:
        """The rules of a host or an address, whatever their port."""
        if address_in(host):
            yield from (rule for value, rule in self._by_range if covers(value, host))
            return
        suffix = host
        while suffix:
            for pattern, rules in self._by_tail.get(suffix, {}).items():
                if pattern == host or pattern_regex(pattern).match(host):
                    yield from rules
            suffix = suffix.partition(".")[2]
