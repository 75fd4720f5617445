"""The cells of the Markdown form: destinations, protocols and ports, and the facts that a row makes of them.

A destination cell is a string of marks that fits one small grammar whole, or it is unreadable. Nothing here
comes from the HTML reader: two witnesses must not share a mistake.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from aks_egress_catalog.model import NamedSet
from scraper.row_facts import Fact

_TRANSPORTS: Final = {"TCP": "TCP", "UDP": "UDP", "HTTPS": "TCP", "HTTP": "TCP"}
_WEB_PORTS: Final = {80: "HTTP", 443: "HTTPS"}
_PORTS: Final = range(1, 65536)
_SETS: Final = {
    "RegionCIDRs": NamedSet.REGION_CIDRS,
    "APIServerPublicIP": NamedSet.API_SERVER_PUBLIC_IP,
    "APIServerIP": NamedSet.API_SERVER_PUBLIC_IP,  # its name until 2020-10
    "CustomDNSIP": NamedSet.CUSTOM_DNS_IP,
    "APIServer Subnet CIDR": NamedSet.API_SERVER_SUBNET_CIDR,  # 2024-11-08 only
}
_REGION_NAMES: Final = ("location", "region", "cluster-region-name")

# The marks of a destination cell: Break, Separator, Note, Label, Destination; X is what nobody knows.
_LABELLED: Final = r"(?i:service ?tag|regional cidrs) +-(?=\s)"
_MARK: Final = re.compile(
    r"(?P<B>\n)|(?P<S>,|(?i:or)(?=[\s,(]|\Z))|(?P<N>\([^()]*\))"
    rf"|(?P<L>{_LABELLED})|(?P<D>(?:APIServer Subnet CIDR|<[^<>\n]*>|[^\s,()])+)|(?P<X>[^ \t])"
)
_CELL: Final = re.compile(r"B?L?D(?:B?N)*(?:(?:B?SB?|B)L?D(?:B?N)*)*B?")
_SLIPPED_STAR: Final = re.compile(r"\*\. +(?=[A-Za-z0-9<])")
_OWN_PORT: Final = re.compile(r"(\[[0-9A-Fa-f.]*:[0-9A-Fa-f:.]+\]|[^:\[\]]+)(?::([0-9]{1,5}))?")
_ADDRESS: Final = re.compile(r"[0-9]+(?:\.[0-9]+){3}(?:/[0-9]+)?|[0-9A-Fa-f]*:[0-9A-Fa-f.]*:[0-9A-Fa-f:./]*")
_TAG: Final = re.compile(r"[A-Z][A-Za-z0-9]*(?:\.(?:<[A-Za-z][A-Za-z0-9-]*>|[A-Za-z0-9]+))?")
_BARE_TAG: Final = re.compile(
    r"Azure[A-Z]|[A-Z][A-Za-z0-9]*\.(?!(?i:com|net|org|io)\Z)[A-Za-z0-9]+\Z|\w+\.Region\Z"
)  # a service tag that lost its label is no host
_BARE_REGION: Final = re.compile(r"(?i)\.(?:region|location)\Z")
_PLACEHOLDER: Final = re.compile(r"<([^<>]*)>")
_LABEL: Final = r"(?!-)(?=[^.]*[a-z0-9>])(?:[a-z0-9_-]|\*(?!\*)|<[a-z][a-z0-9-]*>)+(?<!-)"
_HOST: Final = re.compile(rf"(?ia)(?:\*?\.)?(?:{_LABEL}\.)+(?:[a-z]{{2,}}|xn--[a-z0-9-]+)")
_PORT: Final = re.compile(r"(?:([A-Za-z]+) *: *)?([0-9]{1,5})")
_PORT_SEPARATOR: Final = re.compile(r" *[,\n] *| +and +")
_GROUPED_DIGITS: Final = re.compile(r"(?<![0-9])[0-9]{1,3},[0-9]{3}(?![0-9])")


class UnreadableError(ValueError):
    """A cell in no known form."""


class Port(NamedTuple):
    """One port of a row; empty and 0 where the table has none."""

    transport: str
    number: int
    application: str = ""


class FlatDestination(NamedTuple):
    """One destination in its flat form, with its own port where it carries one, and the notes beside it."""

    flat: str
    port: int | None
    notes: tuple[str, ...] = ()
    cloud: str = ""


def facts_of(destinations: Sequence[FlatDestination], protocol: str, ports: Sequence[Port]) -> frozenset[Fact]:
    """Join the cells of one row: every destination with its own port, or else with every port of the row."""
    return frozenset(
        Fact(destination.flat, port.transport, port.number, port.application, destination.cloud)
        for destination in destinations
        for port in _effective(destination, protocol, ports)
    )


def _effective(destination: FlatDestination, protocol: str, ports: Sequence[Port]) -> Sequence[Port]:
    own = destination.port
    if own and not any(port.number for port in ports):
        return [Port(protocol, own) if protocol else _inferred(own)]
    if effective := [port for port in ports if own in {None, port.number}]:
        return effective
    row = ", ".join(str(port.number) for port in ports)
    raise UnreadableError(f"{destination.flat} carries port {own or 'none'}, its row {row or 'none'}")


def _inferred(port: int) -> Port:
    """Only web ports go without saying."""
    if port not in _WEB_PORTS:
        raise UnreadableError(f"port {port} has no protocol")
    return Port("TCP", port, _WEB_PORTS[port])


def read_protocol(cell: str) -> str:
    """Read the transport that a cell or a prefix names: ``HTTPS`` is TCP."""
    try:
        return _TRANSPORTS[cell.strip(" \n").upper()]
    except KeyError:
        raise UnreadableError(f"{cell!a} is no protocol that is known") from None


def read_ports(cell: str, protocol: str) -> list[Port]:
    """Read ``HTTPS:443, TCP:22``; a number without prefix inherits the transport of the one before."""
    if any(int(group.replace(",", "")) in _PORTS for group in _GROUPED_DIGITS.findall(cell)):
        raise UnreadableError(f"{cell!a} is one number with a thousands separator, or two ports")
    ports: list[Port] = []
    transport = protocol
    for part in _PORT_SEPARATOR.split(cell.strip(" \n")) if cell.strip(" \n") else []:
        match = _PORT.fullmatch(part)
        if not match or int(match[2]) not in _PORTS:
            raise UnreadableError(f"{part!a} is no port")
        port = _port(match[1] or "", int(match[2]), transport)
        transport = port.transport
        if protocol and transport != protocol:
            raise UnreadableError(f"{part!a} contradicts {protocol} in its own column")
        ports.append(port)
    return ports


def _port(prefix: str, number: int, before: str) -> Port:
    if prefix:
        return Port(read_protocol(prefix), number, prefix.upper() if prefix.upper() in _WEB_PORTS.values() else "")
    return Port(before, number) if before else _inferred(number)


def read_destinations(cell: str) -> list[FlatDestination]:
    """Read every destination of a cell, whatever joins them; what fits no mark or place is a fault."""
    marks = list(_MARK.finditer(_SLIPPED_STAR.sub("*.", cell)))
    shape = re.sub("B+", "B", "".join(str(mark.lastgroup) for mark in marks))
    if not _CELL.fullmatch(shape):
        raise UnreadableError(f"{cell!a} is no list of destinations")
    destinations: list[FlatDestination] = []
    label = ""
    for mark in marks:
        if mark["N"] and names_destination(mark[0]):
            raise UnreadableError(f"the note {mark[0]!a} names a destination")
        if mark["N"] and destinations:
            destinations[-1] = destinations[-1]._replace(notes=(*destinations[-1].notes, mark[0].strip("()")))
        if mark["D"]:
            destinations.append(_destination(mark[0], label))
        label = mark["L"] or ""
    return destinations


def joins_by_or(cell: str) -> bool:
    """Whether the destinations of a cell are alternatives."""
    return any(mark["S"] and mark["S"].isalpha() for mark in _MARK.finditer(cell))


def _destination(word: str, label: str) -> FlatDestination:
    match = _OWN_PORT.fullmatch(word)
    if match and match[2] and int(match[2]) in _PORTS:
        return FlatDestination(_flat_form(match[1].strip("[]"), label), int(match[2]))
    return FlatDestination(_flat_form(word, label), None)


def _flat_form(name: str, label: str) -> str:
    """Name one destination; a label must agree with what it labels."""
    if label.lower().startswith("service"):
        return _service_tag(name)
    if name in _SETS and (not label or name == "RegionCIDRs"):
        return f"set:{_SETS[name]}"
    if label:
        raise UnreadableError(f"{label!a} labels {name!a}")
    if name == "*":
        return name
    return _network(name) if _ADDRESS.fullmatch(name) else _host(name)


def _service_tag(name: str) -> str:
    if not _TAG.fullmatch(name) or name in _SETS:
        raise UnreadableError(f"{name!a} is no service tag")
    return "tag:" + _braced(_BARE_REGION.sub(".<region>", name))


def _network(name: str) -> str:
    try:
        return f"cidr:{ipaddress.ip_network(name)}"
    except ValueError as error:
        raise UnreadableError(f"{name!a} is no network: {error}") from error


def _host(name: str) -> str:
    if not _HOST.fullmatch(name) or _BARE_TAG.match(name):
        raise UnreadableError(f"{name!a} is no host name")
    return _braced("*" + name if name.startswith(".") else name).lower()


def _braced(name: str) -> str:
    """Write ``<Region>`` and its synonyms as ``{region}``, any other ``<name>`` as ``{name}``."""

    def braces(placeholder: re.Match[str]) -> str:
        inner = placeholder[1].lower()
        return "{region}" if inner in _REGION_NAMES else f"{{{inner}}}"

    return _PLACEHOLDER.sub(braces, name)


def names_destination(text: str) -> bool:
    """Whether a text that is no destination cell names one all the same."""
    words = re.split(r"[\s,()|]+", text)
    return bool(re.search(_LABELLED, text)) or any(_is_destination(word.strip("*.:;`'\"")) for word in words)


def _is_destination(word: str) -> bool:
    try:
        return bool(_destination(word, ""))
    except UnreadableError:
        return False
