"""The rows for host names: of each pattern that the catalog, the cluster or the history has, what ``check`` answers.

``check`` is asked about hosts that a pattern takes in. Other patterns may take in some of them: of several hosts the
one with the worst answer counts, since a better one has a row of its own, and the best row of a host wins.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from aks_egress_catalog.ask.answer import Verdict
from aks_egress_catalog.ask.check import Checker
from aks_egress_catalog.ask.retired import explains_names
from aks_egress_catalog.cluster.resolve import Resolution
from aks_egress_catalog.history.revisions import Life
from aks_egress_catalog.hosts.endpoint import Endpoint
from aks_egress_catalog.logs.kql.rows.row import ANY, STANDING, UNTOLD, Row, Tier, port_of, short, tier_of
from aks_egress_catalog.model import DestinationForm, Level, Protocol, Rule, Status, endpoint_of

LISTED_ELSEWHERE: Final = "the host is listed, but not for this port"
_DEPTHS: Final = ("q7x", "q7x.q7y", "q7x.q7y.q7z", "q7x.q7y.q7z.q7w")
"""What the star before a domain may stand for."""
_TEXTS: Final = ("q7x", "q")
"""What any other mark may stand for: two marks side by side take in no single character."""
_OPEN: Final = re.compile(r"\*|\{[^}]*\}")


class NamedRows:
    """The rows for host names, by what is known of each pattern: its rules and its ports."""

    def __init__(
        self, checker: Checker, rules: Iterable[Rule], lives: Mapping[str, Life], resolution: Resolution | None
    ) -> None:
        self._checker = checker
        self._ids: dict[str, set[str]] = {}
        self._ports: dict[str, set[str]] = {}
        self._standing: set[str] = set()
        self._cloud = cloud_of(resolution)
        self._of_rules(rules)
        for concrete in resolution.rules if resolution else ():
            if concrete.form is DestinationForm.FQDN:
                port = f"{concrete.protocol}-{concrete.port}".lower() if concrete.port else ANY
                for host in concrete.values:
                    self._add(host, port, concrete.id)
        for name, life in lives.items():
            destination, port = endpoint_of(name)
            if life.gone and explains_names(destination):
                self._add(destination, port, "")
        self._unused = next(str(port) for port in range(64999, 0, -1) if not self._is_used(port))

    def _of_rules(self, rules: Iterable[Rule]) -> None:
        for rule in rules:
            port = UNTOLD if rule.level is Level.INFORMATIONAL and rule.port is None else port_of(rule)
            for destination in rule.destinations:
                if destination.form is DestinationForm.FQDN:
                    self._add(destination.value, port, rule.id)
                    if rule.lifecycle.status is not Status.REMOVED:
                        self._standing.add(destination.value)

    def _add(self, pattern: str, port: str, name: str) -> None:
        self._ports.setdefault(pattern, set()).add(port)
        self._ids.setdefault(pattern, set()).add(name)

    def _is_used(self, port: int) -> bool:
        return any(used.endswith(f"-{port}") for ports in self._ports.values() for used in ports)

    def __iter__(self) -> Iterator[Row]:
        for pattern, ports in self._ports.items():
            rows = [row for port in sorted(ports) if (row := self._row(pattern, port))]
            yield from rows
            if pattern in self._standing and not any(row.tier in STANDING for row in rows):
                yield Row(pattern, ANY, Tier.LISTED_ELSEWHERE, Verdict.NOT_LISTED, LISTED_ELSEWHERE)

    def _row(self, pattern: str, port: str) -> Row | None:
        """Give the row of a pattern on a port; ``None`` where other rows say all that it would."""
        found = (self._answer(pattern, port, host) for host in hosts_of(pattern))
        return max((row for row in found if row), key=lambda row: row.saying, default=None)

    def _answer(self, pattern: str, port: str, host: str) -> Row | None:
        """Give what is said of one host; ``None`` where that does not rest on this pattern."""
        answer = self._checker(self._endpoint(host, port))
        if answer.verdict is Verdict.NOT_LISTED:
            return None
        ids = tuple(rule.id for rule in answer.rules if rule.id in self._ids[pattern])
        if answer.rules and not ids:
            return None
        return Row(pattern, port, tier_of(answer, port, self._cloud), answer.verdict, short(answer.reason), ids)

    def _endpoint(self, host: str, port: str) -> Endpoint:
        if port == UNTOLD:
            return Endpoint(host=host)
        protocol, _, number = (f"tcp-{self._unused}" if port == ANY else port).partition("-")
        return Endpoint(host=host, port=int(number), protocol=Protocol(protocol.upper()))


def hosts_of(pattern: str) -> tuple[str, ...]:
    """Give hosts that a pattern takes in: a star before a domain stands for some labels, any other mark for a text.

    >>> hosts_of("md-*.{region}.a.io"), hosts_of("*.a.io")[:2]
    (('md-q7x.q7x.a.io', 'md-q.q.a.io'), ('q7x.a.io', 'q7x.q7y.a.io'))
    """
    if not pattern.startswith("*."):
        return tuple(dict.fromkeys(_OPEN.sub(text, pattern) for text in _TEXTS))
    rests = dict.fromkeys(_OPEN.sub(text, pattern[2:]) for text in _TEXTS)
    return tuple(f"{depth}.{rest}" for rest in rests for depth in _DEPTHS)


def cloud_of(resolution: Resolution | None) -> str:
    """Give the cloud of a cluster, as its rules have it."""
    if resolution is None:
        return ""
    ids = [*(rule.id for rule in resolution.rules), *(left.id for left in resolution.unmet)]
    return ids[0].partition("/")[0] if ids else ""
