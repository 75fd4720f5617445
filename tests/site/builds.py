"""Sites for tests: of the data of :mod:`tests.base` as the command builds it, and with hostile text everywhere."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Final

from aks_egress_catalog.catalog import Catalog
from aks_egress_catalog.history.announced import HOLD, announced_by_version
from aks_egress_catalog.history.revisions import Changed, Event, History
from aks_egress_catalog.model import Destination, DestinationForm, Rule, Rules, Source
from aks_egress_catalog.store import Texts
from publish.notices.feeds import feed_files
from publish.site import site_files
from publish.site.content.versions import pages_by_commit
from publish.status.lists import list_files
from publish.status.plans import plan_files
from publish.status.polls import AnnouncedByVersion, older_catalogs, poll_files
from publish.status.status import status_files
from tests.base import CATALOG, HISTORY, TEXTS

NOW: Final = dt.datetime(2026, 7, 4, 8, 0, tzinfo=dt.UTC)
CHECKED: Final = dt.datetime(2026, 7, 4, 6, 15, tzinfo=dt.UTC)
HOSTILE: Final = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' autofocus onfocus='alert(1)",
    "javascript:alert(1)",
    "{{7*7}}{% raw %}",
    "</script></title></style>-->",
    "a\u202eb\u2066c\u0000d\u001be",
    "//evil.example/x.js",
)


def small(catalog: Catalog = CATALOG, **options: object) -> dict[str, bytes]:
    """The site of a catalog alone, quickly made: no history, no texts."""
    given: dict[str, object] = {"announced": (), "now": NOW, "checked": CHECKED, **options}
    nothing = History(attribution="", events=(), rules={})
    return site_files(catalog, nothing, {}, **given)  # type: ignore[arg-type]  # the options of site_files


def whole() -> dict[str, bytes]:
    """The site with everything that lies beside it; one locale is stale, one untranslated."""
    address, announced = "https://example.org/aks/", versions_announced(HISTORY)
    beside = {
        **feed_files(HISTORY, announced[-1][1], today=NOW.date(), base_url=address, pages=pages_by_commit(HISTORY)),
        **poll_files(HISTORY, CATALOG, announced),
        **plans(CATALOG, HISTORY),
        **list_files(tuple(older_catalogs(HISTORY, CATALOG, announced)), CATALOG),
        **status_files(CATALOG, CHECKED, NOW),
    }
    return site_files(
        CATALOG,
        HISTORY,
        TEXTS,
        announced=announced[-1][1].changes,
        now=NOW,
        checked=CHECKED,
        base_url=address,
        repository="owner/name",
        locale_states={"en-us": "current", "de-de": "stale", "bg-bg": "untranslated"},
        beside=beside,
    )


def hostile_data() -> tuple[Catalog, History, Texts]:
    """The data with hostile text in every field that a page fills."""
    rules = {rule.id: _hostile_rule(rule, place) for place, rule in enumerate(CATALOG.rules)}
    names = {old: rule.id for old, rule in rules.items()}
    pages = tuple(replace(page, url=HOSTILE[3], commit=HOSTILE[0]) for page in CATALOG.pages)
    found = replace(
        CATALOG,
        attribution=HOSTILE[0],
        pages=pages,
        rules=Rules(sorted(rules.values(), key=lambda rule: rule.id)),
    )
    words: Texts = {locale: {names[name]: HOSTILE for name in said} for locale, said in TEXTS.items()}
    events = tuple(_hostile_event(event, place, HISTORY.events) for place, event in enumerate(HISTORY.events))
    return found, History(attribution=HOSTILE[5], events=events, rules={}), words


def hostile() -> dict[str, bytes]:
    """The site of hostile data."""
    catalog, history, words = hostile_data()
    return site_files(
        catalog,
        history,
        words,
        announced=versions_announced(history)[-1][1].changes,
        now=NOW,
        repository='"><script>',
        beside=plans(catalog, history),
    )


def versions_announced(history: History) -> AnnouncedByVersion:
    """What was announced at each version, and today."""
    return tuple(announced_by_version(history, today=NOW.date(), hold=HOLD))


def plans(catalog: Catalog, history: History) -> dict[str, bytes]:
    """The upgrade plans from every version to a catalog."""
    olds = older_catalogs(history, catalog, versions_announced(history))
    return plan_files(olds, catalog, lives=history.lives_at(NOW.date()))


def _hostile_rule(rule: Rule, place: int) -> Rule:
    """Keep what tells rules apart, and add what no page should ever say."""
    mean = HOSTILE[place % len(HOSTILE)]
    destinations = tuple(_hostile_destination(one, mean) for one in rule.destinations)
    lifecycle = replace(rule.lifecycle, replaced_by=mean, commit=mean)
    sources = tuple(_hostile_source(source, mean) for source in rule.sources)
    return replace(rule, id="", destinations=destinations, lifecycle=lifecycle, sources=sources)


def _hostile_destination(destination: Destination, mean: str) -> Destination:
    named = destination.form not in (DestinationForm.ANY, DestinationForm.NAMED_SET)
    return replace(destination, value=f"{destination.value}{mean}") if named else destination


def _hostile_source(source: Source, mean: str) -> Source:
    return replace(source, url=mean, heading=mean, locale=mean, commit=mean)


def _hostile_event(event: Event, place: int, events: tuple[Event, ...]) -> Event:
    return replace(
        event,
        commit=_mean_commit(place),
        previous=_mean_commit(place - 1) if event.previous else None,
        url=HOSTILE[3],
        added=tuple(_hostile_form(rule) for rule in event.added),
        removed=tuple(_hostile_id(name, events) for name in event.removed),
        changed=tuple(_hostile_change(change, events) for change in event.changed),
    )


def _mean_commit(place: int) -> str:
    return f"{place}{HOSTILE[1]}"


def _hostile_form(rule: Rule) -> Rule:
    """The same mean text in every form of one rule, so that its life hangs together."""
    return _hostile_rule(rule, sum(map(ord, rule.cloud + rule.feature + str(rule.destinations[0]))))


def _hostile_id(name: str, events: tuple[Event, ...]) -> str:
    forms = {rule.id: rule for event in events for rule in (*event.added, *(one.after for one in event.changed))}
    return _hostile_form(forms[name]).id


def _hostile_change(change: Changed, events: tuple[Event, ...]) -> Changed:
    return replace(change, before=_hostile_id(change.before, events), after=_hostile_form(change.after))
