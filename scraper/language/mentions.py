"""What running text mentions: hosts, addresses and ports, and what looks like one and cannot be read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from scraper.cells.destinations import read_address
from scraper.cells.hosts import SPLIT_STAR, in_known_domain
from scraper.page.marks import show

_FILES: Final = frozenset(("json", "yaml"))
"""Endings of dotted words that are files and no hosts."""
_PORT_MAX: Final = 65535
LONGEST: Final = 8000
"""No line of an article is longer. A longer one is a doubt: to read it could take for ever."""
_HOST: Final = re.compile(
    r"(?<![\w@/.<>{}*-])((?>(?:[\w*-]|<[\w-]+>)+(?:\.(?:[\w*-]|<[\w-]+>)+)+))(?>:(\d{1,5})\b)?(?![\w/@-]|:\d)"
)
_SCHEME: Final = re.compile(r"\b[a-z][a-z+-]*://")
_BRACKETED: Final = re.compile(r"[\[{](\w[\w-]*)[\]}](?=\.)")
_UNSPACED: Final = re.compile("[\u3000-\u9fff\uac00-\ud7af\uff00-\uffef]+")
"""Letters and marks of scripts that put no blank between a word and a host."""
_INVISIBLE: Final = re.compile("[\xad\u200b-\u200f\u2060\ufeff]")
_WIDE_DOT: Final = re.compile("[A-Za-z0-9]+[\uff0e\uff61][A-Za-z0-9\uff0e\uff61]+")
_SERVICE_TAG: Final = re.compile(r"\b[Ss]ervice ?[Tt]ag\W{1,3}[A-Z]\w+|\b[A-Z]\w+[A-Z]\w+ service tag\b")
_IPV4: Final = re.compile(
    r"(?<![\w.])(?<!version )(?<!release )(\d{1,3}(?:\.\d{1,3}){3}(?:/\d{1,3})?)(\s*[-–]\s*\d[\d.]*)?(?![\w/]|\.\d)"
)
_IPV6: Final = re.compile(r"(?<![\w:])([0-9A-Fa-f]{1,4}(?::[0-9A-Fa-f]{0,4}){2,7}(?:/\d{1,3})?)(?![\w:])")
_LIST: Final = r"\d{1,6}(?:(?:,? and |, | or |、)\d{1,6}\b)*"
_RANGE: Final = r"(\s*(?:[-–/]|to\b|through\b)\s*\d+)?"
_PORTS: Final = re.compile(
    r"\b(?P<other>(?:TCP|UDP)(?: ?/ ?|, | and | or ))?(?P<protocol>TCP|UDP)(?:[ -]?(?:[Pp]orts?|ポート))? ?"
    r"(?P<port>\d{1,6})(?P<more>(?:,? and |, | or |、|\s*(?:[-–/]|to\b|through\b)\s*)\d+)?"
)
"""``TCP port 443``. With ``other`` (``TCP and UDP port 53``) or ``more`` (``TCP ports 80 and 443``) it is a doubt."""
_PORT_FIRST: Final = re.compile(
    r"\b\d{2,5} ?/ ?(?:TCP|UDP)\b|\bports? \d{2,5} ?\((?:TCP|UDP)\)|\b\d{2,5} (?:TCP|UDP)\b", re.IGNORECASE
)
_STATUS: Final = r"(?!443\b)[1-5]\d\d\b"
"""``HTTP 404`` is an answer and no port."""
_PLAIN_PORTS: Final = re.compile(
    rf"\b(?:(?:ports?|puertos?|porta|portem|porty)(?: numbers?)?(?: |: ?)({_LIST}){_RANGE}"
    rf"|HTTPS?(?: ?[:/] ?| (?!{_STATUS}))(\d{{2,6}})\b(?![.:]\d))",
    re.IGNORECASE,
)
_PORT_RANGE: Final = re.compile(r"\bports? ranges?\b[^.;]{0,20}?\d+", re.IGNORECASE)
_PORT_LEFT: Final = re.compile(r"\b(?:TCP|UDP)\b[^.;,|\d[\]]{0,30}\b\d{2,5}\b(?!\.\d)")
"""A transport with a number that no known form of a port has taken."""
_SPACED_PLACEHOLDER: Final = re.compile(r"<([A-Za-z][\w-]*(?: [\w-]+){1,4})>(?=[\w<>*-]*\.\w)")


class Mentions(NamedTuple):
    """What one line of running text names. ``doubts`` are pieces that look like an endpoint and are none."""

    hosts: tuple[tuple[str, str], ...]
    """Hosts in lower case with ``<placeholder>``s as written, each with its own port or nothing."""
    addresses: tuple[str, ...]
    ports: tuple[tuple[str, int], ...]
    plain_ports: tuple[int, ...]
    """Ports named without TCP or UDP."""
    doubts: tuple[str, ...]


@lru_cache(maxsize=2048)
def mentions(text: str) -> Mentions:
    """Find what a line of running text names.

    >>> mentions("UDP port 1194, and *.contoso.com:443; see https://contoso.net/path.").ports
    (('UDP', 1194),)
    """
    if len(text) > LONGEST:
        return Mentions((), (), (), (), (f"a line of {len(text)} characters",))
    doubts: list[str] = []
    addresses = list(_addresses(text, doubts))
    ports = list(_ports(text, doubts))
    doubts += [show(word) for word in text.split() if "." in word and _INVISIBLE.search(word)]
    forms = (_WIDE_DOT, _PORT_FIRST, _PORT_RANGE, _SERVICE_TAG)
    doubts += [show(word) for form in forms for word in form.findall(text)]
    left = _PLAIN_PORTS.sub("|", _PORT_FIRST.sub("|", _PORTS.sub("|", text)))
    doubts += [show(words) for words in _PORT_LEFT.findall(left)]
    known = {port for _, port in ports}
    plain = [port for port in _plain_ports(text, doubts) if port not in known]
    return Mentions(tuple(_dotted_words(text)), tuple(addresses), tuple(ports), tuple(plain), tuple(doubts))


def hosts_in(text: str) -> Iterator[tuple[str, str]]:
    """Find hosts of known top-level domains in running text, each with its own port or nothing.

    >>> list(hosts_in("Allow *.contoso.com:443, not https://contoso.net/path."))
    [('*.contoso.com', '443')]
    """
    return ((host, port) for host, port in mentions(text).hosts if in_known_domain(host))


def _dotted_words(text: str) -> Iterator[tuple[str, str]]:
    """Words that are built like hosts. ``rules.The`` lacks a blank and ``Microsoft.Compute`` is no host."""
    text = _SPACED_PLACEHOLDER.sub(lambda name: f"<{name.group(1).replace(' ', '-')}>", text)
    text = _BRACKETED.sub(r"<\1>", SPLIT_STAR.sub("*.", _SCHEME.sub(" ", text)))
    for word in _UNSPACED.sub(" ", text).split():
        for match in _HOST.finditer(word) if "." in word else ():
            before, _, last = match.group(1).rpartition(".")
            if (
                (not last.istitle() or _is_titled(before, last))
                and last.lower() not in _FILES
                and re.fullmatch(r"[^\W\d_]{2,}", last)
            ):
                yield match.group(1).lower(), match.group(2) or ""


def _is_titled(before: str, last: str) -> bool:
    """Whether a word with a capital behind its last dot is a host all the same, and no lost blank."""
    return in_known_domain(last.lower()) and all(label[:1].isupper() for label in before.split("."))


def _addresses(text: str, doubts: list[str]) -> Iterator[str]:
    for form in (_IPV4, _IPV6):
        for match in form.finditer(text):
            address = read_address(match.group(1))
            port = text[match.end() :].startswith(":") and text[match.end() + 1 : match.end() + 2].isdigit()
            if address and not (form is _IPV4 and (match.group(2) or port)):
                yield address
            elif form is _IPV4:
                doubts.append(show(match.group()))


def _ports(text: str, doubts: list[str]) -> Iterator[tuple[str, int]]:
    for match in _PORTS.finditer(text):
        if match["other"] or match["more"] or not _are_ports(match["port"]):
            doubts.append(show(match.group()))
        else:
            yield match["protocol"], int(match["port"])


def _plain_ports(text: str, doubts: list[str]) -> Iterator[int]:
    """Ports without TCP or UDP; a web port by its application's name is one too."""
    for match in _PLAIN_PORTS.finditer(text):
        numbers = match.group(1) or match.group(3)
        if match.group(2) or not _are_ports(numbers):
            doubts.append(show(match.group()))
        else:
            yield from map(int, re.findall(r"\d+", numbers))


def _are_ports(numbers: str) -> bool:
    return not re.search(r"\b0", numbers) and all(int(port) <= _PORT_MAX for port in re.findall(r"\d+", numbers))
