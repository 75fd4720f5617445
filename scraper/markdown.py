"""The second witness: the Markdown form of the article, read to the same facts by its own way.

markdown-it cuts the text into tokens; one walk over them gives the headings their ids and lifts out the
tables, each cell as one flat text. A destination cell is then a string of marks that fits one small grammar
whole, or it is a finding. Nothing here comes from the HTML reader: two witnesses must not share a mistake.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from markdown_it import MarkdownIt

from aks_egress_catalog.model import NamedSet
from scraper.findings import Finding, Place, Severity
from scraper.witness import Fact, RowFacts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from markdown_it.token import Token

_DESTINATION_HEADERS: Final = ("fqdn", "destination fqdn", "destination endpoint", "endpoint")
_COLUMNS: Final = dict.fromkeys(_DESTINATION_HEADERS, "destination") | {
    "protocol": "protocol",
    "port": "port",
    "use": "use",
    "purpose": "use",
}
_TRANSPORTS: Final = {"TCP": "TCP", "UDP": "UDP", "HTTPS": "TCP", "HTTP": "TCP"}
_WEB_PORTS: Final = (80, 443)
_PORTS: Final = range(1, 65536)
_SETS: Final = {
    "RegionCIDRs": NamedSet.REGION_CIDRS,
    "APIServerPublicIP": NamedSet.API_SERVER_PUBLIC_IP,
    "APIServerIP": NamedSet.API_SERVER_PUBLIC_IP,  # its name until 2020-10
    "CustomDNSIP": NamedSet.CUSTOM_DNS_IP,
    "APIServer Subnet CIDR": NamedSet.API_SERVER_SUBNET_CIDR,  # 2024-11-08 only
}
_REGION_NAMES: Final = ("location", "region", "cluster-region-name")

_FRONT_MATTER: Final = re.compile(r"\A---[ \t]*\n(?:.*\n)*?(?:---|\.\.\.)[ \t]*(?:\n|\Z)")
_COMMENT: Final = re.compile(r"(?s)<!--.*?(?:-->|\Z)")
_HTML_TABLE: Final = re.compile(r"(?i)<table\b")
_ANCHOR: Final = re.compile(r'<a +(?:name|id)="([\w .-]+)" *>')
_LINE_BREAK: Final = re.compile(r"(?i)<br\s*/?>")
_DRESS: Final = re.compile(r"(?is)</?(?:a|b|code|em|i|span|strong|wbr)(?:\s[^>]*)?/?>|<!--.*")
_CELL_END: Final = re.compile(r"(?<!\\)\|")

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
_BARE_TAG: Final = re.compile(r"Azure[A-Z]|\w+\.Region\Z")  # a service tag that lost its label is no host
_PLACEHOLDER: Final = re.compile(r"<([^<>]*)>")
_LABEL: Final = r"(?!-)(?=[^.]*[a-z0-9>])(?:[a-z0-9_-]|\*(?!\*)|<[a-z][a-z0-9-]*>)+(?<!-)"
_HOST: Final = re.compile(rf"(?ia)(?:\*?\.)?(?:{_LABEL}\.)+(?:[a-z]{{2,}}|xn--[a-z0-9-]+)")
_PORT: Final = re.compile(r"(?:([A-Za-z]+) *: *)?([0-9]{1,5})")
_PORT_SEPARATOR: Final = re.compile(r" *[,\n] *| +and +")
_GROUPED_DIGITS: Final = re.compile(r"(?<![0-9])[0-9]{1,3},[0-9]{3}(?![0-9])")


@dataclass(frozen=True, kw_only=True, slots=True)
class Witness:
    """What the Markdown form states, row by row, and what of it could not be read."""

    rows: tuple[RowFacts, ...]
    findings: tuple[Finding, ...]


def read_markdown(text: str, *, locale: str = "en-us") -> Witness:
    r"""Read the article's Markdown, as written or as served, to facts; never raises, whatever the text.

    >>> witness = read_markdown("## Any\n\n|FQDN|Port|\n|-|-|\n|`mcr.microsoft.com`|HTTPS:443|\n")
    >>> [(row.heading, sorted(row.facts)) for row in witness.rows]
    [('any', [Fact(destination='mcr.microsoft.com', protocol='TCP', port=443)])]
    """
    body = _FRONT_MATTER.sub("", re.sub(r"\r\n?", "\n", text.removeprefix("\ufeff")), count=1)
    outline = _Outline(Place(locale=locale), body.split("\n"))
    outline.walk(MarkdownIt("commonmark").enable("table").parse(body))
    findings = list(outline.findings)
    rows = [row for table in outline.tables for row in _read_table(table, findings)]
    return Witness(rows=tuple(rows), findings=tuple(findings))


@dataclass(frozen=True, kw_only=True, slots=True)
class _Table:
    """A table lifted out of the article, every cell one flat text."""

    at: Place
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class _Outline:
    """One walk over the block tokens: which tables there are, and under which heading each stands."""

    def __init__(self, at: Place, lines: Sequence[str]) -> None:
        self.tables: list[_Table] = []
        self.findings: list[Finding] = []
        self._at = at
        self._lines = lines
        self._ids: set[str] = set()
        self._rows: list[tuple[str, ...]] = []
        self._cells: list[str] = []
        self._line = ""

    def walk(self, tokens: Sequence[Token]) -> None:
        opener = ""
        for token in tokens:
            match token.type:
                case "inline" if opener == "heading_open":
                    self._heading(token.children or [])
                case "inline" if opener in {"th_open", "td_open"}:
                    self._cell(token)
                case "inline":
                    self._prose(token)
                case "html_block":
                    self._html(token.content)
                case "table_open":
                    self._at, self._rows = self._at._replace(table=self._at.table + 1), []
                case "tr_close":
                    self._close_row()
                case "table_close":
                    header, *rows = self._rows
                    self.tables.append(_Table(at=self._at, header=header, rows=tuple(rows)))
            opener = token.type

    def _heading(self, inlines: Sequence[Token]) -> None:
        """Take the id that Learn gives: a leading anchor's, else the text's, numbered where it repeats."""
        said = (part.content for part in inlines if part.type in {"text", "code_inline", "image"})
        slug = _slug("".join(said))
        heading, repeats = slug, 0
        while heading in self._ids:
            repeats += 1
            heading = f"{slug}-{repeats}"
        self._ids.add(heading)
        if any(str(part.attrGet("href")).startswith("#tab/") for part in inlines):
            return  # the title of a tab is no heading on the page
        anchor = _ANCHOR.fullmatch(inlines[0].content) if inlines[2:] else None
        self._at = self._at._replace(heading=anchor[1] if anchor else heading, table=0)

    def _cell(self, token: Token) -> None:
        self._cells.append(_flat(token))
        self._line = self._lines[token.map[0]] if token.map else ""

    def _close_row(self) -> None:
        """Keep a row; the cells past the header, which markdown-it drops, come back empty to be noticed."""
        inner = self._line.lstrip(" \t>").removeprefix("|").rstrip().removesuffix("|")
        surplus = len(_CELL_END.split(inner)) - len(self._cells) if self._rows else 0
        self._rows.append((*self._cells, *[""] * surplus))
        self._cells = []

    def _prose(self, token: Token) -> None:
        lines = (line for line in _flat(token).split("\n") if line.startswith("|"))
        if any(map(_names_destination, lines)):
            self.findings.append(_finding(self._at, "lines that look like a rule table, but make none"))

    def _html(self, markup: str) -> None:
        for _ in _HTML_TABLE.finditer(_COMMENT.sub("", markup)):
            self._at = self._at._replace(table=self._at.table + 1)
            self.findings.append(_finding(self._at, "a table in HTML, which is not read"))


def _slug(text: str) -> str:
    """Make an id as Learn does: ``FQDN / application`` is ``fqdn--application``."""
    kept = (c for c in text.lower() if c in " -_" or c.isdecimal() or unicodedata.category(c)[0] == "L")
    return "".join(kept).replace(" ", "-") or "section"


def _flat(inline: Token) -> str:
    """Write an inline token as one text: breaks are newlines, placeholders ``<name>``, dress is dropped."""
    return "".join(map(_piece, inline.children or []))


def _piece(token: Token) -> str:
    match token.type:
        case "text":
            return token.content.replace("`", "")  # the page has stray code marks
        case "code_inline":
            return token.content
        case "softbreak" | "hardbreak":
            return "\n"
        case "html_inline" if _LINE_BREAK.fullmatch(token.content):
            return "\n"
        case "html_inline":
            return "" if _DRESS.fullmatch(token.content) else token.content
    return "" if token.nesting else "\N{OBJECT REPLACEMENT CHARACTER}"  # an image fits no grammar


def _finding(at: Place, message: str) -> Finding:
    advice = "compare with the HTML page, and teach scraper/markdown.py the form if it is meant"
    return Finding(severity=Severity.HOLD, code="witness-unreadable", at=at, message=f"{message}; {advice}")


class _UnreadableError(ValueError):
    """A cell says something that no known form covers."""


class _Port(NamedTuple):
    """One port of a row; empty and 0 where the table has none."""

    transport: str
    number: int


class _Destination(NamedTuple):
    """One destination in its flat form, with its own port where it carries one."""

    flat: str
    port: int | None


def _read_table(table: _Table, findings: list[Finding]) -> list[RowFacts]:
    """Read a rule table; any other is passed over, with a finding if it names destinations."""
    columns = [_COLUMNS.get(" ".join(cell.casefold().split()), "") for cell in table.header]
    if "destination" not in columns:
        if any(_names_destination(cell) for row in table.rows for cell in row):
            findings.append(_finding(table.at, f"destinations, but no known header in {table.header!a}"))
        return []
    for cell, column in zip(table.header, columns, strict=True):
        if not column:
            findings.append(_finding(table.at, f"unknown column {cell!a}"))
    places = (table.at._replace(row=number) for number in range(1, len(table.rows) + 1))
    return [_read_row(at, columns, cells, findings) for at, cells in zip(places, table.rows, strict=True)]


def _read_row(at: Place, columns: Sequence[str], cells: Sequence[str], findings: list[Finding]) -> RowFacts:
    """Read one row; every independent fault is told, and with any the row states nothing."""
    faults: list[Finding] = []

    @contextmanager
    def reading(column: str) -> Iterator[None]:
        try:
            yield
        except _UnreadableError as fault:
            faults.append(_finding(at._replace(column=column), str(fault)))

    stated = dict(zip(columns, cells, strict=False))
    destinations: list[_Destination] = []
    ports: list[_Port] = []
    protocol, facts = "", frozenset[Fact]()
    with reading(""):
        _check_shape(columns, cells)
    with reading("destination"):
        destinations = _destinations(stated["destination"])
    with reading("protocol"):
        protocol = _protocol(stated["protocol"]) if "protocol" in stated else ""
    with reading("port"):
        ports = _ports(stated["port"], protocol) if "port" in stated else []
    if not faults:
        with reading("port"):
            portless = not {"protocol", "port"} & stated.keys()
            facts = _facts(destinations, protocol, [_Port("", 0)] if portless else ports)
    findings += faults
    return RowFacts(heading=at.heading, table=at.table, row=at.row, facts=facts)


def _check_shape(columns: Sequence[str], cells: Sequence[str]) -> None:
    if len(cells) > len(columns):
        raise _UnreadableError(f"{len(cells)} cells under {len(columns)} headers")
    if repeated := {column for column in columns if column and columns.count(column) > 1}:
        raise _UnreadableError(f"more than one column says {', '.join(sorted(repeated))}")


def _facts(destinations: Sequence[_Destination], protocol: str, ports: Sequence[_Port]) -> frozenset[Fact]:
    """Join the cells of one row: every destination with its own port, or else with every port of the row."""
    return frozenset(
        Fact(destination=destination.flat, protocol=port.transport, port=port.number)
        for destination in destinations
        for port in _effective(destination, protocol, ports)
    )


def _effective(destination: _Destination, protocol: str, ports: Sequence[_Port]) -> Sequence[_Port]:
    own = destination.port
    if own and not any(port.number for port in ports):
        return [_Port(protocol or _inferred(own), own)]
    if effective := [port for port in ports if own in {None, port.number}]:
        return effective
    row = ", ".join(str(port.number) for port in ports)
    raise _UnreadableError(f"{destination.flat} carries port {own or 'none'}, its row {row or 'none'}")


def _inferred(port: int) -> str:
    """Only web ports go without saying."""
    if port not in _WEB_PORTS:
        raise _UnreadableError(f"port {port} has no protocol")
    return "TCP"


def _protocol(cell: str) -> str:
    try:
        return _TRANSPORTS[cell.strip(" \n").upper()]
    except KeyError:
        raise _UnreadableError(f"{cell!a} is no protocol that is known") from None


def _ports(cell: str, protocol: str) -> list[_Port]:
    """Read ``HTTPS:443, TCP:22``; a number without prefix inherits the transport of the one before."""
    if any(int(group.replace(",", "")) in _PORTS for group in _GROUPED_DIGITS.findall(cell)):
        raise _UnreadableError(f"{cell!a} is one number with a thousands separator, or two ports")
    ports: list[_Port] = []
    transport = protocol
    for part in _PORT_SEPARATOR.split(cell.strip(" \n")) if cell.strip(" \n") else []:
        match = _PORT.fullmatch(part)
        if not match or int(match[2]) not in _PORTS:
            raise _UnreadableError(f"{part!a} is no port")
        transport = _protocol(match[1]) if match[1] else transport or _inferred(int(match[2]))
        if protocol and transport != protocol:
            raise _UnreadableError(f"{part!a} contradicts {protocol} in its own column")
        ports.append(_Port(transport, int(match[2])))
    return ports


def _destinations(cell: str) -> list[_Destination]:
    """Read every destination of a cell, whatever joins them; what fits no mark or place is a fault."""
    marks = list(_MARK.finditer(_SLIPPED_STAR.sub("*.", cell)))
    shape = re.sub("B+", "B", "".join(str(mark.lastgroup) for mark in marks))
    if not _CELL.fullmatch(shape):
        raise _UnreadableError(f"{cell!a} is no list of destinations")
    destinations: list[_Destination] = []
    label = ""
    for mark in marks:
        if mark["N"] and _names_destination(mark[0]):
            raise _UnreadableError(f"the note {mark[0]!a} names a destination")
        if mark["D"]:
            destinations.append(_destination(mark[0], label))
        label = mark["L"] or ""
    return destinations


def _destination(word: str, label: str) -> _Destination:
    match = _OWN_PORT.fullmatch(word)
    if match and match[2] and int(match[2]) in _PORTS:
        return _Destination(_flat_form(match[1].strip("[]"), label), int(match[2]))
    return _Destination(_flat_form(word, label), None)


def _flat_form(name: str, label: str) -> str:
    """Name one destination; a label must agree with what it labels."""
    if label.lower().startswith("service"):
        return _service_tag(name)
    if name in _SETS and (not label or name == "RegionCIDRs"):
        return f"set:{_SETS[name]}"
    if label:
        raise _UnreadableError(f"{label!a} labels {name!a}")
    if name == "*":
        return name
    return _network(name) if _ADDRESS.fullmatch(name) else _host(name)


def _service_tag(name: str) -> str:
    if not _TAG.fullmatch(name) or name in _SETS:
        raise _UnreadableError(f"{name!a} is no service tag")
    return "tag:" + _braced(re.sub(r"\.Region\Z", ".<region>", name))


def _network(name: str) -> str:
    try:
        return f"cidr:{ipaddress.ip_network(name)}"
    except ValueError as error:
        raise _UnreadableError(f"{name!a} is no network: {error}") from error


def _host(name: str) -> str:
    if not _HOST.fullmatch(name) or _BARE_TAG.match(name):
        raise _UnreadableError(f"{name!a} is no host name")
    return _braced("*" + name if name.startswith(".") else name).lower()


def _braced(name: str) -> str:
    """Write ``<Region>`` and its synonyms as ``{region}``, any other ``<name>`` as ``{name}``."""

    def braces(placeholder: re.Match[str]) -> str:
        inner = placeholder[1].lower()
        return "{region}" if inner in _REGION_NAMES else f"{{{inner}}}"

    return _PLACEHOLDER.sub(braces, name)


def _names_destination(text: str) -> bool:
    """Tell whether a text that is no destination cell names one all the same."""
    words = re.split(r"[\s,()|]+", text)
    return bool(re.search(_LABELLED, text)) or any(_is_destination(word.strip("*.:;`'\"")) for word in words)


def _is_destination(word: str) -> bool:
    try:
        return bool(_destination(word, ""))
    except _UnreadableError:
        return False
