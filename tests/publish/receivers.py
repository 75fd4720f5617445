"""Real receivers on loopback: an HTTP server that answers, resets or hangs as a test says, and remembers what came."""

from __future__ import annotations

import contextlib
import datetime as dt
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final

RESET: Final = "reset"
HANG: Final = "hang"
DRIP: Final = "drip"  # a byte now and then, without an end
_RST: Final = struct.pack("ii", 1, 0)  # SO_LINGER with no time: close() sends a reset
_PATIENCE: Final = 20.0  # seconds, after which a receiver gives up on a test


@dataclass(frozen=True, kw_only=True)
class Came:
    """One request as it came; the names of headers are in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]


Reply = int | str | tuple[int, dict[str, str], bytes]
Script = Callable[[Came], Reply]


@dataclass(kw_only=True)
class Receiver:
    """Where it listens, what came, and what it says: the next of ``replies``, or ``script``'s answer after them."""

    port: int
    scheme: str = "http"
    came: list[Came] = field(default_factory=list)
    replies: list[Reply] = field(default_factory=list)
    script: Script = field(default=lambda _: 204)
    let_go: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"{self.scheme}://localhost:{self.port}/hook?of=us"

    def answer(self, request: Came) -> Reply:
        self.came.append(request)
        return self.replies.pop(0) if self.replies else self.script(request)


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    receiver: Receiver

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: a client that was killed hangs up."""


class _Exchange(BaseHTTPRequestHandler):
    server: _Server
    connection: socket.socket
    timeout = _PATIENCE

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", "0"))
        headers = {name.lower(): value for name, value in self.headers.items()}
        came = Came(method=self.command, path=self.path, headers=headers, body=self.rfile.read(length))
        match self.server.receiver.answer(came):
            case "reset":
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RST)
                self.connection.close()
            case "hang":
                self.server.receiver.let_go.wait(_PATIENCE)
            case "drip":
                self._drip()
            case int(status):
                self._say(status, {}, b"")
            case (status, told, body):
                self._say(status, told, body)

    do_GET = do_POST  # noqa: N815  - the base class names it so

    def _say(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if body:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _drip(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nx: ")
        with contextlib.suppress(OSError):
            while not self.server.receiver.let_go.wait(0.02):
                self.wfile.write(b"x")
                self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  - the base class names it so
        """Say nothing: a test reads what came."""


@contextlib.contextmanager
def receiving(*, certificate: Path | None = None) -> Iterator[Receiver]:
    """A receiver on a free port of loopback; with a certificate and its key in one file, it speaks TLS."""
    with _Server(("127.0.0.1", 0), _Exchange) as server:
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        scheme = "https" if certificate else "http"
        server.receiver = Receiver(port=server.server_address[1], scheme=scheme)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server.receiver
        finally:
            server.receiver.let_go.set()
            server.shutdown()
            thread.join()


@dataclass(kw_only=True)
class Hands:
    """A clock that only its own sleep moves."""

    moment: dt.datetime = dt.datetime(2026, 8, 1, 12, tzinfo=dt.UTC)
    slept: list[float] = field(default_factory=list)

    def now(self) -> dt.datetime:
        return self.moment

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.moment += dt.timedelta(seconds=seconds)
