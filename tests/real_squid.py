"""A real Squid on loopback: it starts with access rules of a test, and says what it lets through."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

import pytest

SQUID = shutil.which("squid") or shutil.which("squid", path="/usr/sbin:/usr/local/sbin")
ACCESS_RULES = "aks-egress.conf"
Test = TypeVar("Test", bound=Callable[..., None])


def real_squid(test: Test) -> Test:
    """Mark a test that starts Squid."""
    pytest.mark.skipif(SQUID is None, reason="no Squid here: apt-get install squid-openssl")(test)
    pytest.mark.slow(test)
    return test


@contextmanager
def running(text: str, hosts: set[str], access_log: str = "none") -> Iterator[int]:
    """A Squid of our own on a free loopback port, with the fragment as its only access rules.

    ``access_log`` is what the line of that name says; Squid ends, and its log is whole, with the block.
    """
    assert SQUID
    # Not tmp_path: a Squid that root starts drops to a user of its own, who could not read the hosts file there.
    with TemporaryDirectory(prefix="squid-test-") as folder:
        Path(folder).chmod(0o755)
        conf = write_conf(Path(folder), text, hosts, access_log)
        with serving(conf) as port:
            yield port


@contextmanager
def serving(conf: Path) -> Iterator[int]:
    assert SQUID
    port = int(conf.read_text(encoding="utf-8").partition("127.0.0.1:")[2].partition("\n")[0])
    # The service name is that of its shared memory too: a Squid that runs here anyway must not meet ours.
    command = [SQUID, "-N", "-d", "1", "-n", f"test{port}", "-f", str(conf)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        seen: list[str] = []
        try:
            for line in process.stderr:
                seen.append(line)
                if "Accepting HTTP Socket connections" in line:
                    break
            else:
                pytest.fail("Squid ended:\n" + "".join(seen))
            assert not faults(seen)
            await_listener(process, port)
            yield port
        finally:
            process.terminate()


def await_listener(process: subprocess.Popen[str], port: int) -> None:
    """Squid says that it listens a moment before it does."""
    for _ in range(1000):
        with suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port)):
            return
        with suppress(subprocess.TimeoutExpired):
            pytest.fail(f"Squid ended with {process.wait(timeout=0.01)}")
    pytest.fail("Squid never listened")


def write_conf(folder: Path, text: str, hosts: set[str], access_log: str = "none") -> Path:
    (folder / ACCESS_RULES).write_text(text, encoding="ascii")
    (folder / "hosts").write_text("".join(f"127.0.0.1 {host}\n" for host in sorted(hosts)), encoding="ascii")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = (
        f"http_port 127.0.0.1:{port}",
        "visible_hostname squid.test",
        f"hosts_file {folder / 'hosts'}",
        # Nobody answers here: a request that made Squid ask DNS would fail and not look denied.
        "dns_nameservers 127.0.0.1",
        "dns_timeout 1 second",
        "dns_retransmit_interval 200 milliseconds",
        "connect_timeout 2 seconds",
        "forward_max_tries 1",
        "memory_cache_shared off",
        "cache deny all",
        "pinger_enable off",
        f"access_log {access_log}",
        "cache_log /dev/null",
        "pid_filename none",
        "coredump_dir none",
        "shutdown_lifetime 0 seconds",
        f"include {folder / ACCESS_RULES}",
    )
    conf = folder / "squid.conf"
    conf.write_text("\n".join(settings) + "\n", encoding="utf-8")
    return conf


def lets_through(port: int, request: str) -> bool:
    """Ask the proxy; only its own refusal counts as no (nothing listens behind it, so a yes is mostly a 503)."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(f"{request} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode("ascii"))
        answer = b""
        while b"\r\n\r\n" not in answer:
            received = connection.recv(4096)
            assert received, f"{request}: Squid hung up after {answer!r}"
            answer += received
    return not answer.startswith(b"HTTP/1.1 403")


def warnings_of(folder: Path, text: str) -> list[str]:
    assert SQUID
    conf = write_conf(folder, text, set())
    parsed = subprocess.run([SQUID, "-k", "parse", "-f", str(conf)], capture_output=True, text=True, check=False)
    assert parsed.returncode == 0, parsed.stderr
    return faults(parsed.stderr.splitlines())


def faults(log: list[str]) -> list[str]:
    """The lines of a log that complain, but for the one about a machine without IPv6."""
    return [line for line in log if re.search("warning|error|fatal", line, re.IGNORECASE) and "BCP 177" not in line]
