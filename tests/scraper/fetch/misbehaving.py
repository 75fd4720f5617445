"""A web server on loopback that does to its guests what the web does.

An answer is a function of one exchange; ``Host.on`` says which answers a path gives: one after
the other, the last for ever.
"""

from __future__ import annotations

import contextlib
import gzip
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

HTML: Final = "text/html; charset=utf-8"
_PATIENCE: Final = 5.0  # seconds, after which a handler gives up on a guest


class Exchange(BaseHTTPRequestHandler):
    """One request and the way to answer it."""

    protocol_version = "HTTP/1.1"
    timeout = _PATIENCE
    disable_nagle_algorithm = True  # else a body waits 40 ms for its headers to be acknowledged
    server: _Server

    @property
    def host(self) -> Host:
        return self.server.host

    def do_GET(self) -> None:
        self.host.take(Seen(path=self.path, headers=self.headers, at=time.monotonic()))(self)

    def begin(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def begin_unbounded(self) -> None:
        """Start a body that only the end of the connection would end."""
        self.begin(200, {"Content-Type": HTML, "Connection": "close"})
        self.close_connection = True

    def reset(self) -> None:
        """End the connection with a TCP reset."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.rfile.close()
        self.connection.close()
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  - the base class names it so
        """Say nothing: a test reads ``Host.seen``."""


Answer = Callable[[Exchange], None]


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A request as the host saw it."""

    path: str
    headers: Message
    at: float


@dataclass(kw_only=True)
class Host:
    """What the server answers, and what it saw."""

    url: str
    answers: dict[str, list[Answer]] = field(default_factory=dict)
    seen: list[Seen] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)
    hung_up: threading.Event = field(default_factory=threading.Event)
    faults: list[BaseException] = field(default_factory=list)
    most_at_once: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _at_once: int = 0

    def on(self, path: str, *answers: Answer) -> None:
        self.answers[path] = list(answers)

    def take(self, seen: Seen) -> Answer:
        with self._lock:
            self.seen.append(seen)
            left = self.answers.get(seen.path, [status(404)])
            return left.pop(0) if len(left) > 1 else left[0]

    def asked(self, path: str) -> list[Seen]:
        return [seen for seen in self.seen if seen.path == path]

    @contextlib.contextmanager
    def counted(self) -> Iterator[None]:
        """An exchange is under way; the most at once are kept."""
        with self._lock:
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        yield
        with self._lock:
            self._at_once -= 1


class _Server(ThreadingHTTPServer):
    daemon_threads = False  # so that closing waits for every handler
    host: Host

    def handle_error(self, request: object, client_address: object) -> None:  # noqa: ARG002  - the base's
        fault = sys.exception()
        if fault and not isinstance(fault, ConnectionError):
            self.host.faults.append(fault)


@contextlib.contextmanager
def serving() -> Iterator[Host]:
    """A host on a free port of loopback."""
    with _Server(("127.0.0.1", 0), Exchange) as server:
        server.host = Host(url=f"http://127.0.0.1:{server.server_address[1]}")
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server.host
        finally:
            server.host.stopping.set()
            server.shutdown()
            thread.join()
    assert not server.host.faults


def page(body: bytes, content_type: str = HTML, **headers: str) -> Answer:
    """A whole 200. Header names are written with underscores."""
    return status(200, body, Content_Type=content_type, **headers)


def status(code: int, body: bytes = b"", **headers: str) -> Answer:
    def answer(exchange: Exchange) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        exchange.begin(code, {"Content-Length": str(len(body))} | named)
        exchange.wfile.write(body)

    return answer


def redirect(to: str) -> Answer:
    return status(302, Location=to)


def tagged(etag: str, body: bytes, content_type: str = HTML) -> Answer:
    """A 200 with an entity tag, or a 304 for who has it already."""

    def answer(exchange: Exchange) -> None:
        known = exchange.headers.get("If-None-Match") == etag
        (status(304, ETag=etag) if known else page(body, content_type, ETag=etag))(exchange)

    return answer


def cut_short(body: bytes) -> Answer:
    """Promises more than it sends, and hangs up."""

    def answer(exchange: Exchange) -> None:
        exchange.begin(200, {"Content-Type": HTML, "Content-Length": str(len(body) + 100)})
        exchange.wfile.write(body)
        exchange.close_connection = True

    return answer


def reset_midway(body: bytes) -> Answer:
    def answer(exchange: Exchange) -> None:
        exchange.begin(200, {"Content-Type": HTML, "Content-Length": str(len(body))})
        exchange.wfile.write(body[: len(body) // 2])
        exchange.reset()

    return answer


def endless(exchange: Exchange) -> None:
    """Sends until the guest hangs up."""
    exchange.begin_unbounded()
    try:
        while not exchange.host.stopping.is_set():
            exchange.wfile.write(b"<p>more</p>" * 1000)
    except ConnectionError:
        exchange.host.hung_up.set()


def dripping_body(exchange: Exchange) -> None:
    """Sends a byte now and then, often enough for every read time-out."""
    exchange.begin_unbounded()
    _drip(exchange)


def dripping_headers(exchange: Exchange) -> None:
    exchange.wfile.write(b"HTTP/1.1 200 OK\r\nX-Patience: ")
    _drip(exchange)


def _drip(exchange: Exchange) -> None:
    exchange.close_connection = True
    with contextlib.suppress(ConnectionError):
        while not exchange.host.stopping.wait(0.02):
            exchange.wfile.write(b" ")


def gzip_bomb(unpacked: int, packing: str = "gzip") -> Answer:
    """``unpacked`` bytes of nothing, packed as often as ``packing`` says."""
    bomb = gzip.compress(bytes(unpacked))
    for _ in packing.split(",")[1:]:
        bomb = gzip.compress(bomb)
    return page(bomb, Content_Encoding=packing)


def together(guests: int, answer: Answer) -> Answer:
    """Answers when so many guests are there at once, after a moment in which one too many would show."""
    all_here = threading.Barrier(guests, timeout=_PATIENCE)

    def counted(exchange: Exchange) -> None:
        with exchange.host.counted():
            all_here.wait()
            exchange.host.stopping.wait(0.1)
        answer(exchange)

    return counted
