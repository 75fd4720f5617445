"""The days that a calendar has: ends of holds, and days that the article itself names. No format is known here."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import quote

from aks_egress_catalog.history.announced import Announcements
from aks_egress_catalog.history.revisions import Event, History
from aks_egress_catalog.model import Rule
from publish.notices.entries import endpoint, shown

_HOLD_ENDS: Final = (
    "This rule left the article on {since}. Its hold ends on this day: unless it is back by then, it counts as removed,"
    " and may go from a firewall once nothing of yours uses it."
)
_NAMED: Final = "The article names this day since {since}, under “{heading}”: read there what ends or begins then."


@dataclass(frozen=True, kw_only=True)
class Day:
    """One day worth knowing, for ever under the name ``uid``; ``since`` is when it was first announced.

    ``cloud`` and ``feature`` are empty where it concerns all of them. ``revision`` counts how often it was taken back
    and set again since; ``off`` means that it is taken back now, which a calendar that has it must learn.
    """

    uid: str
    date: dt.date
    since: dt.date
    cloud: str
    feature: str
    title: str
    about: str
    url: str = ""
    revision: int = 0
    off: bool = False


def hold_ends(announcements: Announcements) -> tuple[Day, ...]:
    """All ends of holds that were announced, past and to come, and those that are running now, oldest first.

    What came back before is kept as called off.
    """
    expected = _by_uid(change.after for change in announcements.changes if change.after)
    running = _by_uid(rule for rule in announcements.missing if not rule.lifecycle.replaced_by)
    ended = _by_uid(change.before for change in announcements.changes if change.before and not change.after)
    there = running | ended
    found = {
        uid: day if uid in there else replace(day, off=True, revision=1) for uid, day in (expected | there).items()
    }
    return tuple(sorted(found.values(), key=lambda day: (day.date, day.title)))


def named_days(history: History, *, today: dt.date) -> tuple[Day, ...]:
    """All days that the article ever named up to the end of a day, in calendar order.

    One that the article stops naming before it comes is called off: it was moved, or never meant. One that is past is
    kept, for it came.
    """
    found: dict[str, Day] = {}
    for event in history.events:
        if event.day > today:
            break
        now = {day.uid: day for day in _named(event)}
        for uid, day in found.items():
            if uid in now:
                found[uid] = replace(day, url=now[uid].url, off=False, revision=day.revision + day.off)
            elif not day.off and day.date > event.day:
                found[uid] = replace(day, off=True, revision=day.revision + 1)
        found = now | found
    return tuple(sorted(found.values(), key=lambda day: (day.date, day.cloud, day.feature)))


def _by_uid(rules: Iterable[Rule]) -> dict[str, Day]:
    ends = (
        _hold_end(rule, since=rule.lifecycle.since, until=rule.lifecycle.until)
        for rule in rules
        if rule.lifecycle.since and rule.lifecycle.until
    )
    return {day.uid: day for day in ends}


def _hold_end(rule: Rule, *, since: dt.date, until: dt.date) -> Day:
    return Day(
        uid=_uid(f"{until} {rule.id}"),
        date=until,
        since=since,
        cloud=rule.cloud,
        feature=rule.feature,
        title=f"AKS egress, hold ends: {endpoint(rule)} is no longer asked for, {rule.cloud} / {rule.feature}",
        about=_HOLD_ENDS.format(since=since),
    )


def _named(event: Event) -> Iterator[Day]:
    """The days that one revision names. Which heading a day stands under is no part of its name: headings change."""
    for named in event.dates:
        yield Day(
            uid=_uid(" ".join(("named", *named.key))),
            date=named.date,
            since=event.day,
            cloud=named.cloud,
            feature=named.feature,
            title=f"AKS egress, a day that the article names: {named}",
            about=_NAMED.format(since=event.day, heading=shown(named.heading)),
            url=_address(event.url, named.heading),
        )


def _address(page: str, heading: str) -> str:
    """Where to read of a day. Both parts come from the page, so they are quoted, and only https is linked."""
    return f"{quote(page, safe='/:?=&%')}#{quote(heading, safe='')}" if page.startswith("https://") else ""


def _uid(name: str) -> str:
    return f"{hashlib.sha256(name.encode(errors='replace')).hexdigest()[:32]}@aks-egress-catalog.github.io"
