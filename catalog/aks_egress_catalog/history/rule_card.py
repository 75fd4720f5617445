"""One rule with everything known of it: its facts, its words, its days and what was told of it."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from aks_egress_catalog.catalog import Catalog
from aks_egress_catalog.cluster.advisories import advisories_on
from aks_egress_catalog.errors import AksEgressError
from aks_egress_catalog.history.changes import Change
from aks_egress_catalog.history.revisions import History, Life
from aks_egress_catalog.model import Rule, Strict

_OFFERED: Final = 5


@dataclass(frozen=True, kw_only=True)
class RuleCard(Strict):
    """A rule as it stands or last stood. ``life`` is ``None`` where the history does not know it."""

    id: str
    rule: Rule
    texts: tuple[str, ...]
    life: Life | None
    announced: tuple[Change, ...]

    def lines(self) -> Iterator[str]:
        """Yield what there is to say, a line each."""
        rule = self.rule
        for destination in rule.destinations:
            conditions = "; ".join(map(str, rule.conditions_of(destination)))
            spoken = f" ({rule.application})" if rule.application else ""
            port = f" {rule.protocol} {rule.port}{spoken}" if rule.protocol else ", no port stated"
            yield f"{destination}{port}{f', {conditions}' if conditions else ''}"
        stated = "" if rule.cloud_stated else " (the page names no cloud)"
        yield f"{rule.cloud}{stated}, {rule.feature}, {rule.level}, {rule.kind}"
        yield from (f"a firewall on the path must respect: {constraint}" for constraint in rule.constraints)
        yield from self.texts
        stands = "stood" if self.life and self.life.gone else "stands"
        yield from (f"{stands} at {source}, commit {source.commit[:9]}" for source in rule.sources)
        yield from (f"advisory: {one}" for one in advisories_on(rule))
        if rule.lifecycle.replaced_by:
            yield f"being replaced by {rule.lifecycle.replaced_by}"
        if self.life:
            gone = f", left the page on {self.life.gone}" if self.life.gone else ""
            since = f", there since {self.life.since}" if self.life.since != self.life.first_seen else ""
            yield f"first seen {self.life.first_seen}{since}, last changed {self.life.last_changed}{gone}"


def rule_card(
    name: str,
    catalog: Catalog,
    history: History | None,
    *,
    announced: Sequence[Change] = (),
    texts: tuple[str, ...] = (),
) -> RuleCard:
    """Find a rule by its id, on the page or in its history.

    Raises:
        AksEgressError: no rule ever had that id; the message offers those that look alike.

    >>> import aks_egress_catalog as aec
    >>> name = "AzureCloud/core/packages.aks.azure.com:tcp-443"
    >>> print(next(rule_card(name, aec.load(as_of="2026-07-02"), None).lines()))
    packages.aks.azure.com TCP 443 (HTTPS)
    """
    here = {rule.id: rule for rule in catalog.rules}
    rule = here.get(name) or (_last_form(history, name) if history else None)
    if rule is None:
        known = sorted({*here, *(history.rules if history else ())})
        near = [one for one in known if name in one] or difflib.get_close_matches(name, known)
        offer = f"; did you mean: {', '.join(near[:_OFFERED])}" if near else "; aks-egress-catalog list has them all"
        raise AksEgressError(f"no rule was ever named {name!r}{offer}")
    concerned = tuple(
        change for change in announced if name in {one.id for one in (change.before, change.after) if one is not None}
    )
    life = history.rules.get(name) if history else None
    return RuleCard(id=name, rule=rule, texts=texts, life=life, announced=concerned)


def _last_form(history: History, name: str) -> Rule | None:
    for event in reversed(history.events):
        for rule in (*event.added, *(change.after for change in event.changed)):
            if rule.id == name:
                return rule
    return None
