"""What running text names: hosts, addresses and ports, each in one closed form. What it says of them is reviewed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from scraper.cells.destinations import read_address
from scraper.cells.hosts import SPLIT_STAR, in_known_domain, with_placeholders
from scraper.page.marks import CODE_EDGE

_FILES: Final = frozenset(("json", "yaml"))
"""Endings of dotted words that are files and no hosts."""
_PORT_MAX: Final = 65535
LONGEST: Final = 8000
"""No line of an article is longer. To read a longer one could take for ever."""
_CODE_END: Final = re.compile(rf"{CODE_EDGE}(?!:\d)")
"""A code mark ends a word: `` `a`-`b` `` never becomes one host. A port may follow it."""
_HOST: Final = re.compile(
    r"(?<![\w@/.<>{}*-])((?>(?:[\w*-]|<[\w-]+>)+(?:\.(?:[\w*-]|<[\w-]+>)+)+))(?>:(\d{1,5})\b)?(?![\w/@-]|:\d)"
)
_SCHEME: Final = re.compile(r"\b[a-z][a-z+-]*://")
_BRACKETED: Final = re.compile(r"[\[{](\w[\w-]*)[\]}](?=\.)")
_UNSPACED: Final = re.compile("[\u3000-\u9fff\uac00-\ud7af\uff00-\uffef]+")
"""Letters and marks of scripts that put no blank between a word and a host."""
_IPV4: Final = re.compile(r"(?<![\w.])(\d{1,3}(?:\.\d{1,3}){3}(?:/\d{1,3})?)(?!\s*[-–]\s*\d|[\w/]|[.:]\d)")
_IPV6: Final = re.compile(r"(?<![\w:])([0-9A-Fa-f]{1,4}(?::[0-9A-Fa-f]{0,4}){2,7}(?:/\d{1,3})?)(?![\w:])")
_PORTS: Final = re.compile(
    r"\b((?:TCP|UDP)(?: ?/ ?|, | and | or ))?(TCP|UDP)(?:[ -]?(?:[Pp]orts?|ポート))? ?(\d{1,5})"
    r"(?!\w|(?:,|,? and|,? or|、|\s*[-–/]| to| through) ?\d)"
)
"""``TCP port 443``, and nothing that it may be a part of: not ``TCP/UDP 53``, ``TCP ports 80 and 443`` or ``443to``."""
_SPACED_PLACEHOLDER: Final = re.compile(r"<([A-Za-z][\w-]*(?: [\w-]+){1,4})>(?=[\w<>*-]*\.\w)")


class Mentions(NamedTuple):
    """What one line of running text names."""

    hosts: tuple[tuple[str, str], ...]
    """Hosts in lower case with ``<placeholder>``s as written, each with its own port or nothing."""
    addresses: tuple[str, ...]
    ports: tuple[tuple[str, int], ...]


@lru_cache(maxsize=2048)
def mentions(text: str) -> Mentions:
    """Find what a line of running text names; code marks may stand in it.

    >>> mentions("UDP port 1194, and *.contoso.com:443; see https://contoso.net/path.").ports
    (('UDP', 1194),)
    """
    if len(text) > LONGEST:
        return Mentions((), (), ())
    if CODE_EDGE in text:
        text = " ".join(_CODE_END.sub(" ", text).replace(CODE_EDGE, "").split())
    return Mentions(tuple(_dotted_words(text)), tuple(_addresses(text)), tuple(_ports(text)))


def hosts_in(text: str) -> Iterator[tuple[str, str]]:
    """Find hosts of known top-level domains in running text, each with its own port or nothing.

    >>> list(hosts_in("Allow *.contoso.com:443, not https://contoso.net/path."))
    [('*.contoso.com', '443')]
    """
    return ((host, port) for host, port in mentions(text).hosts if in_known_domain(host))


def _dotted_words(text: str) -> Iterator[tuple[str, str]]:
    """Words that are built like hosts. ``rules.The`` lacks a blank and ``Microsoft.Compute`` is no host."""
    text = _SPACED_PLACEHOLDER.sub(lambda name: f"<{name.group(1).replace(' ', '-')}>", with_placeholders(text))
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


def _addresses(text: str) -> Iterator[str]:
    found = (read_address(match[1]) for form in (_IPV4, _IPV6) for match in form.finditer(text))
    return (address for address in found if address)


def _ports(text: str) -> Iterator[tuple[str, int]]:
    found = _PORTS.findall(text)
    return ((protocol, int(port)) for other, protocol, port in found if not other and 0 < int(port) <= _PORT_MAX)
