"""Advisories: known defects of the article, reviewed, each with its evidence.

They never touch the facts. ``resolve``, ``check`` and the exports warn of them and apply a fix only when asked.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from aks_egress_catalog.model import (
    Application,
    Destination,
    DestinationForm,
    Kind,
    Level,
    Protocol,
    Rule,
    Rules,
    Source,
)
from aks_egress_catalog.text.codec import from_json_as
from aks_egress_catalog.text.shipped import SHIPPED_DATA


@dataclass(frozen=True, kw_only=True)
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
    text = (SHIPPED_DATA / "advisories.json").read_text(encoding="utf-8")
    found: tuple[Advisory, ...] = from_json_as(tuple[Advisory, ...], text)
    return found


def concerning(cloud: str, features: Iterable[str]) -> tuple[Advisory, ...]:
    """Return the advisories for a cloud and features."""
    used = set(features)
    return tuple(one for one in load_advisories() if one.cloud == cloud and one.feature in used)


def not_applied(rules: Rules, cloud: str, features: Iterable[str]) -> tuple[Advisory, ...]:
    """Return those of them whose fix the rules do not have yet."""
    known = {rule.id for rule in rules}
    return tuple(one for one in concerning(cloud, features) if _fixed_rule(one).id not in known)


def rules_by_id(rules: Rules, *, commit: str) -> dict[str, Rule]:
    """Return rules by id, and those that fixes add: a resolution may be of either."""
    added = (_fixed_rule(advisory, commit) for advisory in load_advisories())
    return {rule.id: rule for rule in (*added, *rules)}


def with_fixes(rules: Rules, *, commit: str, known_on: dt.date | None = None) -> Rules:
    """Return the rules as they would be if every advisory's fix were a fact.

    With ``known_on``, only of the advisories known by that day. ``commit`` is that of the page the rules are of.
    """
    fixed = {rule.id: rule for rule in rules}
    for advisory in load_advisories():
        if known_on is None or advisory.date <= known_on:
            for name in [name for name, rule in fixed.items() if _is_wrong(advisory, rule)]:
                del fixed[name]
            added = _fixed_rule(advisory, commit)
            fixed.setdefault(added.id, added)
    return Rules(fixed[name] for name in sorted(fixed))


def _is_wrong(advisory: Advisory, rule: Rule) -> bool:
    return (rule.cloud, rule.feature, str(rule.destinations[0])) == (
        advisory.cloud,
        advisory.feature,
        advisory.instead_of,
    )


def _fixed_rule(advisory: Advisory, commit: str = "") -> Rule:
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
