"""The objects of FortiOS: what stands under ``config``, ``edit`` and ``set``, and what its names stand for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from aks_egress_catalog.linting.entry import Form, Service
from aks_egress_catalog.linting.reach import lets_through
from aks_egress_catalog.linting.readers.appliances.target import Target
from aks_egress_catalog.linting.readers.literals import (
    NAMED_SERVICES,
    address_form,
    host_fault,
    ports_of,
    regex_pattern,
)
from aks_egress_catalog.linting.readers.words import Draft, Word
from aks_egress_catalog.linting.source import Source

_TOKEN: Final = re.compile(r'"((?:[^"\\]|\\.)*)"|(\n|\r)|([^\s"]\S*|")', re.DOTALL)
_DEEPEST: Final = 20


def _tcp(*numbers: int) -> tuple[Service, ...]:
    return tuple(Service(protocol="TCP", first=number, last=number) for number in numbers)


_BUILT_IN: Final = {
    "ALL": (Service(),),
    "ALL_TCP": (Service(protocol="TCP"),),
    "ALL_UDP": (Service(protocol="UDP"),),
    "HTTPS": _tcp(443),
    "HTTP": _tcp(80),
    "DNS": (NAMED_SERVICES["dns"],),
    "NTP": (Service(first=123, last=123),),
    "SSH": _tcp(22),
    "Web Access": (*_tcp(80, 443), NAMED_SERVICES["dns"]),
}


@dataclass(kw_only=True, slots=True)
class Edit:
    """What ``edit`` names, with its settings. ``path`` is what stands behind ``config``, outermost first."""

    path: str
    name: Word
    vdom: str = ""
    above: Edit | None = None
    settings: dict[str, list[Word]] = field(default_factory=dict)

    def of(self, name: str) -> list[Word]:
        """Return the values of a setting."""
        return self.settings.get(name, [])

    def text(self, name: str) -> str:
        """Return the only value of a setting; empty where it is not set."""
        return next((word.text for word in self.of(name)), "")


def _lines(source: Source) -> Iterator[list[Word]]:
    """Yield the words of each line; a quoted text may go on over several."""
    line: list[Word] = []
    is_comment = False
    for found in _TOKEN.finditer(source.text):
        if found[2]:
            if line:
                yield line
            line, is_comment = [], False
        elif found[1] is not None and not is_comment:
            line.append(Word(found[1].replace("\\", ""), found.start(1), found.end(1), source, quoted=True))
        elif found[3]:
            is_comment = is_comment or (not line and found[3].startswith("#"))
            if not is_comment:
                line.append(Word(found[3], found.start(), found.end(), source))
    if line:
        yield line


def edits_of(source: Source, draft: Draft) -> Iterator[Edit]:
    """Yield every object of a configuration, those within others too, in the order in which they begin.

    Settings without an ``edit`` belong to an object without a name.
    """
    stack: list[tuple[str, Edit | None]] = []
    for line in _lines(source):
        word, rest = line[0].text, line[1:]
        top = stack[-1][1] if stack else None
        if word == "config" and rest:
            outer = f"{stack[-1][0]} / " if stack and stack[-1][0] != "vdom" else ""
            path = outer + " ".join(each.text for each in rest)
            inner = Edit(path=path, name=line[0], vdom=_vdom(stack), above=top)
            stack.append((path, inner))
            yield inner
        elif word == "edit" and rest and stack:
            path, opened = stack[-1]
            edit = Edit(path=path, name=rest[0], vdom=_vdom(stack), above=opened and opened.above)
            stack[-1] = (path, edit)
            yield edit
        elif word == "set" and len(rest) > 1 and top:
            top.settings[rest[0].text] = rest[1:]
        elif word == "append" and len(rest) > 1 and top:
            top.settings.setdefault(rest[0].text, []).extend(rest[1:])
        elif word == "end" and stack:
            stack.pop()
        elif word not in ("next", "unset", "set", "end"):
            draft.reading.skipped += 1


def _vdom(stack: list[tuple[str, Edit | None]]) -> str:
    return next((edit.name.text for path, edit in stack if path == "vdom" and edit), "")


class Objects:
    """What the names of one virtual firewall stand for."""

    def __init__(self, edits: Iterable[Edit]) -> None:
        self._edits: dict[str, dict[str, Edit]] = {}
        self._inner: list[Edit] = []
        for edit in edits:
            self._edits.setdefault(edit.path, {})[edit.name.text] = edit
            if " / " in edit.path:
                self._inner.append(edit)

    def _find(self, name: str, *paths: str) -> Edit | None:
        return next((edit for path in paths if (edit := self._edits.get(path, {}).get(name))), None)

    def destination(self, word: Word, depth: int = 0) -> Iterator[Target]:
        """Yield what the name of an address or of a group stands for; one that is not defined is a list elsewhere."""
        found = self._find(word.text, "firewall address", "firewall address6", "firewall wildcard-fqdn custom")
        group = self._find(word.text, "firewall addrgrp", "firewall addrgrp6", "firewall wildcard-fqdn group")
        if found:
            yield from _targets(found)
        elif group and depth < _DEEPEST:
            for member in group.of("member"):
                yield from self.destination(member, depth + 1)
            if group.text("exclude") == "enable":
                yield Target(word=group.name, form=Form.ELSEWHERE, pattern=word.text, owner=word.text)
        elif word.text == "all":
            yield Target(word=word, form=Form.ANY, pattern="*", owner=word.text)
        elif self._find(word.text, "system external-resource"):
            yield Target(word=word, form=Form.ELSEWHERE, pattern=word.text, owner=word.text)

    def all_targets(self) -> Iterator[Target]:
        """Yield what all objects name; of URL filters what they let pass."""
        for path in ("firewall address", "firewall address6", "firewall wildcard-fqdn custom"):
            for edit in self._edits.get(path, {}).values():
                yield from _targets(edit)
        for edit in self._inner:
            if edit.path == "webfilter urlfilter / entries" and edit.text("action") != "block":
                target = _url(edit)
                yield from (target,) if target else ()

    def services(self, word: Word, depth: int = 0) -> Iterator[Service]:
        """Yield what the name of a service or of a group stands for; nothing where nobody defines it."""
        found = self._find(word.text, "firewall service custom")
        group = self._find(word.text, "firewall service group")
        if found:
            for protocol in ("tcp", "udp"):
                for value in found.of(f"{protocol}-portrange"):
                    span = ports_of(value.text.partition(":")[0])
                    if span:
                        yield Service(protocol=protocol.upper(), first=span[0], last=span[1])
            if found.text("protocol") == "IP":
                yield Service()
        elif group and depth < _DEEPEST:
            for member in group.of("member"):
                yield from self.services(member, depth + 1)
        else:
            yield from _BUILT_IN.get(word.text, ())

    def inspection(self, profile: str) -> list[str] | None:
        """Return the host patterns that a profile exempts from inspection; ``None`` where it inspects nothing."""
        own = [edit for edit in self._inner if edit.above and edit.above.name.text == profile]
        own = [edit for edit in own if edit.path.startswith("firewall ssl-ssh-profile / ")]
        deep = [edit for edit in own for name in ("status", "inspect-all") if edit.text(name) == "deep-inspection"]
        if not deep and (own or "deep-inspection" not in profile):
            return None
        exempt = [
            word for edit in own for name in ("wildcard-fqdn", "regex", "address", "fqdn") for word in edit.of(name)
        ]
        return [target.pattern for word in exempt for target in self.destination(word)]

    def url_filter(self, profile: str) -> Iterator[tuple[Word, Target | None, bool]]:
        """Yield the entries of the URL filter that a profile names, each with whether it blocks."""
        named = self._find(profile, "webfilter profile")
        inner = [edit for edit in self._inner if edit.path.startswith("webfilter profile / ") and edit.above is named]
        tables = {edit.text("urlfilter-table") for edit in (*inner, *((named,) if named else ()))} - {""}
        for edit in self._inner:
            is_on = edit.text("status") != "disable" and edit.of("url")
            if edit.path == "webfilter urlfilter / entries" and edit.above and edit.above.name.text in tables and is_on:
                yield edit.of("url")[0], _url(edit), edit.text("action") == "block"


def is_exempt(target: Target, exempt: list[str]) -> bool:
    """Say whether a host is among those that are not inspected."""
    return target.form is Form.NAME and any(lets_through(pattern, target.pattern) for pattern in exempt)


def _targets(edit: Edit) -> Iterator[Target]:
    """Yield what an address stands for; its type is an address with a mask where nothing else is said."""
    owner, kind = edit.name.text, edit.text("type") or "ipmask"
    for word in (*edit.of("fqdn"), *edit.of("wildcard-fqdn")):
        host = word.text.lower().rstrip(".")
        yield Target(word=word, form=Form.NAME, pattern=host, owner=owner, fault=host_fault(host))
    if kind == "iprange" and edit.of("start-ip") and edit.of("end-ip"):
        word = edit.of("start-ip")[0]
        known = address_form(f"{word.text}-{edit.text('end-ip')}")
        yield _address(word, known, owner)
    elif kind == "ipmask" and (edit.of("subnet") or edit.of("ip6")):
        subnet = edit.of("subnet") or edit.of("ip6")
        yield _address(subnet[0], address_form("/".join(word.text for word in subnet[:2])), owner)
    elif kind not in ("fqdn", "wildcard-fqdn", "ipmask", "iprange"):
        yield Target(word=edit.name, form=Form.ELSEWHERE, pattern=owner, owner=owner)


def _address(word: Word, known: tuple[Form, str] | None, owner: str) -> Target:
    form, pattern = known or (Form.ELSEWHERE, word.text)
    return Target(word=word, form=form, pattern=pattern, owner=owner)


def _url(edit: Edit) -> Target | None:
    """Read an entry of a URL filter: a simple one is a host and all below, a wildcard has stars."""
    word = next(iter(edit.of("url")), None)
    if word is None:
        return None
    kind = edit.text("type") or "simple"
    if kind == "regex":
        pattern = regex_pattern(word.text)
        return Target(word=word, form=Form.NAME, pattern=pattern, owner=edit.path) if pattern else None
    host, _, path = word.text.lower().partition("/")
    if kind == "wildcard" and host == "*":
        return Target(word=word, form=Form.ANY, pattern="*", owner=edit.path)
    fault = "it has a path, which nobody sees in TLS" if path.strip("*") else host_fault(host)
    return Target(word=word, form=Form.NAME, pattern=host, owner=edit.path, fault=fault)
