"""Days as iCalendar (RFC 5545), written by icalendar."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Final

from icalendar import Calendar, Event, Timezone, TimezoneStandard

from publish.notices.feeds.days import Day
from publish.notices.feeds.feed import Feed

_PRODUCT: Final = "-//aks-egress-catalog//feeds//EN"
_ONE_DAY: Final = dt.timedelta(days=1)


def calendar(feed: Feed, days: Iterable[Day]) -> bytes:
    """Write a calendar with an all-day event for each day."""
    written = Calendar()
    written.add("prodid", _PRODUCT)
    written.add("version", "2.0")
    written.add("name", feed.title)
    written.add("x-wr-calname", feed.title)  # what Google and Outlook read in its stead
    written.add("source", feed.address("ics"), {"value": "URI"})
    # A calendar has at least one component (RFC 5545, 3.6), and an empty one would have none.
    written.add_component(_utc())
    for day in days:
        written.add_component(_event(day))
    content: bytes = written.to_ical()
    return content


def _event(day: Day) -> Event:
    event = Event()
    event.add("uid", day.uid)
    event.add("dtstamp", dt.datetime.combine(day.since, dt.time(), dt.UTC))
    event.add("sequence", day.revision)
    event.add("status", "CANCELLED" if day.off else "CONFIRMED")
    event.add("transp", "TRANSPARENT")  # nobody is busy on that day
    event.add("dtstart", day.date)
    event.add("dtend", day.date + _ONE_DAY)
    event.add("summary", day.title)
    event.add("description", day.about)
    if day.url:
        event.add("url", day.url)
    categories = [name for name in (day.cloud, day.feature) if name]
    if categories:
        event.add("categories", categories)
    return event


def _utc() -> Timezone:
    zone, standard = Timezone(), TimezoneStandard()
    standard.add("dtstart", dt.datetime.fromisoformat("1970-01-01"))  # local time, as RFC 5545 (3.6.5) wants it
    standard.add("tzoffsetfrom", dt.timedelta())
    standard.add("tzoffsetto", dt.timedelta())
    zone.add("tzid", "UTC")
    zone.add_component(standard)
    return zone
