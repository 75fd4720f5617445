"""Two states of the rules side by side: which rule of the one is which of the other, and what became of it.

A user acts on each added and each removed rule, so what is one change must not be told as two. Rules are paired in
three steps, each with what the step before left over; what is left at last is removed or added:

1. the same id: the facts of the rule may have changed;
2. the same endpoint in a section that only changed its name (``_renamed_features``): nothing to do for anybody;
3. one cloud, feature and kind, and destinations that overlap, most alike first: ``dc.services.visualstudio.com`` that
   becomes ``*.services.visualstudio.com`` is changed, and so is a host that moves from port 9000 to 443.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from aks_egress_catalog.catalog import Catalog
from aks_egress_catalog.history.changes import Change, ChangeKind, addition, change_of, names_of, removal
from aks_egress_catalog.hosts.patterns import takes_in
from aks_egress_catalog.model import Destination, Feature, Rule

_HALF: Final = 0.5


def between(old: Catalog, new: Catalog) -> tuple[Change, ...]:
    """Say in what the rules of two catalogs differ, by rule id. Sources count only where a rule changed places.

    >>> import aks_egress_catalog as aec
    >>> between(aec.load(), aec.load())
    ()
    """
    commit = new.authority.commit if new.authority else ""
    return tuple(replace(change, commit=commit, date=new.facts_date) for change in compare_rules(old.rules, new.rules))


def compare_rules(old: Iterable[Rule], new: Iterable[Rule]) -> tuple[Change, ...]:
    """Say in what two sets of rules differ, sorted by rule id; the caller knows the commit and the date."""
    before = {rule.id: rule for rule in old}
    after = {rule.id: rule for rule in new}
    now_named = _renamed_features(before, after)  # old feature -> new name of its section
    pairs = [(before[name], after[name]) for name in before.keys() & after.keys()]
    removed = [rule for name, rule in sorted(before.items()) if name not in after]
    added = [rule for name, rule in sorted(after.items()) if name not in before]
    for pair_up in (_pair_renamed, pair_overlapping):
        pairs += pair_up(removed, added, now_named)
        matched = {rule.id for pair in pairs for rule in pair}
        removed = [rule for rule in removed if rule.id not in matched]
        added = [rule for rule in added if rule.id not in matched]
    found = [change for one, other in pairs if (change := change_of(one, other))]
    found += [*map(removal, removed), *map(addition, added)]
    return tuple(sorted(found, key=lambda change: change.rule.id if change.rule else ""))


def apply(rules: Iterable[Rule], changes: Iterable[Change]) -> tuple[Rule, ...]:
    """Apply changes to rules, sorted by id: ``apply(old, between(old, new))`` has the facts of ``new``."""
    found = {rule.id: rule for rule in rules}
    of_rules = [change for change in changes if change.kind not in (ChangeKind.TEXT, ChangeKind.DATE)]
    for change in of_rules:
        if change.before:
            found.pop(change.before.id)
    found |= {change.after.id: change.after for change in of_rules if change.after}
    return tuple(found[name] for name in sorted(found))


def _pair_renamed(removed: Iterable[Rule], added: Iterable[Rule], now_named: dict[str, str]) -> list[tuple[Rule, Rule]]:
    """Pair what only changed the name of its section."""
    come = {(_endpoint(rule), rule.feature): rule for rule in added}
    found = [(rule, come.get((_endpoint(rule), now_named.get(rule.feature, "")))) for rule in removed]
    return [(rule, other) for rule, other in found if other]


def pair_overlapping(
    removed: Iterable[Rule], added: Iterable[Rule], now_named: dict[str, str] | None = None
) -> list[tuple[Rule, Rule]]:
    """Pair what went with what came in its stead: one cloud, feature and kind, and destinations that overlap."""
    names = now_named or {}
    added = list(added)
    scored = [
        (_likeness(one, other), one.id, other.id, one, other)
        for one in removed
        for other in added
        if (one.cloud, names.get(one.feature, one.feature), one.kind) == (other.cloud, other.feature, other.kind)
        and _overlap(one, other)
    ]
    pairs: list[tuple[Rule, Rule]] = []
    taken: set[str] = set()
    for *_, one, other in sorted(scored, key=lambda candidate: candidate[:3]):
        if not taken & {one.id, other.id}:
            taken |= {one.id, other.id}
            pairs.append((one, other))
    return pairs


def _likeness(one: Rule, other: Rule) -> tuple[int, bool, bool]:
    """Sort key, most alike first: shared destinations, then the same port, then the same transport."""
    return (
        -len(names_of(one) & names_of(other)),
        (one.protocol, one.port) != (other.protocol, other.port),
        one.protocol != other.protocol,
    )


def _overlap(one: Rule, other: Rule) -> bool:
    return any(
        takes_in(mine, yours) or takes_in(yours, mine) or _is_apex(mine, yours) or _is_apex(yours, mine)
        for mine in one.destinations
        for yours in other.destinations
        if mine.form is yours.form
    )


def _is_apex(star: Destination, host: Destination) -> bool:
    return star.value == f"*.{host.value}"


def _endpoint(rule: Rule) -> str:
    """The id of a rule without its feature."""
    return replace(rule, feature="any", id="").id


def _renamed_features(before: Mapping[str, Rule], after: Mapping[str, Rule]) -> dict[str, str]:
    """Features whose section only changed its name, as ``{old: new}``.

    More than half of the endpoints that went from the old feature came under the new one, and the other way round. The
    new name is that of no feature before; the old feature is gone, or the new one is but a provisional slug.
    """
    went = _by_feature(rule for name, rule in before.items() if name not in after)
    came = _by_feature(rule for name, rule in after.items() if name not in before)
    old, new = {rule.feature for rule in before.values()}, {rule.feature for rule in after.values()}
    shared = sorted(
        (-len(went[gone] & came[come]), gone, come)
        for gone in went
        for come in came.keys() - old
        if (gone not in new or come not in set(Feature))
        and len(went[gone] & came[come]) > _HALF * max(len(went[gone]), len(came[come]))
    )
    names: dict[str, str] = {}
    for _, gone, come in shared:
        if gone not in names and come not in names.values():
            names[gone] = come
    return names


def _by_feature(rules: Iterable[Rule]) -> dict[str, set[str]]:
    endpoints: defaultdict[str, set[str]] = defaultdict(set)
    for rule in rules:
        endpoints[rule.feature].add(_endpoint(rule))
    return endpoints
