"""What a person asks about: a host, a port and a protocol, as they stand in a log or in the address bar."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from aks_egress_catalog.match import EndpointError, checked_port, normalize_host
from aks_egress_catalog.model import Protocol

_URL: Final = re.compile(r"(https?)://([^/?#]*)", re.IGNORECASE)
_SCHEME_PORTS: Final = {"http": 80, "https": 443}
_DIGITS: Final = re.compile(r"0*([0-9]{1,5})\Z")


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """What was asked for."""

    host: str
    port: int
    protocol: Protocol

    def __str__(self) -> str:
        return f"{self.host}:{self.port}/{self.protocol}"


def parse_endpoint(text: str, *, port: int = 443, protocol: str = "TCP") -> Endpoint:
    """Read ``HOST``, ``HOST:PORT`` or ``HOST:PORT/PROTOCOL``; IPv6 addresses stand in brackets.

    Of a pasted address of a page its scheme gives the port.

    Raises:
        EndpointError: the text is none of these.

    >>> str(parse_endpoint("ntp.ubuntu.com:123/udp")), str(parse_endpoint("http://deb.debian.org/debian"))
    ('ntp.ubuntu.com:123/UDP', 'deb.debian.org:80/TCP')
    """
    written = text.strip()
    url = _URL.match(written)
    rest, _, transport = (url[2] if url else written).partition("/")
    host, digits = _split(rest)
    name = (transport or protocol).upper()
    if name not in set(Protocol):
        raise EndpointError(f"{text!r}: {transport or protocol!r} is neither tcp nor udp")
    usual = _SCHEME_PORTS[url[1].lower()] if url else port
    asked = _port(digits, text) if digits else usual
    return Endpoint(host=normalize_host(host), port=checked_port(asked), protocol=Protocol(name))


def _split(rest: str) -> tuple[str, str]:
    """Part a host from the digits of its port."""
    if rest.startswith("["):
        host, _, after = rest[1:].partition("]")
        return host, after.removeprefix(":")
    if rest.count(":") > 1:
        return rest, ""
    host, _, digits = rest.partition(":")
    return host, digits


def _port(digits: str, text: str) -> int:
    known = _DIGITS.match(digits)
    if known is None:
        raise EndpointError(f"{_short(text)!r}: {_short(digits)!r} is not a port")
    return int(known[1])


def _short(text: str) -> str:
    return text if len(text) <= 100 else f"{text[:100]}…"  # noqa: PLR2004  - as much as one reads
