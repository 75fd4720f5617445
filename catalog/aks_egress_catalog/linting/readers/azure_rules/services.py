"""The protocols and ports of an Azure Firewall rule in, services out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from aks_egress_catalog.linting.entry import HOLE, NO_LIMIT, Layer, Service
from aks_egress_catalog.linting.readers.azure_rules.keys import PORTS, PROTOCOLS
from aks_egress_catalog.linting.readers.values.known import is_null
from aks_egress_catalog.linting.tree import Items, Node, Table, Text

_USUAL_PORTS: Final = {"https": 443, "http": 80, "mssql": 1433}
_APPLICATIONS: Final = {"https": "HTTPS", "http": "HTTP", "mssql": ""}
_TRANSPORTS: Final = {"tcp": "TCP", "udp": "UDP", "any": "", "*": ""}
_WITHOUT_PORTS: Final = ("icmp", "icmpv4", "icmpv6", "esp", "ah", "gre")
_OF_FQDN_TAGS: Final = (
    Service(protocol="TCP", first=443, last=443, application="HTTPS"),
    Service(protocol="TCP", first=80, last=80, application="HTTP"),
)


@dataclass(kw_only=True, slots=True)
class Services:
    """The services of one rule. ``unread`` are the parts that are not known or nonsense."""

    services: tuple[Service, ...] = ()
    unread: list[Node] = field(default_factory=list)
    is_said: bool = True
    """False where the rule has no word of ports: they stand elsewhere, or nowhere."""


def services_of(rule: Table, layer: Layer, *, only_fqdn_tags: bool) -> Services:
    """Read the services of a rule. Where it has FQDN tags only, those say themselves what they are for."""
    protocols = list(leaves(rule, *PROTOCOLS))
    if layer is Layer.NETWORK:
        return _of_network_rule(protocols, list(leaves(rule, *PORTS)))
    if not protocols:
        return Services(services=_OF_FQDN_TAGS) if only_fqdn_tags else Services(is_said=False)
    found = Services()
    made: list[Service] = []
    for one in protocols:
        made += _of_application_protocol(one, found)
    found.services = tuple(dict.fromkeys(made))
    return found


def leaves(table: Table, *names: str) -> Iterator[Node]:
    """Yield what stands under keys, out of lists, without what is null."""
    for value in table.get(*names):
        yield from _flat(value)


def _flat(value: Node, depth: int = 0) -> Iterator[Node]:
    if isinstance(value, Items) and depth < 8:
        for one in value.items:
            yield from _flat(one, depth + 1)
    elif not is_null(value):
        yield value


def _of_application_protocol(node: Node, found: Services) -> Iterator[Service]:
    if isinstance(node, Table):
        names, ports = list(leaves(node, "type", "protocoltype")), list(leaves(node, "port"))
        if names or ports:
            yield from _named(next(iter(names), node), next(iter(ports), None), found)
            return
        for key, value in node.pairs:  # protocols by name: { web = { type, port } }, or { Https = 443 }
            inner = _of_application_protocol(value, found) if isinstance(value, Table) else _named(key, value, found)
            yield from inner
    elif isinstance(node, Text) and HOLE not in node.value:
        name, _, port = node.value.replace(":", "=").partition("=")
        yield from _named(replace(node, value=name), replace(node, value=port) if port else None, found)
    else:
        found.unread.append(node)


def _named(name: Node, port: Node | None, found: Services) -> Iterator[Service]:
    """Yield the service of one protocol of an application rule, on its usual port where it names none."""
    kind = name.value.strip().lower() if isinstance(name, Text) else ""
    if kind not in _USUAL_PORTS:
        found.unread.append(name)
    elif port is None or (isinstance(port, Text) and _is_port(port.value.strip())):
        number = int(port.value) if isinstance(port, Text) else _USUAL_PORTS[kind]
        yield Service(protocol="TCP", first=number, last=number, application=_APPLICATIONS[kind])
    else:
        found.unread.append(port)


def _of_network_rule(protocols: list[Node], ports: list[Node]) -> Services:
    if not protocols and not ports:
        return Services(is_said=False)
    found = Services()
    transports = [one for node in protocols for one in _transport(node, found)]
    spans = [one for node in ports for one in _span(node, found)]
    only_without_ports = bool(protocols) and not transports
    if not ports and not only_without_ports:
        spans = [NO_LIMIT]
    found.services = tuple(
        dict.fromkeys(
            Service(protocol=transport, first=first, last=last)
            for transport in (transports if protocols else [""])
            for first, last in spans
        )
    )
    return found


def _transport(node: Node, found: Services) -> Iterator[str]:
    word = node.value.strip().lower() if isinstance(node, Text) else HOLE
    if word in _TRANSPORTS:
        yield _TRANSPORTS[word]
    elif word not in _WITHOUT_PORTS:
        found.unread.append(node)


def _span(node: Node, found: Services) -> Iterator[tuple[int, int]]:
    """Yield the ports of ``443``, ``1024-65535``, ``*``, and of several in one text with commas."""
    for word in (node.value if isinstance(node, Text) else HOLE).split(","):
        first, dash, last = (part.strip() for part in word.partition("-"))
        last = last if dash else first
        if first == "*":
            yield NO_LIMIT
        elif _is_port(first) and _is_port(last) and int(first) <= int(last):
            yield int(first), int(last)
        else:
            found.unread.append(node)


def _is_port(word: str) -> bool:
    return word.isascii() and word.isdecimal() and len(word) <= len("65535") and int(word) <= NO_LIMIT[1]
