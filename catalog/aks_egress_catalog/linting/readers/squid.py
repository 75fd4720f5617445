"""squid.conf: ``acl`` lines name what ``http_access`` lines allow or deny, in order; the first that matches decides.

Several lines of one ACL add up; the ACLs of one ``http_access`` line all have to hold, and ``!`` turns one around. Two
denials that everybody has are not denials of hosts but bounds of what follows: ``deny !Safe_ports`` leaves the ports in
the list, ``deny !nodes`` the sources, and ``deny !allowed`` the hosts of that list to a later ``allow``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import Final

from aks_egress_catalog.linting.entry import (
    NO_LIMIT,
    Action,
    Entry,
    Form,
    ListRule,
    Place,
    Reading,
    Service,
    Unread,
)
from aks_egress_catalog.linting.reach import lets_through
from aks_egress_catalog.linting.readers.literals import address_of, ports_of
from aks_egress_catalog.linting.source import Source

_DIRECTIVE: Final = re.compile(r"[ \t]*(acl|http_access|ssl_bump|include)[ \t]", re.IGNORECASE)
_TOKEN: Final = re.compile(r'"[^"]*"|\S+')
_NAMES: Final = frozenset(("dstdomain", "ssl::server_name"))
_EXPRESSIONS: Final = frozenset(("dstdom_regex", "ssl::server_name_regex"))
_DESTINATIONS: Final = _NAMES | _EXPRESSIONS | {"dst", "url_regex", "urlpath_regex"}
_SOURCES: Final = frozenset(("src", "localip"))
_LOOKING: Final = ("bump", "server-first", "client-first")


@dataclass(frozen=True, slots=True)
class _Value:
    """One value of an ACL with its place; ``file``: the file it was read from, other than the configuration."""

    text: str
    place: Place


@dataclass(slots=True)
class _Acl:
    """The lines of one ACL together."""

    kind: str
    values: list[_Value] = field(default_factory=list)
    whole: bool = True
    """All its values could be read."""


@dataclass(frozen=True, slots=True)
class _Bounds:
    """What the denials so far leave to the lines that follow."""

    ports: tuple[tuple[int, int], ...] = (NO_LIMIT,)
    tunnel_ports: tuple[tuple[int, int], ...] = (NO_LIMIT,)
    sources: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    """Names of the ACLs of hosts that are left, all of them together."""


def recognises(source: Source) -> bool:
    """Say whether a file has lines of squid.conf that decide who reaches what."""
    return (
        re.search(
            r"^[ \t]*(?:acl[ \t]+\S+[ \t]+[\w:]+[ \t]|http_access[ \t]+(?:allow|deny))", source.text, re.MULTILINE
        )
        is not None
    )


def read(source: Source) -> Reading:
    """Read a configuration, with the lists that lie beside it."""
    return _Configuration(source).read()


class _Configuration:
    """One configuration: its ACLs first, for a line may use one that stands below it, then its lines in order."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.found = Reading(path=source.path, format="squid")
        self.acls: dict[str, _Acl] = {}
        self.access: list[tuple[list[str], Place]] = []
        self.bumps: list[tuple[str, list[str]]] = []

    def read(self) -> Reading:
        self._collect(self.source, depth=0)
        bounds = _Bounds()
        for number, (words, place) in enumerate(self.access):
            bounds = self._line(number, words, place, bounds)
        if self.acls and not self.access:
            self._without_access()
        return self.found

    def _collect(self, source: Source, *, depth: int) -> None:
        for start, line in _joined(source):
            directive = _DIRECTIVE.match(line)
            if not directive:
                self.found.skipped += bool(line.strip() and not line.lstrip().startswith("#"))
                continue
            tokens = [(one[0], start + one.start()) for one in _TOKEN.finditer(line) if one[0] != "\\"]
            tokens = list(_until_comment(tokens))
            word = directive[1].lower()
            if word == "acl":
                self._acl(source, tokens)
            elif word == "include":
                self._include(source, tokens, depth=depth)
            elif len(tokens) > 1:
                names = [text for text, _ in tokens[1:]]
                if word == "http_access":
                    self.access.append((names, source.place(start + directive.start(1), start + len(line.rstrip()))))
                else:
                    self.bumps.append((names[0].lower(), names[1:]))

    def _include(self, source: Source, tokens: list[tuple[str, int]], *, depth: int) -> None:
        for text, start in tokens[1:]:
            pattern = PurePosixPath(text.strip('"')).name
            others = list(source.beside(pattern)) if depth < 5 else []  # noqa: PLR2004  - a circle of includes ends
            for other in others:
                self._collect(other, depth=depth + 1)
            if not others:
                place = source.place(start, start + len(text))
                self.found.unread.append(
                    Unread(place=place, message=f"the included {text} does not lie beside this file", value=text)
                )

    def _acl(self, source: Source, tokens: list[tuple[str, int]]) -> None:
        if len(tokens) < 3:  # noqa: PLR2004  - acl NAME TYPE
            return
        name, kind = tokens[1][0], tokens[2][0].lower()
        acl = self.acls.setdefault(name.lower(), _Acl(kind))
        for text, start in tokens[3:]:
            if text.startswith(("-", "+")) and len(text) <= 3 or text.startswith("--"):  # noqa: PLR2004, RUF021  - options: -n, -i
                continue
            bare = text.strip('"')
            if text.startswith('"') or (
                bare.startswith("/") and kind not in _EXPRESSIONS | {"url_regex", "urlpath_regex"}
            ):
                self._from_file(acl, source, bare, source.place(start, start + len(text)))
            else:
                acl.values.append(_Value(bare, source.place(start, start + len(text))))

    def _from_file(self, acl: _Acl, source: Source, path: str, place: Place) -> None:
        """Read the values that an ACL keeps in a file of their own."""
        others = list(source.beside(PurePosixPath(path).name))
        if not others:
            acl.whole = False
            self.found.unread.append(
                Unread(
                    place=place,
                    message=f"the list {path} does not lie beside this file",
                    value=path,
                    policy=source.path,
                )
            )
        for other in others:
            for start, line in other.lines():
                said = line.partition("#")[0].strip()
                if said:
                    at = start + line.find(said)
                    acl.values.append(_Value(said, other.place(at, at + len(said))))

    def _without_access(self) -> None:
        """ACLs alone, as an included file has them: what they name is what somebody allows."""
        place = next((value.place for acl in self.acls.values() for value in acl.values), Place(path=self.source.path))
        names = [name for name, acl in self.acls.items() if acl.kind in _DESTINATIONS]
        self._entries(ListRule(name="", place=place, policy=self.source.path), names)

    # ------------------------------------------------------------ one line of http_access

    def _line(self, number: int, words: list[str], place: Place, bounds: _Bounds) -> _Bounds:
        action = Action.ALLOW if words[0].lower() == "allow" else Action.DENY
        plain = [word.lower() for word in words[1:] if not word.startswith("!")]
        turned = [word[1:].lower() for word in words[1:] if word.startswith("!")]
        named = [name for name in plain if self._kind(name) in _DESTINATIONS]
        if action is Action.DENY and turned and not named:
            return self._bounded(plain, turned, bounds)
        services = tuple(self._services(plain, turned, bounds))
        sources = self._sources(plain) or bounds.sources
        if not services:
            return bounds
        names = named or list(bounds.only if action is Action.ALLOW else ())
        rule = ListRule(
            name=f"http_access {number + 1}",
            place=place,
            action=action,
            services=services,
            sources=sources,
            policy=self.source.path,
            order=(number,),
        )
        self._entries(rule, names)
        return bounds

    def _bounded(self, plain: list[str], turned: list[str], bounds: _Bounds) -> _Bounds:
        """What a denial of everything but some leaves."""
        kinds = {self._kind(name) for name in turned}
        if kinds == {"port"}:
            ports = self._ports(turned)
            if any(self._kind(name) == "method" for name in plain):
                return replace(bounds, tunnel_ports=_both(bounds.tunnel_ports, ports))
            return replace(bounds, ports=_both(bounds.ports, ports))
        if kinds <= _SOURCES and not plain:
            return replace(bounds, sources=self._sources(turned))
        if kinds <= _DESTINATIONS:
            return replace(bounds, only=tuple(dict.fromkeys((*bounds.only, *turned))))
        return bounds

    def _services(self, plain: list[str], turned: list[str], bounds: _Bounds) -> Iterator[Service]:
        ports = [name for name in plain if self._kind(name) in ("port", "localport")]
        asked = self._ports(ports) if ports else (NO_LIMIT,)
        tunnels, requests = self._ways(plain, turned)
        left = _both(asked, bounds.ports)
        if tunnels and requests and left == _both(left, bounds.tunnel_ports):
            yield from (Service(protocol="TCP", first=first, last=last) for first, last in left)
            return
        if tunnels:
            for first, last in _both(left, bounds.tunnel_ports):
                yield Service(protocol="TCP", first=first, last=last, application="HTTPS")
        if requests:
            for first, last in left:
                yield Service(protocol="TCP", first=first, last=last, application="HTTP")

    def _ways(self, plain: list[str], turned: list[str]) -> tuple[bool, bool]:
        """Whether a line is for tunnels (CONNECT), and whether for plain requests."""
        connects = {name for name, acl in self.acls.items() if acl.kind == "method" and self._says(acl, "CONNECT")}
        connects |= {"connect"} - self.acls.keys()
        others = {name for name, acl in self.acls.items() if acl.kind == "method"} - connects
        secure = any(self._kind(name) == "proto" and self._says(self.acls[name], "HTTPS") for name in plain)
        tunnels = not (connects & set(turned) or others & set(plain))
        requests = not connects & set(plain) and not secure
        if any(self._kind(name) == "proto" and self._says(self.acls[name], "HTTP") for name in plain):
            tunnels = False
        return tunnels, requests

    @staticmethod
    def _says(acl: _Acl, word: str) -> bool:
        return any(value.text.upper() == word for value in acl.values)

    def _kind(self, name: str) -> str:
        acl = self.acls.get(name)
        if acl is None:
            return {"connect": "method", "localhost": "src", "to_localhost": "dst"}.get(name, "")
        return acl.kind

    def _ports(self, names: list[str]) -> tuple[tuple[int, int], ...]:
        acls = (self.acls[name] for name in names if name in self.acls)
        return tuple(ports for acl in acls for value in acl.values if (ports := ports_of(value.text)))

    def _sources(self, names: list[str]) -> tuple[str, ...]:
        acls = [self.acls[name] for name in names if self._kind(name) == "src" and name in self.acls]
        found = tuple(address_of(value.text) or value.text for acl in acls for value in acl.values)
        return () if "all" in found or "0.0.0.0/0" in found else found

    def _entries(self, rule: ListRule, names: list[str]) -> None:
        bumped = replace(rule, inspects=True)
        if not names:
            everything = Entry(value="all", form=Form.ANY, pattern="*", place=rule.place, rule=rule)
            self.found.entries.append(everything)
        for name in names:
            acl = self.acls.get(name)
            for value in acl.values if acl else ():
                entry = _entry(acl.kind if acl else "", value, rule)
                if entry and entry.form is Form.NAME and self._is_bumped(entry.pattern):
                    entry = replace(entry, rule=bumped)
                if entry:
                    self.found.entries.append(entry)

    def _is_bumped(self, pattern: str) -> bool:
        """Whether TLS to a host is opened: the first line of ssl_bump that is for it decides."""
        host = pattern.removeprefix("*").removeprefix(".") if not pattern.startswith("/") else ""
        for action, names in self.bumps:
            if action not in (*_LOOKING, "splice", "none", "terminate"):
                continue
            acls = [self.acls[name.lower()] for name in names if name.lower() in self.acls]
            listed = [value.text for acl in acls if acl.kind in _NAMES for value in acl.values]
            if not listed or any(lets_through(one.lower(), host) or one.lower() == pattern for one in listed):
                return action in _LOOKING
        return False


def _entry(kind: str, value: _Value, rule: ListRule) -> Entry | None:
    """One value of an ACL of destinations."""
    text = value.text
    if kind in _EXPRESSIONS:
        return Entry(value=text, form=Form.NAME, pattern=f"/{text}/", place=value.place, rule=rule)
    if kind in _NAMES:
        fault = "in Squid a star matches no name; .x is x and all below it" if "*" in text else ""
        return Entry(
            value=text,
            form=Form.NAME,
            pattern=text.lower().removesuffix("."),
            place=value.place,
            rule=rule,
            fault=fault,
        )
    if kind == "dst":
        if text.lower() == "all":
            return Entry(value=text, form=Form.ANY, pattern="*", place=value.place, rule=rule)
        address = address_of(text)
        form, pattern = (Form.ADDRESS, address) if address else (Form.NAME, text.lower())
        return Entry(value=text, form=form, pattern=pattern, place=value.place, rule=rule)
    if kind == "url_regex":
        return Entry(value=text, form=Form.ELSEWHERE, pattern=text, place=value.place, rule=rule)
    return None


def _joined(source: Source) -> Iterator[tuple[int, str]]:
    """The lines, each with those that it goes on in."""
    start, kept = 0, ""
    for at, line in source.lines():
        start = start if kept else at
        whole = source.text[start : at + len(line)] if kept else line
        if line.endswith("\\"):
            kept = whole
            continue
        kept = ""
        yield start, whole
    if kept:
        yield start, kept


def _until_comment(tokens: list[tuple[str, int]]) -> Iterator[tuple[str, int]]:
    for text, start in tokens:
        if text.startswith("#"):
            return
        yield text, start


def _both(one: tuple[tuple[int, int], ...], other: tuple[tuple[int, int], ...]) -> tuple[tuple[int, int], ...]:
    """The ports that are in both."""
    found = ((max(a, c), min(b, d)) for a, b in one for c, d in other)
    return tuple((first, last) for first, last in found if first <= last)
