"""What every allow list is once it is read: entries, each one value of a rule, with the place where it is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

HOLE: Final = "{?}"
"""In a pattern: what nobody could evaluate. It stands for one character or more, dots among them."""
NO_LIMIT: Final = (0, 65535)
AZURE_FORMATS: Final = frozenset({"terraform", "terraform-plan", "bicep", "arm", "az-script"})
"""Formats whose rules are those of Azure Firewall."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where something stands in a file. Lines and columns count from 1, in characters; ``end_column`` is behind it.

    ``start`` and ``end`` are offsets into the text of the file, in characters.
    """

    path: str
    line: int = 1
    column: int = 1
    end_line: int = 1
    end_column: int = 1
    start: int = 0
    end: int = 0

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"


class Form(StrEnum):
    """What the value of an entry is."""

    NAME = "name"
    """A host pattern, in the language of :mod:`.reach`."""
    ADDRESS = "address"
    """An address, a CIDR, or a range ``a-b``."""
    SERVICE_TAG = "service-tag"
    FQDN_TAG = "fqdn-tag"
    ANY = "any"
    """Whatever the destination is: ``*``, ``0.0.0.0/0``, ``Internet``, ``all``."""
    ELSEWHERE = "elsewhere"
    """A list that is kept elsewhere: an IP group, a web category, an external list. Nobody here knows what it holds."""


class Action(StrEnum):
    """What a rule does with what it matches."""

    ALLOW = "allow"
    DENY = "deny"


class Layer(StrEnum):
    """What sort of rule it is. Only the first two decide what a cluster can reach."""

    APPLICATION = "application"
    NETWORK = "network"
    OTHER = "other"
    """NSG, DNAT, inbound: read and counted, never an allow entry."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Service:
    """Some ports of one protocol. ``protocol`` is ``TCP``, ``UDP``, or empty for both; ``application`` as of a rule.

    >>> Service(protocol="TCP", first=443, last=443).takes_in("TCP", 443)
    True
    """

    protocol: str = ""
    first: int = NO_LIMIT[0]
    last: int = NO_LIMIT[1]
    application: str = ""
    """``HTTPS`` or ``HTTP`` where the rule is for that alone; empty where it is for whatever speaks on the port."""

    def takes_in(self, protocol: str, port: int) -> bool:
        """Say whether the service is one on a port."""
        return self.protocol in ("", protocol) and self.first <= port <= self.last

    def __str__(self) -> str:
        ports = str(self.first) if self.first == self.last else f"{self.first}-{self.last}"
        ports = "any port" if (self.first, self.last) == NO_LIMIT else ports
        return f"{self.application or self.protocol or 'TCP and UDP'} {ports}"


EVERY_SERVICE: Final = (Service(),)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class ListRule:
    """One rule of an allow list: what its values have in common. Two rules are the same only if they are one object.

    ``policy`` names what the rule belongs to, and is empty where the file does not say: the address of a firewall
    policy in Terraform, the name of a classic firewall, the path of a proxy's configuration. Rules of different
    policies never add up. ``order`` sorts the rules of one policy: the first that matches decides. ``sources`` are as
    written, empty for every source; ``sources_known`` is false where they could not be evaluated. ``sources_named``:
    they could not, but their words tell them apart: an IP group or a variable is the same addresses wherever it stands.
    """

    name: str
    place: Place
    action: Action = Action.ALLOW
    layer: Layer = Layer.APPLICATION
    services: tuple[Service, ...] = EVERY_SERVICE
    sources: tuple[str, ...] = ()
    sources_known: bool = True
    sources_named: bool = False
    policy: str = ""
    collection: str = ""
    order: tuple[int, ...] = ()
    names_below: bool = False
    """The format has no form for a name without all those below it."""
    inspects: bool = False
    """TLS is opened on the way."""
    values_at: Place | None = None
    """The list that holds the values, brackets included, where one could write another value into it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One value of a rule.

    ``value`` is the literal as written, at ``place``; ``pattern`` what it means: a host pattern in the language of
    :mod:`.reach`, an address range, the name of a tag. ``fault`` says why the format does not take the value, or takes
    it for something that never occurs; such an entry lets nothing through. ``has_holes``: a part of it was not
    evaluated, and stands for whatever it may be.
    """

    value: str
    form: Form
    pattern: str
    place: Place
    rule: ListRule
    fault: str = ""

    @property
    def has_holes(self) -> bool:
        """Whether a part of the value was not evaluated."""
        return HOLE in self.pattern


@dataclass(frozen=True, kw_only=True, slots=True)
class Unread:
    """A part of a file that could not be evaluated, and why.

    ``may_allow``: it may hold entries, so that what seems to be missing may stand there. ``policy`` as of a rule.
    """

    place: Place
    message: str
    value: str = ""
    may_allow: bool = True
    policy: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Policy:
    """What a file says of a firewall policy as a whole. ``None``: it says nothing."""

    name: str
    place: Place
    parent: str = ""
    dns_proxy: bool | None = None


@dataclass(kw_only=True, slots=True)
class Reading:
    """What one file gave. ``skipped`` counts what was read and is no entry: rules of other layers, other lines."""

    path: str
    format: str
    entries: list[Entry] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)
    policies: list[Policy] = field(default_factory=list)
    skipped: int = 0
    included: list[str] = field(default_factory=list)
    """Other files that were read as parts of this one: they are no lists of their own."""
    declared: dict[str, str] = field(default_factory=dict)
    """Of a file that this package wrote: by rule id, what its head says that the target lacks or widens."""

    def rename_policies(self, rename: Callable[[str], str]) -> None:
        """Give each policy the name that a function returns for the one that it has."""
        rules: dict[ListRule, ListRule] = {}
        for n, entry in enumerate(self.entries):
            name = rename(entry.rule.policy)
            if name != entry.rule.policy:
                rule = rules.setdefault(entry.rule, replace(entry.rule, policy=name))
                self.entries[n] = replace(entry, rule=rule)
        self.unread = [replace(one, policy=rename(one.policy)) for one in self.unread]
        self.policies = [
            replace(one, name=rename(one.name), parent=one.parent and rename(one.parent)) for one in self.policies
        ]

    def used_policies(self) -> set[str]:
        """Return the names of the policies that are spoken of."""
        named = {one.rule.policy for one in self.entries} | {one.policy for one in self.unread}
        return named | {one.name for one in self.policies} | {one.parent for one in self.policies}

    def add(self, other: Reading) -> None:
        """Take in what another reading gave, as a part of this one."""
        self.entries += other.entries
        self.unread += other.unread
        self.policies += other.policies
        self.skipped += other.skipped
        self.included += other.included
