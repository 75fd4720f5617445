"""What scripts fetch when somebody asks: compact JSON, so that no page grows by what it may never need.

The scripts in ``static/`` read exactly these shapes; ``tests/site`` holds both sides together.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields
from typing import Final

from aks_egress_catalog.catalog import Catalog
from aks_egress_catalog.cluster.advisories import Advisory
from aks_egress_catalog.history.changes import change_of
from aks_egress_catalog.history.revisions import History
from aks_egress_catalog.model import Destination, Feature, Level, Lifecycle, Rule
from aks_egress_catalog.text.visible import visible
from publish.site.rulebook import Group
from publish.site.slugs import rule_path
from publish.site.templating import prose
from publish.site.versions import Version

_REPEATED: Final = re.compile(r"-\d+\Z")


def check_json(groups: Iterable[Group], advisories: Sequence[Advisory]) -> bytes:
    """What the host check asks.

    ``rules`` of today are ``[id, level, since, alternatives]``, rules that are ``gone`` are ``[id, day]``; ``paths``
    has the pages whose path does not follow from the id by plain replacement.
    """
    found = [entry for group in groups for entry in group.entries]
    return _json(
        {
            "rules": [
                [
                    entry.rule.id,
                    entry.rule.level,
                    str(entry.life.since) if entry.life else "",
                    [str(destination) for destination in entry.rule.destinations],
                ]
                for entry in found
                if entry.here
            ],
            "gone": [[entry.rule.id, str(entry.life.gone)] for entry in found if entry.life and entry.life.gone],
            "paths": {entry.rule.id: entry.path for entry in found if "~~" in entry.path},
            "advisories": [
                {"id": one.id, "fix": one.fix, "instead_of": one.instead_of, "message": one.message}
                for one in advisories
            ],
        }
    )


def texts_json(texts: Mapping[str, tuple[str, ...]]) -> bytes:
    """What one locale says of the rules, by the path of their pages."""
    return _json({rule_path(name): found for name, found in sorted(texts.items())}, shown=prose)


def compare_json(history: History, catalog: Catalog, versions: Sequence[Version]) -> bytes:
    """Everything that a comparison of two versions needs: the events, and what leads from the last one to today.

    ``versions`` are ``[version, day, number of events]``, oldest first, the current one last. An event has its
    ``day``, the ids that are ``gone`` and the rules that ``come``, each with only what is not the usual. ``features``
    are those that have a name of their own.
    """
    headings = _Headings()
    events = [
        {
            "day": str(event.day),
            "gone": [*event.removed, *(change.before for change in event.changed)],
            "come": [_form(rule, headings) for rule in (*event.added, *(change.after for change in event.changed))],
        }
        for event in history.events
        if event.changes_rules
    ]
    then, now = history.rules_at(), {rule.id: rule for rule in catalog.rules}
    known = [one for one in versions if one.version != catalog.version]
    days = [event.day for event in history.events if event.changes_rules]
    return _json(
        {
            "versions": [[one.version, str(one.day), sum(day <= one.day for day in days)] for one in known]
            + [[catalog.version, str(catalog.facts_date or ""), len(events)]],
            "events": events,
            "now": {
                "gone": sorted(then.keys() - now.keys()),
                "come": [
                    _form(rule, headings)
                    for name, rule in now.items()
                    if name not in then or change_of(then[name], rule)
                ],
            },
            "headings": headings.names,
            "features": list(Feature),
        }
    )


class _Headings:
    """Headings by number: hundreds of rules stand under a few dozen of them."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def number(self, heading: str) -> int:
        """The number of a heading; the one that a repeated heading carries at its end is no part of its name."""
        name = _REPEATED.sub("", heading)
        if name not in self.names:
            self.names.append(name)
        return self.names.index(name)


def _form(rule: Rule, headings: _Headings) -> dict[str, object]:
    """A rule without what its id says, and without what is usual."""
    alone = len(rule.destinations) == 1 and not rule.destinations[0].conditions
    found: dict[str, object] = {
        "id": rule.id,
        "kind": "" if rule.kind == "fqdn" else rule.kind,
        "level": "" if rule.level is Level.REQUIRED else rule.level,
        "destinations": [] if alone else [_alternative(destination) for destination in rule.destinations],
        "application": rule.application,
        "inferred": rule.application_inferred,
        "assumed": not rule.cloud_stated,
        "conditions": list(map(str, rule.conditions)),
        "constraints": list(rule.constraints),
        "lifecycle": _lifecycle(rule.lifecycle),
        "headings": sorted({headings.number(source.heading) for source in rule.sources}),
    }
    return {name: value for name, value in found.items() if value}


def _alternative(destination: Destination) -> list[object]:
    return [str(destination), *map(str, destination.conditions)]


def _lifecycle(lifecycle: Lifecycle) -> dict[str, str]:
    """Where a rule stands in its life, by the names of the model; nothing for one that simply stands on the page."""
    values = {field.name: getattr(lifecycle, field.name) for field in fields(lifecycle)}
    return {} if lifecycle == Lifecycle() else {name: str(value) for name, value in values.items() if value}


def _json(value: object, *, shown: Callable[[str], str] = visible) -> bytes:
    return (shown(json.dumps(value, ensure_ascii=False, separators=(",", ":"))) + "\n").encode()
