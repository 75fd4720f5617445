"""The second witness: the Markdown form of the article, read to the same facts by its own way.

markdown-it cuts the text into tokens; one walk over them gives the headings their ids and lifts out the
tables, each cell as one flat text, which ``markdown_cells.py`` reads. What fits no known form is a finding.
Nothing here comes from the HTML reader: two witnesses must not share a mistake.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.token import Token

from scraper.findings import Finding, Place, Severity
from scraper.language.headings import cloud_of_suffix, read_words
from scraper.page.page import Heading, Section
from scraper.reading.context import context_of, labelled
from scraper.row_facts import Fact, RowFacts, words_alone
from scraper.witnesses.markdown_cells import (
    FlatDestination,
    Port,
    UnreadableError,
    facts_of,
    joins_by_or,
    names_destination,
    read_destinations,
    read_ports,
    read_protocol,
)

_DESTINATION_HEADERS: Final = ("fqdn", "destination fqdn", "destination endpoint", "endpoint")
_COLUMNS: Final = dict.fromkeys(_DESTINATION_HEADERS, "destination") | {
    "protocol": "protocol",
    "port": "port",
    "use": "use",
    "purpose": "use",
}

_FRONT_MATTER: Final = re.compile(r"\A---[ \t]*\n(?:.*\n)*?(?:---|\.\.\.)[ \t]*(?:\n|\Z)")
_COMMENT: Final = re.compile(r"(?s)<!--.*?(?:-->|\Z)")
_HTML_TABLE: Final = re.compile(r"(?i)<table\b")
_ANCHOR: Final = re.compile(r'<a +(?:name|id)="([\w .-]+)" *>')
_ALERT: Final = re.compile(r"\A\[!\w+\](?=\s|\Z)")
"""The mark of a box: ``> [!NOTE]``."""
_LINE_BREAK: Final = re.compile(r"(?i)<br\s*/?>")
_DRESS: Final = re.compile(r"(?is)</?(?:a|b|code|em|i|span|strong|wbr)(?:\s[^>]*)?/?>|<!--.*")
_CELL_END: Final = re.compile(r"(?<!\\)\|")


@dataclass(frozen=True, kw_only=True, slots=True)
class Witness:
    """What the Markdown form states, row by row, the words under each heading, and what could not be read."""

    rows: tuple[RowFacts, ...]
    findings: tuple[Finding, ...]
    blocks: dict[str, tuple[str, ...]]


def read_markdown(text: str, *, locale: str = "en-us") -> Witness:
    r"""Read the article's Markdown, as written or as served, to facts; never raises, whatever the text.

    >>> witness = read_markdown("## Any\n\n|FQDN|Port|\n|-|-|\n|`mcr.microsoft.com`|HTTPS:443|\n")
    >>> [(row.heading, sorted(row.facts)) for row in witness.rows]
    [('any', [Fact(destination='mcr.microsoft.com', protocol='TCP', port=443, application='HTTPS', cloud='')])]
    """
    body = _FRONT_MATTER.sub("", re.sub(r"\r\n?", "\n", text.removeprefix("\ufeff")), count=1)
    outline = _Outline(Place(locale=locale), body.split("\n"))
    outline.walk(MarkdownIt("commonmark").enable("table").parse(body))
    findings = list(outline.findings)
    rows = [row for table in outline.tables for row in _read_table(table, findings)]
    blocks = {heading: tuple(texts) for heading, texts in outline.blocks.items()}
    return Witness(rows=tuple(rows), findings=tuple(findings), blocks=blocks)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Table:
    """A table lifted out of the article, every cell one flat text."""

    at: Place
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    cloud: str = ""


class _Outline:
    """One walk over the block tokens: which tables there are, and under which heading each stands."""

    def __init__(self, at: Place, lines: Sequence[str]) -> None:
        self.tables: list[_Table] = []
        self.findings: list[Finding] = []
        self.blocks: dict[str, list[str]] = {}
        self._trail: tuple[Heading, ...] = ()
        self._labels: tuple[str, ...] = ()
        self._above: list[str] = []
        self._at = at
        self._lines = lines
        self._ids: set[str] = set()
        self._rows: list[tuple[str, ...]] = []
        self._cells: list[str] = []
        self._line = ""

    def walk(self, tokens: Sequence[Token]) -> None:
        before = Token("", "", 0)
        for token in tokens:
            if token.type == "inline":
                self._inline(token, before)
            else:
                self._element(token)
            before = token

    def _inline(self, token: Token, opener: Token) -> None:
        if opener.type == "heading_open":
            self._heading(token, level=int(opener.tag[1]))
        elif opener.type in {"th_open", "td_open"}:
            self._cell(token)
        else:
            self._prose(token)

    def _element(self, token: Token) -> None:
        match token.type:
            case "html_block":
                self._html(token.content)
            case "fence" | "code_block":
                self._block(token.content)
            case "table_open":
                self._at, self._rows = self._at._replace(table=self._at.table + 1), []
            case "tr_close":
                self._close_row()
            case "table_close":
                header, *rows = self._rows
                table = _Table(at=self._at, header=header, rows=tuple(rows), cloud=self._cloud())
                self.tables.append(table)
                self._above = []

    def _cloud(self) -> str:
        """The cloud that headings, tab and label above a table name; the mapping of their words is shared."""
        *trail, heading = self._trail or (Heading(level=1, id="", text=""),)
        context = context_of(Section(heading=heading, trail=tuple(trail), blocks=()), english=True)
        named = [line for line in self._above if (words := read_words(line)).clouds and not words.rest]
        for label in (*self._labels, *named[-1:]):
            context = labelled(context, label)
        return context.cloud

    def _block(self, text: str) -> None:
        words = _ALERT.sub("", text).strip()
        if words:
            self.blocks.setdefault(self._at.heading, []).append(words)
            self._above.append(words)

    def _heading(self, token: Token, level: int) -> None:
        """Take the id that Learn gives: a leading anchor's, else the text's, numbered where it repeats."""
        inlines = token.children or []
        texts = (part.content for part in inlines if part.type in {"text", "code_inline", "image"})
        slug = _slug("".join(texts))
        heading, repeats = slug, 0
        while heading in self._ids:
            repeats += 1
            heading = f"{slug}-{repeats}"
        self._ids.add(heading)
        if any(str(part.attrGet("href")).startswith("#tab/") for part in inlines):
            self._labels = (_flat(token).strip(),)  # the title of a tab is no heading on the page
            return
        anchor = _ANCHOR.fullmatch(inlines[0].content) if inlines[2:] else None
        self._at = self._at._replace(heading=anchor[1] if anchor else heading, table=0)
        here = Heading(level=level, id=self._at.heading, text=" ".join(_flat(token).split()))
        self._trail = (*(above for above in self._trail if above.level < level), here)
        self._labels, self._above = (), []

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
        self._block(_flat(token))
        lines = (line for line in _flat(token).split("\n") if line.startswith("|"))
        if any(map(names_destination, lines)):
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
    advice = "compare with the HTML page, and teach scraper/witnesses/markdown.py the form if it is meant"
    return Finding(severity=Severity.HOLD, code="witness-unreadable", at=at, message=f"{message}; {advice}")


def _read_table(table: _Table, findings: list[Finding]) -> list[RowFacts]:
    """Read a rule table; any other is passed over, with a finding if it names destinations."""
    columns = [_COLUMNS.get(" ".join(cell.casefold().split()), "") for cell in table.header]
    if "destination" not in columns:
        if any(names_destination(cell) for row in table.rows for cell in row):
            findings.append(_finding(table.at, f"destinations, but no known header in {table.header!a}"))
        return []
    for cell, column in zip(table.header, columns, strict=True):
        if not column:
            findings.append(_finding(table.at, f"unknown column {cell!a}"))
    places = (table.at._replace(row=number) for number in range(1, len(table.rows) + 1))
    return [_read_row(at, columns, cells, findings, table.cloud) for at, cells in zip(places, table.rows, strict=True)]


def _read_row(
    at: Place, columns: Sequence[str], cells: Sequence[str], findings: list[Finding], cloud: str = ""
) -> RowFacts:
    """Read one row; every independent fault is reported, and with any the row states nothing."""
    faults: list[Finding] = []

    @contextmanager
    def reading(column: str) -> Iterator[None]:
        try:
            yield
        except UnreadableError as fault:
            faults.append(_finding(at._replace(column=column), str(fault)))

    stated = dict(zip(columns, cells, strict=False))
    destinations: list[FlatDestination] = []
    ports: list[Port] = []
    protocol, facts = "", frozenset[Fact]()
    with reading(""):
        _check_shape(columns, cells)
    joined: frozenset[frozenset[str]] = frozenset()
    with reading("destination"):
        destinations = read_destinations(stated["destination"])
        destinations, joined = _in_clouds(destinations, cloud, alternatives=joins_by_or(stated["destination"]))
    with reading("protocol"):
        protocol = read_protocol(stated["protocol"]) if "protocol" in stated else ""
    with reading("port"):
        ports = read_ports(stated["port"], protocol) if "port" in stated else []
    if not faults:
        with reading("port"):
            portless = not {"protocol", "port"} & stated.keys()
            facts = facts_of(destinations, protocol, [Port("", 0)] if portless else ports)
    findings += faults
    notes = (note for destination in destinations for note in destination.notes)
    use = words_alone(" ".join((stated.get("use", ""), *notes)))
    return RowFacts(at.heading, at.table, at.row, facts, joined, use)


def _in_clouds(
    destinations: list[FlatDestination], cloud: str, *, alternatives: bool
) -> tuple[list[FlatDestination], frozenset[frozenset[str]]]:
    """Give each destination its cloud, and say which are alternatives: sovereign twins are one rule a cloud each."""
    suffixes = [cloud_of_suffix(one.flat) for one in destinations]
    names = {one.flat.removeprefix("*.").split(".")[0] for one in destinations}
    twins = (
        not cloud and len(names) == 1 and len(set(suffixes)) == len(destinations) and all(map(_is_host, destinations))
    )
    noted = [cloud or next((name for note in one.notes for name in _clouds(note)), "") for one in destinations]
    if alternatives and len(destinations) > 1 and not twins:
        whole = next(filter(None, noted), "")
        return [one._replace(cloud=whole) for one in destinations], frozenset(
            {frozenset(one.flat for one in destinations)}
        )
    placed = [
        one._replace(cloud=name or suffix) for one, name, suffix in zip(destinations, noted, suffixes, strict=True)
    ]
    return placed, frozenset()


def _is_host(destination: FlatDestination) -> bool:
    return ":" not in destination.flat and destination.flat != "*"


def _clouds(note: str) -> list[str]:
    """The cloud that a note names, in words that are all known."""
    words = read_words(note)
    return [str(cloud) for cloud in words.clouds] if len(words.clouds) == 1 and not words.rest else []


def _check_shape(columns: Sequence[str], cells: Sequence[str]) -> None:
    if len(cells) > len(columns):
        raise UnreadableError(f"{len(cells)} cells under {len(columns)} headers")
    if repeated := {column for column in columns if column and columns.count(column) > 1}:
        raise UnreadableError(f"more than one column says {', '.join(sorted(repeated))}")
