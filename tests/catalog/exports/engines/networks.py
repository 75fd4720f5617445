"""A node, a gateway and an internet, each a network namespace of its own, that a test makes and takes away again.

    node 10.80.1.2 ── 10.80.1.1 gateway 10.80.2.1 ── 10.80.2.2 internet, which has every address of 10.81.0.0/16 too

Processes run in one of them by :meth:`Namespace.start`; sockets that are opened :meth:`Namespace.inside` stay in it.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeVar

import pytest

Test = TypeVar("Test", bound=Callable[..., None])
GATEWAY: Final = "10.80.1.1"
OUTSIDE: Final = "10.80.2.2"
_ELSEWHERE: Final = f"/usr/local/sbin:/usr/sbin:/sbin:{Path(sys.executable).parent}"
_NEW_NET: Final = 0x40000000
"""``CLONE_NEWNET`` of sched.h."""
_PATIENCE: Final = 30
_LIBC: Final = ctypes.CDLL(None, use_errno=True)


def program(name: str) -> str:
    """Where a program is; empty where it is not on this machine."""
    return shutil.which(name) or shutil.which(name, path=_ELSEWHERE) or ""


def real_engine(*names: str, root: bool = False) -> Callable[[Test], Test]:
    """Mark a test that starts programs, or makes networks, which only root may."""
    absent = [name for name in names if not program(name)]

    def mark(test: Test) -> Test:
        pytest.mark.slow(test)
        pytest.mark.skipif(bool(absent), reason=f"not on this machine: {', '.join(absent)}")(test)
        pytest.mark.skipif(root and not may_make_networks(), reason="only root may make networks here")(test)
        return test

    return mark


def may_make_networks() -> bool:
    """Say whether this process may make network namespaces."""
    if os.geteuid() != 0 or not program("ip") or not program("unshare"):
        return False
    return subprocess.run([program("unshare"), "--net", "true"], check=False, capture_output=True).returncode == 0


@dataclass(frozen=True)
class Namespace:
    """One network of its own, for as long as its keeper runs."""

    keeper: subprocess.Popen[bytes]
    undo: ExitStack = field(repr=False)

    def run(self, *command: str) -> str:
        """Run a command to its end."""
        done = subprocess.run([*self._enter(), *command], capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{' '.join(command)}: {done.stderr}"
        return done.stdout

    def start(self, *command: str, cwd: Path, resolver: str = "") -> subprocess.Popen[bytes]:
        """Start a daemon, which ends with the namespace; ``resolver`` is what its resolv.conf says."""
        prefix: Sequence[str] = ()
        if resolver:
            conf = cwd / "resolv.conf"
            conf.write_text(f"nameserver {resolver}\n", encoding="ascii")
            bind = f'mount --bind {conf} /etc/resolv.conf && exec "$@"'
            prefix = (program("unshare"), "--mount", "sh", "-c", bind, "sh")
        return started(*self._enter(), *prefix, *command, cwd=cwd, undo=self.undo)

    @contextmanager
    def inside(self) -> Iterator[None]:
        """Have this thread in the namespace for a moment; what it opens meanwhile stays there."""
        with Path("/proc/thread-self/ns/net").open("rb") as home:
            with Path(f"/proc/{self.keeper.pid}/ns/net").open("rb") as there:
                _set_net(there.fileno())
            try:
                yield
            finally:
                _set_net(home.fileno())

    def reaches(self, address: str, port: int) -> bool:
        """Say whether somebody takes connections there."""
        with self.connect(address, port):
            return True

    def connect(self, address: str, port: int, timeout: float = 5) -> socket.socket:
        """Open a TCP connection from within."""
        with self.inside():
            return socket.create_connection((address, port), timeout=timeout)

    def _enter(self) -> list[str]:
        return [program("nsenter"), f"--net=/proc/{self.keeper.pid}/ns/net"]


def _set_net(descriptor: int) -> None:
    if _LIBC.setns(descriptor, _NEW_NET) != 0:
        raise OSError(ctypes.get_errno(), "setns")


def started(*command: str, cwd: Path, undo: ExitStack) -> subprocess.Popen[bytes]:
    """Start a daemon that ends with what undoes things; what it says goes to a file in its folder."""
    log = undo.enter_context((cwd / "daemon.log").open("ab"))
    daemon = subprocess.Popen(command, cwd=cwd, stdout=log, stderr=log)
    undo.callback(ended, daemon)
    return daemon


def ended(daemon: subprocess.Popen[bytes]) -> None:
    """End a process that a test started, and wait for it."""
    daemon.terminate()
    try:
        daemon.wait(timeout=5)
    except subprocess.TimeoutExpired:
        daemon.kill()
        daemon.wait()


def until(what: str, test: Callable[[], bool], daemon: subprocess.Popen[bytes] | None = None) -> None:
    """Wait for something to become true, and for no longer than that."""
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        with suppress(OSError):
            if test():
                return
        if daemon and daemon.poll() is not None:
            pytest.fail(f"{what}: it ended with {daemon.returncode}")
        time.sleep(0.01)
    pytest.fail(f"{what} did not happen within {_PATIENCE} s")


@dataclass(frozen=True)
class Network:
    """The three networks."""

    node: Namespace
    gateway: Namespace
    internet: Namespace


@contextmanager
def network() -> Iterator[Network]:
    """Make the three networks, linked, and the gateway one that forwards."""
    with ExitStack() as undo:
        found = Network(*(_namespace(undo) for _ in range(3)))
        for other, name, here in ((found.node, "to-node", 1), (found.internet, "to-internet", 2)):
            found.gateway.run(
                *("ip", "link", "add", name, "type", "veth", "peer", "name", "uplink", "netns", str(other.keeper.pid))
            )
            found.gateway.run("ip", "address", "add", f"10.80.{here}.1/24", "dev", name)
            found.gateway.run("ip", "link", "set", name, "up")
            other.run("ip", "address", "add", f"10.80.{here}.2/24", "dev", "uplink")
            other.run("ip", "link", "set", "uplink", "up")
            other.run("ip", "route", "add", "default", "via", f"10.80.{here}.1")
        found.internet.run("ip", "route", "add", "local", "10.81.0.0/16", "dev", "lo")
        found.gateway.run("ip", "route", "add", "10.81.0.0/16", "via", OUTSIDE)
        found.gateway.run("sysctl", "-q", "-w", "net.ipv4.ip_forward=1", "net.ipv4.icmp_ratelimit=0")
        yield found


def _namespace(undo: ExitStack) -> Namespace:
    keeper = subprocess.Popen([program("unshare"), "--net", "sleep", "infinity"])
    undo.callback(ended, keeper)
    ours = Path("/proc/self/ns/net").readlink()
    until("a namespace", lambda: Path(f"/proc/{keeper.pid}/ns/net").readlink() != ours, keeper)
    made = Namespace(keeper, undo)
    made.run("ip", "link", "set", "lo", "up")
    return made
