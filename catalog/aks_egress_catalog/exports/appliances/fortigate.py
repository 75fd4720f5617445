"""FortiGate: addresses, groups and services as CLI commands, a policy a port, and the names as an external resource.

``aks-egress.conf`` can be pasted again and again: it makes objects and sets the members of groups, and no policy refers
to anything but a group. ``policies.conf`` is pasted once: its policies are off, and open from any interface, until
somebody sets their interfaces and sources and switches them on.

A wildcard address of FortiOS is learned from the DNS answers that pass the FortiGate, so the nodes' DNS has to; what
passes are addresses. Names of objects follow from the host, and are cut with a checksum where FortiOS has no room.
"""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Iterator, Mapping
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
from aks_egress_catalog.exports.limits import parts
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
    limits=(MEMBERS,),
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
            OBJECTS: text_of(
                (*told, *(line for name, found in _objects(fitted).items() for line in _table(name, found)))
            ),
            POLICIES: text_of((*told, *_policies(by_port(fitted)))),
            DOMAINS: text_of(hosts_of(fitted)),
        },
        notes=notes,
    )


def change(before: State, after: State, said: list[str]) -> dict[str, str]:
    """Write the objects that are new or other than before, the policies of new ports, and what may be deleted.

    A policy has no name that a command could delete it by, and what it refers to cannot be deleted: those of ports that
    are gone are named, to be deleted by hand before the objects are.
    """
    old_rules, new_rules = (place_rules(state.resolution, partial(fit, DECLARATION))[0] for state in (before, after))
    old, new = _objects(old_rules), _objects(new_rules)
    old_ports, new_ports = by_port(old_rules), by_port(new_rules)
    told = [line for text in said for line in comment(text)]
    changed = {
        table: {name: settings for name, settings in found.items() if old[table].get(name) != settings}
        for table, found in new.items()
    }
    gone = {table: [name for name in found if name not in new[table]] for table, found in old.items()}
    by_hand = [f'# First delete the policy "{_PREFIX} {port_name(*key)}".' for key in old_ports if key not in new_ports]
    deletes = [line for table in reversed(gone) for line in _deletions(table, gone[table])]
    policies = _policies({key: some for key, some in new_ports.items() if key not in old_ports})
    return {
        CHANGES: text_of((*told, *(line for table, found in changed.items() for line in _table(table, found)))),
        **({POLICIES: text_of((*told, *policies))} if policies else {}),
        **({DELETES: text_of((*told, *by_hand, *deletes))} if deletes else {}),
    }


def _deletions(table: str, names: list[str]) -> list[str]:
    return [f"config {table}", *(f'    delete "{name}"' for name in names), "end"] if names else []


_Settings = tuple[str, ...]


def _objects(fitted: list[Fitted]) -> dict[str, dict[str, _Settings]]:
    """The objects by table and name, with their settings; a table comes after those that it refers to."""
    groups = by_port(fitted)
    return {
        "firewall address": dict(_addresses(fitted, 4)),
        "firewall address6": dict(_addresses(fitted, 6)),
        "firewall addrgrp": dict(one for key, some in groups.items() for one in _groups(key, some, 4)),
        "firewall addrgrp6": dict(one for key, some in groups.items() for one in _groups(key, some, 6)),
        "firewall service custom": dict(_service(*key) for key in groups if key[1]),
    }


def _table(name: str, objects: Mapping[str, _Settings]) -> Iterator[str]:
    """Write the objects of a table; no table without any."""
    if objects:
        yield f"config {name}"
        for each, settings in objects.items():
            yield f'    edit "{each}"'
            yield from (f"        set {setting}" for setting in settings)
            yield "    next"
        yield "end"


def _policies(groups: dict[tuple[str, int], list[Fitted]]) -> list[str]:
    inner = [f"    {line}" for key, some in groups.items() for line in _policy(key, some)]
    return ["config firewall policy", *inner, "end"] if inner else []


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


def _group_names(key: tuple[str, int], some: list[Fitted], version: int) -> list[str]:
    """The groups of a port: one, or several where one cannot have all its members."""
    number = len(parts(MEMBERS, _values(some, version)))
    name = f"{_PREFIX} {port_name(*key)}{'' if version == _IPV4 else ' v6'}"
    return [f"{name}{f' {place + 1}' if place else ''}" for place in range(number)]


def _groups(key: tuple[str, int], some: list[Fitted], version: int) -> Iterator[tuple[str, _Settings]]:
    split = parts(MEMBERS, _values(some, version))
    for name, members in zip(_group_names(key, some, version), split, strict=True):
        yield name, ("member " + " ".join(f'"{_name(value)}"' for value in members),)


def _service(protocol: str, port: int) -> tuple[str, _Settings]:
    return f"{_PREFIX} {port_name(protocol, port)}", (f"{protocol.lower()}-portrange {port}",)


def _policy(key: tuple[str, int], some: list[Fitted]) -> Iterator[str]:
    anywhere = ["all"] if is_anywhere(some) else []
    four, six = (anywhere or _group_names(key, some, version) for version in (_IPV4, 6))
    name = f"{_PREFIX} {port_name(*key)}"
    yield "edit 0"
    for setting in (
        f'name "{name}"',
        "status disable",
        'srcintf "any"',
        'dstintf "any"',
        *(("srcaddr " + '"all"', "dstaddr " + " ".join(f'"{each}"' for each in four)) if four else ()),
        *(("srcaddr6 " + '"all"', "dstaddr6 " + " ".join(f'"{each}"' for each in six)) if six else ()),
        f'service "{name if key[1] else "ALL"}"',
        'schedule "always"',
        "action accept",
        "logtraffic all",
    ):
        yield f"    set {setting}"
    yield "next"
