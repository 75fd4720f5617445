"""From what the page said to what users are told: a rule that leaves the page is held before it is called removed.

The page is edited and reverted: rows have gone and come back within days. So a rule gone from the page is
``missing`` first, stays in every answer and every export, and becomes ``removed`` only when it stayed away for the
whole hold. Coming back within it is told to nobody. All of this follows from the history and a date.

What was told is never taken back. So a hold ends with a release, and not by the clock alone: between a day and the
release of what was known on it lies a person's review, and upstream may have brought the rule back meanwhile.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from aks_egress_catalog.changes import Change, ChangeKind, addition, change_of, removal
from aks_egress_catalog.history import catalog_after
from aks_egress_catalog.model import Catalog, Feature, Lifecycle, Rules, Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from aks_egress_catalog.history import Event, History, Release
    from aks_egress_catalog.model import Rule

HOLD: Final = dt.timedelta(days=14)


@dataclass(frozen=True, kw_only=True)
class Account:
    """What had been told by the end of a day, oldest first, and which rules were missing then, sorted by id.

    ``settled`` is the day of the last thing that went in, be it a revision or the end of a hold.
    """

    told: tuple[Change, ...]
    missing: tuple[Rule, ...]
    settled: dt.date = dt.date.min


def account(history: History, *, today: dt.date, hold: dt.timedelta = HOLD) -> Account:
    """Replay the history up to the end of a day and say what users were told.

    A change of a rule's id (another port, a wider host) is told once, as ``changed``; the old form is held all the
    same, with ``replaced_by``. The end of a hold is dated on the day it ends. With releases, nothing is told that lies
    after the last one; a revision that was read only after a later day had been released is told as of that day.

    >>> from aks_egress_catalog.history import load_history
    >>> found = account(load_history(), today=dt.date(2025, 3, 14))
    >>> [rule.id for rule in found.missing]
    ['AzureChinaCloud/core/*.data.mcr.microsoft.cn:tcp-443', 'AzureChinaCloud/core/mcr.microsoft.cn:tcp-443']
    """
    *_, (_, found) = accounts(history, today=today, hold=hold)
    return found


def accounts(
    history: History, *, today: dt.date, hold: dt.timedelta = HOLD
) -> Iterator[tuple[Release | None, Account]]:
    """Replay the history, and give the account at each version that was published up to a day, and at last of then."""
    ledger = _Ledger(hold)
    place, known = 0, dt.date.min
    for release in history.versions:
        for event in history.events[place : release.events]:
            day = max(event.day, known)
            if day > today:
                break
            ledger.expire(day)
            ledger.enter(event, day)
        ledger.expire(min(release.day, today))
        if release.day <= today:
            yield release, ledger.account()
        place, known = release.events, release.day
    if not history.releases:
        ledger.expire(today)
    yield None, ledger.account()


def told_since(history: History, version: str, *, today: dt.date, hold: dt.timedelta = HOLD) -> tuple[Change, ...]:
    """Say what was told after a version of the data was published.

    Raises:
        AksEgressError: there never was such a version; the message names its neighbours.

    >>> from aks_egress_catalog.history import load_history
    >>> len(told_since(load_history(), "2026.6.11", today=dt.date(2026, 12, 1)))
    0
    """
    wanted = history.release(version)
    found = list(accounts(history, today=today, hold=hold))
    before = [account for release, account in found if release == wanted]
    return found[-1][1].told[len(before[0].told) :] if before else ()


def published(history: History, release: Release, account: Account) -> Catalog:
    """Rebuild the catalog that a version of the data was: what the page said, and what was held by the account of then.

    >>> from aks_egress_catalog.history import load_history
    >>> found = dict(accounts(load_history(), today=dt.date(2025, 6, 1)))
    >>> release = load_history().release("2025.5.8")
    >>> rules = published(load_history(), release, found[release]).rules
    >>> [rule.lifecycle.status.value for rule in rules].count("missing")
    1
    """
    page = catalog_after(history, release.events)
    return replace(with_missing(page, account.missing), version=release.version)


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
    """The state between two events: what is on the page, what is held, and what was told."""

    def __init__(self, hold: dt.timedelta) -> None:
        self.hold = hold
        self.page: dict[str, Rule] = {}
        self.missing: dict[str, Rule] = {}
        self.told: list[Change] = []
        self.settled = dt.date.min
        self._day = dt.date.min
        self._told_missing: dict[str, dt.date] = {}
        self._told_as_changed: set[str] = set()
        self._taken_by: dict[str, str] = {}
        self._left: dict[str, Rule] = {}

    def account(self) -> Account:
        """What there is now."""
        missing = tuple(self.missing[name] for name in sorted(self.missing))
        return Account(told=tuple(self.told), missing=missing, settled=self.settled)

    def expire(self, day: dt.date) -> None:
        """Call removed what stayed away for the whole hold; what a change replaced was told then."""
        over = [(end, name) for name, rule in self.missing.items() if (end := rule.lifecycle.until) and end <= day]
        for end, name in sorted(over):
            rule = self.missing.pop(name)
            self.settled = end
            if name not in self._told_as_changed:
                self.told.append(replace(removal(rule), date=end, commit=self._taken_by[name]))

    def enter(self, event: Event, day: dt.date) -> None:
        """Take in one revision of the page, as told on a day."""
        self.settled = self._day = day
        for change in event.changed:
            before, after = self.page[change.before], change.after
            if before.id == after.id:
                self._tell(change_of(before, after), event)
            else:
                news = not self._comes_back_silently(after)
                self._go(before, event, replaced_by=after.id if news else None)
                self._come(after, event, instead_of=before)
        for rule in event.added:
            self._come(rule, event)
        for name in event.removed:
            self._go(self.page[name], event)
        for name in (*event.removed, *(change.before for change in event.changed)):
            self.page.pop(name)
        self.page |= {rule.id: rule for rule in (*event.added, *(change.after for change in event.changed))}

    def _comes_back_silently(self, rule: Rule) -> bool:
        """Whether a rule comes back from a hold that users were told of as such, and not as a replacement."""
        return rule.id in self.missing and rule.id not in self._told_as_changed

    def _come(self, rule: Rule, event: Event, *, instead_of: Rule | None = None) -> None:
        silently = self._comes_back_silently(rule)
        self.missing.pop(rule.id, None)
        if silently:
            self._tell(change_of(self._left[rule.id], rule), event)
        else:
            self._tell(change_of(instead_of, rule) if instead_of else addition(rule), event)

    def _go(self, rule: Rule, event: Event, *, replaced_by: str | None = None) -> None:
        gone = Lifecycle(
            status=Status.MISSING,
            since=event.day,
            until=self._day + self.hold,
            commit=event.previous,
            replaced_by=replaced_by or rule.lifecycle.replaced_by,
        )
        held = self.missing[rule.id] = replace(rule, lifecycle=gone)
        self._left[rule.id] = rule
        self._taken_by[rule.id] = event.commit
        self._told_as_changed.discard(rule.id)
        told = self._told_missing.get(rule.id)
        if replaced_by:
            self._told_as_changed.add(rule.id)
        elif not told or self._day - told >= self.hold:
            self._told_missing[rule.id] = self._day
            self._tell(change_of(rule, held), event)

    def _tell(self, change: Change | None, event: Event) -> None:
        """What only stands in another place, or under a new name of its feature, is told to nobody."""
        if change and (change.kind is not ChangeKind.MOVED or _left_its_feature(change)):
            self.told.append(replace(change, date=self._day, commit=event.commit))


def _left_its_feature(change: Change) -> bool:
    """Whether a rule went from one feature that clusters choose to another: who chose the first must hear of it."""
    features = {rule.feature for rule in (change.before, change.after) if rule}
    return len(features) > 1 and features <= set(Feature)
