"""Upgrade plans from every old version to the newest: what the site's compare page reads.

The plan is the one that ``aks-egress-catalog diff <version> latest`` gives for everybody, as the package computes it;
the page only shows it. Each file is at most as long as the two catalogs together, so all files grow in a straight line.
There is one for each old version, so they are short::

    {"old": "2025.5.27", "new": "2026.7.2",
     "add": [{"destination": "*.cloud.defender.microsoft.com", "protocol": "TCP", "port": 443, ...}], "may_go": [],
     "changes": [["conditions", "informational", "AzureCloud/core/any:udp-1194", "conditions: ..."]]}

A change is its kind, its severity and the id of its rule, then a line for each thing that differs. Those are left out
that a step says already with nothing to add, and rules that only stand elsewhere on the page now: nobody acts on that.
A step has the fields of :class:`.UpgradeStep`, without those that are empty and without the features, which its rules
name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from itertools import groupby
from typing import Final

from aks_egress_catalog.catalog import Catalog
from aks_egress_catalog.history.changes import Change, ChangeKind
from aks_egress_catalog.history.compare import between
from aks_egress_catalog.history.revisions import Life
from aks_egress_catalog.history.upgrade import UpgradeStep, upgrade_plan
from aks_egress_catalog.render.words import describe
from aks_egress_catalog.text.codec import to_json
from aks_egress_catalog.text.visible import visible

_WITHOUT_A_LINE: Final = 3
"""A change that has no line has its kind, its severity and the id."""


def plan_files(olds: Iterable[Catalog], newest: Catalog, *, lives: Mapping[str, Life]) -> dict[str, bytes]:
    """Make ``plan/since/<version>.json`` for every old version and for the newest, by path.

    Most versions ask for the same as the one before them (only words were new), so they have the same plan.
    """
    files: dict[str, bytes] = {}
    plan: dict[str, object] = {}
    for _, catalogs in groupby((*olds, newest), key=lambda catalog: catalog.rules):
        for place, old in enumerate(catalogs):
            plan = plan | {"old": old.version} if place else plan_since(old, newest, lives=lives)
            files[f"plan/since/{old.version}.json"] = _json(plan)
    return files


def plan_since(old: Catalog, newest: Catalog, *, lives: Mapping[str, Life]) -> dict[str, object]:
    """Plan the way from one version to the newest; ``lives`` gives the days of rules, as they are known now."""
    plan = upgrade_plan(old, newest, lives=lives)
    stepped = {name for step in (*plan.add, *plan.may_go) for name in step.rules}
    told = (_change(change) for change in between(old, newest) if change.kind is not ChangeKind.MOVED)
    return {
        "old": plan.old,
        "new": plan.new,
        "add": list(map(_step, plan.add)),
        "may_go": list(map(_step, plan.may_go)),
        "changes": [change for change in told if len(change) > _WITHOUT_A_LINE or change[2] not in stepped],
    }


def _step(step: UpgradeStep) -> dict[str, object]:
    values = {field.name: getattr(step, field.name) for field in fields(step) if field.name != "features"}
    return {name: value for name, value in values.items() if value}


def _change(change: Change) -> list[str]:
    return [change.kind, change.severity, change.rule.id if change.rule else "", *describe(change)]


def _json(plan: Mapping[str, object]) -> bytes:
    """Write a plan; no character of a page passes unseen, as on the pages of the site."""
    return (visible(to_json(plan, compact=True).rstrip("\n")) + "\n").encode()
