"""Firewalls that name things first and use them in rules: what a name stands for, through groups, and rules in order.

PAN-OS and FortiGate are both so. Where no rule uses an object, the objects themselves are what somebody allows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from aks_egress_catalog.linting.entry import (
    EVERY_SERVICE,
    Action,
    Entry,
    Form,
    ListRule,
    Place,
    Reading,
    Service,
    Unread,
)


@dataclass(frozen=True, slots=True)
class Named:
    """One value of an object: as written, what it is, its pattern, and why the firewall does not take it."""

    value: str
    form: Form
    pattern: str
    place: Place
    fault: str = ""


@dataclass(slots=True)
class SecurityRule:
    """A rule of the firewall: names of destinations and of categories, which both have to hold, and of services."""

    name: str
    place: Place
    action: Action = Action.ALLOW
    destinations: list[str] = field(default_factory=list)
    categories: list[str] = field(default_factory=list)
    services: list[str] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    inspects: bool = False
    disabled: bool = False


@dataclass(slots=True)
class Objects:
    """What names stand for. ``groups`` hold other names; ``elsewhere`` are lists that are kept elsewhere."""

    values: dict[str, list[Named]] = field(default_factory=dict)
    groups: dict[str, list[str]] = field(default_factory=dict)
    services: dict[str, list[Service]] = field(default_factory=dict)
    elsewhere: dict[str, Place] = field(default_factory=dict)

    def members(self, name: str, seen: frozenset[str] = frozenset()) -> Iterator[str]:
        """Yield the names that a name stands for, itself if it is no group; a circle ends."""
        if name in self.groups and name not in seen:
            for one in self.groups[name]:
                yield from self.members(one, seen | {name})
        elif name not in self.groups:
            yield name

    def services_of(self, names: Iterable[str]) -> tuple[Service, ...]:
        """The ports of some services; an unknown one stands for whatever it may be."""
        found = [
            service for name in names for one in self.members(name) for service in self.services.get(one, EVERY_SERVICE)
        ]
        return tuple(dict.fromkeys(found)) or EVERY_SERVICE


def add_rules(found: Reading, objects: Objects, rules: Iterable[SecurityRule], *, policy: str) -> None:
    """Put the rules into a reading, in their order; without any, the objects as one rule that allows them."""
    used = False
    for number, rule in enumerate(rules):
        used = True
        if rule.disabled:
            found.skipped += 1
            continue
        made = ListRule(
            name=rule.name,
            place=rule.place,
            action=rule.action,
            services=objects.services_of(rule.services),
            sources=tuple(sorted(_sources(objects, rule.sources))),
            policy=policy,
            order=(number,),
            inspects=rule.inspects,
        )
        found.entries.extend(_entries(found, objects, rule, made))
    if not used:
        place = next((one.place for many in objects.values.values() for one in many), None)
        if place:
            alone = ListRule(name="", place=place, policy=policy)
            found.entries.extend(_entry(one, alone) for many in objects.values.values() for one in many)


def _entries(found: Reading, objects: Objects, rule: SecurityRule, made: ListRule) -> Iterator[Entry]:
    categories = [name for name in rule.categories if name.lower() != "any"]
    destinations = [name for name in rule.destinations if name.lower() not in ("any", "all")]
    # A category narrows what the destinations leave; where both are given, the names of the category say more.
    for name in categories or destinations:
        for one in objects.members(name):
            if one in objects.elsewhere:
                known = Named(one, Form.ELSEWHERE, one, rule.place)
                yield _entry(known, made)
            elif one in objects.values:
                yield from (_entry(value, made) for value in objects.values[one])
            else:
                message = f"nothing among the files says what {one} stands for"
                found.unread.append(Unread(place=rule.place, message=message, value=one, policy=made.policy))
    if not categories and not destinations:
        yield Entry(value="any", form=Form.ANY, pattern="*", place=rule.place, rule=made)


def _entry(one: Named, rule: ListRule) -> Entry:
    return Entry(value=one.value, form=one.form, pattern=one.pattern, place=one.place, rule=rule, fault=one.fault)


def _sources(objects: Objects, names: Iterable[str]) -> set[str]:
    known: set[str] = set()
    for name in names:
        for one in objects.members(name):
            if one.lower() in ("any", "all"):
                return set()
            addresses = [value.pattern for value in objects.values.get(one, ()) if value.form is Form.ADDRESS]
            known.update(addresses or [one])
    return known
