"""The lines of squid.conf that decide: what one takes in, and what those above leave to those below."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from aks_egress_catalog.linting.address_ranges import common_ranges
from aks_egress_catalog.linting.entry import Form
from aks_egress_catalog.linting.reach import lets_through
from aks_egress_catalog.linting.readers.proxies.squid_acls import (
    ALL_PORTS,
    ALL_WAYS,
    Acl,
    Looks,
    Spans,
    Value,
    Way,
    common,
    without,
)
from aks_egress_catalog.linting.readers.words import Draft, Word, short, words
from aks_egress_catalog.linting.source import Source

_MOST: Final = 1000
"""So often may files include others."""


@dataclass(kw_only=True)
class Line:
    """What a line takes in: all of this must hold."""

    words: list[Word]
    ways: frozenset[Way] = ALL_WAYS
    spans: Spans = ALL_PORTS
    sources: tuple[str, ...] = ()
    not_sources: tuple[str, ...] = ()
    sources_known: bool = True
    within: list[list[Value]] = field(default_factory=list)
    """Lists, each of which names the destination."""
    but: list[list[Value]] = field(default_factory=list)
    """Lists, none of which does."""
    never: bool = False
    elsewhere: list[tuple[Word, str]] = field(default_factory=list)
    """Destinations that are not evaluated, each with what it is."""
    conditions: list[tuple[Word, str]] = field(default_factory=list)
    """Whatever else must hold."""


def directives(source: Source, draft: Draft, above: tuple[str, ...] = ()) -> Iterator[list[Word]]:
    """Yield the words of each directive: lines that end in a backslash go on, files that lie beside are included."""
    pending: list[Word] = []
    for at, text in source.lines():
        is_open = text.endswith("\\")
        pending.extend(words(source, at, text[:-1] if is_open else text))
        if is_open or not pending:
            continue
        directive, pending = pending, []
        if directive[0].text == "include":
            for word in directive[1:]:
                yield from _included(word, draft, (*above, source.path))
        else:
            yield directive
    if pending:
        yield pending


def _included(word: Word, draft: Draft, above: tuple[str, ...]) -> Iterator[list[Word]]:
    """Yield the directives of a file that another includes; ``above`` are those that lead to it."""
    found = word.source.near(word.text)
    if not found:
        message = f"the file {short(word.text)} does not lie beside this one; it may allow hosts"
        draft.unread(word, message, policy=draft.source.path)
    for file in found:
        if file.path in above or len(draft.reading.included) == _MOST:
            draft.unread(
                word, f"the file {short(word.text)} is not read again: it leads back to itself", may_allow=False
            )
            continue
        draft.reading.included.append(file.path)
        yield from directives(file, draft, above)


def line_of(directive: list[Word], acls: dict[str, Acl]) -> Line:
    """Read the ACLs of a directive such as ``http_access allow !a b``."""
    line = Line(words=directive)
    for word in directive[2:]:
        name = word.text.removeprefix("!")
        acl = acls.get(name)
        if acl is None:
            line.elsewhere.append((word, f"{short(name)}, which no file that lies beside defines,"))
            continue
        (_exclude if word.text.startswith("!") else _include)(line, acl, word)
    return line


def _include(line: Line, acl: Acl, word: Word) -> None:
    match acl.looks:
        case Looks.DESTINATION:
            line.within.append(acl.values)
        case Looks.PORT:
            line.spans = common(line.spans, acl.spans)
        case Looks.WAY:
            line.ways &= acl.ways
        case Looks.SOURCE:
            line.sources = common_ranges(line.sources, acl.sources) if line.sources else acl.sources
            line.never = line.never or not line.sources
        case Looks.NEVER:
            line.never = True
        case Looks.ELSEWHERE:
            line.elsewhere.append((word, f"the ACL {short(word.text)}"))
        case Looks.CONDITION:
            line.conditions.append((word, f"the ACL {short(word.text)}"))


def _exclude(line: Line, acl: Acl, word: Word) -> None:
    match acl.looks:
        case Looks.DESTINATION:
            line.but.append(acl.values)
        case Looks.PORT:
            line.spans = without(line.spans, acl.spans)
        case Looks.WAY:
            line.ways -= acl.ways
        case Looks.SOURCE:
            line.not_sources += acl.sources
            line.sources_known = False
        case Looks.ALL:
            line.never = True
        case Looks.ELSEWHERE | Looks.CONDITION:
            line.conditions.append((word, f"the ACL {short(word.text)}"))


class Narrowing:
    """What the lines above leave to those below: ports by the way of a request, lists of hosts, sources."""

    def __init__(self) -> None:
        self.left: dict[Way, Spans] = dict.fromkeys(Way, ALL_PORTS)
        self.lists: list[tuple[frozenset[Way], list[Value]]] = []
        self.sources: tuple[str, ...] = ()
        self.reason = "no request is all that the line asks for"
        """Why a line below lets nothing through."""

    @property
    def is_over(self) -> bool:
        """Whether nothing is left: a line denies all."""
        return not any(self.left.values())

    def spans(self, ways: frozenset[Way], spans: Spans) -> dict[Way, Spans]:
        """Return what is left of some ports by some ways."""
        found = {way: common(spans, self.left[way]) for way in Way if way in ways and way in self.left}
        return {way: left for way, left in found.items() if left}

    def limits(self, sources: tuple[str, ...]) -> tuple[str, ...] | None:
        """Return what is left of some sources, where ``()`` stands for any; ``None``: none of them is."""
        if not (sources and self.sources):
            return sources or self.sources
        return common_ranges(sources, self.sources) or None

    def grouped(self, left: dict[Way, Spans]) -> Iterator[tuple[list[list[Value]], dict[Way, Spans]]]:
        """Part the ways by the lists that they are held to."""
        by_lists: dict[tuple[int, ...], dict[Way, Spans]] = {}
        for way, spans in left.items():
            numbers = tuple(number for number, (ways, _) in enumerate(self.lists) if way in ways)
            by_lists.setdefault(numbers, {})[way] = spans
        for numbers, group in by_lists.items():
            yield [self.lists[number][1] for number in numbers], group

    def deny(self, line: Line) -> None:
        """Narrow by a line that denies, and names no host that it denies."""
        if line.but:
            self.lists.append((line.ways, [value for values in line.but for value in values]))
            return
        if line.not_sources:
            self.sources = common_ranges(self.sources, line.not_sources) if self.sources else line.not_sources
            if not self.sources:
                self.left = {}
            return
        for way in line.ways & set(self.left):
            self.left[way] = without(self.left[way], line.spans)
        number = line.words[0].place.line
        self.reason = f"it is never reached: line {number} and those above deny the rest"


def covers(wide: Value, narrow: Value) -> bool:
    """Say whether one destination takes another in."""
    if wide.form is Form.ANY or wide.pattern == narrow.pattern:
        return True
    return wide.form is narrow.form is Form.NAME and lets_through(wide.pattern, narrow.pattern)


def both(left: list[Value], right: list[Value]) -> list[Value]:
    """Return what two lists have in common: of each pair the narrower value."""
    kept = [value for value in left if any(covers(other, value) for other in right)]
    known = {value.pattern for value in kept}
    return [
        *kept,
        *(value for value in right if value.pattern not in known and any(covers(other, value) for other in left)),
    ]


def outside(values: list[Value], others: list[Value]) -> list[Value]:
    """Return the values that no other takes in."""
    return [value for value in values if not any(covers(other, value) for other in others)]
