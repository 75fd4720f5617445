"""Plain lists: ``host[:port][/protocol]``, URLs and addresses, one or more a line; and CSV with such columns.

``*.x`` is what lies below ``x``, ``.x`` is that and ``x``. A host without a port is for every port. Ports and protocols
that stand beside the hosts of a line, ``host 443 tcp``, are for those of them that have none. What begins with ``#``,
``;`` or ``//`` is a comment. A hosts file (``0.0.0.0 name``) is no allow list: it blocks names, or points them home.
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
_SERVICE: Final = re.compile(
    r"(?:(?P<first>tcp|udp|https?)[:/=]?)?(?P<port>\d{1,5}(?:-\d{1,5})?)?(?:[:/=](?P<last>tcp|udp|https?))?(?<=.)",
    re.IGNORECASE,
)
"""A port, a protocol or both, apart from the host: ``443``, ``tcp``, ``tcp/443``, ``HTTPS:443``, ``443/tcp``."""
_NOWHERE: Final = re.compile(
    r"\s*(?:0\.0\.0\.0|127\.\d+\.\d+\.\d+|::1?|fe80::1%\w+)\s+[\w*-]+(?:\.[\w*-]+)*\.?(?:\s|\Z)"
)
"""A line of a hosts file that gives a name the address of nowhere, or of the host itself."""
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
_NAMES_OF_COLUMNS: Final = frozenset(name for names in _COLUMNS.values() for name in names)
_ENOUGH: Final = 0.8
"""So many of the lines of a file that nobody named must be hosts for it to be a list of them."""


def recognises(source: Source) -> bool:
    """Say whether a file is a list of hosts: of one that its user named half of the lines, else nearly every line."""
    lines = [line for _, line in source.lines() if _COMMENT.sub("", line).strip()]
    if not lines:
        return False
    some = [_WORD.findall(_COMMENT.sub("", line)) for line in lines[:500]]
    if _header(source) is not None or why_no_list(source):
        return True
    if source.named:
        return sum(any(map(_value, words)) for words in some) * 2 >= len(some)
    whole = sum(
        all(_value(word) or _SERVICE.fullmatch(word) for word in words) and any(map(_value, words)) for words in some
    )
    return whole >= _ENOUGH * len(some) and source.path.lower().endswith(_LIST_ENDINGS)


def why_no_list(source: Source) -> str:
    """Say why a file that looks like a list is none; empty where it may be one.

    >>> why_no_list(Source("a", "0.0.0.0 a.io")), why_no_list(Source("a", "192.0.2.1 a.io"))
    ('a hosts file blocks names, or points them at this host; it allows nothing', '')
    """
    lines = [line for _, line in source.lines() if _COMMENT.sub("", line).strip()][:500]
    to_nowhere = sum(_NOWHERE.match(line) is not None for line in lines)
    if not to_nowhere or to_nowhere * 2 < len(lines):
        return ""
    return "a hosts file blocks names, or points them at this host; it allows nothing"


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
    insisted = bool(why_no_list(source))
    for start, line in source.lines():
        _read_line(source, start, line, found, insisted=insisted)
    return found


def _read_line(source: Source, start: int, line: str, found: Reading, *, insisted: bool) -> None:
    """Read the hosts of a line. ``insisted``: of a hosts file, somebody wants the names as a list all the same."""
    said = _COMMENT.sub("", line)
    words = list(_WORD.finditer(said))
    if _NOWHERE.match(said):
        place = source.place(start, start + len(said.rstrip()))
        if not insisted:
            message = "a line of a hosts file blocks a name, or points it at this host"
            found.unread.append(Unread(place=place, message=message, value=said.strip(), may_allow=False))
            return
        found.skipped += 1
        words = words[1:]
    beside: list[re.Match[str]] = []
    if any(_value(word[0]) for word in words):
        beside = [word for word in words if not _value(word[0]) and is_service(word[0])]
    elif words and all(word[0].lower() in _NAMES_OF_COLUMNS for word in words):
        found.skipped += 1
        return
    services = tuple(_services_beside([word[0] for word in beside]))
    for word in words:
        if word not in beside:
            place = source.place(start + word.start(), start + word.end())
            _add(found, word[0], place, source.place(start, start + len(line)), beside=services)


def is_service(word: str) -> bool:
    """Say whether a word is a port, a protocol or both, as they stand beside a host.

    >>> is_service("443"), is_service("udp/123"), is_service("99999")
    (True, True, False)
    """
    said = _SERVICE.fullmatch(word)
    return said is not None and (not said["port"] or ports_of(said["port"]) is not None)


def _services_beside(words: list[str]) -> Iterator[Service]:
    """Read ports and protocols that stand apart: a word with both is a service, others are joined each with each."""
    said = [found for word in words if (found := _SERVICE.fullmatch(word))]
    both = [(one["first"] or one["last"], one["port"]) for one in said if one["port"] and (one["first"] or one["last"])]
    protocols = [one["first"] or one["last"] for one in said if not one["port"]]
    ports = [one["port"] for one in said if one["port"] and not (one["first"] or one["last"])]
    pairs = [(protocol, port) for protocol in protocols or [""] for port in ports or [""] if protocol or port]
    for protocol, port in (*both, *pairs):
        yield _service((protocol or "").lower(), port or "")


def _service(protocol: str, port: str) -> Service:
    """Return a service: a port without a protocol is TCP; ``https`` without a port is its usual one."""
    named = NAMED_SERVICES.get(protocol)
    span = ports_of(port) if port else None
    if span is None:
        return named or Service(protocol=protocol.upper())
    transport = named.protocol if named else protocol.upper()
    application = named.application if named else ""
    return Service(protocol=transport or "TCP", first=span[0], last=span[1], application=application)


def _add(
    found: Reading,
    word: str,
    place: Place,
    line: Place,
    *,
    services: tuple[Service, ...] = (),
    beside: tuple[Service, ...] = (),
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
    rule = ListRule(name="", place=line, action=action, services=services or stated or beside or EVERY_SERVICE)
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
