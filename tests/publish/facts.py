"""Rules, changes and histories made up for tests, and page text that tries everything."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from aks_egress_catalog.catalog import Catalog
from aks_egress_catalog.history.announced import announced
from aks_egress_catalog.history.changes import Change, addition, change_of, removal
from aks_egress_catalog.history.revisions import Changed, Event, History
from aks_egress_catalog.model import Destination, DestinationForm, Level, Rule, Source
from publish.notices.feeds import feed_files
from publish.plan.timeline import next_event
from tests import factories

HOSTILE: Final = (
    "]]></content><script>alert(1)</script> @team #1 <!channel> ![x](https://evil.example/x) `code` "
    "<!-- aks-egress-catalog:end --> a;b,c\\n\r\nEND:VEVENT\r\nATTENDEE:mailto:x@evil.example \x1b[31m\u202e\u2028\x00"
)
COMMIT: Final = "a" * 40
DAY: Final = dt.date(2026, 8, 1)
HOLD: Final = dt.timedelta(days=14)
SOURCE: Final = Source(locale="en-us", url="https://learn.example/article", heading="h", table=1, row=1, commit=COMMIT)


def rule(host: str, **fields: object) -> Rule:
    return factories.rule(host, **{"sources": (SOURCE,), **fields})


def dated(change: Change | None, *, day: dt.date = DAY, commit: str = COMMIT) -> Change:
    assert change
    return replace(change, date=day, commit=commit)


def added(host: str = "new.example", **fields: object) -> Change:
    return dated(addition(rule(host, **fields)))


def removed(host: str = "old.example", **fields: object) -> Change:
    return dated(removal(rule(host, **fields)))


def eased(host: str = "eased.example") -> Change:
    return dated(change_of(rule(host), rule(host, level=Level.RECOMMENDED)))


def hostile_change() -> Change:
    """An added rule with page text in every field that takes any."""
    destination = Destination(form=DestinationForm.FQDN, value=HOSTILE)
    source = replace(SOURCE, url=HOSTILE, heading=HOSTILE, commit=HOSTILE, locale=HOSTILE)
    change = addition(rule("x", destinations=(destination,), sources=(source,)))
    texts = {"locale": HOSTILE, "texts_before": (HOSTILE,), "texts_after": (HOSTILE,), "place": HOSTILE}
    return replace(dated(change, commit=HOSTILE), **texts)  # type: ignore[arg-type]  # a table of texts


def append(known: History, catalog: Catalog) -> History:
    """A history with the revision that a catalog was read from; the same one where it is the last revision already."""
    event = next_event(known, catalog, today=dt.date.max)
    return (
        known
        if event is None
        else replace(known, attribution=catalog.attribution, events=(*known.events, event), rules={})
    )


def feeds_of(known: History, *, today: dt.date, base_url: str) -> dict[str, bytes]:
    """The feeds of what a history announced up to a day."""
    return feed_files(known, announced(known, today=today, hold=HOLD), today=today, base_url=base_url)


def history(*revisions: tuple[str, str, Iterable[Rule]]) -> History:
    """A history of revisions, each with its day, its commit and the rules on the page then."""
    events: list[Event] = []
    page: dict[str, Rule] = {}
    for day, commit, rules in revisions:
        new = {one.id: one for one in rules}
        events.append(
            Event(
                commit=commit,
                previous=events[-1].commit if events else None,
                date=dt.datetime.fromisoformat(f"{day}T10:00:00Z"),
                url="https://learn.example/article",
                added=tuple(new[name] for name in sorted(new.keys() - page.keys())),
                removed=tuple(sorted(page.keys() - new.keys())),
                changed=tuple(
                    Changed(before=name, after=new[name])
                    for name in sorted(new.keys() & page.keys())
                    if new[name] != page[name]
                ),
            )
        )
        page = new
    return History(attribution="Facts.", events=tuple(events), rules={})
