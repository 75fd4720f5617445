"""Announced changes as feeds and messages show them: one entry for each day and upstream commit, in plain words.

Nothing here knows a format. Whatever came from a page passes :func:`shown`, and then the serializer of its format.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from aks_egress_catalog.errors import AksEgressError
from aks_egress_catalog.history.changes import Change, ChangeKind, Impact
from aks_egress_catalog.model import Destination, Rule
from aks_egress_catalog.render.words import describe, place_of
from aks_egress_catalog.text.visible import visible


@dataclass(frozen=True, kw_only=True)
class Entry:
    """Everything announced on one day because of one upstream commit, in the order in which it was announced."""

    date: dt.date
    commit: str
    changes: tuple[Change, ...]

    @property
    def moment(self) -> dt.datetime:
        """The beginning of its day, UTC: content has days, and no clock."""
        return dt.datetime.combine(self.date, dt.time(), dt.UTC)

    @property
    def severity(self) -> Impact:
        """That of its gravest change."""
        return min((change.severity for change in self.changes), key=list(Impact).index)

    @property
    def clouds(self) -> tuple[str, ...]:
        """The clouds that it is about, sorted."""
        return tuple(sorted({change.scope[0] for change in self.changes if change.scope} - {""}))

    @property
    def features(self) -> tuple[str, ...]:
        """The features that it is about, sorted."""
        return tuple(sorted({change.scope[1] for change in self.changes if change.scope} - {""}))


def entries(announced: Iterable[Change]) -> tuple[Entry, ...]:
    """Gather announced changes into entries, newest first; a later day never moves an earlier entry.

    Raises:
        AksEgressError: a change has no date, as where the page did not say when it was changed.
    """
    found: defaultdict[tuple[dt.date, str], list[Change]] = defaultdict(list)
    for change in announced:
        if change.date is None:
            raise AksEgressError("a change has no date: only what is dated can be announced")
        found[change.date, change.commit].append(change)
    oldest_first = [Entry(date=date, commit=commit, changes=tuple(group)) for (date, commit), group in found.items()]
    return tuple(sorted(oldest_first, key=lambda entry: entry.date)[::-1])


def narrowed(found: Iterable[Entry], belongs: Callable[[Change], bool]) -> tuple[Entry, ...]:
    """Keep of each entry the changes that belong, and of the entries those that are not empty then."""
    kept = (replace(entry, changes=tuple(filter(belongs, entry.changes))) for entry in found)
    return tuple(entry for entry in kept if entry.changes)


def title(changes: Iterable[Change]) -> str:
    """Counts of the changes, with the gravest severity; no word of a page is in it.

    >>> title([])
    'nothing changed'
    """
    found = tuple(changes)
    if not found:
        return "nothing changed"
    kinds = Counter("missing" if _is_missing(change) else str(change.kind) for change in found)
    order = [*map(str, ChangeKind), "missing"]
    counts = ", ".join(f"{kinds[kind]} {kind}" for kind in order if kinds[kind])
    gravest = min((change.severity for change in found), key=list(Impact).index)
    correction = "correction: " if any(change.corrects for change in found) else ""
    return f"{correction}{counts} ({gravest})"


def lines_to_add(changes: Iterable[Change]) -> tuple[str, ...]:
    """What a firewall must newly allow: a line for each cloud and endpoint, sorted, whatever feature asks for it."""
    breaking = (change.after for change in changes if change.severity is Impact.BREAKING)
    return tuple(sorted({f"{rule.cloud}: {endpoint(rule)}, {rule.level}" for rule in breaking if rule}))


def by_place(changes: Iterable[Change]) -> Iterator[tuple[str, list[Change]]]:
    """Group changes by the cloud and feature that they are about, each group sorted by rule id."""
    groups: defaultdict[str, list[Change]] = defaultdict(list)
    for change in changes:
        groups[place_of(change)].append(change)
    for place in sorted(groups):
        yield place, sorted(groups[place], key=lambda change: change.rule.id if change.rule else "")


def headline(change: Change) -> str:
    """One line: what happened to which endpoint."""
    kind = "missing" if _is_missing(change) else change.kind
    where = f" [{shown(change.locale)}]" if change.locale else ""
    about = f": {endpoint(change.rule)}, {change.rule.level}" if change.rule else ""
    return f"{kind} ({change.severity}){where}{about}"


def details(change: Change) -> Iterator[str]:
    """What differs, a line each; and of a rule that is gone, since when it was missing."""
    yield from map(shown, describe(change))
    gone = change.before.lifecycle.since if change.before and not change.after else None
    if gone:
        yield f"gone from the page since {gone}"
    if change.kind is ChangeKind.TEXT:
        yield f"was: {shown('; '.join(change.texts_before)) or 'nothing'}"
        yield f"is: {shown('; '.join(change.texts_after)) or 'nothing'}"


def endpoint(rule: Rule) -> str:
    """Name the endpoint of a rule: its alternatives with their conditions, the port and what is spoken on it."""
    names = " or ".join(_alternative(rule, destination) for destination in rule.destinations)
    port = f" {rule.protocol} {rule.port}" if rule.protocol else ""
    spoken = f" ({rule.application})" if rule.application else ""
    return f"{names}{port}{spoken}"


def shown(text: str) -> str:
    r"""Put a text on one line; controls, direction marks and other unseen characters are shown.

    >>> shown("a\tb\n c\x1b")
    'a b c�'
    """
    return " ".join(visible(text).split())


def _alternative(rule: Rule, destination: Destination) -> str:
    conditions = ", ".join(map(str, rule.conditions_of(destination)))
    return shown(str(destination)) + (f" ({conditions})" if conditions else "")


def _is_missing(change: Change) -> bool:
    """Whether a rule left the page, and is kept until its hold ends."""
    return change.differs == ("lifecycle",) and bool(change.after and change.after.lifecycle.since)
