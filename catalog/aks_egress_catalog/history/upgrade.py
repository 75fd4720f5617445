"""The upgrade plan: what a firewall that implements one state of the rules must add for another, and what may go.

Plans are made of endpoints, not of rules: an endpoint that one feature no longer asks for stays as long as
another does. Nothing is ever called for deletion; what is no longer asked for *may* go once nothing uses it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from aks_egress_catalog.catalog import Catalog
from aks_egress_catalog.cluster.advisories import rules_by_id
from aks_egress_catalog.cluster.resolve import Resolution
from aks_egress_catalog.history.changes import Change, ChangeKind
from aks_egress_catalog.history.compare import between
from aks_egress_catalog.history.revisions import Life
from aks_egress_catalog.hosts.patterns import takes_in
from aks_egress_catalog.model import Application, Destination, Level, Protocol, Rule, Status, Strict


@dataclass(frozen=True, kw_only=True)
class UpgradeStep(Strict):
    """One endpoint to add, or that may go. ``destination`` lists alternatives with `` or ``.

    ``since`` is the day since which it stands on the page, or since which it does not; ``None`` where no history
    tells. ``keep_until`` is the end of a hold: until then it may come back.
    """

    cloud: str
    destination: str
    protocol: Protocol | None
    port: int | None
    application: Application | None
    level: Level
    features: tuple[str, ...]
    rules: tuple[str, ...]
    since: dt.date | None = None
    keep_until: dt.date | None = None


@dataclass(frozen=True, kw_only=True)
class UpgradePlan(Strict):
    """What to add now, what may go later, and what holds under other conditions; each sorted by rule id.

    ``old`` and ``new`` are versions of the data. ``unmet`` names rules that the profile needs and that cannot be
    expressed without further input.
    """

    old: str
    new: str
    add: tuple[UpgradeStep, ...]
    may_go: tuple[UpgradeStep, ...]
    conditions: tuple[Change, ...]
    unmet: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class _Need:
    """One rule that a state asks for, with what would satisfy it; with a profile, one value of one rule."""

    rule: Rule
    options: tuple[Destination, ...]
    application: Application | None

    @property
    def level(self) -> Level:
        return self.rule.level

    @property
    def door(self) -> tuple[str, Protocol | None, int | None]:
        """What must be the same for one need to have anything to do with another."""
        return (self.rule.cloud, self.rule.protocol, self.rule.port)

    @property
    def destination(self) -> str:
        return " or ".join(map(str, self.options))

    @property
    def held(self) -> bool:
        return self.rule.lifecycle.status is Status.MISSING


def upgrade_plan(
    old: Catalog,
    new: Catalog,
    *,
    lives: Mapping[str, Life],
    resolve: Callable[[Catalog], Resolution] | None = None,
) -> UpgradePlan:
    """Plan the way from one state to another, for everybody or, with ``resolve``, for one cluster.

    ``lives`` gives the days, as they were known at the newer state (:meth:`.History.lives_at`). Whatever alternative of
    the old state was implemented, the plan names everything that the new state asks for beyond it. What only the
    article's prose names is asked of nobody, unless ``resolve`` includes it.

    >>> import datetime as dt
    >>> import aks_egress_catalog as aec
    >>> from aks_egress_catalog.history.history_file import load_history
    >>> lives = load_history().lives_at(dt.date(2025, 7, 31))
    >>> found = upgrade_plan(aec.load(as_of="2025-07-01"), aec.load(as_of="2025-07-31"), lives=lives)
    >>> [(step.destination, str(step.since)) for step in found.add]
    [('*.cloud.defender.microsoft.com', '2025-07-03')]
    """
    needs = _needs_of_all if resolve is None else _needs_of_one(resolve)
    unmet = tuple(left.id for left in resolve(new).unmet) if resolve else ()
    before, after = needs(old), needs(new)
    asked = [need for need in after if not need.held]
    concerned = {need.rule.id for need in (*before, *after)}
    return UpgradePlan(
        old=old.version,
        new=new.version,
        add=_steps(_unmet_by(before, asked), {name: life.since for name, life in lives.items()}),
        may_go=_steps(
            _in_new_state(_unused_by(before, asked), after), {name: life.gone for name, life in lives.items()}
        ),
        conditions=tuple(
            change
            for change in between(old, new)
            if change.kind is ChangeKind.CONDITIONS and change.rule and (not resolve or change.rule.id in concerned)
        ),
        unmet=unmet,
    )


def _unmet_by(had: list[_Need], asked: list[_Need]) -> Iterator[_Need]:
    """What is asked for and does not follow from what was had, whichever alternative of it was taken."""
    had_by_door = _by_door(had)
    for need in asked:
        enough = (
            one.application in (None, need.application)
            and one.level.strictness <= need.level.strictness
            and all(any(takes_in(taken, option) for option in need.options) for taken in one.options)
            for one in had_by_door.get(need.door, ())
        )
        if not any(enough):
            yield need


def _unused_by(had: list[_Need], asked: list[_Need]) -> Iterator[_Need]:
    """What was had and nothing that is asked for goes through any more."""
    asked_by_door = _by_door(asked)
    for one in had:
        used = (
            any(takes_in(taken, option) for taken in one.options for option in need.options)
            for need in asked_by_door.get(one.door, ())
        )
        if not any(used):
            yield one


def _by_door(needs: Iterable[_Need]) -> dict[object, list[_Need]]:
    """Needs by their door, so that each is only compared with those that it has anything to do with."""
    found: dict[object, list[_Need]] = {}
    for need in needs:
        found.setdefault(need.door, []).append(need)
    return found


def _in_new_state(needs: Iterable[_Need], after: list[_Need]) -> Iterator[_Need]:
    """The same needs as the new state has them, where it holds them: it knows until when."""
    held = {need.rule.id: need for need in after if need.held}
    return (held.get(need.rule.id, need) for need in needs)


def _needs_of_all(catalog: Catalog) -> list[_Need]:
    return [
        _Need(rule=rule, options=rule.destinations, application=rule.application)
        for rule in catalog.rules
        if rule.lifecycle.status is not Status.REMOVED and rule.level is not Level.INFORMATIONAL
    ]


def _needs_of_one(resolve: Callable[[Catalog], Resolution]) -> Callable[[Catalog], list[_Need]]:
    def needs(catalog: Catalog) -> list[_Need]:
        rules = rules_by_id(catalog.rules, commit=catalog.commit)  # for the caller's resolve may apply fixes
        return [
            _Need(
                rule=rules[concrete.id],
                options=(Destination(form=concrete.form, value=value),),
                application=concrete.application,
            )
            for concrete in resolve(catalog).rules
            for value in concrete.values
        ]

    return needs


def _steps(needs: Iterable[_Need], days: Mapping[str, dt.date | None]) -> tuple[UpgradeStep, ...]:
    """One step an endpoint, whatever number of rules ask for it; the strictest level counts."""
    grouped: dict[object, list[_Need]] = {}
    for need in needs:
        grouped.setdefault((need.door, need.destination), []).append(need)
    steps = [_step(group, days) for group in grouped.values()]
    return tuple(sorted(steps, key=lambda step: (step.rules, step.destination)))


def _step(needs: list[_Need], days: Mapping[str, dt.date | None]) -> UpgradeStep:
    first = needs[0]
    names = sorted({need.rule.id for need in needs})
    known = [day for name in names if (day := days.get(name))]
    missing = max((day for need in needs if (day := need.rule.lifecycle.since)), default=None)
    return UpgradeStep(
        cloud=first.rule.cloud,
        destination=first.destination,
        protocol=first.rule.protocol,
        port=first.rule.port,
        application=first.application,
        level=min((need.level for need in needs), key=lambda level: level.strictness),
        features=tuple(sorted({need.rule.feature for need in needs})),
        rules=tuple(names),
        since=missing or max(known, default=None),
        keep_until=max((day for need in needs if (day := need.rule.lifecycle.until)), default=None),
    )
