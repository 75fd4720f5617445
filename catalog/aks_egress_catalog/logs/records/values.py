"""Single values of log lines: hosts, ports, protocols, times, and what firewalls call denied.

A value that cannot be is a ``ValueError`` or ``TypeError``, which a decoder answers with a skipped line. Nothing here
is asked for each line: see :mod:`.prototypes`.
"""

from __future__ import annotations

import datetime as dt
import re
from functools import lru_cache
from ipaddress import IPv6Address
from typing import Final
from urllib.parse import unquote

from aks_egress_catalog.logs.flow import Outcome

LONGEST_HOST: Final = 300
LONGEST_VALUE: Final = 1000
FAULTS: Final = (
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    RecursionError,
    StopIteration,
)
"""What lines raise that are not as their format has them: wrong types, missing keys, deep nesting, no JSON at all."""
fromisoformat = dt.datetime.fromisoformat
UTC: Final = dt.UTC

_PROTOCOLS: Final = {"6": "TCP", "17": "UDP", "T": "TCP", "U": "UDP", "TCP": "TCP", "UDP": "UDP"}
_OVER_TCP: Final = frozenset(("HTTP", "HTTPS", "MSSQL", "TLS", "SSL", "HTTP/2", "WEBSOCKET"))
_MOST_PORT: Final = 65535
_NOTHING: Final = ("n/a", "-")
"""What queries and appliances write where there is no value."""
_URL: Final = re.compile(
    r"(?:([a-z][a-z0-9+.-]*)://)?(?:[^/?#@]*@)?(\[[^\]/?#]*\]|[^:/?#]*)(?::(\d{1,5}))?", re.IGNORECASE
)
_BARE_IPV6: Final = re.compile(r"[0-9a-f]{0,4}(?::[0-9a-f]{0,5}){2,8}(?=[/?#]|$)", re.IGNORECASE)
_SCHEME_PORTS: Final = {"http": 80, "ws": 80, "https": 443, "wss": 443, "ftp": 21}


@lru_cache(4096)
def host_of(text: str) -> str:
    """Give a host as flows have it: lower case, no port, no dot at its end, no brackets.

    >>> host_of("MCR.Microsoft.com.:443"), host_of("[2001:DB8::1]:443"), host_of("2001:db8::1")
    ('mcr.microsoft.com', '2001:db8::1', '2001:db8::1')
    """
    if len(text) > LONGEST_VALUE:
        raise ValueError("a name longer than any name")
    host = text.strip().lower()
    if host.startswith("["):
        host = host[1:].partition("]")[0]
    elif host.count(":") == 1:
        name, _, port = host.partition(":")
        host = name if port.isdecimal() or not port else host
    host = host.rstrip(".")
    if len(host) > LONGEST_HOST:
        raise ValueError("a name longer than any name")
    return "" if host in _NOTHING else host


def number_of(value: object) -> int:
    """Give a whole number, also one that a column of real numbers holds; 0 for none.

    >>> number_of("12"), number_of("12.0"), number_of(12.0), number_of("N/A"), number_of(None)
    (12, 12, 12, 0, 0)
    """
    if not value or (isinstance(value, str) and value.lower() in _NOTHING):
        return 0
    number: int = int(value.removesuffix(".0") if isinstance(value, str) else value)  # type: ignore[call-overload]  # whatever else raises, which is meant
    return number


def port_of(value: object) -> int:
    """Give a port, 0 for none.

    >>> port_of("443"), port_of(443), port_of(""), port_of(None)
    (443, 443, 0, 0)
    """
    port = number_of(value)
    if not 0 <= port <= _MOST_PORT:
        raise ValueError("no port")
    return port


def protocol_of(value: object) -> str:
    """Give ``TCP`` or ``UDP``, empty for neither.

    >>> protocol_of("HTTP "), protocol_of("udp"), protocol_of(17), protocol_of("ICMP Type=8")
    ('TCP', 'UDP', 'UDP', '')
    """
    name = str(value).strip().upper()
    return "TCP" if name in _OVER_TCP else _PROTOCOLS.get(name, "")


def device_of(resource: str) -> str:
    """Give the name of a firewall by its resource id.

    Raises:
        ValueError: it is longer than any id.

    >>> device_of("/SUBSCRIPTIONS/0/RESOURCEGROUPS/HUB/PROVIDERS/MICROSOFT.NETWORK/AZUREFIREWALLS/FW1")
    'fw1'
    """
    if len(resource) > LONGEST_VALUE:
        raise ValueError("a resource id longer than any")
    return resource.rpartition("/")[2].lower()


def url_host(url: str) -> tuple[str, int]:
    """Cut a URL behind its host: give the host, and the port that it names or its scheme has.

    >>> url_host("https://user:secret@MCR.Microsoft.com/v2/?sig=secret"), url_host("example.com:8080/x")
    (('mcr.microsoft.com', 443), ('example.com', 8080))
    >>> url_host("[2001:db8::1]:443"), url_host("2001:db8::1:443"), url_host("2001:db8:0:0:0:0:0:1")
    (('2001:db8::1', 443), ('2001:db8::1', 443), ('2001:db8:0:0:0:0:0:1', 0))
    """
    if url.count(":") > 1 and (bare := _BARE_IPV6.match(url)):
        return _without_brackets(bare[0])
    found = _URL.match(url[: 2 * LONGEST_VALUE])
    if not found or not found[2]:
        return "", 0
    host = found[2] if "%" not in found[2] else unquote(found[2])
    return host_of(host), port_of(found[3]) or _SCHEME_PORTS.get((found[1] or "").lower(), 0)


def _without_brackets(address: str) -> tuple[str, int]:
    """Cut the port off an IPv6 address; what is an address only without its last part has a port there."""
    host, _, port = address.rpartition(":")
    try:
        IPv6Address(host)
        return host_of(host), port_of(port)
    except ValueError:
        return host_of(address), 0


def utc(text: str) -> dt.datetime | None:
    """Read an ISO time of UTC, or with an offset; an empty one is none.

    >>> utc("2026-11-20T10:15:02.1131234+02:00").isoformat()
    '2026-11-20T08:15:02.113123+00:00'
    """
    if not text:
        return None
    time = fromisoformat(text)
    if time.tzinfo is UTC:
        return time
    return time.replace(tzinfo=dt.UTC) if time.tzinfo is None else time.astimezone(dt.UTC)


_NO_ALLOW_LIST: Final = (
    (re.compile(r"threat[ _-]?intel", re.IGNORECASE), "threat intelligence"),
    (re.compile(r"\bid(?:p|s|ps)\b|intrusion|signature", re.IGNORECASE), "IDPS"),
    (re.compile(r"resolv|resolution|dns", re.IGNORECASE), "failed resolution"),
    (re.compile(r"\btls\b|\bssl\b|certificate|handshake|decrypt", re.IGNORECASE), "TLS"),
)
_NO_SNI: Final = re.compile(r"\bSNI\b", re.IGNORECASE)
_ACTIONS: Final = {
    "allow": Outcome.ALLOWED,
    "allowed": Outcome.ALLOWED,
    "deny": Outcome.DENIED,
    "denied": Outcome.DENIED,
    "drop": Outcome.DENIED,
    "dropped": Outcome.DENIED,
    "reject": Outcome.DENIED,
    "block": Outcome.DENIED,
    "alert": Outcome.OTHER,
    "bypass": Outcome.OTHER,
}


def azure_outcome(action: str, reason: str) -> tuple[Outcome, str, bool]:
    """Say what an Azure Firewall did: the outcome, its reason, and whether a client had named no host.

    >>> azure_outcome("Deny", "Default Action")
    (<Outcome.DENIED: 'denied'>, 'Default Action', False)
    >>> azure_outcome("Deny", "Failed to resolve address")
    (<Outcome.OTHER: 'other'>, 'failed resolution: Failed to resolve address', False)
    >>> azure_outcome("Deny", "SNI TLS extension was missing.")
    (<Outcome.DENIED: 'denied'>, 'SNI TLS extension was missing', True)
    """
    outcome = _ACTIONS[action.strip().lower()]
    reason = reason.strip().rstrip(".")[:LONGEST_VALUE]
    if outcome is not Outcome.DENIED or not reason:
        return outcome, reason, False
    if _NO_SNI.search(reason):
        return outcome, reason, True
    why = next((name for pattern, name in _NO_ALLOW_LIST if pattern.search(reason)), "")
    return (Outcome.OTHER, f"{why}: {reason}", False) if why else (outcome, reason, False)


def dns_outcome(code: str) -> tuple[Outcome, str]:
    """Say what became of a DNS query by its response code.

    >>> dns_outcome("NXDOMAIN")
    (<Outcome.OTHER: 'other'>, 'failed resolution: NXDOMAIN')
    """
    code = code.strip().upper()
    return (Outcome.ASKED, "") if code in ("NOERROR", "") else (Outcome.OTHER, f"failed resolution: {code}")
