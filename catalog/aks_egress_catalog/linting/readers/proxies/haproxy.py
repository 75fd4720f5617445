"""haproxy.cfg: the names that ACLs compare a server name or a host with, on the ports of their frontend.

What an ACL is used for is not weighed: each such list is taken for one of what passes. Names in files beside the
configuration (``-f``) are read with it. ``-m end`` with a leading dot is names of any depth below, ``-m reg`` an
expression.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from aks_egress_catalog.linting.entry import EVERY_SERVICE, Form, ListRule, Reading, Service
from aks_egress_catalog.linting.readers.literals import regex_pattern
from aks_egress_catalog.linting.readers.words import Draft, Word, words
from aks_egress_catalog.linting.source import Source

NAME: Final = "haproxy"
_SIGN: Final = re.compile(r"^[ \t]*(?:frontend|listen|backend)[ \t]+\S+", re.MULTILINE)
_SECTIONS: Final = ("frontend", "listen", "backend", "global", "defaults", "resolvers", "peers", "userlist", "cache")
_FETCHES: Final = {"req.ssl_sni": "HTTPS", "req_ssl_sni": "HTTPS", "ssl_fc_sni": "HTTPS"}
_HOST: Final = re.compile(r"(?:req\.)?hdr(?:_[a-z]+)?\(host\)", re.IGNORECASE)
_FLAGS: Final = ("-i", "-n", "-u", "-M")
_BIND: Final = re.compile(r":(\d{1,5})\b")


@dataclass
class _Section:
    """A frontend, a backend, or both in one."""

    kind: str
    name: str
    ports: list[int] = field(default_factory=list)
    leads_to: list[str] = field(default_factory=list)
    acls: list[list[Word]] = field(default_factory=list)


def recognises(source: Source) -> bool:
    """Say whether a text is a configuration of HAProxy that looks at names."""
    has_names = "ssl_sni" in source.text or _HOST.search(source.text) is not None
    return has_names and _SIGN.search(source.text) is not None


def read(source: Source) -> Reading:
    """Read a configuration, and the lists beside it that it names."""
    draft = Draft(source, NAME)
    sections = list(_sections(source))
    for section in sections:
        fronts = [one for one in sections if one is section or section.name in one.leads_to]
        ports = sorted({port for one in fronts for port in one.ports})
        for acl in section.acls:
            _acl(draft, acl, ports)
    return draft.reading


def _sections(source: Source) -> Iterator[_Section]:
    section = _Section("global", "")
    for start, line in source.lines():
        line_words = list(words(source, start, line))
        if not line_words:
            continue
        first = line_words[0].text
        if first in _SECTIONS:
            yield section
            section = _Section(first, line_words[1].text if len(line_words) > 1 else "")
        elif first == "bind":
            section.ports += [int(port) for word in line_words[1:2] for port in _BIND.findall(word.text)]
        elif first in ("default_backend", "use_backend") and len(line_words) > 1:
            section.leads_to.append(line_words[1].text)
        elif first == "acl" and line_words[3:]:
            section.acls.append(line_words)
    yield section


def _acl(draft: Draft, acl: list[Word], ports: list[int]) -> None:
    fetch = acl[2].text
    sample = fetch.partition(",")[0]
    application = _FETCHES.get(sample) or ("HTTP" if _HOST.match(sample) else "")
    if not application:
        draft.reading.skipped += 1
        return
    services = tuple(Service(protocol="TCP", first=port, last=port, application=application) for port in ports)
    place = draft.source.place(acl[0].start, acl[-1].end)
    rule = ListRule(name=f"acl {acl[1].text}", place=place, services=services or EVERY_SERVICE)
    method = "end" if "_end" in fetch else "reg" if "_reg" in fetch else "str"
    rest = iter(acl[3:])
    for word in rest:
        if word.text == "-m":
            method = next(rest, word).text
        elif word.text == "-f":
            _file(draft, next(rest, word), rule, method)
        elif word.text not in (*_FLAGS, "--"):
            _value(draft, word, rule, method)


def _file(draft: Draft, word: Word, rule: ListRule, method: str) -> None:
    files = draft.source.near(word.text)
    if not files:
        draft.unread(word, "this list is not among the files")
    for file in files:
        draft.reading.included.append(file.path)
        for start, line in file.lines():
            text = line.strip()
            if text and not text.startswith("#"):
                at = start + line.find(text)
                _value(draft, Word(text, at, at + len(text), file), rule, method)


def _value(draft: Draft, word: Word, rule: ListRule, method: str) -> None:
    host = word.text.lower()
    pattern = {
        "str": host,
        "end": f"*{host}",
        "beg": f"{host}*",
        "sub": f"*{host}*",
        "dom": f".{host.removeprefix('.')}",
        "reg": regex_pattern(word.text) or "",
    }.get(method, "")
    if pattern:
        draft.entry(word, Form.NAME, pattern, rule)
    else:
        draft.unread(word, f"a name compared by {method!a} was not read")
