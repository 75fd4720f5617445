"""One POST to an address that a subscriber names, signed as Standard Webhooks has it, and nowhere else.

The host is resolved once, every address that it has is checked, and the connection goes to an address that was checked:
a name that points elsewhere a moment later leads nowhere. TLS is checked against the host's name all the same.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, urljoin, urlsplit

from standardwebhooks import Webhook as Signer

from publish.notices.notify.errors import SendError, UnconfiguredError
from publish.notices.notify.targets import Webhook, check_url

SECONDS: Final = 15.0
"""So long a target has for everything, from the connection to the answer."""
_PORTS: Final = {"http": 80, "https": 443}
_SECRET_SIZES: Final = range(24, 65)
_HOPS: Final = 3
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_SAME_METHOD: Final = frozenset({307, 308})
_GONE: Final = 410
_OK: Final = range(200, 300)
_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
_UNICAST: Final = ipaddress.IPv6Network("2000::/3")
"""All that IPv6 routes between networks. Python does not know yet what RFC 9637 took from it for documentation."""
_DOCUMENTATION: Final = ipaddress.IPv6Network("3fff::/20")
_PLATFORM: Final = ipaddress.IPv4Address("168.63.129.16")
"""Public by its number, and the inside of Azure's own platform for every machine there."""
_ISATAP: Final = 0x5EFE


@dataclass(frozen=True, kw_only=True)
class WebhookAnswer:
    """What a target answered, as far as it matters."""

    status: int
    location: str


def resolve(host: str, port: int) -> Sequence[str]:
    """Look up the addresses of a host."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(row[4][0]) for row in found))


def send_webhook(
    target: Webhook,
    secret: str,
    *,
    message_id: str,
    payload: str,
    now: dt.datetime,
    resolve: Callable[[str, int], Sequence[str]] = resolve,
    seconds: float = SECONDS,
) -> None:
    """Send a payload, signed now.

    Raises:
        SendError: the target did not take it, or must not be asked; 410 is final.
        UnconfiguredError: the secret is none.
    """
    headers = signed_headers(secret, message_id=message_id, payload=payload, now=now)
    url = target.url
    for _ in range(_HOPS):
        answer = _post(target, url, payload.encode(), headers, resolve=resolve, seconds=seconds)
        if answer.status not in _REDIRECTS:
            break
        url = _followed(target, url, answer)
    if answer.status == _GONE:
        raise SendError("answered 410: it is gone for good", final=True)
    if answer.status not in _OK:
        raise SendError(f"answered {answer.status}")


def signed_headers(secret: str, *, message_id: str, payload: str, now: dt.datetime) -> dict[str, str]:
    """Make the headers of Standard Webhooks: the id stays from attempt to attempt, the time is that of this one.

    Raises:
        UnconfiguredError: the secret is none.
    """
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except (binascii.Error, ValueError) as error:
        raise UnconfiguredError("the secret is not base64 after whsec_") from error
    if len(key) not in _SECRET_SIZES:
        raise UnconfiguredError("the secret has not between 24 and 64 bytes")
    return {
        "content-type": "application/json",
        "user-agent": "aks-egress-catalog",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Signer(key).sign(message_id, now, payload),
    }


def allowed_addresses(addresses: Sequence[str], *, host: str, allow_private: bool) -> Sequence[str]:
    """Pass addresses on if every one of them is public, or private ones are allowed.

    Raises:
        SendError: one is private, loopback, link-local, reserved or of a group.

    >>> allowed_addresses(["93.184.216.34"], host="example.com", allow_private=False)
    ['93.184.216.34']
    """
    for address in () if allow_private else addresses:
        if not _is_public(ipaddress.ip_address(address.partition("%")[0])):
            raise SendError(f"{host} is {address}, which is no public address: refused unless allow_private = true")
    return addresses


def _is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address):
        within = address.ipv4_mapped or address.sixtofour
        if address in _NAT64:
            within = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if int(address) >> 32 & 0xFFFF == _ISATAP:
            within = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if within:
            return _is_public(within)
        if address not in _UNICAST or address in _DOCUMENTATION:
            return False
    if address == _PLATFORM:
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _followed(target: Webhook, url: str, answer: WebhookAnswer) -> str:
    if not target.allow_redirects:
        raise SendError(f"answered {answer.status}: a redirect, refused unless allow_redirects = true")
    if answer.status not in _SAME_METHOD:
        raise SendError(f"answered {answer.status}: a redirect that takes no POST; only 307 and 308 do")
    try:
        followed = urljoin(url, answer.location)
        check_url(target, followed)
    except ValueError as error:
        raise SendError(f"the address that it redirects to {error}") from error
    return followed


def _post(
    target: Webhook,
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    resolve: Callable[[str, int], Sequence[str]],
    seconds: float,
) -> WebhookAnswer:
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
    try:
        addresses = allowed_addresses(resolve(host, port), host=host, allow_private=target.allow_private)
        with closing(_connected(addresses, port, seconds)) as link, _time_limit(link, seconds):
            return _asked(link, parts, port, body, headers)
    except (OSError, UnicodeError, http.client.HTTPException) as error:
        raise SendError(f"no answer ({type(error).__name__}: {error})") from error


def _connected(addresses: Sequence[str], port: int, seconds: float) -> socket.socket:
    """Connect to the first address that answers."""
    faults: list[OSError] = []
    for address in addresses:
        try:
            return socket.create_connection((address, port), timeout=seconds / len(addresses))
        except OSError as error:
            faults.append(error)
    raise faults[-1] if faults else OSError("the host has no address")


@contextmanager
def _time_limit(link: socket.socket, seconds: float) -> Iterator[None]:
    """Cut a connection after a while: a time-out counts for each byte, and a byte now and then would hold us up."""
    over = threading.Event()

    def cut() -> None:
        over.set()
        with suppress(OSError):
            other_end.shutdown(socket.SHUT_RDWR)

    with closing(link.dup()) as other_end:  # stays valid where TLS takes the first one over
        timer = threading.Timer(seconds, cut)
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            timer.join()
        if over.is_set():
            raise TimeoutError(f"not whole within {seconds:g} seconds")


def _asked(
    link: socket.socket, parts: SplitResult, port: int, body: bytes, headers: Mapping[str, str]
) -> WebhookAnswer:
    host = parts.hostname or ""
    connection: http.client.HTTPConnection
    if parts.scheme == "https":
        context = ssl.create_default_context()
        connection = http.client.HTTPSConnection(host, port, context=context)
        connection.sock = context.wrap_socket(link, server_hostname=host)
    else:
        connection = http.client.HTTPConnection(host, port)
        connection.sock = link
    connection.auto_open = 0  # it would look the host up anew
    with closing(connection):
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", path, body, dict(headers))
        with closing(connection.getresponse()) as response:
            return WebhookAnswer(status=response.status, location=response.headers.get("location", ""))
