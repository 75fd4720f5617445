"""Plain lists: destinations, one or more a line, and tables whose head names a column of them.

    mcr.microsoft.com              *.data.mcr.microsoft.com:443    https://packages.microsoft.com/
    ntp.ubuntu.com:123/udp         ntp.ubuntu.com 123 udp          192.0.2.0/24, .azmk8s.io   # why

A destination without a port is open on every one. What a line holds besides is told with its place. The external
lists of PAN-OS are plain lists: a host may end in ``/``, and ``^`` is one label.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Final

from aks_egress_catalog.linting.entry import EVERY_SERVICE, Form, ListRule, Reading, Service
from aks_egress_catalog.linting.readers.data.hosts import PROTOCOLS, is_beyond_doubt, read_token
from aks_egress_catalog.linting.readers.data.tables import head_of, read_table
from aks_egress_catalog.linting.readers.values import ports, services
from aks_egress_catalog.linting.readers.words import Draft, Word, short
from aks_egress_catalog.linting.source import Source

NAME: Final = "plain"
_COMMENT: Final = re.compile(r"(?:^|(?<=[\s,]))(?:#|//|;)")
_TOKEN: Final = re.compile(r"""[^\s,;"'`|]+""")
_FILLERS: Final = frozenset(("-", "[", "]", "(", ")", "=>", "->"))
_SERVICE: Final = re.compile(
    r"(?:(tcp|udp|https?)[:/]?)?([0-9]{1,5}(?:-[0-9]{1,5})?)?(?:/(tcp|udp))?\Z", re.IGNORECASE
)
_LOOKED_AT: Final = 2000
"""So many lines of a file decide whether it is a list, and so many characters of each."""
_NEARLY_ALL: Final = 0.9


def recognises(path: str, text: str) -> bool:  # noqa: ARG001  - what every reader offers
    """Say whether most lines of a text that somebody named begin with a destination."""
    return _share(text) >= 0.5 or head_of(Source(path, text)) is not None  # noqa: PLR2004  - most


def is_list(text: str) -> bool:
    """Say whether a text can be nothing but a list: nearly every line is made of destinations, or it is a table."""
    return _share(text, strict=True) >= _NEARLY_ALL or head_of(Source("", text)) is not None


def _share(text: str, *, strict: bool = False) -> float:
    """How many of the lines that say something are destinations, from 0 to 1."""
    good = total = 0
    for _, line in islice(Source("", text[: _LOOKED_AT * _LOOKED_AT]).lines(), _LOOKED_AT):
        tokens = [found[0] for found in _tokens(line[:_LOOKED_AT])]
        if not tokens:
            continue
        total += 1
        if strict:
            hosts = [one for one in tokens if not _is_service(one)]
            good += bool(hosts) and all(map(is_beyond_doubt, hosts)) and not _is_hosts_file(hosts)
        else:
            good += read_token(tokens[0]) is not None
    return good / total if total else 0.0


def _is_hosts_file(hosts: list[str]) -> bool:
    """Say whether a line is one of ``/etc/hosts``: the address of a name, or of nothing where a name is blocked."""
    first = read_token(hosts[0])
    return len(hosts) > 1 and first is not None and first.form is Form.ADDRESS and "/" not in hosts[0]


def _tokens(line: str) -> Iterator[re.Match[str]]:
    comment = _COMMENT.search(line)
    end = comment.start() if comment else len(line)
    return (found for found in _TOKEN.finditer(line, 0, end) if found[0] not in _FILLERS)


def _is_service(text: str) -> bool:
    return _SERVICE.match(text) is not None


def read(source: Source) -> Reading:
    """Read a list.

    >>> [entry.pattern for entry in read(Source("a.txt", "mcr.microsoft.com:443  # images")).entries]
    ['mcr.microsoft.com']
    """
    draft = Draft(source, NAME)
    head = head_of(source)
    if head:
        read_table(source, head, draft)
        return draft.reading
    rules: dict[tuple[Service, ...], ListRule] = {}
    for at, line in source.lines():
        _read_line(source, at, line, draft, rules)
    return draft.reading


def _read_line(source: Source, at: int, line: str, draft: Draft, rules: dict[tuple[Service, ...], ListRule]) -> None:
    """Read the destinations of a line; a port behind them holds for those that have none of their own."""
    hosts: list[tuple[Word, Form, str, tuple[Service, ...], str]] = []
    spans: list[tuple[int, int]] = []
    protocols: list[str] = []
    strange: list[re.Match[str]] = []
    for found in _tokens(line):
        token = read_token(found[0])
        if token:
            start = at + found.start() + token.offset
            word = Word(source.text[start : start + token.length], start, start + token.length, source)
            hosts.append((word, token.form, token.pattern, token.services, token.fault))
        elif not (hosts and _add_service(found[0], spans, protocols)):
            strange.append(found)
    given = services(spans, protocols)
    for word, form, pattern, own, fault in hosts:
        held = given if own == EVERY_SERVICE else own
        if held not in rules:
            rules[held] = _rule(source, held)
        draft.entry(word, form, pattern, rules[held], fault)
    if strange:
        start, end = at + strange[0].start(), at + strange[-1].end()
        word = Word(source.text[start:end], start, end, source)
        draft.unread(word, f"{short(word.text)} is no host, address or URL", may_allow=not hosts)


def _add_service(text: str, spans: list[tuple[int, int]], protocols: list[str]) -> bool:
    """Take ``443``, ``tcp``, ``443/tcp`` or ``tcp:443`` in; say whether the text is one of these."""
    found = _SERVICE.match(text)
    if found is None:
        return False
    span = ports(found[2]) if found[2] else None
    protocol = (found[3] or found[1] or "").upper()
    if found[2] and span is None:
        return False
    if span:
        spans.append(span)
    if protocol in PROTOCOLS:
        protocols.append(protocol)
    return True


def _rule(source: Source, held: tuple[Service, ...]) -> ListRule:
    whole = source.place(0, len(source.text))
    return ListRule(name="", place=source.place(0, 0), services=held, values_at=whole)
