"""GitHub's API on a port of loopback: counts the calls, fails on demand, and holds both sides to the description.

A test runs once cleanly, reads ``Proxy.calls``, and then repeats with ``Proxy.fail`` at each of them in turn.
"""

from __future__ import annotations

import contextlib
import select
import socket
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

from tests.github.conformance import Description, Violation
from tests.github.exchange import Answer, Request, Upstream
from tests.github.faults import Fault, Place, Plan, spoken
from tests.github.rules import Rules

_PATIENCE: Final = 30.0  # seconds, after which a handler gives up on a client
_HANGS_UP: Final = frozenset({Fault.SLOW, Fault.CUT_BEFORE, Fault.CUT_AFTER})


@dataclass(frozen=True, kw_only=True)
class Call:
    """A call by its method and its described path; without a status the client never had an answer."""

    method: str
    template: str
    status: int | None


@dataclass(kw_only=True)
class Proxy:
    """What a test asks of GitHub's stand-in, and what it learns from it."""

    url: str
    rules: Rules
    description: Description
    upstream: Upstream
    calls: list[Call] = field(default_factory=list)
    violations: list[Violation] = field(default_factory=list)
    mishaps: list[BaseException] = field(default_factory=list)
    let_go: threading.Event = field(default_factory=threading.Event)  # ends slow answers
    _plan: Plan = field(default_factory=Plan)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def fail(self, place: Place, fault: Fault, *, times: int = 1) -> None:
        """Let a call fail: the n-th from now on, or the next of a method whose path template has a pattern's form."""
        self._plan.add(place + len(self.calls) if isinstance(place, int) else place, fault, times)

    @property
    def pending(self) -> int:
        """How many of the planned faults are still to come."""
        return sum(planned.times for planned in self._plan.planned)

    def archive(self, full_name: str) -> None:
        self.upstream.say("PATCH", f"/repos/{full_name}", archived=True)

    def protect(self, full_name: str, branch: str) -> None:
        self.rules.pulls.protected.add((f"/repos/{full_name}", branch))

    def break_asset(self, asset: int) -> None:
        """Let an asset look like an upload that ended halfway: it has its name, but not its bytes."""
        self.rules.releases.broken.add(asset)

    def take(self, request: Request) -> tuple[Answer | None, Fault | None]:
        """What to send, and how to let the client down on the way."""
        template = self.description.template(request.method, request.path)
        with self._lock:
            self.calls.append(Call(method=request.method, template=template or request.path, status=None))
            index = len(self.calls) - 1
        fault = self._plan.take(index + 1, request.method, self.calls[index].template)
        said = spoken(fault) if fault else None
        if said is None and fault is not Fault.CUT_BEFORE:
            said = self._answered(request)
        if said and fault not in _HANGS_UP:
            with self._lock:
                self.calls[index] = Call(method=request.method, template=template or request.path, status=said.status)
        return said, fault

    def _answered(self, request: Request) -> Answer:
        if bytes_of_asset := self.rules.download(request):
            return bytes_of_asset
        said = self.rules.answer(request)
        self.violations += self.description.check(request, said)
        return said


class _Server(ThreadingHTTPServer):
    daemon_threads = False  # so that closing waits for every handler
    request_queue_size = 64
    proxy: Proxy

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Exchange)
        self.open: set[socket.socket] = set()

    def hang_up(self) -> None:
        """End the connections that clients keep alive."""
        for connection in [*self.open]:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, *_: object) -> None:
        mishap = sys.exception()
        if mishap and not isinstance(mishap, ConnectionError):
            self.proxy.mishaps.append(mishap)


class _Exchange(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = _PATIENCE
    disable_nagle_algorithm = True  # else a body waits 40 ms for its headers to be acknowledged
    server: _Server
    connection: socket.socket

    def setup(self) -> None:
        super().setup()
        self.server.open.add(self.connection)

    def finish(self) -> None:
        self.server.open.discard(self.connection)
        super().finish()

    def do_GET(self) -> None:
        request = Request(
            method=self.command,
            target=self.path,
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(int(self.headers.get("Content-Length", "0"))),
        )
        said, fault = self.server.proxy.take(request)
        if said is None:
            self._hang_up()
        elif fault is Fault.SLOW and not self._waited():
            self.close_connection = True
        else:
            self._send(said, cut=fault is Fault.CUT_AFTER)

    do_POST = do_PATCH = do_PUT = do_DELETE = do_GET  # noqa: N815  - the base class names them so

    def _send(self, said: Answer, *, cut: bool) -> None:
        """Send the answer, or promise the whole of it and hang up halfway."""
        if cut and len(said.body) < 2:
            self._hang_up()
            return
        self.send_response(said.status)
        for name, value in said.headers.items():
            self.send_header(name, value)
        if said.status != HTTPStatus.NO_CONTENT:
            self.send_header("Content-Length", str(len(said.body)))
        self.end_headers()
        self.wfile.write(said.body[: len(said.body) // 2] if cut else said.body)
        self.close_connection = self.close_connection or cut

    def _hang_up(self) -> None:
        self.connection.shutdown(socket.SHUT_RDWR)
        self.close_connection = True

    def _waited(self) -> bool:
        """Whether the client was still there when the answer was let go."""
        while not self.server.proxy.let_go.wait(0.01):
            readable, _, _ = select.select([self.connection], [], [], 0)
            if readable and not self.connection.recv(1, socket.MSG_PEEK):
                return False
        return True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  - the base class names it so
        """Say nothing: a test reads ``Proxy.calls``."""


@contextlib.contextmanager
def serving(port: int, origin: str, token: str, description: Description) -> Iterator[Proxy]:
    """A proxy before the server on a port of loopback; it knows one token."""
    with _Server() as server:
        url = f"http://127.0.0.1:{server.server_address[1]}"
        upstream = Upstream(port=port, origin=origin, token=token, url=url)
        rules = Rules(upstream, description)
        server.proxy = Proxy(url=url, rules=rules, description=description, upstream=upstream)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server.proxy
        finally:
            server.proxy.let_go.set()
            server.shutdown()
            server.hang_up()
            thread.join()
    assert not server.proxy.mishaps, [repr(mishap) for mishap in server.proxy.mishaps]
