"""Feeds and calendars: for everything, each cloud, each feature and each feature in a cloud; each also as what breaks.

They are files at fixed addresses. Their content follows from the history and a day: the same input gives the same
bytes, and an entry keeps its id, its date and its place among the others for ever.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
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
_CALENDAR_BACK: Final = dt.timedelta(days=365)
"""How long a day that is past stays in a calendar."""


@dataclass(frozen=True, kw_only=True)
class _Scope:
    """What one address is about; cloud and feature may be open. ``breaking``: only what breaks."""

    path: str
    title: str
    cloud: str = ""
    feature: str = ""
    breaking: bool = False

    @property
    def is_wide(self) -> bool:
        """Whether it is about one thing at most: a cloud, a feature, or what breaks."""
        return sum(map(bool, (self.cloud, self.feature, self.breaking))) <= 1

    def has(self, rule: Rule | None) -> bool:
        """Whether a rule belongs here; what is about no rule belongs where everything does."""
        if rule is None:
            return not (self.cloud or self.feature)
        return self.cloud in ("", rule.cloud) and self.feature in ("", rule.feature)

    def concerns(self, day: Day) -> bool:
        """Whether a day belongs here; one that is about every cloud or feature belongs to each."""
        return self.cloud in ("", day.cloud or self.cloud) and self.feature in ("", day.feature or self.feature)


def feed_files(
    history: History,
    announced: Announcements,
    *,
    today: dt.date,
    base_url: str,
    pages: Mapping[str, str] | None = None,
) -> dict[str, bytes]:
    """Make every feed and calendar of what was announced up to the end of a day, by path below ``base_url``.

    Paths are ``feeds/<scope>.atom`` and ``.ics``, where scope is ``all``, ``cloud/<cloud>``, ``feature/<feature>`` or
    ``cloud/<cloud>/<feature>``; ``breaking`` and ``breaking/<scope>`` have no calendar. The wide ones are there as
    ``.json`` too. Known clouds and features have theirs from the first day on, so that nobody subscribes in vain.
    ``pages`` has the path of the page about a change, by upstream commit.
    """
    everything = entries(announced.changes)
    days = [
        day for day in (*hold_ends(announced), *named_days(history, today=today)) if day.date >= today - _CALENDAR_BACK
    ]
    make = partial(Feed, home=base_url.rstrip("/"), begun=history.events[0].day, pages=pages or {})
    files: dict[str, bytes] = {}
    for scope in _scopes(everything):
        mine = narrowed(everything, partial(_belongs, scope))
        feed = make(scope=scope.path, title=f"{TITLE}: {scope.title}", entries=mine)
        files |= _written(feed, forms=("atom", "json") if scope.is_wide else ("atom",))
        if not scope.breaking:
            files[feed.path("ics")] = calendar(feed, filter(scope.concerns, days))
    return dict(sorted(files.items()))


def _written(feed: Feed, *, forms: Iterable[str]) -> dict[str, bytes]:
    written = {"atom": atom, "json": json_feed}
    return {one.path(form): written[form](one) for form in forms for one in feed.documents()}


def _belongs(scope: _Scope, change: Change) -> bool:
    """A rule that moved from one feature to another belongs to both."""
    if scope.breaking and change.severity is not Impact.BREAKING:
        return False
    rules = {rule.id: rule for rule in (change.before, change.after) if rule}
    return any(map(scope.has, rules.values())) if rules else scope.has(None)


def _scopes(everything: tuple[Entry, ...]) -> Iterator[_Scope]:
    clouds = sorted({*map(str, Cloud), *(cloud for entry in everything for cloud in entry.clouds)})
    features = sorted({*map(str, Feature), *(feature for entry in everything for feature in entry.features)})
    narrow = [
        *(_Scope(path=f"cloud/{name}", title=name, cloud=name) for name in clouds),
        *(_Scope(path=f"feature/{name}", title=name, feature=name) for name in features),
        *(
            _Scope(path=f"cloud/{cloud}/{feature}", title=f"{cloud}, {feature}", cloud=cloud, feature=feature)
            for cloud in clouds
            for feature in features
        ),
    ]
    yield from (_Scope(path="all", title="everything"), *narrow)
    yield _Scope(path="breaking", title="what breaks", breaking=True)
    for one in narrow:
        yield replace(one, path=f"breaking/{one.path}", title=f"what breaks in {one.title}", breaking=True)
