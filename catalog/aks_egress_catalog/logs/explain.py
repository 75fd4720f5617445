"""What was gathered, as the answer: denied endpoints with what AKS has to do with each, most hits first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from aks_egress_catalog.ask.answer import Answer, Verdict
from aks_egress_catalog.exports.export import FidelityNote
from aks_egress_catalog.logs.attribution import Attribution, hint_of
from aks_egress_catalog.logs.gather import Gathering, Key, Tally, Timeline

_SOURCES_TOLD: Final = 20


@dataclass(frozen=True, kw_only=True)
class Denied:
    """One endpoint that was denied (or, of allowed flows, let through), and what AKS has to do with it."""

    host: str
    port: int
    protocol: str
    hits: int
    first: dt.datetime | None
    last: dt.datetime | None
    sources: tuple[str, ...]
    sources_total: int
    cluster: str
    answer: Answer
    rule_name: str
    hint: str
    by_rules: frozenset[str] = frozenset()
    """The rules of the firewall that decided, by the names that its log has."""

    @property
    def verdict(self) -> Verdict:
        """What AKS has to do with it."""
        return self.answer.verdict

    @property
    def add(self) -> str:
        """What an allow list lacks: the destination of the rule, on its port; empty where no rule asks for it."""
        if not self.verdict.is_yes and self.verdict is not Verdict.KNOWN_GAP:
            return ""
        found = (
            f"{rule.destinations[0]} {rule.application or rule.protocol or ''} {rule.port or ''}".rstrip()
            for rule in self.answer.rules
        )
        return next(found, "")


@dataclass(frozen=True, kw_only=True)
class Addition:
    """What to add for one cluster (of the empty name where one alone was described), in the words of a format.

    ``inexact`` tells of each rule that is not exactly in the files.
    """

    cluster: str
    format: str
    files: Mapping[str, str]
    inexact: tuple[FidelityNote, ...]


@dataclass(frozen=True, kw_only=True)
class Explained:
    """The answer: ``denied`` and, where allowed flows were asked for, ``allowed``, most hits first.

    ``other`` has what no allow list decides: reason, host, port, hits. ``unused`` are the rules that no allowed flow
    was for, ``tag_only`` the allowed endpoints that only the rules with the FQDN tag let through.
    ``additions`` are what was denied and is needed in the words of a format, where one was named. ``lines`` were read,
    ``unreadable`` of them by nobody, ``other_lines`` are of another kind.
    """

    data_version: str
    profile: Any
    first: dt.datetime | None
    last: dt.datetime | None
    denied: tuple[Denied, ...]
    other: tuple[tuple[str, str, int, int], ...]
    lines: int
    unreadable: int
    other_lines: int
    formats: tuple[str, ...]
    timeline: Timeline = field(default_factory=Timeline)
    allowed: tuple[Denied, ...] = ()
    unused: tuple[str, ...] = ()
    tag_only: tuple[Denied, ...] = ()
    additions: tuple[Addition, ...] = ()
    notes: tuple[str, ...] = ()

    def fails(self, verdicts: Iterable[Verdict]) -> bool:
        """Say whether anything with one of these verdicts was denied."""
        asked = frozenset(verdicts)
        return any(one.verdict in asked for one in self.denied)


def rows_of(gathering: Gathering, tallies: dict[Key, Tally], attribution: Attribution) -> tuple[Denied, ...]:
    """Make a row of each endpoint that was gathered, most hits first."""
    rows = (_row(gathering, key, tally, attribution) for key, tally in tallies.items())
    return tuple(sorted(rows, key=lambda row: (-row.hits, row.cluster, row.host, row.port, row.protocol)))


def other_rows(gathering: Gathering) -> tuple[tuple[str, str, int, int], ...]:
    """What no allow list decides, most hits first."""
    found = ((reason, host, port, hits) for (reason, host, port), hits in gathering.other.items())
    return tuple(sorted(found, key=lambda row: (-row[3], *row[:3])))


def _row(gathering: Gathering, key: Key, tally: Tally, attribution: Attribution) -> Denied:
    answer = tally.answer or attribution.of_api_server(key.cluster)
    asked = gathering.asked_before(tally) if answer.verdict is Verdict.UNNAMED else ()
    return Denied(
        host=key.host,
        port=key.port,
        protocol=key.protocol,
        hits=tally.count,
        first=tally.first,
        last=tally.last,
        sources=tuple(sorted(tally.sources)[:_SOURCES_TOLD]),
        sources_total=len(tally.sources),
        cluster=key.cluster,
        answer=answer,
        rule_name=tally.rule_names.most_common(1)[0][0] if tally.rule_names else "",
        by_rules=frozenset(tally.rule_names),
        hint=hint_of(key, answer, asked, ambiguous=tally.ambiguous),
    )
