"""Plain lists: ``host[:port][/protocol]``, URLs and addresses, one or more a line; and CSV with such columns.

``*.x`` is what lies below ``x``, ``.x`` is that and ``x``. A host without a port is for every port. What begins with
``#``, ``;`` or ``//`` is a comment.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

from aks_egress_catalog.linting.entry import (
    EVERY_SERVICE,
    Action,
    Entry,
    Form,
    ListRule,
    Place,
    Reading,
    Service,
    Unread,
)
from aks_egress_catalog.linting.readers.literals import NAMED_SERVICES, address_of, form_of, is_name, ports_of
from aks_egress_catalog.linting.source import Source

_COMMENT: Final = re.compile(r"(?:^|\s)(?:#|;|//).*$")
_WORD: Final = re.compile(r"[^\s,;|\"']+")
_URL: Final = re.compile(r"(https?)://([^/?#\s]+)([^\s]*)", re.IGNORECASE)
_TRANSPORT: Final = re.compile(
    r"(?P<host>.*?)(?::(?P<port>\*|\d{1,5}(?:-\d{1,5})?))?(?:/(?P<protocol>tcp|udp|https?))?/?\Z", re.IGNORECASE
)
_HOST_COLUMNS: Final = ("host", "hostname", "fqdn", "domain", "destination", "url", "address", "endpoint", "name")
_PORT_COLUMNS: Final = ("port", "ports", "destinationport", "dport")
_PROTOCOL_COLUMNS: Final = ("protocol", "proto", "transport", "scheme")
_ACTION_COLUMNS: Final = ("action", "access", "verdict", "decision")
_DENIED: Final = ("deny", "denied", "block", "blocked", "drop", "reject")
_COLUMNS: Final = {
    "host": _HOST_COLUMNS,
    "port": _PORT_COLUMNS,
    "protocol": _PROTOCOL_COLUMNS,
    "action": _ACTION_COLUMNS,
}
_ENOUGH: Final = 0.8
"""So many of the lines of a file that nobody named must be hosts for it to be a list of them."""


def recognises(source: Source) -> bool:
    """Say whether a file is a list of hosts: of one that its user named half of the lines, else nearly every line."""
    lines = [line for _, line in source.lines() if _COMMENT.sub("", line).strip()]
    if not lines:
        return False
    some = lines[:500]
    if _header(source) is not None:
        return True
    hosts = sum(any(_value(word[0]) for word in _WORD.finditer(_COMMENT.sub("", line))) for line in some)
    whole = sum(all(_value(word[0]) for word in _WORD.finditer(_COMMENT.sub("", line))) for line in some)
    if source.named:
        return hosts * 2 >= len(some)
    return whole >= _ENOUGH * len(some) and source.path.lower().endswith(_LIST_ENDINGS)


_LIST_ENDINGS: Final = (
    *(".txt", ".text", ".list", ".lst", ".csv", ".tsv", ".edl", ".urls", ".url", ".domains", ".hosts", ".fqdn"),
    *(".allow", ".allowlist", ".whitelist", ".acl", ".conf"),
)


def read(source: Source) -> Reading:
    """Read a list; each line is a rule of its own."""
    found = Reading(path=source.path, format="plain")
    header = _header(source)
    if header is not None:
        _read_csv(source, header, found)
        return found
    for start, line in source.lines():
        said = _COMMENT.sub("", line)
        for word in _WORD.finditer(said):
            place = source.place(start + word.start(), start + word.end())
            _add(found, word[0], place, source.place(start, start + len(line)))
    return found


def _add(
    found: Reading,
    word: str,
    place: Place,
    line: Place,
    *,
    services: tuple[Service, ...] = (),
    action: Action = Action.ALLOW,
) -> None:
    value = _value(word)
    if value is None:
        message = "this is neither a host nor an address"
        found.unread.append(Unread(place=place, message=message, value=word, may_allow=False))
        return
    host, form, pattern, stated = value
    at = Place(
        path=place.path,
        line=place.line,
        column=place.column + word.find(host),
        end_line=place.line,
        end_column=place.column + word.find(host) + len(host),
        start=place.start + word.find(host),
        end=place.start + word.find(host) + len(host),
    )
    rule = ListRule(name="", place=line, action=action, services=services or stated or EVERY_SERVICE)
    found.entries.append(Entry(value=host, form=form, pattern=pattern, place=at, rule=rule))


@lru_cache(maxsize=8192)
def _value(word: str) -> tuple[str, Form, str, tuple[Service, ...]] | None:
    """Read one word: its host as written, what it is, its pattern, and the ports that it states."""
    url = _URL.match(word)
    if url:
        return _of_url(word)
    known = form_of(word)
    if known:
        return word, *known, ()
    found = _TRANSPORT.match(word)
    if not found:
        return None
    host = found["host"].removeprefix("[").removesuffix("]").removesuffix("/*").removesuffix("/")
    known = form_of(host)
    if known is None:
        return None
    ports = ports_of(found["port"]) if found["port"] else None
    protocol = (found["protocol"] or "").lower()
    if protocol in NAMED_SERVICES and not ports:
        return host, *known, (NAMED_SERVICES[protocol],)
    if not ports:
        return host, *known, (Service(protocol=protocol.upper()),) if protocol else ()
    transport = protocol.upper() if protocol in ("tcp", "udp") else "TCP"
    return host, *known, (Service(protocol=transport, first=ports[0], last=ports[1]),)


def _of_url(word: str) -> tuple[str, Form, str, tuple[Service, ...]] | None:
    try:
        parts = urlsplit(word)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return None
    known = form_of(host)
    written = re.search(re.escape(host), word, re.IGNORECASE)
    if known is None or written is None:
        return None
    service = NAMED_SERVICES[parts.scheme.lower()]
    if port:
        service = Service(protocol="TCP", first=port, last=port, application=service.application)
    return written[0], *known, (service,)


def is_table(source: Source) -> bool:
    """Say whether a list is CSV with columns that have names."""
    return _header(source) is not None


def _header(source: Source) -> dict[str, int] | None:
    """The columns of a CSV file that has one for hosts; ``None`` for another file."""
    first = next((line for _, line in source.lines() if line.strip() and not line.lstrip().startswith("#")), "")
    if "," not in first and "\t" not in first:
        return None
    names = [re.sub("[^a-z]", "", name.lower()) for name in next(csv.reader([first], delimiter=_delimiter(first)), [])]
    if any(is_name(name) or address_of(name) for name in first.replace('"', "").split(_delimiter(first))):
        return None
    columns: dict[str, int] = {}
    for key, known in _COLUMNS.items():
        place = next((names.index(name) for name in known if name in names), None)
        if place is not None:
            columns[key] = place
    return columns if "host" in columns and _holds_hosts(source, columns["host"]) else None


def _holds_hosts(source: Source, column: int) -> bool:
    """Whether the first row below the names has a host in the column: a table of people has names as well."""
    rows = [line for _, line in source.lines() if line.strip() and not line.lstrip().startswith("#")][1:2]
    cells = next(csv.reader(rows, delimiter=_delimiter(rows[0])), []) if rows else []
    return len(cells) > column and any(_value(word[0]) for word in _WORD.finditer(cells[column]))


def _delimiter(line: str) -> str:
    return "\t" if "\t" in line else ","


def _read_csv(source: Source, columns: dict[str, int], found: Reading) -> None:
    seen_header = False
    for start, line in source.lines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if not seen_header:
            seen_header = True
            continue
        cells = next(csv.reader(io.StringIO(line), delimiter=_delimiter(line)), [])
        if len(cells) <= columns["host"] or not cells[columns["host"]].strip():
            found.skipped += 1
            continue
        host = cells[columns["host"]].strip()
        at = line.find(host)
        place = source.place(start + at, start + at + len(host))
        services = tuple(_services(cells, columns))
        for word in _WORD.finditer(host):
            inner = source.place(place.start + word.start(), place.start + word.end())
            _add(
                found,
                word[0],
                inner,
                source.place(start, start + len(line)),
                services=services,
                action=_action(cells, columns),
            )


def _action(cells: list[str], columns: dict[str, int]) -> Action:
    """What the row of a table does with its hosts; the first row that matches decides."""
    place = columns.get("action", len(cells))
    is_denied = place < len(cells) and cells[place].strip().lower() in _DENIED
    return Action.DENY if is_denied else Action.ALLOW


def _services(cells: list[str], columns: dict[str, int]) -> Iterator[Service]:
    def cell(key: str) -> str:
        return cells[columns[key]].strip() if key in columns and len(cells) > columns[key] else ""

    protocol = cell("protocol").lower()
    named = NAMED_SERVICES.get(protocol)
    transport = protocol.upper() if protocol in ("tcp", "udp") else named.protocol if named else ""
    ports = [ports_of(part) for part in re.split(r"[\s,;/]+", cell("port")) if part]
    for port in ports:
        if port:
            application = named.application if named and named.application else ""
            yield Service(protocol=transport or "TCP", first=port[0], last=port[1], application=application)
    if not any(ports) and named:
        yield named
