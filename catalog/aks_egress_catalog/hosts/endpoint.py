"""What a person asks about: a host, a port and a protocol, as they stand in a log or in the address bar."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from aks_egress_catalog.errors import AksEgressError
from aks_egress_catalog.hosts.patterns import address_in
from aks_egress_catalog.model import Protocol

_URL: Final = re.compile(r"(https?)://([^/?#]*)", re.IGNORECASE)
_SCHEME_PORTS: Final = {"http": 80, "https": 443}
_DIGITS: Final = re.compile(r"0*([0-9]{1,5})\Z")
_NAME: Final = re.compile(r"(?=.{1,253}\Z)(?!-)[a-z0-9_-]{1,63}(?<!-)(?:\.(?!-)[a-z0-9_-]{1,63}(?<!-))*\Z")
_PORTS: Final = range(1, 65536)
_PROTOCOLS: Final = frozenset(map(str, Protocol))
_LONGEST_QUOTE: Final = 100
"""So many characters of a wrong text are quoted, as much as one reads."""


class EndpointError(AksEgressError):
    """A host, port or protocol that no firewall log can hold."""


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """What was asked for: a host name or an address, with what was said of the port.

    ``port`` is ``None`` where none was written: then a rule for the host counts whatever its port is. ``protocol`` is
    ``None`` where neither it nor a port was written; a port alone is one of TCP.
    """

    host: str
    port: int | None = None
    protocol: Protocol | None = None

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host and self.port else self.host
        port = f":{self.port}" if self.port else ""
        return f"{host}{port}/{self.protocol}" if self.protocol else f"{host}{port}"

    @property
    def transport(self) -> str:
        """The port in words, such as ``TCP 443``; empty where none was written."""
        return f"{self.protocol} {self.port}" if self.port else ""

    def is_on(self, port: int, protocol: str | None) -> bool:
        """Say whether the endpoint may be one on a port: what was not written agrees with everything."""
        return self.port in (None, port) and self.protocol in (None, protocol)


def parse_endpoint(text: str) -> Endpoint:
    """Read ``HOST``, ``HOST:PORT`` or ``HOST:PORT/PROTOCOL``; IPv6 addresses stand in brackets.

    Of a pasted address of a page its scheme gives the port.

    Raises:
        EndpointError: the text is none of these.

    >>> [str(parse_endpoint(text)) for text in ("ntp.ubuntu.com:123/udp", "http://deb.debian.org/debian", "a.io")]
    ['ntp.ubuntu.com:123/UDP', 'deb.debian.org:80/TCP', 'a.io']
    """
    written = text.strip()
    url = _URL.match(written)
    rest, _, transport = (url[2] if url else written).partition("/")
    host, digits = _split(rest)
    port = checked_port(_port(digits, text)) if digits else _SCHEME_PORTS[url[1].lower()] if url else None
    name = transport.upper() or ("TCP" if port else "")
    if name and name not in _PROTOCOLS:
        raise EndpointError(f"{_short(text)!r}: {_short(transport)!r} is neither tcp nor udp")
    return Endpoint(host=normalize_host(host), port=port, protocol=Protocol(name) if name else None)


def normalize_host(host: str) -> str:
    """Fold a host as DNS does: lower case, no dot at the end, international names in their ASCII form.

    Raises:
        EndpointError: the text is no host name and no address.

    >>> normalize_host("MCR.Microsoft.com.")
    'mcr.microsoft.com'
    """
    if _NAME.match(host):  # as nearly every line of a log has it
        return host
    name = host.strip().removesuffix(".").lower()
    if not name.isascii():
        try:
            name = name.encode("idna").decode("ascii")
        except UnicodeError as error:
            raise EndpointError(f"{_short(host)!r} is not a host name: {error}") from error
    if _NAME.match(name) or address_in(name):
        return name
    raise EndpointError(f"{_short(host)!r} is not a host name or an address; give it as HOST or HOST:PORT")


def checked_port(port: int) -> int:
    """Return a port that is one.

    Raises:
        EndpointError: it is none.
    """
    if port not in _PORTS:
        raise EndpointError(f"{port} is not a port from 1 to {_PORTS.stop - 1}")
    return port


def checked_protocol(protocol: str) -> str:
    """Return a transport protocol in capitals.

    Raises:
        EndpointError: it is none.
    """
    name = protocol.upper()
    if name not in _PROTOCOLS:
        raise EndpointError(f"{protocol!r} is neither TCP nor UDP")
    return name


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
    return text if len(text) <= _LONGEST_QUOTE else f"{text[:_LONGEST_QUOTE]}…"
