"""Advisories: known defects of the article, reviewed, each with its evidence.

They never touch the facts. ``resolve``, ``check`` and the exports warn of them and apply a fix only when asked.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from aks_egress_catalog.model import (
    Application,
    Catalog,
    Destination,
    DestinationForm,
    Kind,
    Level,
    Protocol,
    Rule,
    Rules,
    Source,
)
from aks_egress_catalog.store import DATA, from_json_as

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, kw_only=True, slots=True)
class Advisory:
    """One known defect. ``date`` is the day since when it is known; ``fix`` is a host on HTTPS, TCP 443.

    With ``instead_of``, the rule for that host is wrong and ``fix`` is meant; without, ``fix`` is missing.
    """

    id: str
    cloud: str
    feature: str
    date: dt.date
    evidence: str
    message: str
    fix: str
    instead_of: str | None

    def __str__(self) -> str:
        return f"{self.message} ({self.id}, since {self.date}, {self.evidence})"


@cache
def load_advisories() -> tuple[Advisory, ...]:
    """Load the advisories that the package ships.

    >>> [advisory.id for advisory in load_advisories()]
    ['mcrprod', 'vault-host']
    """
    text = (Path(DATA) / "advisories.json").read_text(encoding="utf-8")
    found: tuple[Advisory, ...] = from_json_as(tuple[Advisory, ...], text)
    return found


def concerning(cloud: str, features: Iterable[str]) -> tuple[Advisory, ...]:
    """Return the advisories for a cloud and features."""
    wanted = set(features)
    return tuple(one for one in load_advisories() if one.cloud == cloud and one.feature in wanted)


def standing(catalog: Catalog, cloud: str, features: Iterable[str]) -> tuple[Advisory, ...]:
    """Return those of them whose fix a catalog does not have yet."""
    known = {rule.id for rule in catalog.rules}
    return tuple(one for one in concerning(cloud, features) if _fixed_rule(one, catalog).id not in known)


def rules_by_id(catalog: Catalog) -> dict[str, Rule]:
    """Return the rules of a catalog by id, and those that fixes add: a resolution may be of either."""
    added = (_fixed_rule(advisory, catalog) for advisory in load_advisories())
    return {rule.id: rule for rule in (*added, *catalog.rules)}


def with_fixes(catalog: Catalog, *, known_on: dt.date | None = None) -> Catalog:
    """Return the catalog as it would be if every advisory's fix were a fact. The catalog itself stays as it is.

    With ``known_on``, only of the advisories known by that day.
    """
    rules = {rule.id: rule for rule in catalog.rules}
    for advisory in load_advisories():
        if known_on is None or advisory.date <= known_on:
            for name in [name for name, rule in rules.items() if _is_wrong(advisory, rule)]:
                del rules[name]
            fixed = _fixed_rule(advisory, catalog)
            rules.setdefault(fixed.id, fixed)
    return replace(catalog, rules=Rules(rules[name] for name in sorted(rules)))


def _is_wrong(advisory: Advisory, rule: Rule) -> bool:
    return (rule.cloud, rule.feature, str(rule.destinations[0])) == (
        advisory.cloud,
        advisory.feature,
        advisory.instead_of,
    )


def _fixed_rule(advisory: Advisory, catalog: Catalog) -> Rule:
    commit = catalog.pages[0].commit if catalog.pages else ""
    return Rule(
        cloud=advisory.cloud,
        feature=advisory.feature,
        kind=Kind.FQDN,
        level=Level.REQUIRED,
        destinations=(Destination(form=DestinationForm.FQDN, value=advisory.fix),),
        protocol=Protocol.TCP,
        port=443,
        application=Application.HTTPS,
        cloud_stated=True,
        sources=(Source(locale="", url=advisory.evidence, heading=advisory.id, table=0, row=0, commit=commit),),
    )
