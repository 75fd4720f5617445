"""What the article names outside its tables: endpoints, ports, replacements and sentences to watch."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from aks_egress_catalog.model import Application, Destination, DestinationForm, Kind, Level, NamedSet, Protocol
from scraper.cells.hosts import fill_placeholders, host_fault, in_known_domain
from scraper.cells.ports import WEB_PORTS
from scraper.findings import Reporter
from scraper.language.conditions import read_meaning
from scraper.language.mentions import hosts_in, mentions
from scraper.page.article import HIDDEN
from scraper.page.marks import LOST_TABLE, WITHDRAWN, show, words_of
from scraper.page.page import Line
from scraper.reading.alternatives import cloud_of_suffix
from scraper.reading.context import Context
from scraper.reading.tables import Requirement

_API_SERVER: Final = re.compile(r"\b(TCP|UDP) \[IPAddrOfYourAPIServer\]: ?(\d{1,5})")
_BARE_PORT: Final = re.compile(r"\d{2,5}\b(?!\.\d)")


def read_line(line: Line, context: Context, report: Reporter) -> list[Requirement]:
    """Read the endpoints and ports that a line of a rule section names, as informational rules."""
    if LOST_TABLE in line.text:
        report.error("lost-table", "a table stands inside running text and cannot be read")
    if WITHDRAWN in line.text:
        report.hold("withdrawn-text", f"words of this line are struck out or hidden: {words_of(line.text)!r}")
    meaning = read_meaning(line.text)
    base = Requirement(
        place=report.place,
        feature=context.feature,
        cloud=context.cloud,
        level=Level.INFORMATIONAL,
        kind=Kind.FQDN,
        destinations=(),
        protocol=None,
        port=None,
        conditions=meaning.conditions,
        constraints=meaning.constraints,
        text=words_of(line.text),
    )
    if HIDDEN in line.labels:
        for host in hosts_in(line.text):
            report.hold("hidden-host", f"{host[0]} is named in a part of the page that is hidden")
        return []
    return [*_read_hosts(line, base, report), *_read_ports(line, base, report)]


def _read_hosts(line: Line, base: Requirement, report: Reporter) -> Iterator[Requirement]:
    found = mentions(line.text)
    for written, digits in found.hosts:
        host = fill_placeholders(written, report)
        fault = host_fault(host) or ("" if in_known_domain(host) else "its top-level domain is none of the page's")
        if fault:
            report.hold("prose-host", f"{show(written)} in the text looks like a host, but {fault}")
            continue
        destination = Destination(form=DestinationForm.FQDN, value=host)
        requirement = base._replace(destinations=(destination,), cloud=base.cloud or cloud_of_suffix(host))
        yield _with_port(requirement, int(digits), report) if digits else requirement
    for address in found.addresses:
        if _may_be_a_version(address, line):
            report.hold("prose-doubt", f"{address.removesuffix('/32')} in the text may be an address or a version")
            continue
        destination = Destination(form=DestinationForm.CIDR, value=address)
        yield base._replace(destinations=(destination,), kind=Kind.NETWORK)
    for doubt in found.doubts:
        report.hold("prose-doubt", f"{doubt} in the text looks like an endpoint and cannot be read")


def _may_be_a_version(address: str, line: Line) -> bool:
    """Four numbers with dots are an address for sure only in a code mark, or with a prefix."""
    bare = address.removesuffix("/32")
    return ":" not in bare and bare != address and address not in line.text and bare not in line.coded


def _with_port(requirement: Requirement, port: int, report: Reporter) -> Requirement:
    application: Application | None = WEB_PORTS.get(port)
    if application is None:
        report.hold("prose-port", f"{requirement.destinations[0]}:{port} stands without TCP or UDP in the text")
        return requirement
    return requirement._replace(protocol=Protocol.TCP, port=port, application=application, application_inferred=True)


def _read_ports(line: Line, base: Requirement, report: Reporter) -> Iterator[Requirement]:
    anywhere = Destination(form=DestinationForm.ANY, value="*")
    api_server = Destination(form=DestinationForm.NAMED_SET, value=NamedSet.API_SERVER_PUBLIC_IP)
    for protocol, port in mentions(line.text).ports:
        yield base._replace(destinations=(anywhere,), kind=Kind.NETWORK, protocol=Protocol(protocol), port=port)
    for protocol, number in _API_SERVER.findall(line.text):
        yield base._replace(
            destinations=(api_server,), kind=Kind.NETWORK, protocol=Protocol(protocol), port=int(number)
        )
    if line.kind == "li" and _BARE_PORT.match(line.text):
        report.hold("prose-port", f"a port stands without TCP or UDP in the text: {show(line.text)}")


def report_ports(text: str, known: set[int], report: Reporter) -> None:
    """Report a port that the text names without TCP or UDP, where no rule has it."""
    for port in mentions(text).plain_ports:
        if port not in known:
            report.hold("prose-port", f"port {port} is named in the text, but no rule has it: {show(text)}")


def report_strays(text: str, hosts: set[str], report: Reporter, *, known: bool) -> None:
    """Report endpoints outside the rules: in the article's own frame they are none, elsewhere they may be."""
    found = mentions(text)
    named = [host for host, _ in hosts_in(text) if host not in hosts]
    named += [*found.addresses, *(f"{protocol} port {port}" for protocol, port in found.ports), *found.doubts]
    for endpoint in named:
        (report.note if known else report.hold)(
            "stray-endpoint", f"{endpoint} is named outside the sections that state rules"
        )


def report_uses(requirement: Requirement, endpoints: set[tuple[str, int | None]], report: Reporter) -> None:
    """Report endpoints that only a description names: each may be one that the table lacks."""
    found = mentions(requirement.text)
    hosts, ports = {host for host, _ in endpoints}, {port for _, port in endpoints}
    for host, digits in hosts_in(requirement.text):
        filled = host.replace("<", "{").replace(">", "}")
        if filled not in hosts or (digits and (filled, int(digits)) not in endpoints):
            report.hold("endpoint-in-use", f"{host}{':' if digits else ''}{digits} is named in the description only")
    for port in [port for _, port in found.ports] + list(found.plain_ports):
        if port not in ports:
            report.hold("endpoint-in-use", f"port {port} is named in the description only")
    for doubt in (*found.addresses, *found.doubts):
        report.hold("endpoint-in-use", f"{doubt} is named in the description only")


def watch_line(line: Line, report: Reporter, *, gave_rules: bool) -> tuple[str, ...]:
    """Report the sentences that speak of circumstances; a line of prose can put no condition on a table."""
    meaning = read_meaning(line.text)
    for sentence in meaning.unread if gave_rules else meaning.watched:
        report.note("watched-prose", f"speaks of a circumstance, but gives no condition: {sentence!r}")
    return meaning.watched
