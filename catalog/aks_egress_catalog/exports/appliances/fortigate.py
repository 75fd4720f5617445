"""FortiGate: addresses, groups and services as CLI commands, a policy a port, and the names as an external resource.

``aks-egress.conf`` can be pasted again and again: it makes objects and sets the members of groups, and no policy refers
to anything but the one group of its port. ``policies.conf`` is pasted once: its policies are off, and open from any
interface, until somebody sets their interfaces and sources and switches them on.

A wildcard address of FortiOS is learned from the DNS answers that pass the FortiGate, so the nodes' DNS has to; what
passes are addresses. Names of objects follow from the host, and are cut with a checksum where FortiOS has no room.

A group that cannot have all its members has groups in their place::

    aks-egress tcp-443 part 1   the first 300 members
    aks-egress tcp-443 part 2   the others
    aks-egress tcp-443          both parts

Sizes, by the documents of Fortinet: names of objects have 79 characters (*CLI Reference*, ``config firewall address``,
6.4 and later), an external resource 128K entries before FortiOS 7.4.4 and more since (*Technical Tip: External threat
list resource entry limits*). How many members a group has depends on the model (*Maximum Values Table*); 300 is what
the smallest are known for, and we could not look it up there.
"""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Final

from aks_egress_catalog.cluster.resolve import Resolution, Target
from aks_egress_catalog.exports.change import State
from aks_egress_catalog.exports.declaration import (
    EVERY_TRAFFIC,
    NAMES,
    RANGES_OR_ANY,
    Declaration,
    Fitted,
    Limit,
    NoPort,
    Way,
    Wildcard,
    fit,
)
from aks_egress_catalog.exports.export import Export, Header
from aks_egress_catalog.exports.limits import parts, within
from aks_egress_catalog.exports.placement import place_rules
from aks_egress_catalog.exports.text_lines import (
    by_port,
    comment,
    head,
    hosts_of,
    is_anywhere,
    port_name,
    ranges_of,
    text_of,
    to_know,
)

DESCRIPTION: Final = "FortiOS CLI commands (addresses, groups, services; policies), and an external resource list"
TARGET: Final = Target(fqdn_in_network_rules=True)
OPTIONS: Final = ()
OBJECTS: Final = "aks-egress.conf"
POLICIES: Final = "policies.conf"
DOMAINS: Final = "domains.txt"
CHANGES: Final = "changes.conf"
DELETES: Final = "deletes.conf"
CHANGED_BY_COMMANDS: Final = (OBJECTS, POLICIES)
MEMBERS: Final = Limit(most=300, of="members of a group", splits=True)
ENTRIES: Final = Limit(most=128_000, of="entries of an external resource")
DECLARATION: Final = Declaration(
    title="FortiGate",
    ways=(
        Way(
            name="an address",
            forms=NAMES | RANGES_OR_ANY,
            traffic=EVERY_TRAFFIC,
            wildcard=Wildcard.ANY_DEPTH,
            no_port=NoPort.EXACT,
            by_address=True,
        ),
    ),
    limits=(MEMBERS, ENTRIES),
    needs=("the nodes' DNS through the FortiGate", "interfaces and sources in each policy, which is off until then"),
    judge="fwshift, a foreign reader",
)
_LONGEST: Final = 79
_IPV4: Final = 4
_PREFIX: Final = "aks-egress"
_ADVICE: Final = (
    f"how to use: {POLICIES} is pasted once, after {OBJECTS}; set interfaces and sources, then enable each policy."
)


def render(resolution: Resolution, header: Header) -> Export:
    """Write the commands and the list.

    Raises:
        AksEgressError: the list is longer than an external resource may be.

    >>> import aks_egress_catalog as aec
    >>> found = aec.load(as_of="2026-07-02").resolve(aec.Profile(region="westeurope"), target=TARGET)
    >>> export = render(found, Header(catalog_version="1.0", facts_date="2025-01-01", profile="region=westeurope"))
    >>> sorted(export.files)
    ['aks-egress.conf', 'domains.txt', 'policies.conf']
    """
    fitted, notes = place_rules(resolution, partial(fit, DECLARATION))
    told = head(header, notes, (_ADVICE, *to_know(resolution)))
    return Export(
        files={
            OBJECTS: text_of((*told, *_tables(_objects(fitted)))),
            POLICIES: text_of((*told, *_policies(_wanted_policies(fitted)))),
            DOMAINS: text_of(within(ENTRIES, hosts_of(fitted), DOMAINS)),
        },
        notes=notes,
    )


def change(before: State, after: State, said: list[str]) -> dict[str, str]:
    """Write what is added, the policies of new ports, and what may be taken away: three files, pasted in this order.

    Until the last is pasted, groups have the members of both states. A policy has no name that a command could find it
    by: how those that are there already change is said in comments, to be done by hand where they stand.
    """
    rules = [place_rules(state.resolution, partial(fit, DECLARATION))[0] for state in (before, after)]
    stages = (rules[0], [*rules[0], *rules[1]], rules[1])
    old, both, new = map(_objects, stages)
    had, meanwhile, has = map(_wanted_policies, stages)
    told = [line for text in said for line in comment(text)]
    policies = (
        *_by_hand(had, meanwhile),
        *_policies({name: settings for name, settings in meanwhile.items() if name not in had}),
    )
    takes_away = (*_by_hand(meanwhile, has), *_tables(_changed(both, new)), *_deletions(both, new))
    return {
        CHANGES: text_of((*told, *_tables(_in_use_last(_changed(old, both), old)))),
        **({POLICIES: text_of((*told, *policies))} if policies else {}),
        **({DELETES: text_of((*told, *takes_away))} if takes_away else {}),
    }


_Settings = tuple[str, ...]
_Objects = dict[str, dict[str, _Settings]]
"""By table and name. A table comes after those that it refers to, and so does a group after its parts."""


def _changed(old: _Objects, new: _Objects) -> _Objects:
    """The objects that are new, or have other settings."""
    return {
        table: {name: settings for name, settings in found.items() if old[table].get(name) != settings}
        for table, found in new.items()
    }


def _in_use_last(changed: _Objects, old: _Objects) -> _Objects:
    """Order objects so that no member is ever in no group, while groups grow and their members move to later parts.

    New parts come first, then the group that has them, then the older parts from the last to the first: a member stands
    in the part that it moves to before it goes from the one where it was.
    """
    ordered: _Objects = {}
    for table, found in changed.items():
        in_use = [name for name in found if name in old[table]]
        names = [*(name for name in found if name not in in_use), *reversed(in_use)]
        ordered[table] = {name: found[name] for name in names}
    return ordered


def _deletions(old: _Objects, new: _Objects) -> Iterator[str]:
    """Delete what is in the old state alone; what refers to others goes before them."""
    for table, found in reversed(old.items()):
        gone = [name for name in reversed(found) if name not in new[table]]
        if gone:
            yield from (f"config {table}", *(f'    delete "{name}"' for name in gone), "end")


def _by_hand(old: Mapping[str, _Settings], new: Mapping[str, _Settings]) -> Iterator[str]:
    """Say what to do to policies that are there: which to delete, and what to set in others."""
    for name, settings in old.items():
        if name not in new:
            yield f'# Delete the policy "{name}".'
            continue
        kept = {setting.split()[0] for setting in new[name]}
        changes = [f"set {setting}" for setting in new[name] if setting not in settings]
        changes += [f"unset {key}" for key in (setting.split()[0] for setting in settings) if key not in kept]
        yield from (f'# Change the policy "{name}": {each}' for each in changes)


def _objects(fitted: list[Fitted]) -> _Objects:
    """The objects that some rules need, with their settings."""
    groups = by_port(fitted)
    return {
        "firewall address": dict(_addresses(fitted, 4)),
        "firewall address6": dict(_addresses(fitted, 6)),
        "firewall addrgrp": dict(one for key, some in groups.items() for one in _groups(key, some, 4)),
        "firewall addrgrp6": dict(one for key, some in groups.items() for one in _groups(key, some, 6)),
        "firewall service custom": dict(_service(*key) for key in groups if key[1]),
    }


def _tables(tables: _Objects) -> Iterator[str]:
    """Write objects; no table without any."""
    for table, found in tables.items():
        yield from _table(table, ((f'"{name}"', settings) for name, settings in found.items()))


def _policies(wanted: Mapping[str, _Settings]) -> Iterator[str]:
    """Write policies, each with the next number that is free."""
    settings = ((f'name "{name}"', *settings) for name, settings in wanted.items())
    return _table("firewall policy", (("0", each) for each in settings))


def _table(table: str, found: Iterable[tuple[str, _Settings]]) -> Iterator[str]:
    lines = [
        line
        for name, settings in found
        for line in (f"    edit {name}", *(f"        set {setting}" for setting in settings), "    next")
    ]
    if lines:
        yield from (f"config {table}", *lines, "end")


def _name(value: str) -> str:
    """Name an object after what it is: at most 79 characters, and different for different values."""
    name = f"{_PREFIX} {value}"
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 9]} {hashlib.sha256(value.encode()).hexdigest()[:8]}"


def _values(some: list[Fitted], version: int) -> list[str]:
    """The members of a port's group: names are addresses of IPv4 to FortiOS, and have no second object."""
    return [*(hosts_of(some) if version == _IPV4 else ()), *ranges_of(some, version)]


def _addresses(fitted: list[Fitted], version: int) -> Iterator[tuple[str, _Settings]]:
    known = dict.fromkeys(value for some in by_port(fitted).values() for value in _values(some, version))
    for value in sorted(known):
        if "/" not in value:
            yield _name(value), ("type fqdn", f'fqdn "{value}"')
        elif version == _IPV4:
            net = ipaddress.ip_network(value)
            yield _name(value), ("type ipmask", f"subnet {net.network_address} {net.netmask}")
        else:
            yield _name(value), (f"ip6 {value}",)


def _group(key: tuple[str, int], version: int) -> str:
    return f"{_PREFIX} {port_name(*key)}{'' if version == _IPV4 else ' v6'}"


def _groups(key: tuple[str, int], some: list[Fitted], version: int) -> Iterator[tuple[str, _Settings]]:
    """The group of a port, with its parts before it where it cannot have all its members."""
    name, members = _group(key, version), [_name(value) for value in _values(some, version)]
    split = parts(MEMBERS, members)
    if len(split) > 1:
        members = [f"{name} part {place}" for place in range(1, len(split) + 1)]
        yield from ((part, _members(found)) for part, found in zip(members, split, strict=True))
    if members:
        yield name, _members(members)


def _members(names: Iterable[str]) -> _Settings:
    return ("member " + " ".join(f'"{name}"' for name in names),)


def _service(protocol: str, port: int) -> tuple[str, _Settings]:
    return f"{_PREFIX} {port_name(protocol, port)}", (f"{protocol.lower()}-portrange {port}",)


def _wanted_policies(fitted: list[Fitted]) -> dict[str, _Settings]:
    """The policy of each port by name, with its settings but for that."""
    return {f"{_PREFIX} {port_name(*key)}": _policy(key, some) for key, some in by_port(fitted).items()}


def _policy(key: tuple[str, int], some: list[Fitted]) -> _Settings:
    four, six = ("all" if is_anywhere(some) else _destination(key, some, version) for version in (_IPV4, 6))
    return (
        "status disable",
        'srcintf "any"',
        'dstintf "any"',
        *(('srcaddr "all"', f'dstaddr "{four}"') if four else ()),
        *(('srcaddr6 "all"', f'dstaddr6 "{six}"') if six else ()),
        f'service "{f"{_PREFIX} {port_name(*key)}" if key[1] else "ALL"}"',
        'schedule "always"',
        "action accept",
        "logtraffic all",
    )


def _destination(key: tuple[str, int], some: list[Fitted], version: int) -> str:
    return _group(key, version) if _values(some, version) else ""
