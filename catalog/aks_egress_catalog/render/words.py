"""A change in plain words, one field at a time; hosts and tags stand as the page has them."""

from __future__ import annotations

from collections.abc import Iterator

from aks_egress_catalog.history.changes import Change, ChangeKind, places_of
from aks_egress_catalog.model import Rule


def describe(change: Change) -> Iterator[str]:
    """Say in plain words what differs, one field at a time; hosts and tags stand as the page has them."""
    before, after = change.before, change.after
    if change.corrects:
        yield f"correction of what was published, not a change of the page: {change.corrects}"
    if before and after:
        for name in change.differs:
            if name == "lifecycle":
                yield from _lifecycle(before, after)
            else:
                yield f"{name.replace('_', ' ')}: {_show(before, name)} -> {_show(after, name)}"
        if before.feature != after.feature:
            yield f"feature: {before.feature} -> {after.feature}"
        if change.kind is ChangeKind.MOVED and places_of(before) != places_of(after):
            yield f"place: {', '.join(sorted(places_of(before)))} -> {', '.join(sorted(places_of(after)))}"
    yield from (f"the article names a day: {named}, told under #{named.heading}" for named in change.dates_after)
    yield from (f"the article no longer names {named}" for named in change.dates_before)
    if change.place:
        yield f"the words about circumstances under #{change.place} are new: read them there"


def place_of(change: Change) -> str:
    """Name the cloud and the feature that a change is about."""
    if change.scope is None:
        return "Words"
    cloud, feature = change.scope
    return f"{cloud or 'every cloud'} / {feature or 'every cluster'}"


def _lifecycle(before: Rule, after: Rule) -> Iterator[str]:
    old, new = before.lifecycle, after.lifecycle
    if new.since and new.status is not old.status:
        then = f": it is told as removed on {new.until} unless it comes back" if new.until else ""
        yield f"{new.status} from the page since {new.since}; keep it{then}"
    elif old.since and not new.since:
        yield "back on the page"
    if new.replaced_by != old.replaced_by:
        yield (
            f"being replaced by {new.replaced_by}" if new.replaced_by else f"not replaced by {old.replaced_by} any more"
        )


def _show(rule: Rule, name: str) -> str:
    value = getattr(rule, name)
    if name == "destinations":
        return " or ".join(
            f"{destination} ({', '.join(map(str, destination.conditions))})"
            if destination.conditions
            else str(destination)
            for destination in rule.destinations
        )
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "none"
    return "none" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
