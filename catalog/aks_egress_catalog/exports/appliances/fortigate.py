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
from collections.abc import Iterator
from functools import partial
from typing import Final

from aks_egress_catalog.cluster.resolve import Resolution, Target
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
    head,
    hosts_of,
    is_anywhere,
    port_name,
    ranges_of,
    text_of,
)

DESCRIPTION: Final = "FortiOS CLI commands (addresses, groups, services; policies), and an external resource list"
TARGET: Final = Target(fqdn_in_network_rules=True)
OPTIONS: Final = ()
OBJECTS: Final = "aks-egress.conf"
POLICIES: Final = "policies.conf"
DOMAINS: Final = "domains.txt"
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
_PREFIX: Final = "aks-egress"
_ADVICE: Final = f"{POLICIES} is pasted once, after {OBJECTS}; set interfaces and sources, then enable each policy."


def render(resolution: Resolution, header: Header) -> Export:
    """Write the commands and the list.

    >>> import aks_egress_catalog as aec
    >>> found = aec.load(as_of="2026-07-02").resolve(aec.Profile(region="westeurope"), target=TARGET)
    >>> export = render(found, Header(catalog_version="1.0", facts_date="2025-01-01", profile="region=westeurope"))
    >>> sorted(export.files)
    ['aks-egress.conf', 'domains.txt', 'policies.conf']
    """
    fitted, notes = place_rules(resolution, partial(fit, DECLARATION))
    told = head(header, notes, (_ADVICE, *resolution.caveats))
    groups = by_port(fitted)
    objects = [
        *_table("firewall address", _addresses(fitted, 4)),
        *_table("firewall address6", _addresses(fitted, 6)),
        *_table("firewall addrgrp", (line for key, some in groups.items() for line in _groups(key, some, 4))),
        *_table("firewall addrgrp6", (line for key, some in groups.items() for line in _groups(key, some, 6))),
        *_table("firewall service custom", (line for key in groups if key[1] for line in _service(*key))),
    ]
    policies = _table("firewall policy", (line for key, some in groups.items() for line in _policy(key, some)))
    return Export(
        files={
            OBJECTS: text_of((*told, *objects)),
            POLICIES: text_of((*told, *policies)),
            DOMAINS: text_of(hosts_of(fitted)),
        },
        notes=notes,
    )


def _table(name: str, lines: Iterator[str]) -> list[str]:
    """Put objects into the table that they belong to; no table without any."""
    inner = [f"    {line}" for line in lines]
    return [f"config {name}", *inner, "end"] if inner else []


def _object(name: str, *settings: str) -> Iterator[str]:
    yield f'edit "{name}"'
    yield from (f"    set {setting}" for setting in settings)
    yield "next"


def _name(value: str) -> str:
    """Name an object after what it is: at most 79 characters, and different for different values."""
    name = f"{_PREFIX} {value}"
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 9]} {hashlib.sha256(value.encode()).hexdigest()[:8]}"


def _values(some: list[Fitted], version: int) -> list[str]:
    """The members of a port's group: names are addresses of IPv4 to FortiOS, and have no second object."""
    return [*(hosts_of(some) if version == 4 else ()), *ranges_of(some, version)]  # noqa: PLR2004  - the IP version


def _addresses(fitted: list[Fitted], version: int) -> Iterator[str]:
    known = dict.fromkeys(value for some in by_port(fitted).values() for value in _values(some, version))
    for value in sorted(known):
        if "/" not in value:
            yield from _object(_name(value), "type fqdn", f'fqdn "{value}"')
        elif version == 4:  # noqa: PLR2004  - the IP version
            net = ipaddress.ip_network(value)
            yield from _object(_name(value), "type ipmask", f"subnet {net.network_address} {net.netmask}")
        else:
            yield from _object(_name(value), f"ip6 {value}")


def _group_names(key: tuple[str, int], some: list[Fitted], version: int) -> list[str]:
    """The groups of a port: one, or several where one cannot have all its members."""
    number = len(parts(MEMBERS, _values(some, version)))
    return [f"{_PREFIX} {port_name(*key)}{f' {place + 1}' if place else ''}" for place in range(number)]


def _groups(key: tuple[str, int], some: list[Fitted], version: int) -> Iterator[str]:
    split = parts(MEMBERS, _values(some, version))
    for name, members in zip(_group_names(key, some, version), split, strict=True):
        yield from _object(name, "member " + " ".join(f'"{_name(value)}"' for value in members))


def _service(protocol: str, port: int) -> Iterator[str]:
    return _object(f"{_PREFIX} {port_name(protocol, port)}", f"{protocol.lower()}-portrange {port}")


def _policy(key: tuple[str, int], some: list[Fitted]) -> Iterator[str]:
    anywhere = ["all"] if is_anywhere(some) else []
    four, six = (anywhere or _group_names(key, some, version) for version in (4, 6))
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
