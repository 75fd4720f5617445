"""``diff`` as a call, and what the command compares with."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Unpack

from aks_egress_catalog.calls.clusters import CatalogLike, ResolveOptions, resolver_of
from aks_egress_catalog.catalog import Catalog
from aks_egress_catalog.cluster.az.profile import AzProfile
from aks_egress_catalog.cluster.profile import Profile
from aks_egress_catalog.cluster.resolve import EVERYTHING
from aks_egress_catalog.history.history_file import has_history, history_beside
from aks_egress_catalog.history.revisions import History
from aks_egress_catalog.history.upgrade import UpgradePlan, upgrade_plan
from aks_egress_catalog.resolver import Resolver
from aks_egress_catalog.store import load_state


@dataclass(frozen=True, kw_only=True)
class Compared:
    """An upgrade plan, the rules that only the newer state leaves unexpressed, and what the caller should know."""

    plan: UpgradePlan
    newly_unmet: tuple[str, ...]
    caveats: tuple[str, ...]


def diff(
    old: Catalog | str,
    new: Catalog | str = "latest",
    *,
    profile: Profile | AzProfile | None = None,
    catalog: CatalogLike = None,
    fix_advisories: bool = False,
    **options: Unpack[ResolveOptions],
) -> UpgradePlan:
    """Plan the upgrade from one state to another: what to add now, and what may go later.

    A state is a day (``2024-06-01``), a version of the data (``2024.5.21``), a file, ``latest``, or a catalog.
    ``catalog`` is the one that is ``latest``, with the history beside it. With a profile the plan is of that cluster.

    Raises:
        AksEgressError: a state is none, or lies before the history or in the future.
        ProfileError: nobody knows the region of the profile.

    >>> import aks_egress_catalog as aec
    >>> plan = aec.diff("2025-07-01", "2025-07-31", profile=aec.Profile(region="westeurope", features="defender"))
    >>> [step.destination for step in plan.add]
    ['*.cloud.defender.microsoft.com']
    """
    path = None if isinstance(catalog, Catalog) else catalog
    latest = catalog if isinstance(catalog, Catalog) else None
    one, other = (
        latest if latest and state == "latest" else load_state(state, path) if isinstance(state, str) else state
        for state in (old, new)
    )
    return compare(
        one,
        other,
        resolve=resolver_of(profile, EVERYTHING, options) if profile is not None else None,
        history=history_beside(path) if has_history(path) else None,
        fix_advisories=fix_advisories,
    ).plan


def compare(
    one: Catalog, other: Catalog, *, resolve: Resolver | None, history: History | None, fix_advisories: bool
) -> Compared:
    """Compare two states, for everybody or for the clusters of a resolver."""
    if fix_advisories:
        one = one.with_fixes(known_on=one.facts_date)  # nobody had what was not known yet
        other = other.with_fixes()
    lives = history.lives_at(other.facts_date or dt.datetime.now(dt.UTC).date()) if history else {}
    if resolve is None:
        return Compared(plan=upgrade_plan(one, other, lives=lives), newly_unmet=(), caveats=())
    before, after = resolve(one), resolve(other)  # once each: of many clusters that takes the longest
    plan = upgrade_plan(one, other, lives=lives, resolve=lambda state: before if state is one else after)
    known = {left.id for left in before.unmet} | after.optional
    return Compared(
        plan=plan,
        newly_unmet=tuple(name for name in plan.unmet if name not in known),
        caveats=after.caveats,
    )
