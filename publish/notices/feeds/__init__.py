"""Feeds and calendars for everything, for what breaks, for each cloud and for each feature: files at fixed addresses.

Their content follows from the history and a day: the same input gives the same bytes, and an entry keeps its
id, its date and its place among the others for ever.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import partial
from typing import Final

from aks_egress_catalog.history.announced import Announcements
from aks_egress_catalog.history.changes import Change, Impact
from aks_egress_catalog.history.revisions import History
from aks_egress_catalog.model import Cloud, Feature, Rule
from publish.notices.entries import Entry, entries, narrowed
from publish.notices.feeds.atom import atom
from publish.notices.feeds.calendars import calendar
from publish.notices.feeds.days import Day, hold_ends, named_days
from publish.notices.feeds.feed import Feed
from publish.notices.feeds.json_feed import json_feed

TITLE: Final = "AKS egress requirements"


@dataclass(frozen=True, kw_only=True)
class _Scope:
    """What one address is about; either of both may be open."""

    path: str
    title: str
    cloud: str = ""
    feature: str = ""

    def has(self, rule: Rule | None) -> bool:
        """Whether a rule belongs here; what is about no rule belongs where everything does."""
        if rule is None:
            return not (self.cloud or self.feature)
        return self.cloud in ("", rule.cloud) and self.feature in ("", rule.feature)

    def concerns(self, day: Day) -> bool:
        """Whether a day belongs here; one that is about every cloud or feature belongs to each."""
        return self.cloud in ("", day.cloud or self.cloud) and self.feature in ("", day.feature or self.feature)


def feed_files(history: History, announced: Announcements, *, today: dt.date, base_url: str) -> dict[str, bytes]:
    """Make every feed and calendar of what was announced up to the end of a day, by path below ``base_url``.

    Paths are ``feeds/<scope>.atom``, ``.json`` and ``.ics``, where scope is ``all``, ``cloud/<cloud>`` or
    ``feature/<feature>``, and ``breaking`` without a calendar. Known clouds and features have theirs from the first
    day on, so that nobody subscribes in vain.
    """
    everything = entries(announced.changes)
    days = (*hold_ends(announced), *named_days(history, today=today))
    begun = history.events[0].day
    make = partial(Feed, home=base_url.rstrip("/"), begun=begun)
    files: dict[str, bytes] = {}
    for scope in _scopes(everything):
        mine = narrowed(everything, partial(_belongs, scope))
        feed = make(scope=scope.path, title=f"{TITLE}: {scope.title}", entries=mine)
        files |= _written(feed)
        files[feed.path("ics")] = calendar(feed, filter(scope.concerns, days))
    breaking = narrowed(everything, lambda change: change.severity is Impact.BREAKING)
    files |= _written(make(scope="breaking", title=f"{TITLE}: what breaks", entries=breaking))
    return dict(sorted(files.items()))


def _written(feed: Feed) -> dict[str, bytes]:
    return {feed.path("atom"): atom(feed), feed.path("json"): json_feed(feed)}


def _belongs(scope: _Scope, change: Change) -> bool:
    """A rule that moved from one feature to another belongs to both."""
    rules = {rule.id: rule for rule in (change.before, change.after) if rule}
    return any(map(scope.has, rules.values())) if rules else scope.has(None)


def _scopes(everything: tuple[Entry, ...]) -> list[_Scope]:
    clouds = {*map(str, Cloud), *(cloud for entry in everything for cloud in entry.clouds)}
    features = {*map(str, Feature), *(feature for entry in everything for feature in entry.features)}
    return [
        _Scope(path="all", title="everything"),
        *(_Scope(path=f"cloud/{name}", title=name, cloud=name) for name in sorted(clouds)),
        *(_Scope(path=f"feature/{name}", title=name, feature=name) for name in sorted(features)),
    ]
