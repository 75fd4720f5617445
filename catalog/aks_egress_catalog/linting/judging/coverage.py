"""Which entries of a policy let a need through, for one source of traffic: the first that matches decides."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum, auto
from functools import cached_property
from typing import Final

from aks_egress_catalog.linting.address_ranges import address_takes_in
from aks_egress_catalog.linting.entry import Action, Entry, Form, Layer, Service
from aks_egress_catalog.linting.judging.needs import Need
from aks_egress_catalog.linting.judging.policies import Group, comes_from, sources_of
from aks_egress_catalog.linting.judging.tags import FQDN_TAG, stands_for, tag_takes_in
from aks_egress_catalog.linting.reach import lets_through
from aks_egress_catalog.model import Destination, DestinationForm

EVERYONE: Final = ""
"""A source that no entry names: only entries for every source are for it."""
ANY_REGION: Final = "{*}"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a policy does with a need, for one source.

    ``by`` is the entry that lets it through (``None``: none does), ``blocked_by`` the one that denies it before any
    would, ``perhaps`` those of which nobody can say whether they do: tags, and lists that are kept elsewhere.
    """

    by: Entry | None = None
    blocked_by: Entry | None = None
    perhaps: tuple[Entry, ...] = ()


class _Effect(Enum):
    DENIES = auto()
    ALLOWS = auto()
    PERHAPS = auto()


@dataclass(frozen=True)
class Coverage:
    """Answers for the needs of one policy. ``regions`` fill in what entries leave open for a region."""

    group: Group
    needs: tuple[Need, ...]
    _known: dict[tuple[int, str], Answer] = field(default_factory=dict)
    _effects: dict[int, list[tuple[Entry, _Effect]]] = field(default_factory=dict)

    def of(self, need: Need, source: str) -> Answer:
        """Say what becomes of a need."""
        key = (id(need), source)
        if key not in self._known:
            self._known[key] = self._answer(need, source)
        return self._known[key]

    def _answer(self, need: Need, source: str) -> Answer:
        perhaps: list[Entry] = []
        for entry, effect in self._saying(need):
            if not comes_from(entry, source):
                continue
            if effect is _Effect.DENIES:
                return Answer(blocked_by=entry, perhaps=tuple(perhaps))
            if effect is _Effect.ALLOWS:
                return Answer(by=entry, perhaps=tuple(perhaps))
            perhaps.append(entry)
        return self._of_parts(need, source) or Answer(perhaps=tuple(perhaps))

    def _of_parts(self, need: Need, source: str) -> Answer | None:
        """What becomes of the ranges of a tag: they are allowed if each of them is; ``None`` where one is not.

        A list without any address of IPv6 is one for IPv4 alone, so no such range is asked of it.
        """
        parts = [part for part in need.parts if self._knows_ipv6 or ":" not in part.alternatives[0].value]
        answer: Answer | None = None
        for part in parts:
            answer = self.of(part, source)
            if answer.by is None:
                return answer if answer.blocked_by else None
        return answer

    @cached_property
    def _knows_ipv6(self) -> bool:
        return any(entry.form is Form.ADDRESS and ":" in entry.pattern for entry in self.group.entries)

    def _saying(self, need: Need) -> list[tuple[Entry, _Effect]]:
        """The entries that say something of a need, in order: the same for every source, of which there may be many."""
        if id(need) not in self._effects:
            found = ((entry, _effect(entry, need)) for entry in self.in_order(need) if is_for(entry, need))
            self._effects[id(need)] = [(entry, effect) for entry, effect in found if effect is not None]
        return self._effects[id(need)]

    def in_order(self, need: Need) -> Iterator[Entry]:
        """The entries that may say something of a need, in order."""
        group = self.group
        places = {place for form in _BESIDES for place in group.by_form.get(form, ())}
        places.update(group.patterns)
        for destination in need.alternatives:
            if destination.form is DestinationForm.FQDN:
                places.update(group.by_name.get(destination.value, ()))
        if any(destination.form is DestinationForm.FQDN for destination in need.alternatives):
            places.update(self._denied_names)
        return (group.entries[place] for place in sorted(places))

    def allowing(self, need: Need) -> list[Entry]:
        """The entries that would let a need through, whatever their port and their source."""
        return [
            entry
            for entry in self.in_order(need)
            if entry.rule.action is Action.ALLOW and entry.form is not Form.ANY and satisfies(entry, need)
        ]

    @cached_property
    def _denied_names(self) -> tuple[int, ...]:
        """Names that are denied: they may lie below what a need asks for."""
        entries = self.group.entries
        places = (place for named in self.group.by_name.values() for place in named)
        return tuple(place for place in places if entries[place].rule.action is Action.DENY)

    @cached_property
    def sources(self) -> tuple[str, ...]:
        """The sources whose traffic is a cluster's: those that reach more than half of what is needed.

        A rule for a jump host in the same policy must not make every other rule one "for some sources only". Where no
        source reaches so much, the one that reaches most. What a list names for everyone is for the cluster, whatever
        else a wildcard lets a single source reach.
        """
        rules = {entry.rule for entry in self.group.allowed if entry.rule.sources_known or entry.rule.sources_named}
        named = {source for rule in rules for source in sources_of(rule)}
        if not named:
            return (EVERYONE,)
        by_name = {source: self._reached_by_name(source) for source in (EVERYONE, *named)}
        if by_name[EVERYONE] == max(by_name.values()) > 0:
            return (EVERYONE,)
        reached = {
            source: sum(self.of(need, source).by is not None for need in self.needs) for source in (EVERYONE, *named)
        }
        if reached[EVERYONE] * 2 > len(self.needs):
            return (EVERYONE,)
        many = tuple(sorted(source for source, count in reached.items() if count * 2 > len(self.needs)))
        return many or (max(sorted(reached), key=reached.__getitem__),)

    def _reached_by_name(self, source: str) -> int:
        """How many needs a source gets by an entry that is for them: the very name, or the FQDN tag."""
        found = ((self.of(need, source).by, need) for need in self.needs)
        return sum(
            by.form is Form.FQDN_TAG or named_pattern(by, need) in (one.value for one in need.alternatives)
            for by, need in found
            if by
        )

    @cached_property
    def other_sources(self) -> tuple[str, ...]:
        """Every other source that an entry names."""
        named = {source for entry in self.group.allowed for source in sources_of(entry.rule)}
        return tuple(sorted(named.difference(self.sources)))


def _effect(entry: Entry, need: Need) -> _Effect | None:
    """What an entry does with a need on its port; ``None`` where it says nothing of it."""
    if entry.rule.action is Action.DENY:
        return _Effect.DENIES if hits(entry, need) else None
    if satisfies(entry, need):
        return _Effect.ALLOWS
    return _Effect.PERHAPS if may_satisfy(entry, need) else None


_BESIDES: Final = (Form.ADDRESS, Form.SERVICE_TAG, Form.FQDN_TAG, Form.ANY, Form.ELSEWHERE)


def is_for(entry: Entry, need: Need) -> bool:
    """Say whether an entry is on the port of a need. A need without a port is one on every port."""
    services = entry.rule.services
    return need.port is None or any(_on(service, need) for service in services)


def _on(service: Service, need: Need) -> bool:
    assert need.port is not None
    if not service.takes_in(str(need.protocol), need.port):
        return False
    return not (service.application and need.application) or service.application == need.application


def named_pattern(entry: Entry, need: Need) -> str:
    """The pattern of an entry with the region of a need in it; any label where no region is known."""
    return entry.pattern.replace("{region}", need.region or ANY_REGION)


def satisfies(entry: Entry, need: Need) -> bool:
    """Say whether an entry, where it is on the right port, lets a need through: any alternative will do."""
    return any(_satisfies(entry, need, destination) for destination in need.alternatives)


def _satisfies(entry: Entry, need: Need, destination: Destination) -> bool:
    if entry.form is Form.ANY:
        return True
    if entry.form is Form.FQDN_TAG:
        return entry.pattern == FQDN_TAG and is_credited(need)
    if entry.form is Form.NAME:
        named = destination.form is DestinationForm.FQDN
        return named and lets_through(named_pattern(entry, need), destination.value)
    if entry.form is Form.SERVICE_TAG:
        tagged = destination.form is DestinationForm.SERVICE_TAG
        return tagged and tag_takes_in(named_pattern(entry, need), destination.value)
    if entry.form is Form.ADDRESS:
        if destination.form is DestinationForm.CIDR:
            return address_takes_in(entry.pattern, destination.value)
        return destination.form is DestinationForm.NAMED_SET
    return False


def may_satisfy(entry: Entry, need: Need) -> bool:
    """Say whether an entry may let a need through, though nobody can know it."""
    if entry.form is Form.ELSEWHERE:
        return True
    if entry.form is Form.FQDN_TAG:
        return entry.pattern == FQDN_TAG and _is_web(need)
    if entry.form is Form.SERVICE_TAG:
        hosts = (one.value for one in need.alternatives if one.form is DestinationForm.FQDN)
        return any(stands_for(entry.pattern, host) for host in hosts)
    return False


def is_credited(need: Need) -> bool:
    """Say whether the FQDN tag is credited with a need: a host of the public cloud's core, on HTTP or HTTPS."""
    return _is_web(need) and any(name.startswith("AzureCloud/core/") for name in need.rules)


def _is_web(need: Need) -> bool:
    names_hosts = any(one.form is DestinationForm.FQDN for one in need.alternatives)
    return names_hosts and (need.application, need.port) in (("HTTPS", 443), ("HTTP", 80))


def hits(entry: Entry, need: Need) -> bool:
    """Say whether a deny takes a need in, or a part of it: the names below it that it asks for as well."""
    if entry.form is Form.ANY:
        return True
    if entry.rule.layer is Layer.NETWORK and entry.form is Form.NAME:
        return satisfies(entry, need)
    if satisfies(entry, need):
        return True
    hosts = (one.value for one in need.alternatives if one.form is DestinationForm.FQDN)
    return entry.form is Form.NAME and not entry.has_holes and any(lets_through(one, entry.pattern) for one in hosts)
