"""From what the page said to what users were told: a rule that leaves the page is held before it is called removed.

In come the events of the history (which rules came, went or changed, commit by commit) and a day; out come the
changes that were announced by the end of that day, oldest first, and the rules that were missing then.

Why a hold: the page is edited and reverted, and rows have gone and come back within days. So a rule that leaves the
page is ``missing`` first, stays in every answer and every export, and becomes ``removed`` only when it stayed away
for the whole hold. For a hold of 14 days and a rule that goes on the 1st:

    ==========================  ==========================================================
    comes back on the 5th       announced as missing on the 1st, nothing else
    comes back on the 20th      missing on the 1st, removed on the 15th, added on the 20th
    replaced on the 1st         changed on the 1st; the old form is held until the 15th, without another word
    ==========================  ==========================================================

A **correction** mends what was published wrong, so it is announced at once: a rule that never was on the page is
removed without a hold, whoever allowed it must hear of it today.

What was announced is never taken back. So a hold ends with a release, and not by the clock alone: between a day and
the release of what was known on it lies a person's review, and upstream may have brought the rule back meanwhile.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from aks_egress_catalog.catalog import Catalog
from aks_egress_catalog.history.changes import Change, ChangeKind, addition, change_of, date_changes, removal
from aks_egress_catalog.history.revisions import Event, History, Release, catalog_after
from aks_egress_catalog.model import Feature, Lifecycle, Rule, Rules, Status

HOLD: Final = dt.timedelta(days=14)


@dataclass(frozen=True, kw_only=True)
class Announcements:
    """What had been announced by the end of a day, oldest first, and which rules were missing then, sorted by id.

    ``settled`` is the day of the last thing that went in, be it a revision or the end of a hold.
    """

    changes: tuple[Change, ...]
    missing: tuple[Rule, ...]
    settled: dt.date = dt.date.min


def announced(history: History, *, today: dt.date, hold: dt.timedelta = HOLD) -> Announcements:
    """Replay the history up to the end of a day and say what was announced.

    A change of a rule's id (another port, a wider host) is announced once, as ``changed``; the old form is held all
    the same, with ``replaced_by``. The end of a hold is dated on the day it ends. With releases, nothing is announced
    that lies after the last one; a revision that was read only after a later day had been released is announced as of
    that day.

    >>> from aks_egress_catalog.history.history_file import load_history
    >>> found = announced(load_history(), today=dt.date(2025, 3, 14))
    >>> [rule.id for rule in found.missing]
    ['AzureChinaCloud/core/*.data.mcr.microsoft.cn:tcp-443', 'AzureChinaCloud/core/mcr.microsoft.cn:tcp-443']
    """
    *_, (_, found) = announced_by_version(history, today=today, hold=hold)
    return found


def announced_by_version(
    history: History, *, today: dt.date, hold: dt.timedelta = HOLD
) -> Iterator[tuple[Release | None, Announcements]]:
    """Yield what was announced at each version that was published up to a day, and at last on that day."""
    return _replay(_Ledger(hold), history, today)


def announced_next(
    history: History, event: Event | None, *, today: dt.date, hold: dt.timedelta = HOLD
) -> tuple[Announcements, Announcements]:
    """Say what the versions of a history announced, and what a version of today will have announced.

    ``event`` is a revision that was read since the last version, if there is one. The history is replayed once, and
    the event entered after it: the second answer is what :func:`announced` gives for a history with that event and a
    release of today.
    """
    ledger = _Ledger(hold)
    versions = history.versions
    known = versions[-1].day if versions else dt.date.min
    *_, (_, before) = _replay(ledger, history, known)
    unreleased = history.events[versions[-1].events if versions else 0 :]
    _enter_all(ledger, (*unreleased, *([event] if event else [])), known=known, today=today)
    ledger.expire(today)
    return before, ledger.announcements()


def _replay(ledger: _Ledger, history: History, today: dt.date) -> Iterator[tuple[Release | None, Announcements]]:
    place, known = 0, dt.date.min
    for release in history.versions:
        _enter_all(ledger, history.events[place : release.events], known=known, today=today)
        ledger.expire(min(release.day, today))
        if release.day <= today:
            yield release, ledger.announcements()
        place, known = release.events, release.day
    if not history.releases:
        ledger.expire(today)
    yield None, ledger.announcements()


def _enter_all(ledger: _Ledger, events: Iterable[Event], *, known: dt.date, today: dt.date) -> None:
    """Enter the revisions of one version; ``known`` is the day of the version before it."""
    for event in events:
        day = max(event.day, known)
        if day > today:
            break
        ledger.expire(day)
        ledger.enter(event, day)


def announced_since(history: History, version: str, *, today: dt.date, hold: dt.timedelta = HOLD) -> tuple[Change, ...]:
    """Say what was announced after a version of the data was published.

    Raises:
        AksEgressError: there never was such a version; the message names its neighbours.

    >>> from aks_egress_catalog.history.history_file import load_history
    >>> [str(change.date) for change in announced_since(load_history(), "2025.5.27", today=dt.date(2025, 12, 31))]
    ['2025-07-03']
    """
    start = history.release(version)
    found = list(announced_by_version(history, today=today, hold=hold))
    before = [announcements for release, announcements in found if release == start]
    return found[-1][1].changes[len(before[0].changes) :] if before else ()


def dates_since(history: History, version: str) -> tuple[Change, ...]:
    """Say which days the article newly named, or took back, after a version of the data was published.

    Raises:
        AksEgressError: there never was such a version; the message names its neighbours.

    >>> from aks_egress_catalog.history.history_file import load_history
    >>> [str(named) for named in dates_since(load_history(), "2025.8.12")[0].dates_after]
    ['2025-11-30, every cloud / every cluster', '2026-03-31, every cloud / every cluster']
    """
    start = history.release(version).events
    steps = pairwise(history.events[max(start - 1, 0) :])
    return tuple(
        change
        for before, after in steps
        for change in date_changes(before.dates, after.dates, day=after.day, commit=after.commit)
    )


def published_catalog(history: History, release: Release, announcements: Announcements) -> Catalog:
    """Rebuild the catalog that a version of the data was: what the page said, and what was missing then.

    >>> from aks_egress_catalog.history.history_file import load_history
    >>> found = dict(announced_by_version(load_history(), today=dt.date(2025, 6, 1)))
    >>> release = load_history().release("2025.5.8")
    >>> rules = published_catalog(load_history(), release, found[release]).rules
    >>> [rule.lifecycle.status.value for rule in rules].count("missing")
    1
    """
    page = catalog_after(history, release.events)
    return replace(with_missing(page, announcements.missing), version=release.version)


def with_missing(catalog: Catalog, missing: Iterable[Rule]) -> Catalog:
    """Keep missing rules in a catalog that was read from a page.

    >>> import aks_egress_catalog as aec
    >>> with_missing(aec.load(), ()) == aec.load()
    True
    """
    there = {rule.id for rule in catalog.rules}
    kept = [rule for rule in missing if rule.id not in there]
    return replace(catalog, rules=Rules(sorted((*catalog.rules, *kept), key=lambda rule: rule.id)))


class _Ledger:
    """The state between two events. ``enter`` takes in one revision, ``expire`` lets holds end.

    ===================  ==========================================================================================
    ``page``             the rules on the page now, by id
    ``held``             the rules that left the page and whose hold has not ended, by id, with their lifecycle
    ``_before_hold``     each held rule as it last stood on the page, to compare with when it comes back
    ``_removed_by``      the commit that took each held rule away: its removal is announced with that commit
    ``_replaced``        ids of held rules that were announced as ``changed``: their removal is announced no second time
    ``_last_missing``    the day on which a rule was last announced as missing: a page that is reverted to and fro
                         within a hold announces it once
    ===================  ==========================================================================================
    """

    def __init__(self, hold: dt.timedelta) -> None:
        self.hold = hold
        self.page: dict[str, Rule] = {}
        self.held: dict[str, Rule] = {}
        self.changes: list[Change] = []
        self.settled = dt.date.min
        self._today = dt.date.min
        self._before_hold: dict[str, Rule] = {}
        self._removed_by: dict[str, str] = {}
        self._replaced: set[str] = set()
        self._last_missing: dict[str, dt.date] = {}

    def announcements(self) -> Announcements:
        """What there is now."""
        missing = tuple(self.held[name] for name in sorted(self.held))
        return Announcements(changes=tuple(self.changes), missing=missing, settled=self.settled)

    def expire(self, day: dt.date) -> None:
        """Announce as removed what stayed away for the whole hold; a replaced rule was announced as changed before."""
        over = [(end, name) for name, rule in self.held.items() if (end := rule.lifecycle.until) and end <= day]
        for end, name in sorted(over):
            rule = self.held.pop(name)
            self.settled = end
            if name not in self._replaced:
                self.changes.append(replace(removal(rule), date=end, commit=self._removed_by[name]))

    def enter(self, event: Event, day: dt.date) -> None:
        """Take in one revision of the page, or a correction, announced on a day."""
        self.settled = self._today = day
        if event.corrected:
            self._correct(event)
            return
        for change in event.changed:
            before, after = self.page[change.before], change.after
            if before.id == after.id:
                self._announce(change_of(before, after), event)
            else:
                # A rule that comes back from its hold is the old one again, and nobody's replacement.
                replaced_by = None if self._returns_unnoticed(after) else after.id
                self._go(before, event, replaced_by=replaced_by)
                self._come(after, event, instead_of=before)
        for rule in event.added:
            self._come(rule, event)
        for name in event.removed:
            self._go(self.page[name], event)
        for name in (*event.removed, *(change.before for change in event.changed)):
            self.page.pop(name)
        self.page |= {rule.id: rule for rule in (*event.added, *(change.after for change in event.changed))}

    def _correct(self, event: Event) -> None:
        """Replace what was published wrong, without any hold, and tell everybody who was told the wrong thing."""
        for change in event.changed:
            self._announce(change_of(self.page.pop(change.before), change.after), event)
            self.held.pop(change.after.id, None)  # it is on the page: its hold must not end with a removal
            self.page[change.after.id] = change.after
        for rule in event.added:
            held = self.held.pop(rule.id, None)
            self._announce(change_of(held, rule) if held else addition(rule), event)
            self.page[rule.id] = rule
        for name in event.removed:
            self._announce(removal(self.page.pop(name)), event)

    def _returns_unnoticed(self, rule: Rule) -> bool:
        """Whether a rule comes back within its hold: users kept it. Not so where they were told of a replacement."""
        return rule.id in self.held and rule.id not in self._replaced

    def _come(self, rule: Rule, event: Event, *, instead_of: Rule | None = None) -> None:
        unnoticed = self._returns_unnoticed(rule)
        self.held.pop(rule.id, None)
        if unnoticed:
            self._announce(change_of(self._before_hold[rule.id], rule), event)
        else:
            self._announce(change_of(instead_of, rule) if instead_of else addition(rule), event)

    def _go(self, rule: Rule, event: Event, *, replaced_by: str | None = None) -> None:
        gone = Lifecycle(
            status=Status.MISSING,
            since=event.day,
            until=self._today + self.hold,
            commit=event.previous,
            replaced_by=replaced_by or rule.lifecycle.replaced_by,
        )
        held = self.held[rule.id] = replace(rule, lifecycle=gone)
        self._before_hold[rule.id] = rule
        self._removed_by[rule.id] = event.commit
        self._replaced.discard(rule.id)
        last = self._last_missing.get(rule.id)
        if replaced_by:
            self._replaced.add(rule.id)
        elif not last or self._today - last >= self.hold:
            self._last_missing[rule.id] = self._today
            self._announce(change_of(rule, held), event)

    def _announce(self, change: Change | None, event: Event) -> None:
        """Note a change; one that only moves a rule to another place or title is announced to nobody."""
        if change and (change.kind is not ChangeKind.MOVED or _left_its_feature(change)):
            self.changes.append(replace(change, date=self._today, commit=event.commit, corrects=event.why))


def _left_its_feature(change: Change) -> bool:
    """Whether a rule went from one feature that clusters choose to another: who chose the first must hear of it."""
    features = {rule.feature for rule in (change.before, change.after) if rule}
    return len(features) > 1 and features <= set(Feature)
