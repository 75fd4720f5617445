"""Reads port and protocol cells. Text in, typed values out; whatever is left over is an error that names it."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, NamedTuple

from aks_egress_catalog.model import Application, Protocol
from scraper.findings import Finding, Reporter
from scraper.page.marks import CODE_EDGE, clean, show

APPLICATIONS: Final = {"HTTPS": Application.HTTPS, "HTTP": Application.HTTP}
PROTOCOLS: Final = {"TCP": Protocol.TCP, "UDP": Protocol.UDP}
WEB_PORTS: Final = {443: Application.HTTPS, 80: Application.HTTP}
_PORT: Final = re.compile(r"(?:([A-Za-z]+)(\s*:\s*))?([0-9]{1,5})\Z")
_PORT_MAX: Final = 65535
_SHOWN: Final = 80
_GROUPED: Final = re.compile(r"(?<!\d)(\d{1,3}),\d{3}(?!\d)")
_PORT_RANGE: Final = re.compile(r"\d+\s*(?:-|–|—|to|\.\.)\s*\d+", re.IGNORECASE)


class PortSpec(NamedTuple):
    """One port of a port cell. ``protocol`` is ``None`` where the cell leaves it to another column."""

    port: int
    protocol: Protocol | None = None
    application: Application | None = None


def read_ports(text: str, report: Reporter) -> tuple[PortSpec, ...]:
    """Read a port cell such as ``HTTPS:443``, ``443 and 4443`` or ``HTTPS:443, TCP:22, UDP:1194``.

    A number without a prefix inherits the transport of the one before, not its application.
    """
    specs, findings = _read_ports(text)
    report.repeat(findings)
    return specs


@lru_cache(maxsize=1024)
def _read_ports(text: str) -> tuple[tuple[PortSpec, ...], tuple[Finding, ...]]:
    report = Reporter.of("")
    cell = "\n".join(clean(line, edge=" ") for line in text.split("\n"))
    if any("\n" in inside for inside in text.split(CODE_EDGE)[1::2]):
        report.hold("broken-code", f"a line breaks inside one code mark: {show(text)}; is it one port or two?")
    grouped = _GROUPED.search(cell)
    if grouped and int(grouped.group(1)) not in WEB_PORTS:
        report.error("not-a-port", f"{show(cell)} may be one number with a thousands separator, or two ports")
        return (), tuple(report.findings)
    pieces = re.split(r"\s*(?:[,、，;]|\band\b)\s*|\n", cell)
    specs: list[PortSpec] = []
    for piece in pieces:
        spec = _read_port(piece.strip(), report, before=specs[-1].protocol if specs else None)
        if spec:
            specs.append(spec)
    return tuple(specs), tuple(report.findings)


def _read_port(piece: str, report: Reporter, *, before: Protocol | None) -> PortSpec | None:
    match = _PORT.match(piece)
    if not match:
        _explain_port(piece, report)
        return None
    prefix, colon, digits = match.groups()
    port = port_number(digits, report)
    if port is None:
        return None
    if not prefix:
        return PortSpec(port=port, protocol=before)
    if colon != ":":
        report.note("spaced-port", f"{show(piece)} is read as {show(f'{prefix}:{digits}')}")
    name = prefix.upper()
    if name in APPLICATIONS:
        return PortSpec(port=port, protocol=Protocol.TCP, application=APPLICATIONS[name])
    if name in PROTOCOLS:
        return PortSpec(port=port, protocol=PROTOCOLS[name])
    report.error("unknown-protocol", f"{show(prefix)} in {show(piece)} is none of HTTPS, HTTP, TCP, UDP")
    return None


def _explain_port(piece: str, report: Reporter) -> None:
    if not piece:
        report.error("empty-cell", "the port cell has an empty place")
    elif _PORT_RANGE.search(piece[:_SHOWN]):
        report.error("port-range", f"{show(piece)} is a range of ports; a rule has exactly one port")
    else:
        report.error("not-a-port", f"{show(piece)} is not a port such as HTTPS:443 or 443")


def port_number(digits: str, report: Reporter) -> int | None:
    """Read a port from 1 to 65535, written without a leading zero; ``None`` after an error was reported."""
    if len(digits) <= len(str(_PORT_MAX)) and not digits.startswith("0") and int(digits) <= _PORT_MAX:
        return int(digits)
    report.error("not-a-port", f"{show(digits)} is not a port number from 1 to {_PORT_MAX}")
    return None


def read_protocols(text: str, report: Reporter) -> tuple[Protocol, ...]:
    """Read a protocol cell: one transport, or ``TCP and UDP``; nothing after an error was reported."""
    names = clean(text).split(" and ")
    unknown = [name for name in names if not name.isascii() or name.upper() not in PROTOCOLS]
    for name in unknown:
        report.error("unknown-protocol", f"{show(name)} is neither TCP nor UDP")
    return () if unknown else tuple(PROTOCOLS[name.upper()] for name in names)
