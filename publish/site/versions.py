"""The versions of the data: each day on which the article asked for something else, and what was new on it."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

from aks_egress_catalog.catalog import Catalog
from aks_egress_catalog.history.changes import Change, ChangeKind, Impact, addition
from aks_egress_catalog.history.compare import between
from aks_egress_catalog.history.revisions import Event, History, catalog_at
from aks_egress_catalog.history.upgrade import UpgradePlan, upgrade_plan


@dataclass(frozen=True, kw_only=True)
class Version:
    """One day on which the rules changed, against the version before it.

    ``plan`` is ``None`` for the first version, which nobody upgrades to. ``commits`` are those of that day that
    changed rules.
    """

    version: str
    day: dt.date
    catalog: Catalog
    commits: tuple[str, ...]
    changes: tuple[Change, ...]
    plan: UpgradePlan | None

    @property
    def path(self) -> str:
        """Where its page is."""
        return f"history/{self.version}.html"

    @property
    def counts(self) -> Counter[str]:
        """How many rules each cloud had then."""
        return Counter(rule.cloud for rule in self.catalog.rules)

    @property
    def kinds(self) -> Counter[str]:
        """How many changes there are of each kind, in the order of the kinds."""
        found = Counter(str(change.kind) for change in self.changes)
        return Counter({str(kind): found[kind] for kind in ChangeKind if found[kind]})

    @property
    def hosts(self) -> tuple[tuple[str, str], ...]:
        """The destinations that changed, each once with a sign: added, removed or otherwise changed."""
        signs = {ChangeKind.ADDED: "+", ChangeKind.REMOVED: "−"}
        found = [
            (signs.get(change.kind, "~"), str(change.rule.destinations[0])) for change in self.changes if change.rule
        ]
        return tuple(sorted(dict.fromkeys(found), key=lambda one: "+−~".index(one[0])))

    @cached_property
    def details(self) -> dict[str, Change]:
        """Of a rule that a step of the plan tells of, by its id: how it changed; each stands beside one step only."""
        told = self._told
        beside = (one for one in self.changes if one.rule and one.rule.id in told and one.before and one.after)
        return {change.rule.id: change for change in beside if change.rule}

    @property
    def other_changes(self) -> tuple[Change, ...]:
        """The changes that no step of the plan tells already."""
        return tuple(change for change in self.changes if not (change.rule and change.rule.id in self._told))

    @cached_property
    def _told(self) -> frozenset[str]:
        steps = (*self.plan.add, *self.plan.may_go) if self.plan else ()
        return frozenset(name for step in steps for name in step.rules)

    @property
    def gravest(self) -> Impact:
        """How grave the gravest of its changes is."""
        found = {change.severity for change in self.changes}
        return next((severity for severity in Impact if severity in found), Impact.INFORMATIONAL)


def versions_of(history: History) -> tuple[Version, ...]:
    """Every version of the past, oldest first. A day whose revisions cancel each other out is none."""
    return tuple(_versions(history))


def _versions(history: History) -> Iterator[Version]:
    last: Catalog | None = None
    moving = [event for event in history.events if event.changes_rules]
    for day, events in groupby(moving, key=lambda event: event.day):
        found = _version(history, day, tuple(events), last)
        if found.changes:
            yield found
        last = found.catalog


def _version(history: History, day: dt.date, events: tuple[Event, ...], last: Catalog | None) -> Version:
    catalog = catalog_at(history, day)
    return Version(
        version=catalog.version,
        day=day,
        catalog=catalog,
        commits=tuple(event.commit for event in events),
        changes=between(last, catalog) if last else tuple(map(addition, catalog.rules)),
        plan=upgrade_plan(last, catalog, lives=history.lives_at(day)) if last else None,
    )
