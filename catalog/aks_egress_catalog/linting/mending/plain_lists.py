"""Lines of a plain list: a host more, a host less, another port, each as the other lines are written.

A new line is one of the old with another host in it: its indentation, quotes and comma, its port and scheme where the
old one has them. Its comment it has not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from aks_egress_catalog.linting.entry import EVERY_SERVICE, Service
from aks_egress_catalog.linting.mending.edits import Edit
from aks_egress_catalog.linting.mending.words import CannotEditError
from aks_egress_catalog.linting.readers.literals import NAMED_SERVICES
from aks_egress_catalog.linting.readers.plain import is_service, is_table
from aks_egress_catalog.linting.source import Source

_WRITABLE: Final = re.compile(r"(?:\*\.)?[A-Za-z0-9_*-]+(?:\.[A-Za-z0-9_*-]+)+\Z")
_USUAL: Final = {("HTTPS", 443), ("HTTP", 80)}
_BETWEEN: Final = " \t,;|\"'-"
"""What may stand around the only host of a line."""


@dataclass(frozen=True, slots=True)
class Word:
    """One destination as written: ``text[start:end]`` is ``scheme + host + port + transport + rest``."""

    start: int
    end: int
    scheme: str
    host: str
    port: str
    transport: str
    rest: str

    @property
    def form(self) -> tuple[bool, bool, bool]:
        """What it says besides the host."""
        return bool(self.scheme), bool(self.port), bool(self.transport)


@dataclass(frozen=True, slots=True)
class Want:
    """What is to be let through: a host on a service."""

    host: str
    protocol: str
    port: int | None
    application: str


def word_at(text: str, start: int, end: int) -> Word:
    """Read the destination whose host is ``text[start:end]``.

    >>> word_at("https://a.io:8443/x", 8, 12).port
    ':8443'
    """
    before = re.compile(r"[a-z]+://\Z", re.IGNORECASE).search(text[max(0, start - 10) : start])
    behind = re.compile(r"(:(?:\*|\d+(?:-\d+)?))?(/(?:tcp|udp|https?)(?![\w/]))?([^\s,;|\"']*)", re.IGNORECASE)
    found = behind.match(text, end)
    assert found
    scheme = before[0] if before else ""
    return Word(start - len(scheme), found.end(), scheme, text[start:end], found[1] or "", found[2] or "", found[3])


def _line(text: str, at: int) -> tuple[int, int, int]:
    """Return where the line of an offset begins, where its text ends, and where the next line begins."""
    begin = max(text.rfind("\n", 0, at), text.rfind("\r", 0, at)) + 1
    found = re.compile(r"\r\n?|\n|\Z").search(text, at)
    assert found
    return begin, found.start(), found.end()


def with_host(text: str, hosts: Sequence[tuple[int, int]], want: Want) -> tuple[Edit, tuple[Service, ...]]:
    r"""Write a host into a list whose hosts stand at some spans; return the edit, and what the new line lets through.

    Raises:
        CannotEditError: there is no line whose style one could take.

    >>> with_host("a.io:443\nc.io:443 # c\n", [(0, 4), (9, 13)], Want("b.io", "TCP", 443, "HTTPS"))[0]
    Edit(start=9, end=9, text='b.io:443\n')
    """
    if not _WRITABLE.match(want.host):
        raise CannotEditError("this value cannot be written as it is")
    if is_table(Source("-", text)):
        raise CannotEditError("the list is a table, whose columns one has to fill in by hand")
    known = [word_at(text, *span) for span in hosts]
    alone = [word for word in known if _is_alone(text, word)]
    if not alone:
        raise CannotEditError("no line of it holds one host alone")
    model, made, services = _made(alone, want)
    begin, end, _ = _line(text, model.start)
    head, tail = text[begin : model.start], re.sub(r"\s*(?:#|;|//).*", "", text[model.end : end]).rstrip()
    return _inserted(text, known, alone, f"{head}{made}{tail}", want.host), services


def _is_alone(text: str, word: Word) -> bool:
    return not _beside(text, word).strip(_BETWEEN)


def _beside(text: str, word: Word) -> str:
    """What stands on the line of a destination, but for its comment."""
    begin, end, _ = _line(text, word.start)
    return text[begin : word.start] + re.sub(r"(?:^|\s)(?:#|;|//).*", "", text[word.end : end])


def _made(alone: list[Word], want: Want) -> tuple[Word, str, tuple[Service, ...]]:
    """Return the line to take as a model, the new destination, and what it lets through.

    The model is the last of those that say most often the same; of two that are as frequent, the one that says more.
    """
    forms = [word.form for word in alone]
    form = max(forms, key=lambda one: (forms.count(one), one))
    model = next(word for word in reversed(alone) if word.form == form)
    scheme, port, transport = model.scheme, model.port, model.transport
    usual = (want.application, want.port) in _USUAL
    if want.port is None and (scheme or port or transport):
        raise CannotEditError("the other lines name a port, and this host has none")
    if scheme:
        if not want.application:
            raise CannotEditError("the list has URLs, and no URL is for this port")
        scheme = f"{want.application.lower()}://"
        port = "" if usual else f":{want.port}"
        rest = model.rest if model.rest in ("/", "/*") else ""
        return model, f"{scheme}{want.host}{port}{rest}", (_named(want),)
    if port:
        names_application = transport.lower() in ("/http", "/https")
        word = want.application if names_application else want.protocol
        if (transport and word) or want.protocol != "TCP":
            transport = f"/{word or want.protocol}" if transport.isupper() else f"/{(word or want.protocol).lower()}"
        else:
            transport = ""
        service = Service(protocol=want.protocol, first=want.port or 0, last=want.port or 0)
        return model, f"{want.host}:{want.port}{transport}", (service,)
    if transport:
        raise CannotEditError("the lines name a protocol without a port")
    return model, want.host, EVERY_SERVICE


def _named(want: Want) -> Service:
    return replace(NAMED_SERVICES[want.application.lower()], first=want.port or 0, last=want.port or 0)


def _inserted(text: str, known: list[Word], alone: list[Word], line: str, host: str) -> Edit:
    """Put a line where it belongs: among sorted lines without others between them at its place, else at the end."""
    starts = [_line(text, word.start)[0] for word in alone]
    names = [word.host for word in alone]
    between = text[starts[0] : _line(text, alone[-1].start)[1]].splitlines()
    if len(known) == len(alone) == len(between) > 1:
        for key in (str, str.lower):
            later = [start for start, name in zip(starts, names, strict=True) if key(name) > key(host)]
            if sorted(names, key=key) == names and later:
                return Edit(later[0], later[0], line + _newline(text, later[0]))
    _, end, following = _line(text, max(word.start for word in known))
    if end == following:
        return Edit(end, end, _newline(text, alone[-1].start) + line)
    return Edit(following, following, line + text[end:following])


def _newline(text: str, at: int) -> str:
    """How the line at an offset ends, or any other line where that one is the last."""
    _, end, following = _line(text, at)
    if end < following:
        return text[end:following]
    found = re.search(r"\r\n?|\n", text)
    return found[0] if found else "\n"


def without_host(text: str, start: int, end: int) -> Edit:
    r"""Take a destination out, with its line where nothing else stands on it.

    Raises:
        CannotEditError: it is a cell of a table, or a comment would lose what it stands beside.

    >>> without_host("a.io:443 # old\nb.io\n", 0, 4)
    Edit(start=0, end=15, text='')
    """
    if is_table(Source("-", text)):
        raise CannotEditError("the list is a table, whose rows one has to take out by hand")
    word = word_at(text, start, end)
    begin, _, following = _line(text, start)
    if _is_alone(text, word) or all(is_service(one) for one in _beside(text, word).split()):
        if following == len(text) and text[-1:] not in "\r\n":  # the last line has no end, nor will the new last
            begin -= len(text[:begin]) - len(re.sub(r"(?:\r\n?|\n)\Z", "", text[:begin]))
        return Edit(begin, following, "")
    behind = re.compile(r"[\"']?[ \t]*[,;|]?[ \t]*").match(text, word.end)
    assert behind
    if "'" in behind[0] or '"' in behind[0] or behind[0] == "":
        raise CannotEditError("something else stands on its line")
    return Edit(word.start, behind.end(), "")


def with_port(text: str, start: int, end: int, want: Want) -> tuple[Edit, tuple[Service, ...]]:
    """Change the port of a destination; return the edit, and what the line lets through now.

    Raises:
        CannotEditError: it names none, or in a form that says more.

    >>> with_port("http://a.io/x", 7, 11, Want("a.io", "TCP", 443, "HTTPS"))[0]
    Edit(start=0, end=13, text='https://a.io/x')
    """
    if is_table(Source("-", text)):
        raise CannotEditError("the list is a table, whose cells one has to change by hand")
    word = word_at(text, start, end)
    if want.port is None or not (word.scheme or word.port) or (word.scheme and not want.application):
        raise CannotEditError("it names no port that one could change")
    if word.scheme:
        usual = (want.application, want.port) in _USUAL
        port = "" if usual else f":{want.port}"
        made, services = f"{want.application.lower()}://{word.host}{port}{word.transport}{word.rest}", (_named(want),)
    else:
        transport = f"/{want.protocol.lower()}" if word.transport or want.protocol != "TCP" else ""
        made = f"{word.host}:{want.port}{transport}{word.rest}"
        services = (Service(protocol=want.protocol, first=want.port, last=want.port),)
    return Edit(word.start, word.end, made), services


def with_other(text: str, start: int, end: int, old: str, new: str) -> Edit:
    """Put another host in the place of one.

    Raises:
        CannotEditError: it is not there as it was read, or the new one cannot be written as it is.
    """
    if text[start:end] != old or not _WRITABLE.match(new):
        raise CannotEditError("the value is not written as it was read")
    return Edit(start, end, new)
