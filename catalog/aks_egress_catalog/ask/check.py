"""A denied endpoint in, a verdict out: which rules cover it, which may, and which come near."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

from aks_egress_catalog.ask.near_misses import NearMiss, is_on, near_misses
from aks_egress_catalog.catalog import Catalog
from aks_egress_catalog.cluster.advisories import Advisory, load_advisories, rules_by_id
from aks_egress_catalog.cluster.resolve import ConcreteRule, Resolution
from aks_egress_catalog.history.revisions import Life
from aks_egress_catalog.hosts.endpoint import Endpoint, parse_endpoint
from aks_egress_catalog.hosts.patterns import covers, pattern_matches
from aks_egress_catalog.model import Condition, Destination, DestinationForm, Rule, Status, endpoint_of

__all__ = ["Answer", "Endpoint", "NearMiss", "Verdict", "check", "parse_endpoint"]

_OPEN_FORMS: Final = {DestinationForm.ANY, DestinationForm.SERVICE_TAG, DestinationForm.NAMED_SET}
_BY_CHOICE: Final = "depends on the alternative that you implement"


class Verdict(StrEnum):
    """Whether an endpoint is one that the article asks for."""

    COVERED = "covered"
    POSSIBLE = "possible"
    """Undecided: by a service tag or a set of addresses, or because the profile lacks what would decide."""
    NOT_COVERED = "not covered"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """All that the catalog has to say of one endpoint.

    Of each rule of ``rules``, ``conditions`` has the circumstances under which it covers the endpoint, and ``since``
    the day since which it stands on the page, where a history tells it. Of each of ``possible``, ``depends`` says on
    what. ``gone`` has the rules that once covered the endpoint, with the day on which they left the page.
    """

    endpoint: Endpoint
    verdict: Verdict
    rules: tuple[Rule, ...]
    possible: tuple[Rule, ...]
    near: tuple[NearMiss, ...]
    advisories: tuple[Advisory, ...]
    conditions: dict[str, tuple[Condition, ...]]
    depends: dict[str, str]
    since: dict[str, dt.date]
    gone: dict[str, dt.date]


class _Found(NamedTuple):
    """By id: the conditions of the rules that cover, what others depend on, and why further ones do not come in."""

    covering: dict[str, tuple[Condition, ...]]
    depends: dict[str, str]
    reasons: dict[str, str]


def check(
    catalog: Catalog,
    endpoint: Endpoint,
    *,
    resolution: Resolution | None = None,
    lives: Mapping[str, Life] | None = None,
) -> Answer:
    """Say which rules cover an endpoint. With a resolution, what it chose for the cluster decides, and nothing else.

    ``lives`` (:attr:`.History.rules`) tells since when.

    >>> import aks_egress_catalog as aec
    >>> check(aec.load(as_of="2026-07-02"), parse_endpoint("mcr.microsoft.com")).verdict
    <Verdict.COVERED: 'covered'>
    >>> check(aec.load(as_of="2026-07-02"), parse_endpoint("evilmcr.microsoft.com:8443")).verdict
    <Verdict.NOT_COVERED: 'not covered'>
    """
    rules = rules_by_id(catalog.rules, commit=catalog.commit)
    found = _by_catalog(catalog, endpoint) if resolution is None else _by_resolution(rules, endpoint, resolution)
    depends = {} if found.covering else found.depends
    not_near = dict.fromkeys(depends, "")  # the answer has them as possible already
    return Answer(
        endpoint=endpoint,
        verdict=Verdict.COVERED if found.covering else Verdict.POSSIBLE if depends else Verdict.NOT_COVERED,
        rules=tuple(rules[name] for name in sorted(found.covering)),
        possible=tuple(rules[name] for name in sorted(depends)),
        near=() if found.covering else tuple(near_misses(catalog, endpoint, found.reasons | not_near)),
        advisories=tuple(advisory for advisory in load_advisories() if _concerns(advisory, endpoint)),
        conditions=found.covering,
        depends=depends,
        since={name: lives[name].since for name in found.covering if lives and name in lives},
        gone=dict(_gone(lives or {}, endpoint)),
    )


def _by_catalog(catalog: Catalog, endpoint: Endpoint) -> _Found:
    """What the article says of an endpoint, to everybody."""
    matched = catalog.match(endpoint.host, endpoint.port, endpoint.protocol)
    open_to = (rule for rule in catalog.rules if rule.port is not None and is_on(rule, endpoint) and _is_open(rule))
    return _Found(
        covering={rule.id: _conditions(rule, endpoint) for rule in matched if _stands(rule)},
        depends={rule.id: _BY_CHOICE for rule in open_to if _stands(rule)},
        reasons={},
    )


def _stands(rule: Rule) -> bool:
    return rule.lifecycle.status is not Status.REMOVED


def _conditions(rule: Rule, endpoint: Endpoint) -> tuple[Condition, ...]:
    """The conditions of the alternative that covers an endpoint; of several, of the one that asks least."""
    taking = (rule.conditions_of(one) for one in rule.destinations if _takes(one, endpoint))
    return min(taking, key=len, default=rule.conditions)


def _takes(destination: Destination, endpoint: Endpoint) -> bool:
    return destination.form not in _OPEN_FORMS and covers(destination.value, endpoint.host)


def _is_open(rule: Rule) -> bool:
    return any(destination.form in _OPEN_FORMS for destination in rule.destinations)


def _by_resolution(rules: Mapping[str, Rule], endpoint: Endpoint, resolution: Resolution) -> _Found:
    """What one cluster's own rules say of an endpoint."""
    here = [rule for rule in resolution.rules if rule.is_on(endpoint.port, endpoint.protocol)]
    tags = {rule.id: rule.values for rule in here if rule.form is DestinationForm.SERVICE_TAG}
    lacking = {left.id: left.reason for left in resolution.unmet if _may_cover(rules[left.id], endpoint)}
    return _Found(
        covering={
            rule.id: rules[rule.id].conditions_of(_chosen(rule, rules[rule.id]))
            for rule in here
            if rule.id not in tags and any(covers(value, endpoint.host) for value in rule.values)
        },
        depends={
            **{
                name: f"depends on what {' or '.join(found)} holds; --service-tags tells"
                for name, found in tags.items()
            },
            **{name: f"is not decided: {reason}" for name, reason in lacking.items()},
        },
        reasons={
            **{rule.id: f"for this cluster it is {', '.join(rule.values[:3])}" for rule in resolution.rules},
            **{left.id: f"left out, {left.reason}" for left in (*resolution.left_out, *resolution.unmet)},
        },
    )


def _chosen(concrete: ConcreteRule, rule: Rule) -> Destination:
    """The alternative that a resolution chose; ``k/n`` says which."""
    place = concrete.alternative.partition("/")[0]
    return rule.destinations[int(place) - 1 if place else 0]


def _may_cover(rule: Rule, endpoint: Endpoint) -> bool:
    return is_on(rule, endpoint) and (_is_open(rule) or any(_takes(one, endpoint) for one in rule.destinations))


def _gone(lives: Mapping[str, Life], endpoint: Endpoint) -> Iterator[tuple[str, dt.date]]:
    """Rules that left the page and would cover the endpoint: their ids say all that this takes."""
    for name, life in lives.items():
        destination, transport = endpoint_of(name)
        same = transport in ("any", f"{endpoint.protocol.lower()}-{endpoint.port}")
        is_host = destination != "*" and ":" not in destination
        if life.gone and same and is_host and pattern_matches(destination, endpoint.host):
            yield name, life.gone


def _concerns(advisory: Advisory, endpoint: Endpoint) -> bool:
    return pattern_matches(advisory.fix, endpoint.host) or endpoint.host == advisory.instead_of
