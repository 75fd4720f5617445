"""From the catalogs of single revisions to the history: which rules came, went and changed with each revision."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from aks_egress_catalog.catalog import Catalog, PageRef
from aks_egress_catalog.errors import AksEgressError, CatalogError
from aks_egress_catalog.history.compare import compare_rules
from aks_egress_catalog.history.revisions import Changed, Event, History
from aks_egress_catalog.model import Rule
from aks_egress_catalog.store import load

NEVER_LIVE: Final = frozenset(
    {
        "126786f03e562aca0dde65db199893cb8f04a5a1",
        "cac6291b079d77771f310fd4ddc6b0a234a84e8f",
    }
)
"""Revisions that lie on side branches of the upstream repository: no reader ever saw them as the page."""

WRONGLY_READ: Final = "the page was read wrongly"
"""Why a correction is made, unless a person says it better."""
_REPORT: Final = ".report.json"


class HistoryError(AksEgressError):
    """A catalog that cannot be the next event of a history."""


@dataclass(frozen=True, kw_only=True)
class Backfill:
    """A history, and what is not in it: ``faults`` could not be read, ``left_out`` was never on the page."""

    history: History
    faults: tuple[str, ...]
    left_out: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class _Revision:
    page: PageRef
    updated: dt.datetime
    catalog: Catalog
    file: str = ""


def backfill(named: Iterable[Path]) -> Backfill:
    """Make a history of catalogs in files and folders, in the order of their commits, however they are named.

    One that cannot be read is named and never stops the others. Of two commits of one minute the one whose file has
    the smaller name was first.

    Raises:
        HistoryError: not a single one could be read.
    """
    faults: list[str] = []
    revisions: list[_Revision] = []
    for file in _files(named, faults):
        try:
            revisions.append(replace(_revision(load(file)), file=file.name))
        except (CatalogError, HistoryError) as error:
            faults.append(f"{file}: {error}")
    left_out = [revision.page.commit for revision in revisions if revision.page.commit in NEVER_LIVE]
    live = [revision for revision in revisions if revision.page.commit not in NEVER_LIVE]
    live.sort(key=lambda revision: (str(revision.page.updated), revision.file))  # the page gives no seconds
    events: list[Event] = []
    rules: tuple[Rule, ...] = ()
    seen: dict[str, Catalog] = {}
    for revision in live:
        commit = revision.page.commit
        if commit in seen:
            if _facts(seen[commit]) != _facts(revision.catalog):
                faults.append(f"{commit[:9]}: two catalogs of this commit state different facts")
            continue
        seen[commit] = revision.catalog
        events.append(_event(revision, rules, previous=events[-1].commit if events else None))
        rules = revision.catalog.rules
    if not live:
        raise HistoryError(f"there is no catalog to make a history of{': ' if faults else ''}{'; '.join(faults)}")
    history = History(attribution=live[-1].catalog.attribution, events=tuple(events), rules={})
    return Backfill(history=history, faults=tuple(faults), left_out=tuple(left_out))


def next_event(history: History, catalog: Catalog, *, today: dt.date, why: str = WRONGLY_READ) -> Event | None:
    """The revision that a catalog was read from, as the next event of a history; ``None`` where it is the last one.

    Where the catalog says something else of the commit that the history ends with, the page did not change: what was
    published of it was wrong, and the event is a correction of today.

    Raises:
        HistoryError: the catalog is older than the history, or was never live.

    >>> from aks_egress_catalog.history.history_file import load_history
    >>> from aks_egress_catalog.history.revisions import catalog_after
    >>> history = load_history()
    >>> print(next_event(history, catalog_after(history, len(history.events)), today=dt.date(2026, 12, 1)))
    None
    """
    revision = _revision(catalog)
    last = history.events[-1] if history.events else None
    rules = tuple(history.rules_at().values())
    event = _event(revision, rules, previous=last.commit if last else None)
    if last and revision.page.commit == last.commit:
        if not event.changes_rules and event.dates == last.dates:
            return None
        return replace(event, date=last.date, corrected=max(today, last.day), why=why)
    if event.commit in NEVER_LIVE:
        raise HistoryError(f"{event.commit[:9]} lies on a side branch and never was the page")
    if last and (event.date < last.date or event.commit in {one.commit for one in history.events}):
        raise HistoryError(
            f"{event.commit[:9]} of {event.date} is older than the last revision of the history,"
            f" {last.commit[:9]} of {last.date}"
        )
    return event


def _files(named: Iterable[Path], faults: list[str]) -> Iterator[Path]:
    """The catalogs in files and folders; a page that was read in vain has a report beside it and no catalog."""
    for path in named:
        if not path.is_dir():
            yield path
            continue
        faults.extend(
            f"{report}: the page could not be read, and left no catalog"
            for report in sorted(path.glob(f"*{_REPORT}"))
            if not report.with_name(report.name.removesuffix(_REPORT) + ".json").exists()
        )
        yield from (file for file in sorted(path.glob("*.json")) if not f".{file.name}".endswith(_REPORT))


def _revision(catalog: Catalog) -> _Revision:
    page = catalog.authority
    if page is None or not page.commit or page.updated is None:
        raise HistoryError("it does not say which commit of the en-us page it was read from, and of when")
    return _Revision(page=page, updated=page.updated, catalog=catalog)


def _facts(catalog: Catalog) -> tuple[object, ...]:
    return catalog.rules, catalog.dates


def _event(revision: _Revision, before: Iterable[Rule], *, previous: str | None) -> Event:
    changes = compare_rules(before, revision.catalog.rules)
    return Event(
        commit=revision.page.commit,
        previous=previous,
        date=revision.updated,
        url=revision.page.url,
        added=tuple(change.after for change in changes if change.after and not change.before),
        removed=tuple(change.before.id for change in changes if change.before and not change.after),
        changed=tuple(
            Changed(before=change.before.id, after=change.after)
            for change in changes
            if change.before and change.after and (change.differs or change.before.id != change.after.id)
        ),
        dates=revision.catalog.dates,
    )
