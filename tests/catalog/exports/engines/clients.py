"""What a node sends: the beginning of TLS with a server name, a request of HTTP, and nothing more."""

from __future__ import annotations

import socket
import ssl
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Final

from aks_egress_catalog.exports.declaration import Traffic
from tests.catalog.exports.engines.networks import Namespace
from tests.catalog.exports.engines.probes import Probe

_CONTEXT: Final = ssl.create_default_context()


def client_hello(host: str) -> bytes:
    """The first message of a TLS client that wants a host."""
    sent = ssl.MemoryBIO()
    client = _CONTEXT.wrap_bio(ssl.MemoryBIO(), sent, server_hostname=host)
    with suppress(ssl.SSLWantReadError):
        client.do_handshake()
    return sent.read()


def message(probe: Probe) -> bytes:
    """What a client says first."""
    if probe.speaks is Traffic.HTTPS:
        return client_hello(probe.host)
    port = "" if probe.port == 80 else f":{probe.port}"
    return f"GET / HTTP/1.1\r\nHost: {probe.host}{port}\r\nConnection: close\r\n\r\n".encode("ascii")


def reaches(connection: socket.socket, said: bytes) -> bool:
    """Say whether the server behind a connection answers to a message; a proxy may say no in its stead."""
    received = b""
    with connection, suppress(ConnectionError):
        connection.sendall(said)
        while not received.endswith(b"reached") and not received.startswith((b"HTTP/1.1 4", b"HTTP/1.1 5")):
            part = connection.recv(4096)
            if not part:
                break
            received += part
    return received.endswith(b"reached")


def answers(node: Namespace, address: str, asked: list[Probe]) -> dict[Probe, bool]:
    """Try every probe from a node against one address, some at a time."""

    def ask(probe: Probe) -> bool:
        try:
            connection = node.connect(address, probe.port)
        except ConnectionRefusedError:
            return False
        return reaches(connection, message(probe))

    with ThreadPoolExecutor(8) as pool:
        return dict(zip(asked, pool.map(ask, asked), strict=True))
