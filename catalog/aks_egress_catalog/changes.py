"""What differs between two states of the rules, how much it matters, and to whom it must be told.

A change is breaking where something that was enough before is no longer enough, relaxing where less is needed,
and informational where no firewall has to move.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import re
from collections import defaultdict
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from aks_egress_catalog.model import Destination, DestinationForm, Effect, Feature, Level, Rule, Status, Strict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from aks_egress_catalog.model import Catalog, Condition

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
_HALF: Final = 0.5
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


def between(old: Catalog, new: Catalog) -> tuple[Change, ...]:
    """Say in what the rules of two catalogs differ, by rule id. Sources count only where a rule changed places.

    >>> import aks_egress_catalog as aec
    >>> between(aec.load(), aec.load())
    ()
    """
    commit = new.authority.commit if new.authority else ""
    return tuple(replace(change, commit=commit, date=new.facts_date) for change in compare_rules(old.rules, new.rules))


def compare_rules(old: Iterable[Rule], new: Iterable[Rule]) -> tuple[Change, ...]:
    """Say in what two sets of rules differ, sorted by rule id; the caller knows the commit and the date."""
    before = {rule.id: rule for rule in old}
    after = {rule.id: rule for rule in new}
    now_named = _renamed_features(before, after)
    pairs = [(before[name], after[name]) for name in before.keys() & after.keys()]
    removed = [rule for name, rule in sorted(before.items()) if name not in after]
    added = [rule for name, rule in sorted(after.items()) if name not in before]
    for pair_up in (_pair_renamed, pair_overlapping):
        pairs += pair_up(removed, added, now_named)
        matched = {rule.id for pair in pairs for rule in pair}
        removed = [rule for rule in removed if rule.id not in matched]
        added = [rule for rule in added if rule.id not in matched]
    found = [change for one, other in pairs if (change := change_of(one, other))]
    found += [*map(removal, removed), *map(addition, added)]
    return tuple(sorted(found, key=lambda change: change.rule.id if change.rule else ""))


def apply(rules: Iterable[Rule], changes: Iterable[Change]) -> tuple[Rule, ...]:
    """Lead rules along changes, sorted by id: ``apply(old, between(old, new))`` has the facts of ``new``."""
    found = {rule.id: rule for rule in rules}
    told = [change for change in changes if change.kind is not ChangeKind.TEXT]
    for change in told:
        if change.before:
            found.pop(change.before.id)
    found |= {change.after.id: change.after for change in told if change.after}
    return tuple(found[name] for name in sorted(found))


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
    if kind is ChangeKind.CHANGED and _names(before) == _names(after):
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
        return wide.value.startswith("*.") and narrow.value.endswith(wide.value[1:])
    if wide.form is narrow.form is DestinationForm.CIDR:
        net, other = ipaddress.ip_network(wide.value), ipaddress.ip_network(narrow.value)
        return net.version == other.version and other.subnet_of(net)  # type: ignore[arg-type]  # one version, as said
    return False


def _pair_renamed(removed: Iterable[Rule], added: Iterable[Rule], now_named: dict[str, str]) -> list[tuple[Rule, Rule]]:
    """Pair what only changed the name of its section."""
    come = {(_endpoint(rule), rule.feature): rule for rule in added}
    found = [(rule, come.get((_endpoint(rule), now_named.get(rule.feature, "")))) for rule in removed]
    return [(rule, other) for rule, other in found if other]


def pair_overlapping(
    removed: Iterable[Rule], added: Iterable[Rule], now_named: dict[str, str] | None = None
) -> list[tuple[Rule, Rule]]:
    """Pair what went with what came in its stead: one cloud, feature and kind, and destinations that overlap."""
    names = now_named or {}
    added = list(added)
    scored = [
        (_likeness(one, other), one.id, other.id, one, other)
        for one in removed
        for other in added
        if (one.cloud, names.get(one.feature, one.feature), one.kind) == (other.cloud, other.feature, other.kind)
        and _overlap(one, other)
    ]
    pairs: list[tuple[Rule, Rule]] = []
    taken: set[str] = set()
    for *_, one, other in sorted(scored, key=lambda candidate: candidate[:3]):
        if not taken & {one.id, other.id}:
            taken |= {one.id, other.id}
            pairs.append((one, other))
    return pairs


def _likeness(one: Rule, other: Rule) -> tuple[int, bool, bool]:
    """Sort key, most alike first: shared destinations, then the same port, then the same transport."""
    return (
        -len(_names(one) & _names(other)),
        (one.protocol, one.port) != (other.protocol, other.port),
        one.protocol != other.protocol,
    )


def _overlap(one: Rule, other: Rule) -> bool:
    return any(
        takes_in(mine, yours) or takes_in(yours, mine) or _is_apex(mine, yours) or _is_apex(yours, mine)
        for mine in one.destinations
        for yours in other.destinations
        if mine.form is yours.form
    )


def _is_apex(star: Destination, host: Destination) -> bool:
    return star.value == f"*.{host.value}"


def _names(rule: Rule) -> frozenset[str]:
    return frozenset(map(str, rule.destinations))


def _places(rule: Rule) -> frozenset[str]:
    """The headings of a rule; the number that a repeated heading carries moves whenever a section is added."""
    return frozenset(_REPEATED.sub("", source.heading) for source in rule.sources)


def _endpoint(rule: Rule) -> str:
    """The id of a rule without its feature."""
    return replace(rule, feature="any", id="").id


def _renamed_features(before: Mapping[str, Rule], after: Mapping[str, Rule]) -> dict[str, str]:
    """Features whose section only changed its name: most of what went is most of what came under a new name.

    The new name is that of no feature before; the old one is gone, or the new one is but a provisional slug.
    """
    went = _by_feature(rule for name, rule in before.items() if name not in after)
    came = _by_feature(rule for name, rule in after.items() if name not in before)
    old, new = {rule.feature for rule in before.values()}, {rule.feature for rule in after.values()}
    shared = sorted(
        (-len(went[gone] & came[come]), gone, come)
        for gone in went
        for come in came.keys() - old
        if (gone not in new or come not in set(Feature))
        and len(went[gone] & came[come]) > _HALF * max(len(went[gone]), len(came[come]))
    )
    names: dict[str, str] = {}
    for _, gone, come in shared:
        if gone not in names and come not in names.values():
            names[gone] = come
    return names


def _by_feature(rules: Iterable[Rule]) -> dict[str, set[str]]:
    endpoints: defaultdict[str, set[str]] = defaultdict(set)
    for rule in rules:
        endpoints[rule.feature].add(_endpoint(rule))
    return endpoints


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
