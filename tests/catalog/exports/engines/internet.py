"""What answers in the internet of a test: a server that tells everybody that they reached it, and a resolver."""

from __future__ import annotations

import selectors
import socket
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from tests.catalog.exports.engines.networks import Namespace, program

REACHED: Final = b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\nConnection: close\r\n\r\nreached"
"""What the server says to whoever says anything: one answer for TLS, HTTP and all else."""


@contextmanager
def answering(place: Namespace, ports: Iterable[int], udp: Iterable[tuple[str, int]] = ()) -> Iterator[None]:
    """Answer on some TCP ports of a namespace, whatever the address is, and on some addresses by UDP."""
    with place.inside():
        listeners = [socket.create_server(("0.0.0.0", port), backlog=512) for port in ports]  # noqa: S104  - a namespace
        for address in udp:  # of which the answer then comes
            listeners.append(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
            listeners[-1].bind(address)
    stop, stopped = socket.socketpair()
    thread = threading.Thread(target=_serve, args=(listeners, stopped))
    thread.start()
    try:
        yield
    finally:
        stop.close()
        thread.join()
        for listener in (*listeners, stopped):
            listener.close()


def _serve(listeners: list[socket.socket], stopped: socket.socket) -> None:
    with selectors.DefaultSelector() as selector:
        selector.register(stopped, selectors.EVENT_READ)
        for listener in listeners:
            selector.register(listener, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                if key.fileobj is stopped:
                    return
                if isinstance(key.fileobj, socket.socket):
                    _answer(key.fileobj)


def _answer(listener: socket.socket) -> None:
    if listener.type == socket.SOCK_DGRAM:
        _, client = listener.recvfrom(2048)
        listener.sendto(REACHED, client)
        return
    with suppress(OSError):
        connection, _ = listener.accept()
        with connection:
            connection.settimeout(5)
            if connection.recv(65536):
                connection.sendall(REACHED)


def addresses_of(hosts: Iterable[str]) -> dict[str, str]:
    """An address of the internet for each name."""
    return {host: f"10.81.{place // 250}.{place % 250 + 1}" for place, host in enumerate(sorted(set(hosts)))}


def resolve_names(place: Namespace, folder: Path, names: Mapping[str, str], *, listen: str) -> None:
    """Start a resolver in a namespace that knows some names, and says of all others that they are not there."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = [f"host-record={name},{address}" for name, address in names.items()]
    (folder / "names.conf").write_text("\n".join((*lines, "")), encoding="ascii")
    place.start(
        *(
            program("dnsmasq"),
            "--keep-in-foreground",
            f"--conf-file={folder / 'names.conf'}",
            "--no-resolv",
            "--local=/#/",
        ),
        *("--no-hosts", f"--listen-address={listen}", "--bind-interfaces", "--user=root", "--pid-file="),
        cwd=folder,
    )
