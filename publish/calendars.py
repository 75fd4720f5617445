"""The days on which a hold ends, as iCalendar (RFC 5545), written by icalendar.

The article names no day of its own that the catalog has as a fact: no retirement, no deadline. Once it does, such days
belong here; until then nothing is made up.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from icalendar import Calendar, Event, Timezone, TimezoneStandard

from publish.told import endpoint

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aks_egress_catalog.hold import Account
    from aks_egress_catalog.model import Rule
    from publish.feed import Feed

_PRODUCT: Final = "-//aks-egress-catalog//feeds//EN"
_DAY: Final = dt.timedelta(days=1)
_ABOUT: Final = (
    "This rule left the page on {since}. It is kept until this day, and told as removed then unless it comes back."
)


@dataclass(frozen=True, kw_only=True)
class Ending:
    """The day on which a rule that left the page is told as removed. ``off`` means that it came back before."""

    rule: Rule
    since: dt.date
    until: dt.date
    off: bool = False

    @property
    def uid(self) -> str:
        """Its name for ever, made of the day and the rule."""
        named = hashlib.sha256(f"{self.until} {self.rule.id}".encode(errors="replace")).hexdigest()[:32]
        return f"{named}@aks-egress-catalog.github.io"


def endings(account: Account) -> tuple[Ending, ...]:
    """All ends of holds that were told, past and to come, and those that are running now, oldest first.

    What came back before is kept as called off: a calendar that has it already must learn that.
    """
    expected = _by_uid(change.after for change in account.told if change.after)
    running = _by_uid(rule for rule in account.missing if not rule.lifecycle.replaced_by)
    ended = _by_uid(change.before for change in account.told if change.before and not change.after)
    there = running | ended
    found = {uid: replace(end, off=uid not in there) for uid, end in (expected | there).items()}
    return tuple(sorted(found.values(), key=lambda end: (end.until, end.rule.id)))


def calendar(feed: Feed, ends: Iterable[Ending]) -> bytes:
    """Write a calendar with an all-day event for each end of a hold."""
    written = Calendar()
    written.add("prodid", _PRODUCT)
    written.add("version", "2.0")
    written.add("name", feed.title)
    written.add("x-wr-calname", feed.title)  # what Google and Outlook read in its stead
    written.add("source", feed.address("ics"), {"value": "URI"})
    # A calendar has at least one component (RFC 5545, 3.6), and an empty one would have none.
    written.add_component(_utc())
    for end in ends:
        written.add_component(_event(end))
    content: bytes = written.to_ical()
    return content


def _by_uid(rules: Iterable[Rule]) -> dict[str, Ending]:
    ends = (
        Ending(rule=rule, since=rule.lifecycle.since, until=rule.lifecycle.until)
        for rule in rules
        if rule.lifecycle.since and rule.lifecycle.until
    )
    return {end.uid: end for end in ends}


def _event(end: Ending) -> Event:
    rule = end.rule
    event = Event()
    event.add("uid", end.uid)
    event.add("dtstamp", dt.datetime.combine(end.since, dt.time(), dt.UTC))
    event.add("sequence", int(end.off))
    event.add("status", "CANCELLED" if end.off else "CONFIRMED")
    event.add("transp", "TRANSPARENT")  # nobody is busy on that day
    event.add("dtstart", end.until)
    event.add("dtend", end.until + _DAY)
    event.add("summary", f"AKS egress, hold ends: {rule.cloud} / {rule.feature}: {endpoint(rule)}")
    event.add("description", _ABOUT.format(since=end.since))
    event.add("categories", [rule.cloud, rule.feature])
    return event


def _utc() -> Timezone:
    zone, standard = Timezone(), TimezoneStandard()
    standard.add("dtstart", dt.datetime(1970, 1, 1))  # noqa: DTZ001  - local time, as RFC 5545 (3.6.5) wants it
    standard.add("tzoffsetfrom", dt.timedelta())
    standard.add("tzoffsetto", dt.timedelta())
    zone.add("tzid", "UTC")
    zone.add_component(standard)
    return zone
