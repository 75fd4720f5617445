"""Which sentence that meant something a new one may have replaced, so that nobody takes the new one for nothing.

In: the sentences that nobody has reviewed, the entries that were found on the page, and the last release. Out: for each
sentence the digest of the entry that meant something at its place, is no longer found there, and gave what a rule of
the last release had and has no longer. Texts are not compared, for the table has none: what a sentence did is enough.

Example: a row said "This isn't required for private clusters." and now says "Private clusters can do without it.".
Its rule had ``not-if:private-cluster`` and has it no longer, and the entry of the old sentence gave that.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Protocol

from aks_egress_catalog.catalog import NamedDate
from aks_egress_catalog.model import Rule
from scraper.findings import Finding
from scraper.language.reviewed import ANY_CLOUD, Entry, Reviewed
from scraper.reading.meaning import Found


class Facts(Protocol):
    """What a release and a reading have in common."""

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules."""

    @property
    def dates(self) -> tuple[NamedDate, ...]:
        """The days that are named."""


_Given = tuple[str, str, str]
"""What a rule has, and from where: its cloud, the part of its id after that, and one thing that a sentence gave it."""


def with_nearest(
    findings: tuple[Finding, ...], found: Iterable[Found], reviewed: Reviewed, *, known: Facts, now: Facts
) -> tuple[Finding, ...]:
    """Name for each sentence that nobody has reviewed the one that went from its place."""
    if not any(finding.unreviewed for finding in findings):
        return findings
    there = {(one.place, one.entry.digest) for one in found}
    lost = _given(known) - _given(now)
    meaning = [entry for entry in reviewed.entries.values() if entry.means_something]
    gone = [(place, entry) for entry in meaning for place in entry.beside if (place, entry.digest) not in there]
    return tuple(_with_nearest(finding, gone, lost) for finding in findings)


def _with_nearest(finding: Finding, gone: list[tuple[str, Entry]], lost: set[_Given]) -> Finding:
    sentence = finding.unreviewed
    if sentence is None:
        return finding
    near = [entry for place, entry in gone if place in sentence.rules and _explains(entry, place, lost)]
    # Of several that say the same, the newest is the one that stood there last.
    nearest = max(near, key=lambda entry: (entry.since, entry.digest)).digest if near else ""
    return replace(finding, unreviewed=sentence._replace(nearest=nearest))


def _explains(entry: Entry, place: str, lost: set[_Given]) -> bool:
    """Whether an entry gave a rule at its place anything that this rule has lost."""
    gave = {str(condition) for condition in entry.conditions} | {str(one) for one in entry.constraints}
    gave |= {f"replaced by {new}" for new in entry.replaced_by.values()}
    gave |= {str(day.date) for day in entry.days}
    cloud, _, rest = place.partition("/")
    return any(
        what in gave and (cloud in (ANY_CLOUD, other) or not other or entry.replaced_by) and _is_near(rest, part, what)
        for other, part, what in lost
    )


def _is_near(rest: str, part: str, what: str) -> bool:
    """Whether a place is that of a rule, of a note in its row, or of a line in its section."""
    if what.startswith(("replaced by", "20")):  # a sentence about a day or a successor may stand anywhere
        return True
    destination = rest.rpartition(":")[0] or rest
    return part.startswith((f"{destination}:", f"{rest}/"))


def _given(facts: Facts) -> set[_Given]:
    given: set[_Given] = {("", "", str(named.date)) for named in facts.dates}
    for rule in facts.rules:
        part = rule.id.partition("/")[2]
        given |= {(rule.cloud, part, what) for what in (*map(str, rule.conditions), *rule.constraints)}
        given.add((rule.cloud, part, f"replaced by {rule.lifecycle.replaced_by}"))
        for destination in rule.destinations:
            beside = f"{rule.feature}/{destination.key}:{rule.port}"
            given |= {(rule.cloud, beside, str(condition)) for condition in destination.conditions}
    return given
