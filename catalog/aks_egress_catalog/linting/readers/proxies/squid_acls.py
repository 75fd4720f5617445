"""The ``acl`` lines of Squid: by name what each looks at, and the values that it has, files that lie beside included.

dstdomain .x.io     x.io and all below, as ``.x.io`` here    dstdomain x.io   that name
dstdomain *.x.io    never matches: Squid knows no star       dst 192.0.2.0/24 an address range
dstdom_regex        a regular expression                     port 443 1024-65535
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Final

from aks_egress_catalog.linting.entry import Form
from aks_egress_catalog.linting.readers.literals import address_form, host_fault, ports_of, regex_pattern
from aks_egress_catalog.linting.readers.words import Draft, Word, short, words

Spans = tuple[tuple[int, int], ...]
"""Ranges of ports, ends included, sorted and apart."""
ALL_PORTS: Final[Spans] = ((0, 65535),)


class Way(Enum):
    """How a request reaches a proxy."""

    TUNNEL = "HTTPS"
    """``CONNECT``."""
    PLAIN = "HTTP"


ALL_WAYS: Final = frozenset(Way)


class Looks(Enum):
    """What an ACL looks at."""

    DESTINATION = auto()
    PORT = auto()
    WAY = auto()
    SOURCE = auto()
    ALL = auto()
    NEUTRAL = auto()
    """What says nothing of where a request goes, and is taken as met: a step of TLS, the port that Squid listens on."""
    NEVER = auto()
    """What a node's request never is: to the proxy itself, or to its cache manager."""
    ELSEWHERE = auto()
    """A destination that cannot be evaluated here: a part of the address of a page."""
    CONDITION = auto()
    """Whatever else decides: who asks, when, what another program says."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Value:
    """One destination of an ACL."""

    word: Word
    form: Form
    pattern: str
    fault: str = ""


@dataclass(slots=True)
class Acl:
    """All lines of one ACL: its values add up."""

    looks: Looks
    values: list[Value] = field(default_factory=list)
    spans: Spans = ()
    ways: frozenset[Way] = frozenset()
    sources: tuple[str, ...] = ()


_DESTINATIONS: Final = frozenset(
    ("dstdomain", "dstdom_regex", "ssl::server_name", "ssl::server_name_regex", "dst", "dstdomain_regex")
)
_LOOKS: Final = {
    **dict.fromkeys(_DESTINATIONS, Looks.DESTINATION),
    **dict.fromkeys(("url_regex", "urlpath_regex", "urllogin", "dst_as", "req_header"), Looks.ELSEWHERE),
    "port": Looks.PORT,
    **dict.fromkeys(("method", "proto"), Looks.WAY),
    "src": Looks.SOURCE,
    **dict.fromkeys(("localport", "myport", "myportname", "localip", "myip", "at_step", "maxconn"), Looks.NEUTRAL),
}
_BUILT_IN: Final = {
    "all": Acl(Looks.ALL),
    "manager": Acl(Looks.NEVER),
    "to_localhost": Acl(Looks.NEVER),
    "to_linklocal": Acl(Looks.NEVER),
    "localhost": Acl(Looks.SOURCE, sources=("127.0.0.1", "::1")),
    "CONNECT": Acl(Looks.WAY, ways=frozenset((Way.TUNNEL,))),
    **dict.fromkeys(("step1", "step2", "step3"), Acl(Looks.NEUTRAL)),
}
_FLAG: Final = re.compile(r"[-+][a-zA-Z]\Z|--[a-z-]*\Z")
_FILE: Final = re.compile(r'parameters\("([^"]+)"\)\Z')


def acls_of(lines: Iterable[list[Word]], draft: Draft) -> dict[str, Acl]:
    """Read the ``acl`` lines; ``lines`` are the words of each line."""
    found = dict(_BUILT_IN)
    groups: list[list[Word]] = []
    for line in lines:
        if len(line) < 3 or line[0].text != "acl":
            continue
        name, kind = line[1].text, line[2].text
        if kind in ("any-of", "all-of"):
            groups.append(line)
            continue
        looks = _LOOKS.get(kind, Looks.CONDITION)
        acl = found.get(name)
        if acl is None or acl is _BUILT_IN.get(name):
            acl = found[name] = Acl(looks)
        _add(acl, kind, list(_values(line[3:], draft)), draft)
    for line in groups:
        found[line[1].text] = _group(line, found)
    return found


def _group(line: list[Word], known: dict[str, Acl]) -> Acl:
    """Join the members of an ``any-of`` that look at the same. What any other group takes in is not evaluated."""
    members = [known.get(word.text, Acl(Looks.CONDITION)) for word in line[3:]]
    looks = {member.looks for member in members}
    if len(looks) != 1 or (line[2].text == "all-of" and len(members) > 1):
        return Acl(Looks.ELSEWHERE)
    return Acl(
        looks.pop(),
        values=[value for member in members for value in member.values],
        spans=joined(span for member in members for span in member.spans),
        ways=frozenset(way for member in members for way in member.ways),
        sources=tuple(source for member in members for source in member.sources),
    )


def _values(written: list[Word], draft: Draft) -> Iterator[Word]:
    """Yield the values of a line: flags gone, those of a file in its place."""
    flags = True
    for word in written:
        if flags and _FLAG.match(word.text):
            flags = word.text != "--"
            continue
        named = _FILE.match(word.text)
        if not (named or word.quoted):
            yield word
            continue
        path = named[1] if named else word.text
        files = word.source.near(path)
        if not files:
            message = f"the file {short(path)} does not lie beside {word.source.path}; it may name hosts"
            draft.unread(word, message, policy=draft.source.path)
        for file in files:
            draft.reading.included.append(file.path)
            for at, text in file.lines():
                yield from words(file, at, text)


def _add(acl: Acl, kind: str, values: list[Word], draft: Draft) -> None:
    """Add the values of one line to an ACL."""
    if acl.looks is Looks.DESTINATION:
        acl.values.extend(value for word in values if (value := _destination(kind, word, draft)))
    elif acl.looks is Looks.PORT:
        spans = [(word, ports_of(word.text)) for word in values]
        for word, span in spans:
            if span is None:
                draft.unread(word, f"{short(word.text)} is no port", may_allow=False)
        acl.spans = joined((*acl.spans, *(span for _, span in spans if span)))
    elif acl.looks is Looks.WAY:
        acl.ways |= _ways(kind, {word.text.upper() for word in values})
    elif acl.looks is Looks.SOURCE:
        texts = tuple(word.text for word in values)
        if {"all", "0.0.0.0/0", "::/0"} & set(texts):
            acl.looks = Looks.ALL
        acl.sources += texts


def _ways(kind: str, values: set[str]) -> frozenset[Way]:
    """Say which requests an ACL of methods or schemes takes in; a node's plain request is a GET."""
    if kind == "proto":
        return frozenset((Way.PLAIN,) if "HTTP" in values else ())
    return frozenset(way for way, method in ((Way.TUNNEL, "CONNECT"), (Way.PLAIN, "GET")) if method in values)


def _destination(kind: str, word: Word, draft: Draft) -> Value | None:
    text = word.text
    if "regex" in kind:
        pattern = regex_pattern(text)
        if pattern is None:
            draft.unread(word, f"the regular expression {short(text)} is not evaluated: it may take in any host")
            return None
        return Value(word=word, form=Form.NAME, pattern=pattern)
    if kind == "dst":
        known = (Form.ANY, "*") if text in ("all", "ipv4", "ipv6") else address_form(text)
        if known:
            return Value(word=word, form=known[0], pattern=known[1])
        return Value(word=word, form=Form.NAME, pattern=text.lower(), fault=host_fault(text))
    known = address_form(text)
    if known and known[0] is Form.ADDRESS:
        return Value(word=word, form=Form.ADDRESS, pattern=known[1])
    fault = "Squid knows no star: write .x for x and all below it" if "*" in text else host_fault(text)
    return Value(word=word, form=Form.NAME, pattern=text.lower().removesuffix("."), fault=fault)


def joined(spans: Iterable[tuple[int, int]]) -> Spans:
    """Sort ranges, and join those that touch.

    >>> joined([(443, 443), (80, 90), (85, 100)])
    ((80, 100), (443, 443))
    """
    found: list[tuple[int, int]] = []
    for first, last in sorted(spans):
        if found and first <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(last, found[-1][1]))
        else:
            found.append((first, last))
    return tuple(found)


def common(left: Spans, right: Spans) -> Spans:
    """Return the ports of both.

    >>> common(((1, 100),), ((80, 80), (90, 200)))
    ((80, 80), (90, 100))
    """
    return joined((max(a, c), min(b, d)) for a, b in left for c, d in right if max(a, c) <= min(b, d))


def without(left: Spans, right: Spans) -> Spans:
    """Return the ports of the first that are none of the second.

    >>> without(((0, 100),), ((80, 80),))
    ((0, 79), (81, 100))
    """
    gaps, at = [], 0
    for first, last in right:
        gaps.append((at, first - 1))
        at = last + 1
    gaps.append((at, ALL_PORTS[0][1]))
    return common(left, tuple(gap for gap in gaps if gap[0] <= gap[1]))
