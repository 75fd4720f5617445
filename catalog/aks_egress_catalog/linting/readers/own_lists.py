"""What this package writes as lines: ``export hosts``, and the file that says what a list beside it cannot.

A line is ``host:port/protocol``, ``[range]:port/protocol`` or ``tag:name:port/protocol``, each without its port where
the article states none.
"""

from __future__ import annotations

import re
from typing import Final

from aks_egress_catalog.linting.entry import EVERY_SERVICE, Form, ListRule, Reading, Service, Unread
from aks_egress_catalog.linting.readers.literals import form_of
from aks_egress_catalog.linting.readers.words import Draft, Word
from aks_egress_catalog.linting.source import Source

NAME: Final = "aks-egress-list"
_MADE: Final = "# Made by aks-egress-catalog"
_LINE: Final = re.compile(
    r"^(?P<tag>tag:)?\[?(?P<value>[A-Za-z0-9{}_*./-]+|[0-9a-fA-F:./]+)\]?(?::(?P<port>\d{1,5})/(?P<protocol>TCP|UDP))?$"
)


def recognises(source: Source) -> bool:
    """Say whether a file is one of ours, with nothing but comments and such lines."""
    if not source.text.startswith(_MADE):
        return False
    return all(line.startswith("#") or not line or _LINE.match(line) for _, line in source.lines())


def read(source: Source) -> Reading:
    """Read a file; each line is a rule."""
    draft = Draft(source, NAME)
    for start, line in source.lines():
        found = None if line.startswith("#") else _LINE.match(line)
        if found:
            _add(draft, start, found)
    if not draft.reading.entries:
        message = "this file only says what lists beside it lack: it lets nothing through"
        draft.reading.unread.append(Unread(place=source.place(0, 0), message=message, may_allow=False))
    return draft.reading


def _add(draft: Draft, start: int, found: re.Match[str]) -> None:
    source, port = draft.source, int(found["port"] or 0)
    services = (Service(protocol=found["protocol"], first=port, last=port),) if port else EVERY_SERVICE
    rule = ListRule(name=found[0], place=source.place(start, start + len(found[0])), services=services)
    word = Word(found["value"], start + found.start("value"), start + found.end("value"), source)
    if found["tag"]:
        draft.entry(word, Form.SERVICE_TAG, found["value"], rule)
        return
    known = form_of(found["value"])
    if known:
        draft.entry(word, *known, rule)
