"""Entries by the policy that they belong to, each in the order in which a firewall tries them."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Final

from aks_egress_catalog.linting.address_ranges import range_of
from aks_egress_catalog.linting.entry import (
    AZURE_FORMATS,
    HOLE,
    Action,
    Entry,
    Form,
    Layer,
    ListRule,
    Policy,
    Reading,
    Unread,
)

_OF: Final = "\0"
"""Parts a folder from the name of a policy in it."""
_WITH_LISTS: Final = ("paloalto", "fortigate")
"""Formats of firewalls that have rules, and fetch lists besides."""
_OPEN: Final = ("*", "{", ".", "/")
"""What a pattern begins with, or has, that is more than one name."""


@dataclass(kw_only=True)
class Group:
    """The entries of one policy, its parents' among them, in the order in which they are tried: the first decides.

    ``faulty`` are those that let nothing through. ``readings`` are the files that they stand in, and ``open_ends`` what
    may hold entries that nobody could read.
    """

    name: str
    readings: list[Reading]
    entries: list[Entry]
    faulty: list[Entry] = field(default_factory=list)
    open_ends: list[Unread] = field(default_factory=list)
    policy: Policy | None = None
    by_name: dict[str, list[int]] = field(default_factory=dict)
    by_form: dict[Form, list[int]] = field(default_factory=dict)
    patterns: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        for place, entry in enumerate(self.entries):
            if entry.form is not Form.NAME:
                self.by_form.setdefault(entry.form, []).append(place)
            elif entry.pattern[:1] in _OPEN or "*" in entry.pattern or "{" in entry.pattern:
                self.patterns.append(place)
            else:
                self.by_name.setdefault(entry.pattern, []).append(place)

    @property
    def deployment(self) -> str:
        """The file of parameters that the policy was made with, where several make one of the same template."""
        found = re.search(r" ?\(([^()]+)\)\Z", self.name)
        return found[1] if found else ""

    @property
    def paths(self) -> tuple[str, ...]:
        """The files that the policy stands in."""
        return tuple(dict.fromkeys(reading.path for reading in self.readings))

    @property
    def allowed(self) -> Iterator[Entry]:
        """The entries that let something through."""
        return (entry for entry in self.entries if entry.rule.action is Action.ALLOW)


def groups_of(readings: Iterable[Reading]) -> list[Group]:
    """Group what was read by policy.

    Entries whose file does not say which policy they belong to are one group: those of Azure, and those of lists. Where
    there is one named policy of Azure only, those of Azure are that policy's; a list beside it is one of its own. A
    list that only says again what rules of PAN-OS or a FortiGate beside it say is none.
    """
    all_of_them = [one for one in readings if one.entries or one.unread or one.policies]
    policies = {
        policy.name: policy for reading in all_of_them for policy in (_scoped(reading, one) for one in reading.policies)
    }
    by_policy: dict[str, list[tuple[Reading, Entry]]] = {}
    for reading in all_of_them:
        for entry in reading.entries:
            if entry.rule.layer is not Layer.OTHER:
                by_policy.setdefault(_name(reading, entry.rule.policy), []).append((reading, entry))
    named = [name for name, found in by_policy.items() if name and found[0][0].format in AZURE_FORMATS]
    if len(named) == 1 and "" in by_policy:
        by_policy[named[0]] += by_policy.pop("")
    if _OF in by_policy and _repeats(by_policy, _OF):
        del by_policy[_OF]
    return [_group(name, by_policy, all_of_them, policies) for name in by_policy if not _is_parent(name, policies)]


def _repeats(by_policy: Mapping[str, list[tuple[Reading, Entry]]], name: str) -> bool:
    """Say whether lists say nothing but what rules beside them say: these are the lists that the firewall fetches.

    As a policy of its own such a list would lack whatever stands in rules of another kind.
    """
    folders = {posixpath.dirname(reading.path) for reading, _ in by_policy[name]}
    known = {
        (entry.form, entry.pattern)
        for found in by_policy.values()
        for reading, entry in found
        if reading.format in _WITH_LISTS and {posixpath.dirname(reading.path)} == folders
    }
    return all((entry.form, entry.pattern) in known for _, entry in by_policy[name])


def _name(reading: Reading, name: str) -> str:
    """What is one name in all files: a reference means something in its own folder only, an Azure id anywhere.

    Without a name: empty for rules of Azure, a mark for lists.
    """
    if not name:
        return "" if reading.format in AZURE_FORMATS else _OF
    return name if name.startswith("/") else f"{posixpath.dirname(reading.path)}{_OF}{name}"


def _scoped(reading: Reading, policy: Policy) -> Policy:
    parent = policy.parent and _name(reading, policy.parent)
    return replace(policy, name=_name(reading, policy.name), parent=parent)


def _is_parent(name: str, policies: dict[str, Policy]) -> bool:
    """A policy that others build upon is judged with them."""
    return bool(name) and any(policy.parent == name for policy in policies.values())


def _group(
    name: str, by_policy: dict[str, list[tuple[Reading, Entry]]], readings: list[Reading], policies: dict[str, Policy]
) -> Group:
    line = _line_of(name, policies)
    found = [
        (_order(entry, depth=len(line) - place), reading, entry)
        for place, one in enumerate(line)
        for reading, entry in by_policy.get(one, ())
    ]
    found.sort(key=lambda each: each[0])
    files = list({reading.path: reading for _, reading, _ in found}.values())
    open_ends = [
        unread
        for reading in readings
        for unread in reading.unread
        if unread.may_allow and (_name(reading, unread.policy) in line if unread.policy else reading in files)
    ]
    farthest = policies.get(line[-1])
    if farthest and farthest.parent:
        known = f"the parent policy {farthest.parent.rpartition(_OF)[2]} is not among the files"
        open_ends.append(Unread(place=farthest.place, message=known))
    return Group(
        name=name.rpartition(_OF)[2],
        readings=files,
        entries=[entry for _, _, entry in found if not entry.fault],
        faulty=[entry for _, _, entry in found if entry.fault],
        open_ends=open_ends,
        policy=policies.get(name),
    )


def _line_of(name: str, policies: dict[str, Policy]) -> list[str]:
    """A policy, its parent, and so on; a circle ends where it would begin anew."""
    line = [name]
    while (policy := policies.get(line[-1])) and policy.parent in policies and policy.parent not in line:
        line.append(policy.parent)
    return line


def _order(entry: Entry, *, depth: int) -> tuple[int, ...]:
    """Network rules before application rules, a parent's before its child's, then as the reader says."""
    rule = entry.rule
    first, *rest = rule.order or (0,)
    return (first, depth, *rest, rule.place.start)


def comes_from(entry: Entry, source: str) -> bool:
    """Say whether an entry is for a source, as far as anybody can know: a name may stand for any address.

    >>> from aks_egress_catalog.linting.entry import ListRule, Place
    >>> rule = ListRule(name="r", place=Place(path="x"), sources=("10.0.0.0/8",))
    >>> entry = Entry(value="a.io", form=Form.NAME, pattern="a.io", place=Place(path="x"), rule=rule)
    >>> comes_from(entry, "10.1.0.0/16"), comes_from(entry, "192.0.2.0/24")
    (True, False)
    """
    rule = entry.rule
    if not rule.sources:
        return True
    if rule.sources_named:
        return any(_may_be(source, one) for one in sources_of(rule))
    if not rule.sources_known or source.startswith(HOLE):
        return True  # addresses that nobody could look up: they may be these
    return any(_within(source, one) for one in rule.sources)


def sources_of(rule: ListRule) -> tuple[str, ...]:
    """Return the sources of a rule as they are compared: what is known by its words only begins with a hole.

    >>> from aks_egress_catalog.linting.entry import Place
    >>> sources_of(ListRule(name="", place=Place(path="x"), sources=("group.id",), sources_named=True))
    ('{?}group.id',)
    """
    if not rule.sources_named:
        return rule.sources
    return tuple(one if range_of(one) else f"{HOLE}{one}" for one in rule.sources)


_REFERENCE: Final = re.compile(r"[A-Za-z_][\w-]*(?:\.[\w-]+)*")


def _may_be(source: str, other: str) -> bool:
    """Say whether a source may lie within another, where at least one of them is known by its words only.

    The same words are the same addresses. An address may be any of them. Of two expressions nothing is concluded where
    they have a reference in common: ``var.subnets`` and ``var.subnets[0]``. ``EVERYONE`` is within none of them.
    """
    if source == other or not source:
        return source == other
    if not (source.startswith(HOLE) and other.startswith(HOLE)):
        return source.startswith(HOLE) or other.startswith(HOLE) or _within(source, other)
    one, two = source[len(HOLE) :], other[len(HOLE) :]
    if one.startswith("/") and two.startswith("/"):  # ids of Azure
        return one.lower() == two.lower()
    (ours, above_ours), (theirs, above_theirs) = _references(one), _references(two)
    return not (ours.isdisjoint(above_theirs) and theirs.isdisjoint(above_ours))


@lru_cache(maxsize=4096)
def _references(written: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return what an expression refers to, and that with all it is a part of: ``a.b`` with ``a``."""
    found = frozenset(_REFERENCE.findall(written))
    return found, frozenset(one[: dot.start()] for one in found for dot in re.finditer(r"\.|\Z", one))


@lru_cache(maxsize=4096)
def _within(source: str, other: str) -> bool:
    if source.lower() == other.lower():
        return True
    inner, outer = range_of(source), range_of(other)
    if outer is None:
        return inner is not None  # a name that nobody could look up: it may stand for these addresses
    return inner is not None and outer[0] <= inner[0] and inner[1] <= outer[1] and outer[2] == inner[2]
