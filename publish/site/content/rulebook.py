"""The pages of rules: every rule that is or ever was, with all that its page shows."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from aks_egress_catalog.catalog import Catalog
from aks_egress_catalog.cluster.advisories import Advisory
from aks_egress_catalog.history.changes import Change
from aks_egress_catalog.history.revisions import History, Life, fold
from aks_egress_catalog.model import Rule
from aks_egress_catalog.store import Texts
from publish.site.addresses.slugs import rule_path
from publish.site.words.labels import cloud_order, feature_order


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """Days on which a rule stood on the page without a break; ``until`` is ``None`` while it stands there."""

    since: dt.date
    until: dt.date | None


@dataclass(frozen=True, kw_only=True)
class RulePage:
    """One rule with everything known of it. ``rule`` is its last form where ``here`` is false.

    ``texts`` has its description by locale, ``announced`` the announced changes of it, oldest first, and ``twins`` the
    ids of other rules of today with the same endpoint.
    """

    rule: Rule
    path: str
    here: bool
    life: Life | None
    stretches: tuple[Stretch, ...]
    announced: tuple[Change, ...]
    texts: dict[str, tuple[str, ...]]
    twins: tuple[str, ...]
    advisories: tuple[Advisory, ...]

    @property
    def english(self) -> tuple[str, ...]:
        """Its English description, from the page that gives the facts."""
        return self.texts.get("en-us", ())


@dataclass(frozen=True, kw_only=True)
class Group:
    """Rule pages of one cloud and feature, in the order of their ids."""

    cloud: str
    feature: str
    rule_pages: tuple[RulePage, ...]

    @property
    def size(self) -> int:
        """How many there are."""
        return len(self.rule_pages)


def rule_pages(
    catalog: Catalog,
    history: History,
    texts: Texts,
    *,
    announced: Iterable[Change],
    advisories: Sequence[Advisory],
) -> dict[str, RulePage]:
    """Gather every rule that is or ever was, by id, sorted."""
    here = {rule.id: rule for rule in catalog.rules}
    rules = _last_forms(history) | here
    announced_of = _announced_by_rule(announced)
    stretches = stretches_of(history)
    twins = _twins(catalog.rules)
    return {
        name: RulePage(
            rule=rule,
            path=rule_path(name),
            here=name in here,
            life=history.rules.get(name),
            stretches=stretches.get(name, ()),
            announced=tuple(announced_of.get(name, ())),
            texts={locale: found[name] for locale, found in sorted(texts.items()) if name in found},
            twins=tuple(twin for twin in twins.get(_endpoint(rule), ()) if twin != name),
            advisories=tuple(one for one in advisories if _concerns(one, rule)),
        )
        for name, rule in sorted(rules.items())
    }


def grouped(rule_pages: Iterable[RulePage]) -> tuple[Group, ...]:
    """Group rule pages by cloud and feature, in the order in which people expect them."""
    found = list(rule_pages)
    clouds = cloud_order(page.rule.cloud for page in found)
    features = feature_order(page.rule.feature for page in found)

    def place(page: RulePage) -> tuple[int, int, str]:
        return (clouds.index(page.rule.cloud), features.index(page.rule.feature), page.rule.id)

    groups = groupby(sorted(found, key=place), key=lambda page: (page.rule.cloud, page.rule.feature))
    return tuple(Group(cloud=cloud, feature=feature, rule_pages=tuple(group)) for (cloud, feature), group in groups)


def stretches_of(history: History) -> dict[str, tuple[Stretch, ...]]:
    """For every rule the stretches of days on which it stood on the page."""
    found: defaultdict[str, list[Stretch]] = defaultdict(list)
    before: frozenset[str] = frozenset()
    for event, rules in zip((None, *history.events), fold(history.events), strict=True):
        after = frozenset(rules)
        if event:
            for name in after - before:
                found[name].append(Stretch(since=event.day, until=None))
            for name in before - after:
                found[name][-1] = Stretch(since=found[name][-1].since, until=event.day)
        before = after
    return {name: tuple(stretches) for name, stretches in found.items()}


def _last_forms(history: History) -> dict[str, Rule]:
    forms: dict[str, Rule] = {}
    for event in history.events:
        forms |= {rule.id: rule for rule in (*event.added, *(change.after for change in event.changed))}
    return forms


def _announced_by_rule(announced: Iterable[Change]) -> Mapping[str, list[Change]]:
    found: defaultdict[str, list[Change]] = defaultdict(list)
    for change in announced:
        for name in {rule.id for rule in (change.before, change.after) if rule}:
            found[name].append(change)
    return found


def _endpoint(rule: Rule) -> tuple[object, ...]:
    return (frozenset(map(str, rule.destinations)), rule.protocol, rule.port)


def _twins(rules: Iterable[Rule]) -> Mapping[tuple[object, ...], list[str]]:
    found: defaultdict[tuple[object, ...], list[str]] = defaultdict(list)
    for rule in rules:
        found[_endpoint(rule)].append(rule.id)
    return found


def _concerns(advisory: Advisory, rule: Rule) -> bool:
    same = (advisory.cloud, advisory.feature) == (rule.cloud, rule.feature)
    return same and any(destination.value in advisory.about for destination in rule.destinations)
