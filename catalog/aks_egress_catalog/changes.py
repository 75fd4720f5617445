"""What differs between two states of the rules, how much it matters, and to whom it must be told.

A change is breaking where something that was enough before is no longer enough, relaxing where less is needed,
and informational where no firewall has to move.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from aks_egress_catalog.match import pattern_takes_in
from aks_egress_catalog.model import Destination, DestinationForm, Effect, Level, Rule, Status, Strict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from aks_egress_catalog.model import Condition

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
    TEXT = "text"


class Severity(StrEnum):
    """How much a change matters, gravest first."""

    BREAKING = "breaking"
    """Something new must be allowed, or is required now."""
    RELAXING = "relaxing"
    """Less must be allowed than before."""
    INFORMATIONAL = "informational"


_GRAVEST_FIRST: Final = list(Severity)


@dataclass(frozen=True, kw_only=True)
class Change(Strict):
    """One thing that is told once. ``before`` is ``None`` for what is new, ``after`` for what is gone.

    ``differs`` names the fields of the rule that changed. ``date`` is the day of the upstream change, UTC, or the
    day on which a hold ended; ``commit`` is the upstream commit. A change of no single rule has a ``place``: the
    heading id whose words changed. A change of text has a ``locale`` and both texts.
    """

    kind: ChangeKind
    severity: Severity
    before: Rule | None
    after: Rule | None
    differs: tuple[str, ...] = ()
    commit: str = ""
    date: dt.date | None = None
    place: str = ""
    locale: str = ""
    texts_before: tuple[str, ...] = ()
    texts_after: tuple[str, ...] = ()

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
        notify=any(change.severity is not Severity.INFORMATIONAL for change in found),
        summary={str(kind): sum(change.kind is kind for change in found) for kind in ChangeKind},
        changes=found,
    )


def addition(rule: Rule) -> Change:
    """Tell of a rule that is new; what only the prose names, nobody has to allow."""
    severity = Severity.INFORMATIONAL if rule.level is Level.INFORMATIONAL else Severity.BREAKING
    return Change(kind=ChangeKind.ADDED, severity=severity, before=None, after=rule)


def removal(rule: Rule) -> Change:
    """Tell of a rule that is gone."""
    severity = Severity.INFORMATIONAL if rule.level is Level.INFORMATIONAL else Severity.RELAXING
    return Change(kind=ChangeKind.REMOVED, severity=severity, before=rule, after=None)


def facts(rule: Rule) -> tuple[object, ...]:
    """What of a rule can change without its being another rule, in the order of :data:`FACTS`."""
    return tuple(getattr(rule, name) for name in FACTS)


def change_of(before: Rule, after: Rule) -> Change | None:
    """Tell what became of one rule, or nothing where its facts and its place are as they were."""
    differs = tuple(name for name in FACTS if getattr(before, name) != getattr(after, name))
    if not differs and before.feature == after.feature and _places(before) == _places(after):
        return None
    kind = ChangeKind.CHANGED if set(differs) - _WORDING else ChangeKind.MOVED
    if kind is ChangeKind.CHANGED and names_of(before) == names_of(after):
        only_conditions = not set(differs) - _WORDING - {"conditions", "destinations"}
        kind = ChangeKind.CONDITIONS if only_conditions else kind
    severity = min((_severity(name, before, after) for name in differs), key=_GRAVEST_FIRST.index, default=None)
    if severity is None or before.level is after.level is Level.INFORMATIONAL:
        severity = Severity.INFORMATIONAL
    elif after.level is Level.INFORMATIONAL:
        severity = Severity.RELAXING  # what only the prose still names, nobody has to allow any more
    return Change(kind=kind, severity=severity, before=before, after=after, differs=differs)


def _severity(name: str, before: Rule, after: Rule) -> Severity:
    """How much the change of one field matters: did what was allowed before stop being enough?"""
    if name == "level":
        return _graver(after.level.strictness < before.level.strictness)
    if name in ("port", "protocol", "application"):
        return _graver(getattr(before, name) is not None)
    if name == "destinations":
        return _severity_of_destinations(before.destinations, after.destinations)
    if name == "conditions":
        return _severity_of_conditions(set(before.conditions), set(after.conditions))
    if name == "constraints":
        return _graver(bool(set(after.constraints) - set(before.constraints)))
    if name == "kind":
        return Severity.BREAKING
    if name == "lifecycle" and Status.REMOVED in (before.lifecycle.status, after.lifecycle.status):
        return _graver(before.lifecycle.status is Status.REMOVED)
    return Severity.INFORMATIONAL  # lifecycle; how plainly the page states the cloud and the application


def _graver(breaks: bool) -> Severity:  # noqa: FBT001  - reads as the question that it answers
    return Severity.BREAKING if breaks else Severity.RELAXING


def _severity_of_destinations(before: tuple[Destination, ...], after: tuple[Destination, ...]) -> Severity:
    """Whichever alternative was implemented before must still be one, or take one in."""
    kept = {str(destination): destination for destination in after}
    for destination in before:
        if str(destination) in kept:
            if set(kept[str(destination)].conditions) - set(destination.conditions):
                return Severity.BREAKING
        elif not any(
            takes_in(destination, other) and set(other.conditions) <= set(destination.conditions) for other in after
        ):
            return Severity.BREAKING
    return Severity.RELAXING


def _severity_of_conditions(before: set[Condition], after: set[Condition]) -> Severity:
    """A rule that is left out in fewer cases, or stressed in more, is asked of somebody new."""
    excuses_lost = any(condition.effect is not Effect.REQUIRED_IF for condition in before - after)
    stress_gained = any(condition.effect is Effect.REQUIRED_IF for condition in after - before)
    return _graver(excuses_lost or stress_gained)


def takes_in(wide: Destination, narrow: Destination) -> bool:
    """Whether allowing one destination allows the other, as far as the patterns themselves say.

    >>> star, host = (Destination(form=DestinationForm.FQDN, value=value) for value in ("*.a.io", "x.a.io"))
    >>> takes_in(star, host), takes_in(host, star)
    (True, False)
    """
    if str(wide) == str(narrow) or wide.form is DestinationForm.ANY:
        return True
    if wide.form is narrow.form is DestinationForm.FQDN:
        return pattern_takes_in(wide.value, narrow.value)
    if wide.form is narrow.form is DestinationForm.SERVICE_TAG:
        return narrow.value.startswith(f"{wide.value}.")  # a tag takes in the same tag of one region
    if wide.form is narrow.form is DestinationForm.CIDR:
        net, other = ipaddress.ip_network(wide.value), ipaddress.ip_network(narrow.value)
        return net.version == other.version and other.subnet_of(net)  # type: ignore[arg-type]  # one version, as said
    return False


def names_of(rule: Rule) -> frozenset[str]:
    """The alternatives of a rule in the flat form, without their conditions."""
    return frozenset(map(str, rule.destinations))


def _places(rule: Rule) -> frozenset[str]:
    """The headings of a rule; the number that a repeated heading carries moves whenever a section is added."""
    return frozenset(_REPEATED.sub("", source.heading) for source in rule.sources)


def describe(change: Change) -> Iterator[str]:
    """Say in plain words what differs, one field at a time; hosts and tags stand as the page has them."""
    before, after = change.before, change.after
    if before and after:
        for name in change.differs:
            if name == "lifecycle":
                yield from _lifecycle(before, after)
            else:
                yield f"{name.replace('_', ' ')}: {_show(before, name)} -> {_show(after, name)}"
        if before.feature != after.feature:
            yield f"feature: {before.feature} -> {after.feature}"
        if change.kind is ChangeKind.MOVED and _places(before) != _places(after):
            yield f"place: {', '.join(sorted(_places(before)))} -> {', '.join(sorted(_places(after)))}"
    if change.place:
        yield f"the words about circumstances under #{change.place} are new: read them there"


def _lifecycle(before: Rule, after: Rule) -> Iterator[str]:
    old, new = before.lifecycle, after.lifecycle
    if new.since and new.status is not old.status:
        told = f": it is told as removed on {new.until} unless it comes back" if new.until else ""
        yield f"{new.status} from the page since {new.since}; keep it{told}"
    elif old.since and not new.since:
        yield "back on the page"
    if new.replaced_by != old.replaced_by:
        yield (
            f"being replaced by {new.replaced_by}" if new.replaced_by else f"not replaced by {old.replaced_by} any more"
        )


def _show(rule: Rule, name: str) -> str:
    value = getattr(rule, name)
    if name == "destinations":
        return " or ".join(
            f"{destination} ({', '.join(map(str, destination.conditions))})"
            if destination.conditions
            else str(destination)
            for destination in rule.destinations
        )
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "none"
    return "none" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
