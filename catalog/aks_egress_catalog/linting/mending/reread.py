"""Proof that files say what they said, and the changes: both are read, and held against one another entry by entry."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from aks_egress_catalog.linting.entry import Entry, Form, Layer, ListRule, Place, Reading, Service
from aks_egress_catalog.linting.mending.change import PLAIN, Change, Deed
from aks_egress_catalog.linting.mending.texts import Effect
from aks_egress_catalog.linting.read import Lists

_Known = tuple[object, ...]


def differs(before: Lists, after: Lists, effects: Iterable[Effect]) -> str:
    """Say in which way files say something else than they did, besides the changes; empty where in none."""
    old, new = before.readings, after.readings
    if [(one.path, one.format) for one in old] != [(one.path, one.format) for one in new]:
        return "a file would not be read as what it was"
    for one, other in zip(old, new, strict=True):
        if _unread(other) - _unread(one):
            return f"{one.path}: a part of it could not be evaluated any more"
        if (one.skipped, _policies(one)) != (other.skipped, _policies(other)):
            return f"{one.path}: it would say something else of policies, or of rules of other kinds"
    expected, found = _expected(old, list(effects)), Counter(_read(new))
    if expected == found:
        return ""
    strange = next(iter([*(expected - found), *(found - expected)]))
    return f"the entry {strange[-2]} would not be read as it is meant"


def _unread(reading: Reading) -> Counter[_Known]:
    return Counter((one.message, one.value, one.policy) for one in reading.unread)


def _policies(reading: Reading) -> list[_Known]:
    return [(one.name, one.parent, one.dns_proxy) for one in reading.policies]


def _read(readings: list[Reading]) -> Iterator[_Known]:
    ranks = _ranks(readings)
    for reading in readings:
        for entry in reading.entries:
            yield _known(reading, entry.rule, ranks, entry.rule.services, _said(entry))


def _said(entry: Entry) -> _Known:
    return (entry.form, entry.fault, entry.value, entry.pattern)


def _ranks(readings: list[Reading]) -> dict[ListRule, int]:
    """Which rule of its policy each is: the order itself may count values, too."""
    by_policy: dict[str, dict[ListRule, None]] = {}
    for rule in (entry.rule for reading in readings for entry in reading.entries):
        by_policy.setdefault(rule.policy, {})[rule] = None
    ranks: dict[ListRule, int] = {}
    for rules in by_policy.values():
        orders = {order: n for n, order in enumerate(sorted({rule.order for rule in rules}))}
        ranks |= {rule: orders[rule.order] for rule in rules}
    return ranks


def _known(
    reading: Reading, rule: ListRule, ranks: Mapping[ListRule, int], services: tuple[Service, ...], said: _Known
) -> _Known:
    """What an entry says, wherever it stands."""
    whose = (rule.name, rule.policy, rule.collection, ranks.get(rule, 0), rule.sources, rule.sources_known)
    return (reading.path, reading.format, *whose, rule.action, rule.layer, rule.inspects, services, *said)


def _expected(readings: list[Reading], effects: list[Effect]) -> Counter[_Known]:
    """The entries as they were, with the changes."""
    changes, ranks = _Changes(effects), _ranks(readings)
    found: Counter[_Known] = Counter()
    for reading in readings:
        for entry in reading.entries:
            rule, services = entry.rule, changes.services_of(entry)
            for value in changes.values_at(entry):
                pattern = entry.pattern if value == entry.value else value
                found[_known(reading, rule, ranks, services, (entry.form, entry.fault, value, pattern))] += 1
            for value in changes.beside(entry):
                found[_known(reading, rule, ranks, services, (Form.NAME, "", value, value))] += 1
        line = ListRule(name="", place=Place(path=""), layer=Layer.APPLICATION)
        for value, services in changes.lines_of(reading):
            found[_known(reading, line, ranks, services, (Form.NAME, "", value, value))] += 1
    return found


class _Changes:
    """Changes, by the places that they are for."""

    def __init__(self, effects: list[Effect]) -> None:
        self._services: dict[_Known, tuple[Service, ...]] = {}
        self._other: dict[_Known, str | None] = {}
        self._beside: dict[_Known, list[str]] = {}
        self._lines: dict[str, dict[tuple[str, tuple[Service, ...]], None]] = {}
        for change, services in effects:
            self._note(change, services)

    def _note(self, change: Change, services: tuple[Service, ...]) -> None:
        spot = _spot(change.literal)
        if change.deed is Deed.SERVICE:
            self._services[spot if change.form == PLAIN else (os.path.normpath(change.path), *change.span)] = services
        elif change.deed is not Deed.ADD:
            self._other[spot] = change.new or None
        elif change.form == PLAIN:
            self._lines.setdefault(change.path, {})[change.new, services] = None
        else:
            self._beside.setdefault(spot, []).append(change.new)

    def services_of(self, entry: Entry) -> tuple[Service, ...]:
        """The services of the rule of an entry."""
        place = entry.rule.place
        whole = (os.path.normpath(place.path), place.start, place.end)
        known = self._services.get(_spot(entry.place)) or self._services.get(whole)
        return known or entry.rule.services

    def values_at(self, entry: Entry) -> list[str]:
        """What stands in the place of an entry: itself, another value, or nothing."""
        other = self._other.get(_spot(entry.place), entry.value)
        return [] if other is None else [other]

    def beside(self, entry: Entry) -> list[str]:
        """What is added to the list that an entry stands in: told of one entry a list."""
        return self._beside.get(_spot(entry.place), [])

    def lines_of(self, reading: Reading) -> Iterable[tuple[str, tuple[Service, ...]]]:
        """The lines that are added to a plain list."""
        return self._lines.get(reading.path, {})


def _spot(place: Place) -> _Known:
    return (os.path.normpath(place.path), place.start)
