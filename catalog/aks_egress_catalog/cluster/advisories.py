"""Advisories: what other sources say against the article, reviewed, each with its evidence.

They never touch the facts. One with a ``fix`` is a gap of the article: ``resolve`` and the exports warn of it, and
apply the fix only when asked, as a rule of its own (level ``known-gap``, named after the advisory). One without is a
note: it stands beside the rules and hosts that it is about, and is never applied.
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
    """What one other source says: ``message`` what, ``seen`` where, ``evidence`` its address, ``reading`` our reading.

    ``date`` is the day since when it is known; ``about`` has the hosts that it is about. ``fix`` is a host on HTTPS,
    TCP 443, that the article lacks; with ``instead_of``, the article's rule for that host is wrong and ``fix`` is
    meant. Without a ``fix`` it is a note.
    """

    id: str
    cloud: str
    feature: str
    date: dt.date
    message: str
    seen: str
    evidence: str
    reading: str
    about: tuple[str, ...]
    fix: str | None
    instead_of: str | None

    def __str__(self) -> str:
        return f"{self.message} {self.reading} ({self.id}, since {self.date}, {self.evidence})"

    def lines(self) -> tuple[str, ...]:
        """What there is to say of it, a line each; the first is what it is."""
        where = f"{self.cloud}, {self.feature}"
        return (
            f"advisory {self.id}: a gap of the article, {where}"
            if self.fix
            else f"advisory {self.id}: a note, {where}",
            self.message,
            f"our reading: {self.reading}",
            f"seen in {self.seen}",
            f"known since {self.date}, {self.evidence}",
            f"--fix-advisories adds {self.fix} TCP 443 (HTTPS) as {fix_of(self).id}"
            + (f", in the place of {self.instead_of}" if self.instead_of else "")
            if self.fix
            else "never applied",
        )


@cache
def load_advisories() -> tuple[Advisory, ...]:
    """Load the advisories that the package ships.

    >>> [advisory.id for advisory in load_advisories() if advisory.fix]
    ['geneva-registry', 'nvidia-repository', 'vault-host']
    """
    text = (SHIPPED_DATA / "advisories.json").read_text(encoding="utf-8")
    found: tuple[Advisory, ...] = from_json_as(tuple[Advisory, ...], text)
    return found


def find_advisory(name: str) -> Advisory | None:
    """Return the advisory of this id, or the one whose fix is the rule of this id; ``None`` where there is none.

    >>> find_advisory("AzureCloud/key-vault-csi/advisory:vault-host") == find_advisory("vault-host")
    True
    """
    return next((one for one in load_advisories() if name == one.id or (one.fix and name == fix_of(one).id)), None)


def fixes() -> tuple[Advisory, ...]:
    """Return the advisories that have a fix."""
    return tuple(one for one in load_advisories() if one.fix)


def concerning(cloud: str, features: Iterable[str]) -> tuple[Advisory, ...]:
    """Return the advisories for a cloud and features."""
    used = set(features)
    return tuple(one for one in load_advisories() if one.cloud == cloud and one.feature in used)


def not_applied(rules: Rules, cloud: str, features: Iterable[str]) -> tuple[Advisory, ...]:
    """Return those of them whose fix the rules do not have yet."""
    return tuple(
        one for one in concerning(cloud, features) if one.fix and not any(_is_of(one, rule, one.fix) for rule in rules)
    )


def advisories_on(rule: Rule) -> tuple[Advisory, ...]:
    """Return the advisories that are about a rule: for one that a fix added, the advisory that gave it."""
    values = {destination.value for destination in rule.destinations}
    return tuple(one for one in concerning(rule.cloud, (rule.feature,)) if not values.isdisjoint(one.about))


def rules_by_id(rules: Rules, *, commit: str) -> dict[str, Rule]:
    """Return rules by id, and those that fixes add: a resolution may be of either."""
    added = (fix_of(advisory, commit) for advisory in fixes())
    return {rule.id: rule for rule in (*added, *rules)}


def with_fixes(rules: Rules, *, commit: str, known_on: dt.date | None = None) -> Rules:
    """Return the rules as they would be if every advisory's fix were among them.

    With ``known_on``, only of the advisories known by that day. ``commit`` is that of the page the rules are of. What
    the rules of the article already cover gets no second rule.
    """
    fixed = {rule.id: rule for rule in rules}
    for advisory in fixes():
        if known_on is None or advisory.date <= known_on:
            for name in [name for name, rule in fixed.items() if _is_of(advisory, rule, advisory.instead_of)]:
                del fixed[name]
            if not any(_is_of(advisory, rule, advisory.fix) for rule in fixed.values()):
                added = fix_of(advisory, commit)
                fixed[added.id] = added
    return Rules(fixed[name] for name in sorted(fixed))


def fix_of(advisory: Advisory, commit: str = "") -> Rule:
    """Return the rule that an advisory adds.

    Raises:
        ValueError: the advisory is a note, which adds none.
    """
    if advisory.fix is None:
        raise ValueError(f"{advisory.id} is a note: it is never applied")
    return Rule(
        cloud=advisory.cloud,
        feature=advisory.feature,
        kind=Kind.FQDN,
        level=Level.KNOWN_GAP,
        destinations=(Destination(form=DestinationForm.FQDN, value=advisory.fix),),
        protocol=Protocol.TCP,
        port=443,
        application=Application.HTTPS,
        cloud_stated=True,
        sources=(Source(locale="", url=advisory.evidence, heading=advisory.id, table=0, row=0, commit=commit),),
    )


def _is_of(advisory: Advisory, rule: Rule, host: str | None) -> bool:
    named = (rule.cloud, rule.feature, str(rule.destinations[0]))
    return named == (advisory.cloud, advisory.feature, host)
