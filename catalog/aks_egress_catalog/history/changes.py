"""What differs between two states of the rules, how much it matters, and to whom it must be told.

A change is breaking where something that was enough before is no longer enough, relaxing where less is needed,
and informational where no firewall has to move.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from aks_egress_catalog.catalog import NamedDate
from aks_egress_catalog.hosts.patterns import takes_in
from aks_egress_catalog.model import Condition, Destination, Effect, Level, Rule, Status, Strict

FACTS: Final = (
    "kind",
    "level",
    "destinations",
    "protocol",
    "port",
    "application",
    "application_inferred",
    "cloud_stated",
    "conditions",
    "constraints",
    "lifecycle",
)
"""What of a rule can change without its being another rule: everything but its sources, cloud and feature."""
_WORDING: Final = {"application_inferred", "cloud_stated"}
"""Fields that say how plainly the page states a fact, and ask nothing of anybody."""
_REPEATED: Final = re.compile(r"-\d+\Z")


class ChangeKind(StrEnum):
    """What happened to a rule."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    CONDITIONS = "conditions"
    """It holds under other circumstances, or the words about circumstances under a heading are new."""
    MOVED = "moved"
    """The same requirement stands in another place, under another title or in plainer words."""
    DATE = "date"
    """The article names a day that it did not name, or takes one back that is still to come."""
    TEXT = "text"


class Impact(StrEnum):
    """How much a change matters, gravest first."""

    BREAKING = "breaking"
    """Something new must be allowed, or is required now."""
    RELAXING = "relaxing"
    """Less must be allowed than before."""
    INFORMATIONAL = "informational"


_GRAVEST_FIRST: Final = list(Impact)


@dataclass(frozen=True, kw_only=True)
class Change(Strict):
    """One thing that is told once. ``before`` is ``None`` for what is new, ``after`` for what is gone.

    ``differs`` names the fields of the rule that changed. ``date`` is the day of the upstream change, UTC, or the
    day on which a hold ended; ``commit`` is the upstream commit. A change of no single rule has a ``place``: the
    heading id whose words changed. A change of text has a ``locale`` and both texts; one of dates has the days of one
    cloud and feature that came and went. ``corrects`` says what was wrong where not the page changed, but what was
    published of it.
    """

    kind: ChangeKind
    severity: Impact
    before: Rule | None
    after: Rule | None
    differs: tuple[str, ...] = ()
    commit: str = ""
    date: dt.date | None = None
    place: str = ""
    locale: str = ""
    texts_before: tuple[str, ...] = ()
    texts_after: tuple[str, ...] = ()
    dates_before: tuple[NamedDate, ...] = ()
    dates_after: tuple[NamedDate, ...] = ()
    corrects: str = ""

    @property
    def scope(self) -> tuple[str, str] | None:
        """The cloud and the feature that it is about, each empty where it is all of them; ``None`` for mere words."""
        found = self.rule or next(iter((*self.dates_before, *self.dates_after)), None)
        return (found.cloud, found.feature) if found else None

    @property
    def rule(self) -> Rule | None:
        """The rule as it stands now, or as it last stood."""
        return self.after or self.before


@dataclass(frozen=True, kw_only=True)
class Changes(Strict):
    """Everything that two catalogs differ in, sorted by rule id, with what must be told of it."""

    notify: bool
    summary: dict[str, int]
    changes: tuple[Change, ...]


def summarize(changes: Iterable[Change]) -> Changes:
    """Count changes and decide whether anybody has to act on them.

    >>> summarize([]).notify
    False
    """
    found = tuple(changes)
    return Changes(
        notify=any(change.severity is not Impact.INFORMATIONAL for change in found),
        summary={str(kind): sum(change.kind is kind for change in found) for kind in ChangeKind},
        changes=found,
    )


def addition(rule: Rule) -> Change:
    """Tell of a rule that is new; what only the prose names, nobody has to allow."""
    severity = Impact.INFORMATIONAL if rule.level is Level.INFORMATIONAL else Impact.BREAKING
    return Change(kind=ChangeKind.ADDED, severity=severity, before=None, after=rule)


def removal(rule: Rule) -> Change:
    """Tell of a rule that is gone."""
    severity = Impact.INFORMATIONAL if rule.level is Level.INFORMATIONAL else Impact.RELAXING
    return Change(kind=ChangeKind.REMOVED, severity=severity, before=rule, after=None)


def date_changes(
    old: Iterable[NamedDate], new: Iterable[NamedDate], *, day: dt.date | None, commit: str
) -> Iterator[Change]:
    """Tell of days that the article newly names, and of those to come that it no longer names, scope by scope.

    A day that is past may go without a word. The heading that a day stands under does not count.

    >>> came = NamedDate(date=dt.date(2027, 3, 1), cloud="", feature="gpu", heading="a")
    >>> [change.dates_after == (came,) for change in date_changes((), [came], day=dt.date(2026, 8, 1), commit="c")]
    [True]
    """
    before, after = {named.key: named for named in old}, {named.key: named for named in new}
    came = [named for key, named in after.items() if key not in before]
    gone = [named for key, named in before.items() if key not in after and (day is None or named.date > day)]
    for scope in sorted({(named.cloud, named.feature) for named in (*came, *gone)}):
        yield Change(
            kind=ChangeKind.DATE,
            severity=Impact.INFORMATIONAL,
            before=None,
            after=None,
            date=day,
            commit=commit,
            dates_before=tuple(named for named in gone if (named.cloud, named.feature) == scope),
            dates_after=tuple(named for named in came if (named.cloud, named.feature) == scope),
        )


def facts(rule: Rule) -> tuple[object, ...]:
    """What of a rule can change without its being another rule, in the order of :data:`FACTS`."""
    return tuple(getattr(rule, name) for name in FACTS)


def change_of(before: Rule, after: Rule) -> Change | None:
    """Tell what became of one rule, or nothing where its facts and its place are as they were."""
    differs = tuple(name for name in FACTS if getattr(before, name) != getattr(after, name))
    if not differs and before.feature == after.feature and places_of(before) == places_of(after):
        return None
    kind = ChangeKind.CHANGED if set(differs) - _WORDING else ChangeKind.MOVED
    if kind is ChangeKind.CHANGED and names_of(before) == names_of(after):
        only_conditions = not set(differs) - _WORDING - {"conditions", "destinations"}
        kind = ChangeKind.CONDITIONS if only_conditions else kind
    severity = min((_impact(name, before, after) for name in differs), key=_GRAVEST_FIRST.index, default=None)
    if severity is None or before.level is after.level is Level.INFORMATIONAL:
        severity = Impact.INFORMATIONAL
    elif after.level is Level.INFORMATIONAL:
        severity = Impact.RELAXING  # what only the prose still names, nobody has to allow any more
    return Change(kind=kind, severity=severity, before=before, after=after, differs=differs)


def _impact(name: str, before: Rule, after: Rule) -> Impact:
    """How much the change of one field matters: did what was allowed before stop being enough?"""
    if name == "level":
        return _graver(after.level.strictness < before.level.strictness)
    if name in ("port", "protocol", "application"):
        return _graver(getattr(before, name) is not None)
    if name == "destinations":
        return _impact_of_destinations(before.destinations, after.destinations)
    if name == "conditions":
        return _impact_of_conditions(set(before.conditions), set(after.conditions))
    if name == "constraints":
        return _graver(bool(set(after.constraints) - set(before.constraints)))
    if name == "kind":
        return Impact.BREAKING
    if name == "lifecycle" and Status.REMOVED in (before.lifecycle.status, after.lifecycle.status):
        return _graver(before.lifecycle.status is Status.REMOVED)
    return Impact.INFORMATIONAL  # lifecycle; how plainly the page states the cloud and the application


def _graver(breaks: bool) -> Impact:  # noqa: FBT001  - reads as the question that it answers
    return Impact.BREAKING if breaks else Impact.RELAXING


def _impact_of_destinations(before: tuple[Destination, ...], after: tuple[Destination, ...]) -> Impact:
    """Whichever alternative was implemented before must still be one, or take one in."""
    kept = {str(destination): destination for destination in after}
    for destination in before:
        if str(destination) in kept:
            if set(kept[str(destination)].conditions) - set(destination.conditions):
                return Impact.BREAKING
        elif not any(
            takes_in(destination, other) and set(other.conditions) <= set(destination.conditions) for other in after
        ):
            return Impact.BREAKING
    return Impact.RELAXING


def _impact_of_conditions(before: set[Condition], after: set[Condition]) -> Impact:
    """A rule that is left out in fewer cases, or stressed in more, is asked of somebody new."""
    excuses_lost = any(condition.effect is not Effect.REQUIRED_IF for condition in before - after)
    stress_gained = any(condition.effect is Effect.REQUIRED_IF for condition in after - before)
    return _graver(excuses_lost or stress_gained)


def names_of(rule: Rule) -> frozenset[str]:
    """The alternatives of a rule in the flat form, without their conditions."""
    return frozenset(map(str, rule.destinations))


def places_of(rule: Rule) -> frozenset[str]:
    """The headings of a rule; the number that a repeated heading carries moves whenever a section is added."""
    return frozenset(_REPEATED.sub("", source.heading) for source in rule.sources)
