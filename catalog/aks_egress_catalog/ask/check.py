"""A denied endpoint in, an answer out: the verdict, the rules that it rests on, and what comes near.

A *name* is named by host patterns alone: no service tag, set of addresses or ``*`` ever takes it in. An *address* is
one of a range: of the article's own, of a Service Tags file, or of the profile.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Final

from aks_egress_catalog.ask.answer import Answer, Unreadable, Verdict
from aks_egress_catalog.ask.by_article import ByArticle, needs_of_address
from aks_egress_catalog.ask.by_cluster import ByCluster
from aks_egress_catalog.ask.decisions import RANKS, Decision, Judge, asks_for
from aks_egress_catalog.ask.near_misses import Mention, NearMiss, NearMisses
from aks_egress_catalog.ask.retired import Retired
from aks_egress_catalog.catalog import Catalog
from aks_egress_catalog.cluster.advisories import Advisory, load_advisories, rules_by_id
from aks_egress_catalog.cluster.resolve import Resolution
from aks_egress_catalog.history.revisions import Life
from aks_egress_catalog.hosts.endpoint import Endpoint, EndpointError, parse_endpoint
from aks_egress_catalog.hosts.index import PatternIndex
from aks_egress_catalog.hosts.patterns import address_in
from aks_egress_catalog.model import Cloud, DestinationForm, Level, Rule, Status

__all__ = ["Answer", "Checker", "Endpoint", "NearMiss", "Unreadable", "Verdict", "check", "parse_endpoint"]


_REPEATED: Final = 1_000
"""So many different lines of a list are kept with their answers: a log has the same ones again and again."""


def check(
    catalog: Catalog,
    endpoint: Endpoint,
    *,
    resolution: Resolution | None = None,
    lives: Mapping[str, Life] | None = None,
) -> Answer:
    """Answer for one endpoint; for many make one :class:`Checker`.

    >>> import aks_egress_catalog as aec
    >>> catalog = aec.load(as_of="2026-07-02")
    >>> asked = ("mcr.microsoft.com", "mcr.microsoft.com.evil.io")
    >>> [str(check(catalog, parse_endpoint(text)).verdict) for text in asked]
    ['required', 'not-listed']
    """
    return Checker(catalog, resolution=resolution, lives=lives)(endpoint)


class Checker:
    """Answers for endpoints, each in microseconds once it is made.

    With a resolution, what it chose for its cluster decides, and nothing else. Without one the article does: what its
    core states without a condition is ``required``. ``lives`` (:attr:`.History.rules`) tells since when a rule stands
    there, and what left the page.
    """

    def __init__(
        self,
        catalog: Catalog,
        *,
        resolution: Resolution | None = None,
        lives: Mapping[str, Life] | None = None,
    ) -> None:
        self._rules = tuple(rules_by_id(catalog.rules, commit=catalog.commit).values())
        self._lives = lives or {}
        self._cluster = ByCluster(resolution) if resolution else None
        self._judge: Judge = self._cluster or ByArticle(catalog.rules)
        self._mentions: dict[str, list[Mention]] = {}
        for rule in self._rules:
            for destination in rule.destinations:
                if destination.form is DestinationForm.FQDN:
                    self._mentions.setdefault(destination.value, []).append((rule, destination))
        self._names = PatternIndex(self._mentions)
        self._on_port: dict[tuple[int | None, str | None], list[Rule]] = {}
        self._needs: dict[tuple[int | None, str | None], tuple[str, ...]] = {}

    @cached_property
    def _near(self) -> NearMisses:
        return NearMisses(self._names, self._mentions)

    @cached_property
    def _retired(self) -> Retired:
        return Retired(self._lives)

    @cached_property
    def _advisories(self) -> PatternIndex[list[Advisory]]:
        found: dict[str, list[Advisory]] = {}
        for one in load_advisories():
            for pattern in one.about:
                found.setdefault(pattern, []).append(one)
        return PatternIndex(found)

    def __call__(self, endpoint: Endpoint) -> Answer:
        """Answer for one endpoint."""
        if address_in(endpoint.host):
            return self._of_address(endpoint)
        named = [mention for mentions in self._names.naming(endpoint.host) for mention in mentions]
        decisions = [
            self._judge.name(rule, destination, endpoint.host)
            for rule, destination in named
            if asks_for(rule, endpoint)
        ]
        if decisions:
            return self._decided(endpoint, decisions)
        return self._of_unknown_name(endpoint, [one for one in named if _stands(one[0])])

    def read(self, lines: Iterable[str]) -> Iterator[Answer | Unreadable]:
        """Answer for endpoints as they stand in a list, one a line; the same line is looked up once.

        >>> import aks_egress_catalog as aec
        >>> checker = Checker(aec.load(as_of="2026-07-02"))
        >>> [str(answer.verdict) for answer in checker.read(["packages.microsoft.com:443", "no host"])]
        ['required', 'invalid']
        """
        yield from map(lru_cache(maxsize=_REPEATED)(self._of_line), lines)

    def _of_line(self, line: str) -> Answer | Unreadable:
        text = line.strip()
        try:
            return self(parse_endpoint(text))
        except EndpointError as error:
            return Unreadable(text=text, error=str(error))

    def _decided(self, endpoint: Endpoint, decisions: Sequence[Decision]) -> Answer:
        """Answer where rules are for the very endpoint: the first verdict of the vocabulary that one gives counts."""
        if self._cluster:
            decisions = self._cluster.own(decisions)
        best = min((one.verdict for one in decisions), key=RANKS.__getitem__)
        by_rule: dict[str, Decision] = {}
        for one in sorted(decisions, key=lambda one: (RANKS[one.verdict], len(one.conditions))):
            if one.verdict is best or one.verdict.is_yes:
                by_rule.setdefault(one.rule.id, one)
        deciding = [by_rule[name] for name in sorted(by_rule) if by_rule[name].verdict is best]
        return Answer(
            endpoint=endpoint,
            verdict=best,
            reason=self._judge.reason(deciding),
            rules=tuple(by_rule[name].rule for name in sorted(by_rule)),
            advisories=self._advisories_on(endpoint),
            needs=tuple(dict.fromkeys(need for one in deciding for need in one.needs)),
            conditions={name: one.conditions for name, one in by_rule.items()},
            left_out={name: one.why for name, one in by_rule.items()} if best is Verdict.NOT_NEEDED else {},
            since={name: self._lives[name].since for name in by_rule if name in self._lives},
            gone={} if best.is_yes else {one.id: one.day for one in self._retired.of(endpoint)},
        )

    def _of_unknown_name(self, endpoint: Endpoint, elsewhere: list[Mention]) -> Answer:
        """Answer for a name that no rule is for on this port: once one was, or others come near."""
        former = self._retired.of(endpoint)
        explaining = [one for one in former if one.port is not None or not elsewhere]
        near = () if explaining else self._near.of(endpoint, elsewhere)
        if explaining:
            last = max(explaining, key=lambda one: (one.day, one.id.startswith(f"{Cloud.PUBLIC}/")))
            reason = f"asked for until {last.day}, as {last.id}; no rule has it today"
        else:
            reason = f"the host is listed, but {near[0].why_not}" if elsewhere else "no rule names it"
        return Answer(
            endpoint=endpoint,
            verdict=Verdict.RETIRED if explaining else Verdict.NOT_LISTED,
            reason=reason,
            near=near,
            advisories=self._advisories_on(endpoint),
            gone={one.id: one.day for one in former},
        )

    def _of_address(self, endpoint: Endpoint) -> Answer:
        rules = self._rules_on(endpoint)
        decisions = self._judge.address(endpoint.host, rules)
        if decisions:
            return self._decided(endpoint, decisions)
        if not rules:
            asked = endpoint.transport or endpoint.protocol or "any port"
            return Answer(endpoint=endpoint, verdict=Verdict.NOT_LISTED, reason=f"no rule is for {asked}")
        needs = self._needs_on(endpoint)
        if self._cluster and not needs:
            return self._decided(endpoint, self._cluster.closed(rules))
        return Answer(
            endpoint=endpoint,
            verdict=Verdict.UNNAMED,
            reason=f"an address without a name; what would tell more: {', '.join(needs)}",
            needs=needs,
        )

    def _rules_on(self, endpoint: Endpoint) -> list[Rule]:
        """The rules of the article for the port of an endpoint."""
        key = (endpoint.port, endpoint.protocol)
        if key not in self._on_port:
            self._on_port[key] = [
                rule
                for rule in self._rules
                if _stands(rule) and rule.level is not Level.KNOWN_GAP and asks_for(rule, endpoint)
            ]
        return self._on_port[key]

    def _needs_on(self, endpoint: Endpoint) -> tuple[str, ...]:
        """What would tell more of an address on the port of an endpoint, looked up once for each port."""
        key = (endpoint.port, endpoint.protocol)
        if key not in self._needs:
            rules = self._rules_on(endpoint)
            self._needs[key] = self._cluster.open_ends(rules) if self._cluster else needs_of_address(rules)
        return self._needs[key]

    def _advisories_on(self, endpoint: Endpoint) -> tuple[Advisory, ...]:
        abouts = self._advisories.naming(endpoint.host)
        if not abouts:
            return ()
        found = {one.id: one for about in abouts for one in about}
        return tuple(found[name] for name in sorted(found))


def _stands(rule: Rule) -> bool:
    return rule.lifecycle.status is not Status.REMOVED
