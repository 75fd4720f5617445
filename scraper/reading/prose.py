"""What the lines around the tables name: endpoints and ports, read by grammar, and what their sentences mean."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from aks_egress_catalog.model import Application, Destination, DestinationForm, Kind, Level, NamedSet, Protocol
from scraper.cells.hosts import fill_placeholders, host_fault, in_known_domain
from scraper.cells.ports import WEB_PORTS
from scraper.findings import Reporter
from scraper.language.headings import cloud_of_suffix
from scraper.language.mentions import LONGEST, hosts_in, mentions
from scraper.page.article import HIDDEN
from scraper.page.marks import LOST_TABLE, WITHDRAWN, show, words_of
from scraper.page.page import Line
from scraper.reading.context import Context
from scraper.reading.meaning import NO_MEANING, SentenceReader, place_of_line
from scraper.reading.tables import Requirement

_API_SERVER: Final = re.compile(r"\b(TCP|UDP) \[IPAddrOfYourAPIServer\]: ?(\d{1,5})\b")


def read_line(line: Line, context: Context, report: Reporter, reader: SentenceReader) -> list[Requirement]:
    """Read the endpoints and ports that a line of a rule section names, as informational rules."""
    place = place_of_line(context.cloud, context.feature)
    meaning = reader.read(WITHDRAWN * (HIDDEN in line.labels) + line.text, [place], report).get(place, NO_MEANING)
    if not context.feature:
        return []
    if LOST_TABLE in line.text:
        report.error("lost-table", "a table stands inside running text and cannot be read")
    if len(line.text) > LONGEST:
        report.hold("long-line", f"a line of {len(line.text)} characters is not looked through for endpoints")
        return []
    if HIDDEN in line.labels:
        return []
    base = Requirement(
        place=report.place,
        feature=context.feature,
        cloud=context.cloud,
        level=Level.INFORMATIONAL,
        kind=Kind.FQDN,
        destinations=(),
        protocol=None,
        port=None,
        text=words_of(line.text),
    ).meaning(meaning)
    return [*_read_hosts(line, base, report), *_read_ports(line, base)]


def _read_hosts(line: Line, base: Requirement, report: Reporter) -> Iterator[Requirement]:
    found = mentions(line.marked)
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


def _read_ports(line: Line, base: Requirement) -> Iterator[Requirement]:
    anywhere = Destination(form=DestinationForm.ANY, value="*")
    api_server = Destination(form=DestinationForm.NAMED_SET, value=NamedSet.API_SERVER_PUBLIC_IP)
    for protocol, port in mentions(line.marked).ports:
        yield base._replace(destinations=(anywhere,), kind=Kind.NETWORK, protocol=Protocol(protocol), port=port)
    for protocol, number in _API_SERVER.findall(line.text):
        yield base._replace(
            destinations=(api_server,), kind=Kind.NETWORK, protocol=Protocol(protocol), port=int(number)
        )


def report_strays(text: str, hosts: set[str], report: Reporter, *, known: bool) -> None:
    """Report hosts outside the rules: in the article's own frame they are none, elsewhere they may be."""
    for host in [host for host, _ in hosts_in(text) if host not in hosts]:
        (report.note if known else report.hold)(
            "stray-endpoint", f"{host} is named outside the sections that state rules"
        )
