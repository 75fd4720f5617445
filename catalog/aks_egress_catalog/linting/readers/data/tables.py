"""Tables of destinations: CSV, with a head that names the columns. Our own come with the columns of the catalog."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final

from aks_egress_catalog.linting.entry import EVERY_SERVICE, Action, Form, ListRule, Service
from aks_egress_catalog.linting.readers.data.hosts import PROTOCOLS, Token, read_token
from aks_egress_catalog.linting.readers.values import ports, services
from aks_egress_catalog.linting.readers.words import Draft, Word, short
from aks_egress_catalog.linting.source import Source

_MEANINGS: Final = {
    **dict.fromkeys(
        (
            *("host", "hosts", "hostname", "host name", "fqdn", "fqdns", "url", "urls", "domain", "domains", "domainname"),
            *("destination", "destinations", "endpoint", "endpoints", "destination fqdn", "destination endpoint", "dst"),
            *("target", "targets", "target fqdn", "target fqdns", "address", "ip", "cidr", "destination address"),
        ),
        "destination",
    ),
    **dict.fromkeys(("port", "ports", "destination port", "destination ports", "dport", "dst port"), "port"),
    **dict.fromkeys(("protocol", "protocols", "proto", "transport"), "protocol"),
    **dict.fromkeys(("service", "services"), "service"),
    **dict.fromkeys(("action", "access", "verdict"), "action"),
    **dict.fromkeys(("source", "sources", "src", "source address", "source addresses"), "source"),
    **dict.fromkeys(("application", "app"), "application"),
}
_LOOKED_AT: Final = 50
"""So far down does a head stand, under comments."""
_LONGEST_HEAD: Final = 2000
_PIECE: Final = re.compile(r"[^\s,;|]+")
_SERVICE: Final = re.compile(r"(?:([a-z]+)[:/ ]?)?([0-9]{1,5}(?:-[0-9]{1,5})?)?(?:/([a-z]+))?\Z", re.IGNORECASE)
_DENIED: Final = ("deny", "denied", "block", "blocked", "drop", "reject", "false", "no")


@dataclass(frozen=True, kw_only=True)
class Head:
    """The head of a table: the names of its columns as written, folded, and what each means."""

    names: tuple[str, ...]
    delimiter: str
    end: int
    """Where the rows begin."""

    @property
    def meanings(self) -> tuple[str, ...]:
        """What each column means; empty where nobody knows."""
        return tuple(_MEANINGS.get(name, "") for name in self.names)


def head_of(source: Source) -> Head | None:
    """Find the head of a table: the first line that is no comment, where it names a column of destinations."""
    for at, line in islice(source.lines(), _LOOKED_AT):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if len(line) > _LONGEST_HEAD:
            return None
        for delimiter in (",", ";", "\t", "|"):
            names = tuple(_fold(cell.text) for cell in cells(source, at, line, delimiter))
            if "destination" in [_MEANINGS.get(name) for name in names] and (len(names) > 1 or len(line.split()) == 1):
                return Head(names=names, delimiter=delimiter, end=at + len(line))
        return None
    return None


def _fold(name: str) -> str:
    return re.sub(r"[\s_-]+", " ", name).strip().lower()


def cells(source: Source, at: int, line: str, delimiter: str = ",") -> Iterator[Word]:
    """Yield the cells of a line: one in quotes may hold the delimiter, and two quotes for one."""
    rest = rf'"((?:[^"]|"")*)"\s*(?:{re.escape(delimiter)}|$)|([^{re.escape(delimiter)}]*)(?:{re.escape(delimiter)}|$)'
    position, expression = 0, re.compile(rest)
    while position <= len(line):
        found = expression.match(line, position)
        if found is None:  # pragma: no cover  - the second alternative takes anything
            return
        group = 1 if found[1] is not None else 2
        text = found[group].replace('""', '"') if group == 1 else found[group].strip()
        start = at + found.start(group) + (len(found[group]) - len(found[group].lstrip()) if group == 2 else 0)  # noqa: PLR2004  - the bare cell
        yield Word(text, start, start + len(text), source)
        if found.end() == len(line) and not found[0].endswith(delimiter):
            return
        position = found.end() if found.end() > position else position + 1


def rows(source: Source, head: Head) -> Iterator[list[Word]]:
    """Yield the cells of each row under the head."""
    for at, line in source.lines():
        if at >= head.end and line.strip() and not line.lstrip().startswith("#"):
            yield list(cells(source, at, line, head.delimiter))


def read_table(source: Source, head: Head, draft: Draft) -> None:
    """Read the destinations of a table into a draft, each with the ports of its row.

    Where a column says what is denied, the first row that matches decides.
    """
    rules: dict[tuple[object, ...], ListRule] = {}
    counts = "action" in head.meanings
    for number, row in enumerate(rows(source, head)):
        of = _by_meaning(head, row)
        held, strange = _services_of([*of.get("protocol", ()), *of.get("port", ()), *of.get("service", ())])
        for word in strange:
            draft.unread(word, f"{short(word.text)} is no port or protocol; the row is taken for every one", may_allow=False)
        is_denied = any(word.text.lower() in _DENIED for word in of.get("action", ()))
        sources = tuple(piece for word in of.get("source", ()) for piece in _PIECE.findall(word.text) if piece != "*")
        key = (held, is_denied, sources, number if counts else 0)
        if key not in rules:
            rules[key] = ListRule(
                name="",
                place=source.place(row[0].start, row[-1].end),
                action=Action.DENY if is_denied else Action.ALLOW,
                services=held,
                sources=sources,
                order=(number,) if counts else (),
            )
        _read_cells(of.get("destination", []), rules[key], draft)


def _read_cells(destinations: Sequence[Word], rule: ListRule, draft: Draft) -> None:
    for cell in destinations:
        for found in _PIECE.finditer(cell.text):
            start = cell.start + found.start()
            token = read_token(found[0])
            if token is None and found[0].lower() in ("any", "all", "internet"):
                token = Token(form=Form.ANY, pattern="*", length=len(found[0]))
            if token is None:
                word = Word(found[0], start, start + len(found[0]), cell.source)
                draft.unread(word, f"{short(found[0])} is no host, address or URL")
                continue
            first = start + token.offset
            word = Word(found[0], first, first + token.length, cell.source)
            own = token.services != EVERY_SERVICE and rule.services == EVERY_SERVICE
            held = replace(rule, services=token.services) if own else rule
            draft.entry(word, token.form, token.pattern, held, token.fault)


def _by_meaning(head: Head, row: list[Word]) -> dict[str, list[Word]]:
    found: dict[str, list[Word]] = {}
    for meaning, cell in zip(head.meanings, row, strict=False):
        if meaning and cell.text:
            found.setdefault(meaning, []).append(cell)
    return found


def _services_of(given: Sequence[Word]) -> tuple[tuple[Service, ...], list[Word]]:
    """Read the cells that speak of ports and protocols; what is neither is returned beside."""
    spans: list[tuple[int, int]] = []
    protocols: list[str] = []
    strange: list[Word] = []
    for word in given:
        for piece in _PIECE.findall(word.text.replace(" - ", "-")):
            found = _SERVICE.match(piece)
            names = [name.upper() for name in (found[1], found[3]) if name] if found else []
            span = ports(found[2]) if found and found[2] else None
            if piece.lower() in ("any", "*", "all"):
                continue
            if not found or (found[2] and span is None) or any(name not in PROTOCOLS for name in names):
                strange.append(word)
                continue
            spans.extend((span,) if span else ())
            protocols.extend(names)
    return services(dict.fromkeys(spans), dict.fromkeys(protocols)), strange
