"""Two catalogs in, what differs out. Nothing is read or written here, and the hold plays no part."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Final

from deepdiff import DeepDiff

from aks_egress_catalog.catalog import Catalog
from aks_egress_catalog.errors import AksEgressError
from aks_egress_catalog.history.changes import Change, ChangeKind, Changes, Impact, date_changes, summarize
from aks_egress_catalog.history.compare import apply, between
from aks_egress_catalog.model import Rule
from aks_egress_catalog.store import Texts

_SHOWN: Final = 5


class DiffError(AksEgressError):
    """The changes found do not lead from one catalog to the other: a defect of ours, never to be published."""


def diff(old: Catalog, new: Catalog, *, old_texts: Texts | None = None, new_texts: Texts | None = None) -> Changes:
    """The changes that a user of ``old`` must know of; texts are compared where both are given (locale, rule id).

    The two catalogs are taken as they stand: the diff of two parsed pages knows nothing of a hold.

    Raises:
        DiffError: the changes do not lead from one catalog to the other.
    """
    rules = between(old, new)
    _audit(old, new, rules)
    return summarize([*rules, *text_changes(old, new, old_texts=old_texts, new_texts=new_texts)])


def text_changes(
    old: Catalog, new: Catalog, *, old_texts: Texts | None = None, new_texts: Texts | None = None
) -> Iterator[Change]:
    """The changes beside the rules: days that are named, and texts where both are given."""
    commit = new.authority.commit if new.authority else ""
    yield from date_changes(old.dates, new.dates, day=new.facts_date, commit=commit)
    if old_texts is not None and new_texts is not None:
        yield from _texts(old, new, old_texts, new_texts)


def _audit(old: Catalog, new: Catalog, changes: Iterable[Change]) -> None:
    """Check with another library that no difference is missing: the changes lead from the old rules to the new."""
    missing = DeepDiff(_facts(apply(old.rules, changes)), _facts(new.rules)).affected_paths
    if missing:
        raise DiffError(
            f"the changes found leave {len(missing)} differences out: {', '.join(sorted(missing)[:_SHOWN])}"
        )


def _facts(rules: Iterable[Rule]) -> dict[str, dict[str, object]]:
    return {rule.id: {name: value for name, value in asdict(rule).items() if name != "sources"} for rule in rules}


def _texts(old: Catalog, new: Catalog, old_texts: Texts, new_texts: Texts) -> Iterator[Change]:
    """Descriptions of rules that both catalogs have, in locales that both have."""
    before = {rule.id: rule for rule in old.rules}
    for locale in sorted(old_texts.keys() & new_texts.keys()):
        for rule in new.rules:
            one, other = old_texts.get(locale, {}).get(rule.id, ()), new_texts.get(locale, {}).get(rule.id, ())
            if rule.id in before and one != other:
                yield Change(
                    kind=ChangeKind.TEXT,
                    severity=Impact.INFORMATIONAL,
                    before=before[rule.id],
                    after=rule,
                    commit=new.authority.commit if new.authority else "",
                    date=new.facts_date,
                    locale=locale,
                    texts_before=one,
                    texts_after=other,
                )
