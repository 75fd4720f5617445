"""Every target as its declaration states it: what ``export --list`` prints, and the table of targets in the docs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from aks_egress_catalog.exports.declaration import Limit, Way
from aks_egress_catalog.exports.formats import FORMATS, load_format
from aks_egress_catalog.exports.judges import JUDGES


@dataclass(frozen=True, kw_only=True)
class ListedWay:
    """One way of a target, in plain values. ``deepest``: how many labels a wildcard stands for (0: any number)."""

    name: str
    takes: tuple[str, ...]
    traffic: tuple[str, ...]
    wildcard: str
    deepest: int
    other_stars: str
    ports: bool
    without_a_port: str
    by_address: bool
    remark: str


@dataclass(frozen=True, kw_only=True)
class ListedTarget:
    """One target. ``options`` are its own options, ``check`` the programs behind ``--check-target``."""

    name: str
    description: str
    title: str
    ways: tuple[ListedWay, ...]
    limits: tuple[Limit, ...]
    needs: tuple[str, ...]
    judge: str
    check: tuple[str, ...]
    options: tuple[str, ...]


def listed_targets() -> tuple[ListedTarget, ...]:
    """List every format, in the order of the command line.

    >>> [target.name for target in listed_targets()][:3]
    ['json', 'csv', 'hosts']
    """
    return tuple(map(_listed, FORMATS))


def _listed(name: str) -> ListedTarget:
    module = load_format(name)
    declared = module.DECLARATION
    return ListedTarget(
        name=name,
        description=module.DESCRIPTION,
        title=declared.title,
        ways=tuple(map(_way, declared.ways)),
        limits=declared.limits,
        needs=declared.needs,
        judge=declared.judge,
        check=tuple(judge.program for judge in JUDGES.get(name, ())),
        options=tuple(option.replace("_", "-") for option in module.OPTIONS),
    )


def _way(way: Way) -> ListedWay:
    return ListedWay(
        name=way.name,
        takes=_sorted(way.forms),
        traffic=_sorted(way.traffic),
        wildcard=way.wildcard,
        deepest=way.deepest,
        other_stars=way.inner,
        ports=way.ports,
        without_a_port=way.no_port,
        by_address=way.by_address,
        remark=way.remark,
    )


def _sorted(values: Iterable[StrEnum]) -> tuple[str, ...]:
    return tuple(sorted(str(value) for value in values))
