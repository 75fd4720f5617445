"""Flows in, one row an endpoint out: how often, from when to when, from whom; memory stays flat whatever comes.

An endpoint is judged when it is first seen. Past a number of hosts that no rule explains the rest of these is one row,
so that a scan of a million names does not cost a million rows; what AKS needs always has a row of its own.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from aks_egress_catalog.ask.answer import Answer, Verdict
from aks_egress_catalog.logs.flow import Flow, Outcome

MOST_UNLISTED: Final = 100_000
MOST_SOURCES: Final = 10_000
"""So many sources of one endpoint are told apart; of more, one knows that they are more."""
MOST_OTHER: Final = 10_000
OTHERS: Final = "(others)"
"""Stands for the hosts that no rule explains, past so many of them."""
_SHORTEST_BUCKET: Final = 60
_MOST_BUCKETS: Final = 96
_SAMPLES: Final = 20
_ASKED_BEFORE: Final = dt.timedelta(seconds=10)
_MOST_ASKED: Final = 200_000
_NAMES_TOLD: Final = 3


class Key(NamedTuple):
    """What makes flows one row: the cluster that they come from (empty: unknown) and where they went."""

    cluster: str
    host: str
    port: int
    protocol: str
    without_name: bool = False


@dataclass(slots=True)
class Tally:
    """What is known of one endpoint."""

    answer: Answer | None
    hits: int = 0
    first: dt.datetime | None = None
    last: dt.datetime | None = None
    sources: set[str] = field(default_factory=set)
    rule_names: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    samples: list[tuple[str, dt.datetime]] = field(default_factory=list)
    twice: dict[tuple[str, int], list[int]] = field(default_factory=dict)
    """By firewall and hour: rows of its structured tables, and of the legacy one, which tells of the same events."""
    ambiguous: bool = False

    def add(self, flow: Flow) -> None:
        """Count a flow."""
        self.hits += flow.hits
        if flow.source and len(self.sources) < MOST_SOURCES:
            self.sources.add(flow.source)
        if flow.rule and len(self.rule_names) < MOST_OTHER:
            self.rule_names[flow.rule] += flow.hits
        if flow.reason and len(self.reasons) < MOST_OTHER:
            self.reasons[flow.reason] += flow.hits
        if flow.device:
            hour = int(flow.time.timestamp()) // 3600 if flow.time else 0
            self.twice.setdefault((flow.device, hour), [0, 0])[flow.legacy] += flow.hits
        if flow.time:
            self.first = flow.time if self.first is None or flow.time < self.first else self.first
            self.last = flow.time if self.last is None or flow.time > self.last else self.last
            if len(self.samples) < _SAMPLES and flow.source:
                self.samples.append((flow.source, flow.time))

    @property
    def count(self) -> int:
        """The hits, with what two tables of one firewall tell of the same hour counted once."""
        return self.hits - sum(min(rows) for rows in self.twice.values())


class Timeline:
    """Hits by verdict over time, in at most so many steps: a step doubles whenever they would be more."""

    def __init__(self) -> None:
        self.width = _SHORTEST_BUCKET
        self.steps: dict[Verdict, Counter[int]] = {}
        self._first: int | None = None
        self._last: int | None = None

    def add(self, verdict: Verdict, time: dt.datetime, hits: int) -> None:
        """Count hits at a time."""
        second = int(time.timestamp())
        self._first = second if self._first is None else min(self._first, second)
        self._last = second if self._last is None else max(self._last, second)
        while (self._last - self._first) // self.width >= _MOST_BUCKETS:
            self.width *= 2
            for name, steps in self.steps.items():
                wider: Counter[int] = Counter()
                for step, count in steps.items():
                    wider[step // 2] += count
                self.steps[name] = wider
        self.steps.setdefault(verdict, Counter())[second // self.width] += hits


Judge = Callable[[str, str, int, str], Answer]
"""Says of an endpoint (cluster, host, port, protocol) what AKS has to do with it."""


class Gathering:
    """Sums flows up. ``cluster_of`` names the cluster of a source; ``judge`` answers for an endpoint."""

    def __init__(self, judge: Judge, cluster_of: Callable[[str], str] | None = None, *, allowed: bool = False) -> None:
        self._judge = judge
        self._cluster_of = cluster_of
        self._keeps_allowed = allowed
        self.denied: dict[Key, Tally] = {}
        self.allowed: dict[Key, Tally] = {}
        self.other: Counter[tuple[str, str, int]] = Counter()
        self.timeline = Timeline()
        self.first: dt.datetime | None = None
        self.last: dt.datetime | None = None
        self.flows = 0
        self._unlisted = 0
        self._asked: dict[str, list[tuple[dt.datetime, str]]] = {}
        self._asked_count = 0

    def add_all(self, flows: Iterable[Flow]) -> None:
        """Count flows."""
        for flow in flows:
            self.add(flow)

    def add(self, flow: Flow) -> None:
        """Count one flow."""
        self.flows += 1
        if flow.time:
            self.first = flow.time if self.first is None or flow.time < self.first else self.first
            self.last = flow.time if self.last is None or flow.time > self.last else self.last
        if flow.outcome is Outcome.DENIED:
            tally = self._tally(self.denied, flow)
            tally.add(flow)
            if flow.time and tally.answer:
                self.timeline.add(tally.answer.verdict, flow.time, flow.hits)
        elif flow.outcome is Outcome.ALLOWED:
            if self._keeps_allowed:
                self._tally(self.allowed, flow).add(flow)
        elif flow.outcome is Outcome.ASKED:
            self._remember(flow)
        else:
            key = (flow.reason, flow.host, flow.port)
            self.other[key if key in self.other or len(self.other) < MOST_OTHER else (flow.reason, OTHERS, 0)] += (
                flow.hits
            )

    def _tally(self, rows: dict[Key, Tally], flow: Flow) -> Tally:
        cluster = self._cluster_of(flow.source) if self._cluster_of else flow.cluster
        names = (flow.host, *flow.names) if flow.names else (flow.host,)
        if len(names) > 1:
            return self._of_several(rows, cluster, flow, names)
        key = Key(cluster, flow.host, flow.port, flow.protocol, flow.without_name)
        return rows.get(key) or self._new(rows, key)

    def _of_several(self, rows: dict[Key, Tally], cluster: str, flow: Flow, names: tuple[str, ...]) -> Tally:
        """Of several names that an address may have, the one that AKS needs most counts; that is told."""
        keys = [Key(cluster, name, flow.port, flow.protocol) for name in dict.fromkeys(names) if name]
        order = list(Verdict)
        answers = [(self._answer(key), key) for key in keys]
        _, key = min(answers, key=lambda each: order.index(each[0].verdict))
        tally = rows.get(key) or self._new(rows, key)
        tally.ambiguous = True
        return tally

    def _answer(self, key: Key) -> Answer:
        known = self.denied.get(key) or self.allowed.get(key)
        if known and known.answer:
            return known.answer
        return self._judge(key.cluster, key.host, key.port, key.protocol)

    def _new(self, rows: dict[Key, Tally], key: Key) -> Tally:
        answer = None if key.without_name and not key.host else self._answer(key)
        if answer and answer.verdict in (Verdict.NOT_LISTED, Verdict.UNNAMED, Verdict.INVALID):
            self._unlisted += 1
            if self._unlisted > MOST_UNLISTED:
                key = Key(key.cluster, OTHERS, 0, "")
                if key in rows:
                    return rows[key]
        tally = rows[key] = Tally(answer)
        return tally

    def _remember(self, flow: Flow) -> None:
        if flow.time and flow.source and self._asked_count < _MOST_ASKED:
            self._asked_count += 1
            self._asked.setdefault(flow.source, []).append((flow.time, flow.host))

    def asked_before(self, tally: Tally) -> tuple[str, ...]:
        """The names that the sources of an endpoint asked for in the seconds before they were denied."""
        found: Counter[str] = Counter()
        for source, time in tally.samples:
            for asked, name in self._asked.get(source, ()):
                if dt.timedelta() <= time - asked <= _ASKED_BEFORE:
                    found[name] += 1
        return tuple(name for name, _ in found.most_common(_NAMES_TOLD))

    def unused(self, ids: Iterable[str]) -> Iterator[str]:
        """Of some rules, those that no allowed flow was for."""
        used = {rule.id for tally in self.allowed.values() if tally.answer for rule in tally.answer.rules}
        return (name for name in ids if name not in used)
