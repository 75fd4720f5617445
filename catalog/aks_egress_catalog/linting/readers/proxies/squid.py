"""squid.conf: what ``http_access`` lets through, line by line; the first line that matches decides.

A line holds where all its ACLs do. A line that denies by port, method or a list turned round (``deny !Safe_ports``,
``deny CONNECT !SSL_ports``, ``deny !allowed_hosts``) narrows what every line below can still let through, so it is
kept as such (:class:`.Narrowing`) and gives no entry of its own; a line that denies hosts gives deny entries. A tunnel
(``CONNECT``) is HTTPS here, a plain request HTTP. ``ssl_bump`` says which hosts are inspected.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from aks_egress_catalog.linting.entry import Action, Form, ListRule, Reading, Service
from aks_egress_catalog.linting.readers.proxies.squid_acls import ALL_WAYS, Acl, Looks, Spans, Value, Way, acls_of
from aks_egress_catalog.linting.readers.proxies.squid_bump import Bumping
from aks_egress_catalog.linting.readers.proxies.squid_lines import (
    Line,
    Narrowing,
    both,
    covers,
    directives,
    line_of,
    outside,
)
from aks_egress_catalog.linting.readers.words import Draft, Word, parted, short
from aks_egress_catalog.linting.source import Source

NAME: Final = "squid"
_SIGN: Final = re.compile(
    r"^[ \t]*(?:http_access[ \t]+(?:allow|deny)\b"
    r"|acl[ \t]+\S+[ \t]+(?:dstdomain|dstdom_regex|ssl::server_name(?:_regex)?|url_regex)\b)",
    re.MULTILINE,
)
_EVERY_TCP: Final = (Service(protocol="TCP"),)


def recognises(source: Source) -> bool:
    """Say whether a file has lines of a squid.conf that name hosts or decide."""
    return _SIGN.search(source.text) is not None


def read(source: Source) -> Reading:
    r"""Read a squid.conf, or a part of one.

    >>> read(Source("squid.conf", "acl a dstdomain .x.io\nhttp_access allow a\n")).entries[0].pattern
    '.x.io'
    """
    draft = Draft(source, NAME)
    lines = list(directives(source, draft))
    acls = acls_of(lines, draft)
    _Access(draft, acls, Bumping(lines, acls, draft)).read(lines)
    return draft.reading


class _Access:
    """The walk down the ``http_access`` lines."""

    def __init__(self, draft: Draft, acls: dict[str, Acl], bumping: Bumping) -> None:
        self.draft = draft
        self.acls = acls
        self.bumping = bumping
        self.narrowing = Narrowing()
        self.order = 0

    def read(self, lines: list[list[Word]]) -> None:
        access = [line for line in lines if line[0].text == "http_access" and len(line) > 1]
        self.draft.reading.skipped += sum(line[0].text not in ("acl", "http_access", "ssl_bump") for line in lines)
        if not access:
            self._acls_alone(lines)
            return
        if self.bumping.held_to is not None:
            self.narrowing.lists.append((frozenset((Way.TUNNEL,)), self.bumping.held_to))
        for values in self.bumping.ended:
            self._entries(Action.DENY, access[0], [values], {Way.TUNNEL: self.narrowing.left[Way.TUNNEL]}, ())
        for number, line in enumerate(access):
            self.order += 1
            read = line_of(line, self.acls)
            if line[1].text == "allow":
                self._allow(read, is_last=number == len(access) - 1)
            elif line[1].text == "deny":
                self._deny(read)
            else:
                self.draft.unread(line[1], f"{short(line[1].text)} is neither allow nor deny")
        is_whole = any(line[0].text in ("http_port", "https_port") for line in lines)
        if is_whole and access[-1][1].text == "deny" and not self.narrowing.is_over:
            self.order += 1  # the default is the opposite of the last line
            self._allow(Line(words=access[-1]), is_last=True)

    def _acls_alone(self, lines: list[list[Word]]) -> None:
        """Where nothing decides, each list of destinations is one that is allowed: another file says how."""
        first = {line[1].text: line for line in reversed(lines) if line[0].text == "acl" and len(line) > 1}
        for name, line in first.items():
            if self.acls[name].looks is Looks.DESTINATION:
                self._add(self.acls[name].values, self._rule(Action.ALLOW, line, _EVERY_TCP, ()))

    def _allow(self, line: Line, *, is_last: bool) -> None:
        if line.never or self._is_unknown(line):
            self.draft.reading.skipped += line.never
            return
        left = self.narrowing.spans(line.ways, line.spans)
        for values in line.but:  # as nearly always nothing below allows them, this is a deny
            named = [one for one in values if all(any(covers(wide, one) for wide in each) for each in line.within)]
            if named and not is_last:
                self.draft.unread(line.words[0], "what this line leaves out, a line below may allow")
            self._entries(Action.DENY, line.words, [named], left, line.sources)
        for lists, spans in self.narrowing.grouped(left):
            within = [*line.within, *lists]
            for values in line.but:
                within = [outside(one, values) for one in within]
            self._entries(Action.ALLOW, line.words, within, spans, line.sources, sources_known=line.sources_known)
        if not left:
            self._entries(Action.ALLOW, line.words, line.within, {}, line.sources)

    def _is_unknown(self, line: Line) -> bool:
        """Say whether nobody can say where a line that allows leads to; what is only a condition is taken as met."""
        for word, what in line.conditions:
            self.draft.unread(word, f"{what} is not evaluated, and taken as met", may_allow=False)
        for word, what in line.elsewhere:
            message = f"{what} is not evaluated: it may take in any host"
            self.draft.unread(word, message, policy=self.draft.source.path)
        return bool(line.elsewhere) and not line.within

    def _deny(self, line: Line) -> None:
        unknown = (*line.elsewhere, *line.conditions)
        for word, what in unknown:
            self.draft.unread(word, f"{what} is not evaluated: it may block some hosts", may_allow=False)
        if line.never or unknown:
            return
        if line.within:
            values = line.within[0]
            for one in line.within[1:]:
                values = both(values, one)
            for one in line.but:
                values = outside(values, one)
            left = self.narrowing.spans(line.ways, line.spans)
            if left:
                self._entries(Action.DENY, line.words, [values], left, line.sources, sources_known=line.sources_known)
        elif line.sources and not (line.but or line.not_sources):
            left = self.narrowing.spans(line.ways, line.spans)
            self._entries(Action.DENY, line.words, [], left, line.sources)
        else:
            self.narrowing.deny(line)

    def _entries(
        self,
        action: Action,
        line: list[Word],
        within: list[list[Value]],
        left: dict[Way, Spans],
        sources: tuple[str, ...],
        *,
        sources_known: bool = True,
    ) -> None:
        """Add what a line says of the hosts that are in all of some lists; of any host where there is no list."""
        values = within[0] if within else [Value(word=line[-1], form=Form.ANY, pattern="*")]
        for other in within[1:]:
            values = both(values, other)
        opens = Way.TUNNEL in left
        for inspects, group in parted(values, lambda value: opens and self.bumping.inspects(value)):
            limits = self.narrowing.limits(sources)
            services = _services(left) if limits is not None else ()
            rule = self._rule(action, line, services, limits or sources, inspects=inspects, known=sources_known)
            self._add(group, rule, fault="" if services else self.narrowing.reason)
        self.order += action is Action.DENY and bool(values)

    def _add(self, values: list[Value], rule: ListRule, fault: str = "") -> None:
        for value in values:
            self.draft.entry(value.word, value.form, value.pattern, rule, value.fault or fault)

    def _rule(
        self,
        action: Action,
        line: list[Word],
        services: tuple[Service, ...],
        sources: tuple[str, ...],
        *,
        inspects: bool = False,
        known: bool = True,
    ) -> ListRule:
        source = line[0].source
        return ListRule(
            name=" ".join(word.text for word in line[:8]),
            place=source.place(line[0].start, line[-1].end),
            action=action,
            services=services,
            sources=sources,
            sources_known=known,
            policy=self.draft.source.path,
            order=(self.order,),
            inspects=inspects,
        )


def _services(left: dict[Way, Spans]) -> tuple[Service, ...]:
    return tuple(_each_service(left))


def _each_service(left: dict[Way, Spans]) -> Iterator[Service]:
    """Yield the services of some requests on some ports: where both kinds pass, one for whatever speaks there."""
    if len({*left.values()}) == 1 and set(left) == ALL_WAYS:
        yield from (Service(protocol="TCP", first=first, last=last) for first, last in left[Way.PLAIN])
        return
    for way, spans in left.items():
        yield from (Service(protocol="TCP", first=first, last=last, application=way.value) for first, last in spans)
