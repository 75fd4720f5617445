"""What the page said, revision by revision, as events; and the catalog of any day, rebuilt from them.

``history.json`` holds facts only: for each upstream commit that was read, the rules that came, went or changed.
Where a rule stands in its life (missing, removed) follows from it and from the hold: see :mod:`.announced`.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import takewhile
from typing import Final

from aks_egress_catalog.catalog import Catalog, NamedDate, PageRef, calver
from aks_egress_catalog.errors import AksEgressError
from aks_egress_catalog.model import Origin, Rule, Rules, Strict

HISTORY_VERSION: Final = 2
"""Version of the JSON shape. 2 has corrections; a history without any is still written as 1, which all can read."""


@dataclass(frozen=True, kw_only=True)
class Changed(Strict):
    """A rule that took the place of another, or of its own earlier form. ``before`` is the id it had."""

    before: str
    after: Rule


@dataclass(frozen=True, kw_only=True)
class Event(Strict):
    """One upstream commit that was read: when it was committed, UTC, and what it did to the rules.

    ``previous`` is the commit read before it; a history fills it in. Commits between the two may exist that nobody
    read, so a change lies somewhere after ``previous`` and not later than ``commit``. ``dates`` is all days that the
    page named then, whether or not it named them before.

    A **correction** has the commit of the event before it: the page did not change, but what was published of it was
    wrong. ``corrected`` is the day on which that was mended, and ``why`` says what was wrong.
    """

    commit: str
    previous: str | None = None
    date: dt.datetime
    corrected: dt.date | None = None
    why: str = ""
    url: str
    added: tuple[Rule, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[Changed, ...] = ()
    dates: tuple[NamedDate, ...] = ()

    def __post_init__(self) -> None:
        if self.date.utcoffset() != dt.timedelta(0):
            raise ValueError(f"{self.date.isoformat()} is not a time in UTC; write it with Z at its end")

    @property
    def changes_rules(self) -> bool:
        """Whether the commit did anything to the rules."""
        return bool(self.added or self.removed or self.changed)

    @property
    def day(self) -> dt.date:
        """The day of the commit, UTC; of a correction, the day on which it was made."""
        return self.corrected or self.date.date()


@dataclass(frozen=True, kw_only=True)
class Life(Strict):
    """The days of a rule's life on the page: first seen ever, there since, last changed, and gone since if it is."""

    first_seen: dt.date
    since: dt.date
    last_changed: dt.date
    gone: dt.date | None = None


@dataclass(frozen=True, kw_only=True)
class Release(Strict):
    """What was published under one version: the first ``events`` of the history, and the holds that had ended then.

    ``day`` is that of the last thing in it, be it a revision or the end of a hold.
    """

    version: str
    day: dt.date
    events: int

    def __post_init__(self) -> None:
        if not re.fullmatch(r"(?:0|\d{4}\.\d{1,2}\.\d{1,2})(?:\.[1-9]\d*)?", self.version):
            raise ValueError(f"{self.version!r} is no version of the data; it is written as 2026.7.2")


@dataclass(frozen=True, kw_only=True)
class History(Strict):
    """All events, oldest first, and the life of every rule that ever was; checked on creation.

    ``releases`` are those made since the pages are read as they appear, oldest first. What came before was read in
    hindsight: there every day on which the page changed counts as a release of its own.

    Raises:
        ValueError: an event or a release does not fit those before it, or ``rules`` does not follow from the events.
    """

    history_version: int = 1
    attribution: str
    events: tuple[Event, ...]
    rules: dict[str, Life] = field(default_factory=dict)
    releases: tuple[Release, ...] = ()

    def __post_init__(self) -> None:
        if self.history_version not in range(1, HISTORY_VERSION + 1):
            raise ValueError(
                f"history {self.history_version} is not one of 1 to {HISTORY_VERSION}, which this version reads;"
                " upgrade aks-egress-catalog"
            )
        object.__setattr__(self, "events", tuple(_in_order(self.events)))
        corrected = any(event.corrected for event in self.events)
        object.__setattr__(self, "history_version", HISTORY_VERSION if corrected else 1)
        for place, (event, before) in enumerate(zip(self.events, (None, *self.events), strict=False)):
            if event.previous != (before.commit if before else None):
                raise ValueError(f"events[{place}] ({event.commit[:9]}) does not follow the commit before it")
            if before and event.date < before.date:
                raise ValueError(f"events[{place}] ({event.commit[:9]}) is older than the event before it")
            if bool(event.why) != bool(event.corrected):
                raise ValueError(f"events[{place}] ({event.commit[:9]}): a correction says when and why")
            if (event.corrected is None) == (before is not None and event.commit == before.commit):
                raise ValueError(f"events[{place}] ({event.commit[:9]}): a correction has the commit that it corrects")
        order = [(release.events, release.day) for release in self.releases]
        if order != sorted(order) or any(events > len(self.events) for events, _ in order):
            raise ValueError("releases do not follow one another, or have events that are not there")
        if len({release.version for release in self.releases}) < len(order):
            raise ValueError("two releases have one version")
        lives = lives_of(self.events)
        wrong = sorted(name for name in lives.keys() | self.rules.keys() if lives.get(name) != self.rules.get(name))
        if wrong and self.rules:
            raise ValueError(f"rules.{wrong[0]} does not follow from the events")
        object.__setattr__(self, "rules", lives)

    def rules_at(self, place: int | None = None) -> dict[str, Rule]:
        """The rules on the page after the first ``place`` events; after all of them by default."""
        *_, rules = fold(self.events[:place])
        return rules

    def lives_at(self, day: dt.date) -> dict[str, Life]:
        """The lives as they were known at the end of a day, UTC."""
        return lives_of(tuple(takewhile(lambda event: event.day <= day, self.events)))

    @property
    def versions(self) -> tuple[Release, ...]:
        """Every version of the data that there was, oldest first; in hindsight each day of a revision counts as one."""
        read_late = self.events[: self.releases[0].events] if self.releases else self.events
        days = {event.day: place for place, event in enumerate(read_late, start=1)}
        named = {release.version for release in self.releases}
        past = (Release(version=calver(day), day=day, events=events) for day, events in days.items())
        return (*(one for one in past if one.version not in named), *self.releases)

    def release(self, version: str) -> Release:
        """Find a version of the data.

        Raises:
            AksEgressError: there never was such a version; the message names its neighbours.
        """
        published = {release.version: release for release in self.versions}
        if version in published:
            return published[version]
        names = sorted((*published, version), key=_as_numbers)
        place = names.index(version)
        near = ", ".join((*names[max(place - 1, 0) : place], *names[place + 1 : place + 2]))
        raise AksEgressError(f"there is no version {version!r} of the data; the nearest: {near}; a day is 2024-06-01")

    def last_before(self, day: dt.date) -> int:
        """How many events had happened at the end of a day, UTC.

        Raises:
            AksEgressError: none had.
        """
        count = len(list(takewhile(lambda event: event.day <= day, self.events)))
        if not count:
            first = f"the first revision known is of {self.events[0].day}" if self.events else "the history is empty"
            raise AksEgressError(f"nothing is known of {day}: {first}")
        return count


def _in_order(events: Iterable[Event]) -> Iterator[Event]:
    """Let each event that leaves it open name the one before it."""
    last = None
    for event in events:
        yield event if event.previous or last is None else replace(event, previous=last)
        last = event.commit


def fold(events: tuple[Event, ...]) -> Iterator[dict[str, Rule]]:
    """Yield the rules on the page by id: before any event, and after each.

    It is one dict that changes from one yield to the next: copy what you keep.

    Raises:
        ValueError: an event adds what is there, or removes or changes what is not.
    """
    rules: dict[str, Rule] = {}
    yield rules
    for event in events:
        for name in (*event.removed, *(change.before for change in event.changed)):
            if rules.pop(name, None) is None:
                raise ValueError(f"{event.commit[:9]} takes away {name}, which was not there")
        for rule in (*event.added, *(change.after for change in event.changed)):
            if rule.id in rules:
                raise ValueError(f"{event.commit[:9]} adds {rule.id}, which is there already")
            rules[rule.id] = rule
        yield rules


def lives_of(events: tuple[Event, ...]) -> dict[str, Life]:
    """The life of every rule that ever was, by id."""
    lives: dict[str, Life] = {}
    for event, present in zip(events, list(map(frozenset, fold(events)))[1:], strict=True):
        day = event.day
        for rule in (*event.added, *(change.after for change in event.changed)):
            old = lives.get(rule.id)
            if old and old.gone is None:
                lives[rule.id] = replace(old, last_changed=day)
            else:
                lives[rule.id] = Life(first_seen=old.first_seen if old else day, since=day, last_changed=day)
        for name in {*event.removed, *(change.before for change in event.changed)} - present:
            lives[name] = replace(lives[name], last_changed=day, gone=day)
    return dict(sorted(lives.items()))


def catalog_at(history: History, day: dt.date) -> Catalog:
    """Rebuild the catalog of the last revision before the end of a day, UTC: what the page said, without any hold.

    Each rule's source says where it stood, and in which commit, when it last changed.

    Raises:
        AksEgressError: the history begins later.

    >>> from aks_egress_catalog.history.history_file import load_history
    >>> catalog_at(load_history(), dt.date(2024, 6, 1)).version
    '2024.5.21'
    """
    return catalog_after(history, history.last_before(day))


def catalog_after(history: History, count: int) -> Catalog:
    """Rebuild the catalog of the page after so many events, without any hold."""
    event = history.events[count - 1]
    rules = history.rules_at(count)
    page = PageRef(locale="en-us", url=event.url, commit=event.commit, updated=event.date)
    return Catalog(
        origin=Origin.LIVE,
        attribution=history.attribution,
        pages=(page,),
        rules=Rules(rules[name] for name in sorted(rules)),
        watched={},
        dates=event.dates,
    )


def read_day(text: str | dt.date) -> dt.date:
    """Read ``2024-06-01``; of a moment with a zone, its day in UTC.

    Raises:
        AksEgressError: it is no date.
    """
    if isinstance(text, dt.datetime):
        return (text.astimezone(dt.UTC) if text.tzinfo else text).date()
    if isinstance(text, dt.date):
        return text
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise AksEgressError(f"{text!r} is not a date; write it as 2024-06-01") from error


def _as_numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) if part.isdecimal() else 0 for part in version.split("."))
