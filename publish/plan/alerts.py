"""Which upstream commits were worth an alert: every revision of the history, with the reason."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

from aks_egress_catalog.history.changes import summarize
from aks_egress_catalog.history.compare import compare_rules
from aks_egress_catalog.history.revisions import Event, History, fold


@dataclass(frozen=True, kw_only=True)
class RevisionAlert:
    """One upstream commit: whether it moved the requirements, and what it did to the rules."""

    event: Event
    notify: bool
    reason: str


def revision_alerts(history: History, *, since: dt.date | None = None) -> tuple[RevisionAlert, ...]:
    """Judge every revision that has one before it, from a day on.

    >>> from aks_egress_catalog.history.history_file import load_history
    >>> judged = revision_alerts(load_history(), since=dt.date(2025, 5, 20))
    >>> [str(one.event.day) for one in judged if one.notify][:2]
    ['2025-05-27', '2025-07-03']
    """
    states = pairwise(map(dict, fold(history.events)))
    found: list[RevisionAlert] = []
    for event, (before, after) in zip(history.events, states, strict=True):
        changes = summarize(compare_rules(before.values(), after.values()))
        counts = Counter(f"{change.kind} {change.severity}" for change in changes.changes)
        reason = ", ".join(f"{count} {what}" for what, count in sorted(counts.items()))
        found.append(RevisionAlert(event=event, notify=changes.notify, reason=reason or "the same facts"))
    return tuple(one for one in found[1:] if since is None or one.event.day >= since)
