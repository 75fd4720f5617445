"""The data as it will be after years of the same: versions that nobody has written yet, at today's pace."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from aks_egress_catalog.catalog import Catalog
from aks_egress_catalog.history.announced import announced, published_catalog
from aks_egress_catalog.history.revisions import Changed, Event, History, Release
from aks_egress_catalog.model import Kind, Rule
from tests.base import HISTORY
from tests.publish.facts import HOLD

A_YEAR: Final = 8
"""Versions of a year: since 2019, 57 of the 118 announced a change of a rule; the others make no release any more."""
_REMOVED_EVERY: Final = 3
_WIDENED_EVERY: Final = 2


def later(years: int) -> tuple[Catalog, History]:
    """The newest catalog and the history after some years of :data:`A_YEAR` versions each.

    As since 2021, a rule comes with each version; with every other one a host gets a wildcard, and with every third one
    a rule goes.
    """
    events = (*HISTORY.events, *_events(years * A_YEAR))
    known = len(HISTORY.events)
    releases = tuple(
        Release(version=f"{event.day.year}.{event.day.month}.{event.day.day}", day=event.day, events=known + place)
        for place, event in enumerate(events[known:], start=1)
    )
    history = replace(HISTORY, events=events, releases=(*HISTORY.versions, *releases), rules={})
    newest = history.versions[-1]
    return published_catalog(history, newest, announced(history, today=newest.day, hold=HOLD)), history


def _events(count: int) -> Iterator[Event]:
    last = HISTORY.events[-1]
    page = [rule for rule in HISTORY.rules_at().values() if rule.kind is Kind.FQDN]
    came: Rule | None = None
    for number in range(count):
        coming = _at(page[number % len(page)], f"service-{number:03}.region-{number % 7}.endpoints.azure.example")
        gone = (page[number].id,) if number % _REMOVED_EVERY == 0 else ()
        widened = came if number % _WIDENED_EVERY else None
        yield Event(
            commit=f"{number:040x}",
            previous=f"{number - 1:040x}" if number else last.commit,
            date=(last.date + dt.timedelta(days=(number + 1) * 365 // A_YEAR)).replace(microsecond=0),
            url=last.url,
            added=(coming,),
            removed=gone,
            changed=(Changed(before=widened.id, after=_at(widened, f"*.{widened.destinations[0].value}")),)
            if widened
            else (),
        )
        came = coming


def _at(rule: Rule, host: str) -> Rule:
    return replace(rule, destinations=(replace(rule.destinations[0], value=host),), id="")
